"""Services in this process, and a clock that does not wait."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="needs the extra 'service'")

import mediaml as mm
from mediaml.service import create_app
from tests.service.running import in_thread
from tests.sounds import small_model, write_tones


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    folder = write_tones(tmp_path_factory.mktemp("http") / "tones")
    return mm.AudioDataset.from_folder(folder).split(0.5, 0.25, 0.25, seed=7)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> mm.LocalAudioModel:
    folder = write_tones(tmp_path_factory.mktemp("http") / "tones", per_label=5)
    return small_model(accept=1.0, epochs=4).fit(mm.AudioDataset.from_folder(folder), progress=False)


@pytest.fixture(scope="module")
def address(model: mm.LocalAudioModel) -> Iterator[str]:
    with in_thread(create_app(model)) as url:
        yield url
