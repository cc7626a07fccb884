"""A model that was trained on the offline AWS, once for each module that asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

import mediaml as mm
from mediaml.testing import OfflineAws, offline_aws
from tests.sounds import SPEC, write_tones


class Trained(NamedTuple):
    """The account, the parts of the data, and a model that has learned from them."""

    aws: OfflineAws
    train: mm.AudioDataset
    validation: mm.AudioDataset
    test: mm.AudioDataset
    model: mm.SageMakerAudioModel


def sagemaker_model(aws: OfflineAws, **settings: object) -> mm.SageMakerAudioModel:
    """A model that learns the tones in a few epochs."""
    arguments = {"epochs": 6, "batch_size": 8, **aws.settings, **settings}
    return mm.SageMakerAudioModel(mm.SpectrogramBuilder(**SPEC), **arguments)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> tuple[mm.AudioDataset, ...]:
    folder = write_tones(tmp_path_factory.mktemp("tones") / "tones", per_label=10)
    return mm.AudioDataset.from_folder(folder).split(0.5, 0.25, 0.25, seed=1)


@pytest.fixture(scope="module")
def trained(parts: tuple[mm.AudioDataset, ...]) -> Iterator[Trained]:
    with offline_aws() as aws:
        model = sagemaker_model(aws).fit(parts[0], parts[1], progress=False)
        yield Trained(aws, parts[0], parts[1], parts[2], model)
        assert aws.running() == []


@pytest.fixture(autouse=True)
def _spoken(capsys: pytest.CaptureFixture[str]) -> None:
    """Keep what is told to users out of the tests' own output."""
