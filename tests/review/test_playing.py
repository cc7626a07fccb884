"""Sounds and videos in Chromium: exactly the stretch is played."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import mediaml as mm
from mediaml.data.pictures.decode import read as decode_picture
from mediaml.review.items import Candidate
from mediaml.review.page import build
from mediaml.values.geometry import Box
from tests.media import coloured
from tests.review.opened import Opened

Open = Callable[..., Opened]
pytestmark = pytest.mark.slow


def played(one: Opened) -> float:
    """Give where playing stopped, in seconds of the clip."""
    one.until("document.body.dataset.stopped !== undefined && !player.playing")
    return float(one.ask("document.body.dataset.stopped"))


def test_exactly_the_stretch_is_played_or_that_around_it_too(page: Path, opened: Open) -> None:
    one = opened(page)
    item = one.ask("current()")
    assert (item["begins"], item["ends"], item["length"]) == pytest.approx((1.0, 2.5, 3.5))
    one.ask("document.getElementById('audio').addEventListener('playing', () => {"
            " document.body.dataset.started = player.media.currentTime; })")  # fmt: skip

    one.press(" ")
    assert played(one) == pytest.approx(2.5, abs=0.25), "the benchmark measures it finely"
    assert float(one.ask("document.body.dataset.started")) == pytest.approx(1.0, abs=0.25)
    one.ask("delete document.body.dataset.stopped")
    one.press("c")
    assert played(one) == pytest.approx(3.5, abs=0.25)
    one.ask("delete document.body.dataset.stopped")
    one.page.locator("#picture").click(position={"x": 5, "y": 5})
    one.until("player.playing && player.media.currentTime > 1.2")
    one.press(" ")
    assert 1.0 < played(one) < 2.5


def test_going_on_ends_the_sound(page: Path, opened: Open) -> None:
    one = opened(page)

    one.press(" ")
    one.until("player.media.currentTime > 1.1")
    one.press("n")

    assert one.ask("document.getElementById('audio').paused") is True


def test_a_stretch_of_a_video_is_played_judged_and_comes_back_as_a_picture(tmp_path: Path, opened: Open) -> None:
    film = coloured(tmp_path / "film.mkv", [("red", 3.0), ("blue", 3.0)])
    box = Box(label="sky", left=10, top=10, width=30, height=20, confidence=0.7)
    thing = Candidate(
        source=str(film), kind="video", sense="seen", start=3.5, end=4.5, time=4.0, label="sky", boxes=(box,)
    )
    one = opened(build([thing], tmp_path / "page", progress=False))

    one.press(" ")
    assert played(one) == pytest.approx(one.ask("current().ends"), abs=0.25)
    assert one.ask("document.getElementById('video').videoWidth") == 96
    one.press("a")
    one.save(tmp_path / "page" / "verdicts.json")

    (row,) = mm.ImageDataset.from_review(tmp_path / "page")
    assert row.boxes == (box.model_copy(update={"confidence": 0.7}),)
    assert row.labels == ("sky",)
    blue = decode_picture(row.path)[..., 2].mean()
    assert blue > 200
