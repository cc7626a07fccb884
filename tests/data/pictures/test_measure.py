"""A picture is looked at once, and what can be seen of it is told in numbers; nothing raises."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from mediaml.data.pictures import decode
from mediaml.data.pictures.measure import PLAIN, measure, measure_all
from tests.data.pictures.drawn import picture, saved


def bits_apart(one: Path, other: Path) -> int:
    first, second = measure(str(one)).hash, measure(str(other)).hash
    assert first is not None and second is not None
    return (first ^ second).bit_count()


def test_it_knows_the_header_as_a_person_sees_the_picture(tmp_path):
    path = saved(tmp_path / "a.jpg", picture(1, 160, 120), orientation=6)
    found = measure(str(path))
    assert found.failure is None
    assert found.header == decode.Header("JPEG", 120, 160, 6, path.stat().st_size)


def test_a_copy_that_was_saved_again_has_nearly_the_same_hash(tmp_path):
    image = picture(1, 640, 480)
    path = saved(tmp_path / "a.png", image)
    assert bits_apart(path, saved(tmp_path / "small.jpg", image.resize((320, 240)), quality=40)) <= 4
    assert bits_apart(path, saved(tmp_path / "grey.png", image.convert("L"))) <= 4
    assert bits_apart(path, saved(tmp_path / "other.png", picture(2, 640, 480))) > 10


def test_a_turned_picture_is_seen_upright(tmp_path):
    image = picture(1, 300, 300)
    turned = saved(tmp_path / "turned.jpg", image.transpose(Image.Transpose.ROTATE_90), orientation=6)
    assert bits_apart(saved(tmp_path / "upright.jpg", image), turned) <= 2


def test_blur_takes_sharpness_whatever_the_size(tmp_path):
    for side in (200, 900):
        image = picture(3, side, side)
        blurred = image.filter(ImageFilter.GaussianBlur(side / 30))
        sharp = measure(str(saved(tmp_path / "sharp.png", image))).sharpness
        soft = measure(str(saved(tmp_path / f"soft{side}.png", blurred))).sharpness
        (tmp_path / "sharp.png").unlink()
        assert sharp is not None and soft is not None
        assert sharp > 0.01 > soft


def test_a_plain_picture_is_like_nothing(tmp_path):
    wall = np.clip(np.random.default_rng(0).normal(128, 1, (200, 200)), 0, 255).astype(np.uint8)
    found = measure(str(saved(tmp_path / "wall.png", Image.fromarray(wall))))
    assert found.failure is None
    assert found.hash is None
    assert found.contrast < PLAIN


def test_sharpness_of_a_tiny_picture_is_not_told(tmp_path):
    found = measure(str(saved(tmp_path / "icon.png", picture(1, 31, 31))))
    assert found.sharpness is None
    assert found.hash is not None


@pytest.mark.parametrize(
    ("name", "failure"), [("gone.png", "missing_file"), ("text.png", "unreadable"), ("folder.png", "unreadable")]
)
def test_what_cannot_be_used_says_why(tmp_path, name, failure):
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "folder.png").mkdir()
    found = measure(str(tmp_path / name))
    assert found.failure == failure
    assert found.reason


def test_half_a_file_cannot_be_used_though_its_header_can_be_read(tmp_path):
    path = saved(tmp_path / "half.png", picture(1, 400, 400))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = measure(str(path))
    assert found.failure == "unreadable"
    assert found.header is not None


def test_each_picture_is_opened_once_until_it_changes(tmp_path, monkeypatch):
    path = saved(tmp_path / "a.png", picture(1))
    read, opened = decode.read, []

    def counting(source: str, side: int) -> decode.Pixels:
        opened.append(source)
        return read(source, side)

    monkeypatch.setattr(decode, "read", counting)
    first = measure_all([str(path)] * 3)
    assert measure_all([str(path)]) == first
    assert opened == [str(path)]
    saved(path, picture(2))
    os.utime(path, ns=(1, 1))
    assert measure_all([str(path)]) != first
    assert len(opened) == 2
