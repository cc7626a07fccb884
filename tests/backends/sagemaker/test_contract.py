"""The model on SageMaker passes the checks that every model passes, while an endpoint of it is open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import mediaml as mm
from mediaml.models import checks
from tests.backends.sagemaker.conftest import Trained, sagemaker_model


def opened(model: mm.SageMakerAudioModel) -> None:
    """Open an endpoint, where none is: nothing is opened by asking."""
    if model._open is None or model._open.closed:
        model.deploy()


@pytest.fixture(scope="module")
def case(trained: Trained) -> Iterator[checks.Case]:
    def make() -> mm.SageMakerAudioModel:
        return sagemaker_model(trained.aws)

    case = checks.Case(make, trained.train, trained.validation, trained.test, ready=opened)
    yield case
    model: Any = case.learned
    model._open.close()


@pytest.mark.slow
@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_sagemaker_audio_model(check: checks.Check, case: checks.Case) -> None:
    check(case)
