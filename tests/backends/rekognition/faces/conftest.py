"""People who do not exist, on the offline AWS."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mediaml as mm
from mediaml.testing import OfflineAws, offline_aws

PEOPLE = mm.samples.PEOPLE[:3]
SIZE = 120  # pixels: small pictures are soon looked at


@pytest.fixture(scope="session")
def portraits(tmp_path_factory: pytest.TempPathFactory) -> mm.ImageDataset:
    """Two pictures of each of three people."""
    return mm.samples.faces(tmp_path_factory.mktemp("portraits"), PEOPLE, pictures=2, size=SIZE)


@pytest.fixture(scope="session")
def album(tmp_path_factory: pytest.TempPathFactory) -> mm.ImageDataset:
    """Six pictures of each of them."""
    return mm.samples.faces(tmp_path_factory.mktemp("album"), PEOPLE, pictures=6, size=SIZE)


@pytest.fixture(scope="session")
def others(tmp_path_factory: pytest.TempPathFactory) -> mm.ImageDataset:
    """Two other pictures of the same people."""
    return mm.samples.faces(tmp_path_factory.mktemp("others"), PEOPLE, pictures=2, first=6, size=SIZE)


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of someone else."""
    return Path(mm.samples.faces(tmp_path_factory.mktemp("stranger"), ["Kofi"], pictures=1, size=SIZE).frame["path"][0])


@pytest.fixture(scope="package")
def aws() -> Iterator[OfflineAws]:
    """One account for all: each test has a collection of its own."""
    with offline_aws() as account:
        yield account


@pytest.fixture
def people(aws: OfflineAws) -> Iterator[mm.FaceCollection]:
    """An empty collection."""
    made = collection(aws, f"people-{len(aws.calls)}").create()
    yield made
    aws.heal()
    made.delete()


@pytest.fixture(autouse=True)
def _spoken(capsys: pytest.CaptureFixture[str]) -> None:
    """Keep what is told to users out of the tests' own output."""


def collection(aws: OfflineAws, name: str, **settings: Any) -> mm.FaceCollection:
    """A collection of the offline account; it need not exist."""
    return mm.FaceCollection(name, session=aws.session, clock=aws.clock, **settings)


def operations(aws: OfflineAws, first: int = 0) -> list[str]:
    """The calls of Rekognition that were made, in order."""
    return [call.operation for call in aws.calls[first:] if call.service == "rekognition"]
