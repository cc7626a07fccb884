"""The face collections that the ledger has: each stored face costs, by the month, until somebody deletes it."""

from __future__ import annotations

from mediaml.aws.ledger import Ledger, Resource
from mediaml.aws.session import Aws
from mediaml.backends.found import Found
from mediaml.backends.rekognition.faces.service import FaceService
from mediaml.errors import AwsNotFoundError

FACES = "rekognition-faces"
"""The kind in the ledger. Collections are to stay: nothing but `delete` may end them, with the people in them."""


def resource(aws: Aws, name: str) -> Resource:
    """Name a collection of this account and region, as the ledger does."""
    return Resource(FACES, name, aws.region, aws.account())


def inventory(aws: Aws, ledger: Ledger) -> list[Found]:
    """List the collections of the ledger that are there, with how many faces they hold; others are struck off."""
    found = []
    here = aws.region, aws.account()
    for line in ledger.standing():
        one = line.resource
        if one.kind != FACES or (one.region, one.account) != here:
            continue
        try:
            faces = int(FaceService(aws, one.name).describe().get("FaceCount", 0))
        except AwsNotFoundError:
            ledger.gone(one)
            continue
        found.append(Found(FACES, one.name, f"{faces} faces", faces > 0, known=True, keep=True))
    return found
