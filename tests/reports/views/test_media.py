"""What is heard and seen: the right stretch, the right places, small enough, and never an error."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

import mediaml as mm
from mediaml.reports.views.media import LONGEST, MOST_BYTES, SIDE
from tests.reports.views.page import view
from tests.reports.views.values import find, heard, picture, seen
from tests.sounds import RATE, tone

EXIF_ORIENTATION, ON_ITS_SIDE = 0x0112, 6


def test_the_stretch_that_was_listened_to_is_played(tmp_path: Path) -> None:
    samples = np.concatenate([np.zeros(RATE), 0.5 * np.ones(RATE), np.zeros(RATE)])
    soundfile.write(tmp_path / "step.wav", samples, RATE)

    shown = view(mm.Clip(path=tmp_path / "step.wav", segment=mm.Segment(start=1, end=2), labels=("step",)))

    ((played, rate),) = shown.sounds
    assert (len(played), rate) == (RATE, RATE)
    assert played == pytest.approx(0.5, abs=1e-3)
    assert "1–2 s" in shown.text  # noqa: RUF001
    (drawn,) = shown.pictures
    assert drawn.size == (400, 96)


def test_of_a_long_sound_the_beginning_is_played_and_said(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "long.wav", tone("hiss", 1, 3 * LONGEST), RATE)

    shown = view(mm.Clip(path=tmp_path / "long.wav"))

    ((played, _),) = shown.sounds
    assert len(played) == LONGEST * RATE
    assert f"the first {LONGEST:g} s" in shown.text


def test_sounds_are_played_at_most_at_16_khz(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "fine.wav", np.zeros((48000, 2)), 48000)
    ((played, rate),) = view(mm.Clip(path=tmp_path / "fine.wav")).sounds
    assert rate == 16000 and played.ndim == 1


def test_a_view_does_not_grow_with_the_number_of_its_sounds(tmp_path: Path) -> None:
    for number in range(12):
        soundfile.write(tmp_path / f"{number}.wav", tone("hiss", number, 10), RATE)
    clips = [mm.Clip(path=tmp_path / f"{number}.wav") for number in range(12)]

    shown = view(mm.show(clips))

    sizes = [len(one["src"]) for one in shown.all("audio")]
    assert len(shown.pictures) == 12 and 0 < len(sizes) < 12
    assert 0.5 * MOST_BYTES < sum(sizes) <= MOST_BYTES
    assert shown.text.count("no player: the view would grow too large") == 12 - len(sizes)


def test_boxes_are_drawn_where_they_are_and_named(tmp_path: Path) -> None:
    path = picture(tmp_path)  # grey, 64 x 48
    boxes = (mm.Box(label="cat", left=16, top=12, width=32, height=24, confidence=0.8),)

    (drawn,) = view(seen(str(path), boxes)).pictures

    scale = drawn.width / 64
    blue = np.argwhere(np.asarray(drawn.convert("RGB"), int)[:, :, 2] > 150)
    (top, left), (bottom, right) = blue.min(0) / scale, blue.max(0) / scale
    assert left == pytest.approx(16, abs=1) and right == pytest.approx(48, abs=1)
    assert bottom == pytest.approx(36, abs=1) and top < 12, "the label stands above the box"


def test_boxes_of_a_turned_picture_turn_with_it(tmp_path: Path) -> None:
    pixels = np.full((40, 80, 3), 120, np.uint8)
    pixels[0:20, 0:20] = (250, 60, 60)
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = ON_ITS_SIDE
    Image.fromarray(pixels).save(tmp_path / "turned.png", exif=exif)
    box = mm.Box(label="red", left=0, top=0, width=20, height=20)

    given = mm.Picture(path=str(tmp_path / "turned.png"), boxes=(box,), labels=("red",), width=80, height=40)
    (drawn,) = view(given).pictures

    shown = np.asarray(drawn.convert("RGB"), int)
    assert drawn.width < drawn.height
    edge = shown[:, int(drawn.width * 0.5) - 3 : int(drawn.width * 0.5) + 4, 2]  # the box's left edge: half the width
    assert (edge[: int(drawn.height * 0.2)] > 150).mean() > 0.2


def test_boxes_are_not_drawn_into_a_picture_that_has_changed(tmp_path: Path) -> None:
    path = picture(tmp_path)
    prediction = seen(str(path))
    Image.new("RGB", (200, 20), (120, 120, 120)).save(path)

    shown = view(prediction)

    assert "its boxes are not drawn" in shown.text
    (drawn,) = shown.pictures
    assert np.ptp(np.asarray(drawn.convert("L"), int)) < 10


def test_large_pictures_are_made_small(tmp_path: Path) -> None:
    Image.effect_noise((3000, 2000), 80).convert("RGB").save(tmp_path / "large.jpg")
    html = mm.Picture(path=str(tmp_path / "large.jpg"))._repr_html_()
    assert max(view(mm.Picture(path=str(tmp_path / "large.jpg"))).pictures[0].size) == SIDE
    assert len(html) < 200_000


@pytest.mark.parametrize(
    "name",
    ["/gone.wav", "", "nul\0.wav", "x" * 5000, os.fsdecode(b"\xff.wav"), "s3://bucket/a.wav", "/", "."],
    ids=["gone", "nothing", "nul", "long", "no text", "s3", "root", "folder"],
)
def test_what_cannot_be_read_is_said_and_not_raised(name: str) -> None:
    for value in (heard(name), seen(name), mm.Picture(path=name), find(name), find(name, tracks=True)):
        shown = view(value)
        assert shown.all("img") == [] and shown.all("audio") == []
        assert "Nothing to" in shown.text or name == ""
    assert "Nothing to hear" in view(mm.Clip(path=Path(name))).text


def test_damaged_files_are_said(tmp_path: Path) -> None:
    path = tmp_path / "damaged.wav"
    path.write_bytes(b"RIFF and no more")
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), RATE)
    assert "Nothing to hear" in view(heard(str(path))).text
    assert "Nothing to see" in view(seen(str(path))).text
    assert "Nothing to hear" in view(mm.Clip(path=tmp_path / "empty.wav")).text
