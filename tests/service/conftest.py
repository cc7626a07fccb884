"""A model of tones, saved and served."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import mediaml as mm
from mediaml.runtime import wav
from tests.sounds import RATE, small_model, tone, write_tones

pytest.importorskip("fastapi", reason="needs the extra 'service'")

from starlette.testclient import TestClient

from mediaml.service import ServiceSettings, create_app

Client = Callable[..., TestClient]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> mm.LocalAudioModel:
    folder = write_tones(tmp_path_factory.mktemp("service") / "tones", per_label=5)
    return small_model(accept=1.0, epochs=4).fit(mm.AudioDataset.from_folder(folder), progress=False)


@pytest.fixture(scope="session")
def saved(model: mm.LocalAudioModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model.save(tmp_path_factory.mktemp("service") / "model")


@pytest.fixture
def serve(model: mm.LocalAudioModel) -> Iterator[Client]:
    """Serve the model in this process, with settings."""
    clients: list[TestClient] = []

    def made(**settings: Any) -> TestClient:
        client = TestClient(create_app(model, ServiceSettings(**settings)))
        client.__enter__()
        clients.append(client)
        return client

    yield made
    for client in clients:
        client.__exit__()


def sound(label: str = "hum", number: int = 50, seconds: float = 1.0) -> bytes:
    """A WAV file that the model has not learned from."""
    return wav.write(tone(label, number, seconds), RATE)


def form(*files: bytes, field: str = "files") -> list[tuple[str, tuple[str, bytes]]]:
    """Files as they are sent."""
    return [(field, (f"{number}.wav", content)) for number, content in enumerate(files)]
