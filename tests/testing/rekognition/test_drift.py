"""The offline Custom Labels has every operation that botocore's model of the service has; see also test_shapes."""

from __future__ import annotations

import re

import botocore.session

from mediaml.testing import OfflineAws

OURS = re.compile(r"Project|Dataset|CustomLabels|TagResource|UntagResource|ListTagsForResource")


def test_every_operation_of_custom_labels_is_answered(aws: OfflineAws) -> None:
    model = botocore.session.get_session().get_service_model("rekognition")
    wanted = {name for name in model.operation_names if OURS.search(name)}
    assert {operation for service, operation in aws._wire.operations if service == "rekognition"} == wanted
