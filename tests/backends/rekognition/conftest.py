"""A model of colours on the offline AWS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import mediaml as mm
from mediaml.testing import OfflineAws, offline_aws
from tests.colours import colour_fit, colours


class Parts(NamedTuple):
    """The parts of the data."""

    train: mm.ImageDataset
    validation: mm.ImageDataset
    test: mm.ImageDataset


def divided(dataset: mm.ImageDataset, *shares: float) -> tuple[mm.ImageDataset, ...]:
    """Divide pictures that all look alike within a label."""
    return dataset.split(*shares, seed=1, near_duplicates=False)


@pytest.fixture(scope="session")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    return Parts(*divided(colours(tmp_path_factory.mktemp("colours") / "all", 20), 0.6, 0.2, 0.2))


@pytest.fixture
def aws() -> Iterator[OfflineAws]:
    with offline_aws() as account:
        account.rekognition.fit = colour_fit
        yield account


@pytest.fixture(autouse=True)
def _spoken(capsys: pytest.CaptureFixture[str]) -> None:
    """Keep what is told to users out of the tests' own output."""


def rekognition_model(aws: OfflineAws, project: str = "colours", **settings: object) -> mm.RekognitionModel:
    """A model in the offline account."""
    arguments = {"bucket": aws.bucket, "session": aws.session, "clock": aws.clock, **settings}
    return mm.RekognitionModel(project, **arguments)


def on_s3(aws: OfflineAws, folder: Path, under: str = "pictures") -> None:
    """Copy a folder to S3."""
    client = aws.session.client("s3")
    for path in sorted(folder.rglob("*.png")):
        client.upload_file(str(path), aws.bucket, f"{under}/{path.relative_to(folder).as_posix()}")
