"""The offline Rekognition has every operation that botocore's model has for what it plays; see also test_shapes."""

from __future__ import annotations

import re

import botocore.session

from mediaml.testing import OfflineAws

OURS = re.compile(r"Project|Dataset|CustomLabels|TagResource|UntagResource|ListTagsForResource|Collection|Faces")
NOT_PLAYED = {"CompareFaces", "AssociateFaces", "DisassociateFaces"}
"""Of faces: two pictures without a collection, and the users that a collection may have."""


def test_every_operation_of_custom_labels_and_of_face_collections_is_answered(aws: OfflineAws) -> None:
    model = botocore.session.get_session().get_service_model("rekognition")
    wanted = {name for name in model.operation_names if OURS.search(name)} - NOT_PLAYED
    assert {operation for service, operation in aws._wire.operations if service == "rekognition"} == wanted
