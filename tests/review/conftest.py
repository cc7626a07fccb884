"""Small pages of sounds, pictures and videos, and a browser to open them in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from mediaml.review.items import Candidate
from mediaml.review.page import build
from tests.review.opened import Opened, chromium
from tests.sounds import RATE, tone

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MARKUP = "<script>document.title='taken'</script>&amp;"


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten seconds: a hum from second 2 to 4, a whistle from 6 to 7."""
    place = tmp_path_factory.mktemp("recordings") / "Größe 日本.wav"
    samples = 0.01 * np.random.RandomState(5).standard_normal(10 * RATE)
    samples[2 * RATE : 4 * RATE] += tone("hum", 1, 2.0)
    samples[6 * RATE : 7 * RATE] += tone("whistle", 1, 1.0)
    soundfile.write(place, samples, RATE)
    return place


@pytest.fixture(scope="session")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A grey picture of 400 x 300 pixels with a red square."""
    place = tmp_path_factory.mktemp("photographs") / "square.png"
    pixels = np.full((300, 400, 3), 128, np.uint8)
    pixels[100:200, 150:250] = (220, 20, 20)
    Image.fromarray(pixels).save(place)
    return place


@pytest.fixture(scope="session")
def things(recording: Path, photograph: Path) -> list[Candidate]:
    """Six stretches of a recording, one of them with a label of markup, a picture, and a file that is gone."""
    sounds = [
        Candidate(
            source=str(recording),
            kind="sound",
            sense="heard",
            start=number,
            end=number + 1.5,
            label=label,
            confidence=confidence,
            model="sounds",
        )
        for number, (label, confidence) in enumerate(
            [("hum", 0.9), ("hum", 0.8), ("whistle", 0.7), ("whistle", 0.6), (MARKUP, 0.5), ("hum", 0.4)], start=1
        )
    ]
    picture = Candidate(source=str(photograph), kind="picture", sense="seen", label=None)
    gone = Candidate(source="/gone/lost.wav", kind="sound", sense="heard", start=0, end=1, label="hum", confidence=0.1)
    return [*sounds, picture, gone]


@pytest.fixture
def page(things: list[Candidate], tmp_path: Path) -> Path:
    """The path of a page of these things."""
    return build(things, tmp_path / "review", title="To judge", labels=["bell", "rain"], progress=False)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window; not for longer than a module: its loop of events would be in the way of others."""
    with chromium() as started:
        yield started


@pytest.fixture
def opened(browser: Browser) -> Iterator[Callable[..., Opened]]:
    """Open pages; whatever a page says wrong fails the test in the end."""
    pages: list[Opened] = []

    def open_page(place: Path | str, **settings: Any) -> Opened:
        pages.append(Opened(browser, place if isinstance(place, str) else place.as_uri(), **settings))
        return pages[-1]

    yield open_page
    faults = [fault for one in pages for fault in one.faults]
    for one in pages:
        one.close()
    assert faults == []
