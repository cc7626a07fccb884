"""What runs in an account, of all services, and ending it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from mediaml.aws.ledger import Ledger
from mediaml.aws.schedules import strike_done
from mediaml.aws.session import Aws
from mediaml.backends.found import Found
from mediaml.backends.rekognition import inventory as rekognition
from mediaml.backends.rekognition.faces import inventory as faces
from mediaml.backends.rekognition.service import RUNNING, TRAINING, Service
from mediaml.backends.sagemaker import inventory as sagemaker
from mediaml.backends.sagemaker.creating import Workshop
from mediaml.errors import AwsAccessError, AwsError

ORDER = (RUNNING, "endpoint", TRAINING, "training-job", "transform-job", "endpoint-config", "model", faces.FACES)
"""In which things are ended: configurations and models of endpoints end with them."""


class Inventory(NamedTuple):
    """What was found.

    Parameters
    ----------
    found
        Of all services that may be asked.
    unknown
        Why the others may not.
    """

    found: list[Found]
    unknown: list[str]


def inventory(aws: Aws, ledger: Ledger) -> Inventory:
    """List what runs: of each service that the caller may ask."""
    found: list[Found] = []
    unknown: list[str] = []
    services: tuple[Callable[[], list[Found]], ...] = (
        lambda: sagemaker.inventory(Workshop(aws, ledger)),
        lambda: rekognition.inventory(Service(aws, ledger)),
        lambda: faces.inventory(aws, ledger),
    )
    for listed in services:
        try:
            found.extend(listed())
        except AwsAccessError as error:
            unknown.append(str(error))
    try:
        strike_done(aws, ledger)
    except AwsError as error:
        unknown.append(str(error))
    return Inventory(found, unknown)


def stop(aws: Aws, ledger: Ledger, found: list[Found]) -> list[str]:
    """End what was found; gives what was ended, each once.

    Raises
    ------
    AwsError
        Something could not be ended; all else was.
    """
    ended: list[str] = []
    left: list[str] = []
    for one in sorted(found, key=lambda one: ORDER.index(one.kind)):
        try:
            done = _ended(aws, ledger, one)
        except AwsError as error:
            left.append(f"{one.kind} {one.name}: {error}")
            continue
        ended.extend(what for what in done if what not in ended)
    if left:
        raise AwsError(f"not ended: {'; '.join(left)}. Ended: {', '.join(ended) or 'nothing'}")
    return ended


def _ended(aws: Aws, ledger: Ledger, one: Found) -> list[str]:
    if one.kind == faces.FACES:  # people are deleted by who means to: FaceCollection(name).delete()
        return []
    if one.kind in (RUNNING, TRAINING):
        return rekognition.stop(Service(aws, ledger), one)
    return sagemaker.stop(Workshop(aws, ledger), one)
