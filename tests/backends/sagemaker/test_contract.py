"""The model on SageMaker passes the checks that every model passes, while an endpoint of it is open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

import mediaml as mm
from mediaml.models import checks
from tests.backends.sagemaker.conftest import Trained, sagemaker_model


@dataclass(frozen=True)
class OpenCase(checks.Case):
    """Predicting needs an open endpoint: nothing is opened by asking."""

    open: mm.SageMakerAudioModel | None = None

    @property
    def fitted(self) -> mm.SageMakerAudioModel:
        assert self.open is not None and self.open._open is not None
        if self.open._open.closed:  # by a check that opened the same endpoint again
            self.open.deploy()
        return self.open


@pytest.fixture(scope="module")
def case(trained: Trained) -> Iterator[OpenCase]:
    def make() -> mm.SageMakerAudioModel:
        return sagemaker_model(trained.aws)

    with trained.model.deploy():
        yield OpenCase(make, trained.train, trained.validation, trained.test, open=trained.model)
        assert trained.model._open is not None
        trained.model._open.close()


@pytest.mark.slow
@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_sagemaker_audio_model(check: checks.Check, case: OpenCase) -> None:
    check(case)
