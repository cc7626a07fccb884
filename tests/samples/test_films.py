"""Films that are computed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mediaml as mm
from mediaml.data import decode, video
from tests.media import shown_times


def test_a_film_is_as_long_as_its_scenes_and_has_picture_and_sound(tmp_path):
    path = mm.samples.film(tmp_path / "film.mp4", [("bell", 1.0), (None, 1.0)])

    media = video.media_of(path)
    assert media.duration == pytest.approx(2.0, abs=0.1)
    assert media.has_picture
    assert media.has_sound
    assert len(shown_times(path)) == 50
    loud = [np.sqrt(np.mean(decode.read(path, start, start + 0.8)[0] ** 2)) for start in (0.1, 1.1)]
    assert loud[0] > 3 * loud[1]


def test_signs_are_pictures_in_a_folder_per_label(tmp_path):
    pictures = mm.ImageDataset.from_folder(mm.samples.signs(tmp_path / "signs", ["bell", "siren"], per_label=3))

    assert pictures.labels == ("bell", "nothing", "siren")
    assert len(pictures) == 9


def test_boxes_lie_around_the_signs(tmp_path):
    mm.samples.signs(tmp_path, ["bell", "siren"], per_label=3)
    pictures = mm.ImageDataset.from_coco(tmp_path / "boxes.json")

    assert pictures.labels == ("bell", "siren")
    assert [len(picture.boxes or ()) for picture in pictures] == [1] * 6 + [0] * 3
    for picture in list(pictures)[:6]:
        (box,) = picture.boxes or ()
        assert box.label == Path(picture.path).parent.name
        hue, saturation, _ = (np.asarray(channel, int) for channel in Image.open(picture.path).convert("HSV").split())
        left, top = int(box.left), int(box.top)
        middle = (top + int(box.height) // 2, left + 4)
        ring = (abs(hue - hue[middle]) < 6) & (saturation > 150)
        rows, columns = np.nonzero(ring[top : top + int(box.height), left : left + int(box.width)])
        assert [rows.min(), rows.max(), columns.min(), columns.max()] == pytest.approx([0, 79, 0, 79], abs=2)


def test_labels_that_are_none_are_refused(tmp_path):
    with pytest.raises(ValueError, match="no sample recordings of 'cow'"):
        mm.samples.film(tmp_path / "film.mp4", [("cow", 1.0)])
    with pytest.raises(ValueError, match="no sample recordings of 'cow'"):
        mm.samples.signs(tmp_path / "signs", ["cow"])
