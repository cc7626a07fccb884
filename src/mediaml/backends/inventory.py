"""What runs in an account, of all services, and ending it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

from mediaml.aws.ledger import Ledger
from mediaml.aws.schedules import strike_done
from mediaml.aws.session import Aws
from mediaml.backends.found import Found
from mediaml.backends.rekognition import inventory as rekognition
from mediaml.backends.rekognition.faces import inventory as faces
from mediaml.backends.rekognition.service import RUNNING, TRAINING, Service
from mediaml.backends.sagemaker import inventory as sagemaker
from mediaml.backends.sagemaker.creating import KINDS, Workshop
from mediaml.errors import AwsError

FEW = 4  # attempts: a service that does not answer, or is not in this region, keeps the others waiting
NOT_KNOWN = "not known"
ORDER = (RUNNING, "endpoint", TRAINING, "training-job", "transform-job", "endpoint-config", "model", faces.FACES)
"""In which things are ended: configurations and models of endpoints end with them."""
BILLED = (*sagemaker.BILLED, RUNNING, TRAINING, faces.FACES)


class Inventory(NamedTuple):
    """What was found.

    Parameters
    ----------
    found
        Of all services that could be asked; of the others what the ledger has, whose state is not known.
    unknown
        Why the others could not.
    """

    found: list[Found]
    unknown: list[str]


class _Service(NamedTuple):
    """A service that is asked, and the kinds of the ledger that are its own."""

    kinds: tuple[str, ...]
    listed: Callable[[], list[Found]]


def inventory(aws: Aws, ledger: Ledger) -> Inventory:
    """List what runs. A service that may not be asked, does not answer or is not in this region hides no other.

    Raises
    ------
    AwsError
        It is not known which account this is.
    """
    aws = replace(aws, attempts=FEW)
    here = aws.region, aws.account()
    found: list[Found] = []
    unknown: list[str] = []
    services = (
        _Service(tuple(KINDS), lambda: sagemaker.inventory(Workshop(aws, ledger))),
        _Service((RUNNING, TRAINING), lambda: rekognition.inventory(Service(aws, ledger))),
        _Service((faces.FACES,), lambda: faces.inventory(aws, ledger)),
    )
    for service in services:
        try:
            found.extend(service.listed())
        except AwsError as error:
            unknown.append(str(error))
            found.extend(_noted(ledger, here, service.kinds))
    try:
        strike_done(aws, ledger)
    except AwsError as error:
        unknown.append(str(error))
    return Inventory(found, unknown)


def _noted(ledger: Ledger, here: tuple[str, str], kinds: tuple[str, ...]) -> Iterator[Found]:
    """Give what the ledger has of a service that could not be asked: it may still run, and can be ended."""
    for one in ledger.standing():
        what = one.resource
        if what.kind in kinds and (what.region, what.account) == here:
            yield Found(what.kind, what.name, NOT_KNOWN, what.kind in BILLED, known=True, keep=one.keep)


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
