"""The model on Custom Labels passes the checks that every model passes, while its version runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import mediaml as mm
from mediaml.models import checks
from mediaml.testing import offline_aws
from tests.backends.rekognition.conftest import Parts, rekognition_model
from tests.colours import colour_fit


def opened(model: mm.RekognitionModel) -> None:
    """Start the version, where it does not run: nothing is started by asking."""
    if model._open is None or model._open.closed:
        model.deploy()


@pytest.fixture(scope="module")
def case(parts: Parts) -> Iterator[checks.Case]:
    with offline_aws() as aws:
        aws.rekognition.fit = colour_fit
        case = checks.Case(lambda: rekognition_model(aws), *parts, checks.PICTURES, ready=opened)
        yield case
        model: Any = case.learned
        model._open.close()
        assert aws.running() == []


@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_rekognition_model(check: checks.Check, case: checks.Case) -> None:
    check(case)
