"""Pictures out of videos, to be labelled."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import mediaml as mm
from mediaml.data import video
from mediaml.errors import VideoError
from tests.media import coloured


@pytest.fixture
def films(tmp_path):
    (tmp_path / "other").mkdir()
    scenes = [("red", 3.0), ("blue", 3.0)]
    return coloured(tmp_path / "film.mkv", scenes), coloured(tmp_path / "other" / "film.mkv", scenes)


def test_pictures_are_files_and_those_of_one_video_are_one_group(films, tmp_path):
    pictures = mm.ImageDataset.from_video(films, tmp_path / "pictures", every=1.0, skip_similar=False)

    frame = pictures.frame
    assert len(frame) == 12
    assert frame["path"].nunique() == 12
    assert sorted(frame["group"].unique()) == sorted(map(str, films))
    assert frame["label"].isna().all()
    assert set(zip(frame["width"], frame["height"], strict=True)) == {(96, 64)}
    row = frame.iloc[4]
    shown = video.frame_at(row["video"], row["time"])
    assert shown.pixels is not None
    difference = np.asarray(Image.open(row["path"]), int) - shown.pixels
    assert np.abs(difference).mean() < 4  # JPEG


def test_what_is_nearly_the_same_is_taken_once(films, tmp_path):
    assert len(mm.ImageDataset.from_video(films[0], tmp_path / "pictures", every=0.5)) == 2


def test_the_same_again_gives_the_same_files(films, tmp_path):
    first = mm.ImageDataset.from_video(films[0], tmp_path / "pictures", every=1.0)
    again = mm.ImageDataset.from_video(films[0], tmp_path / "pictures", every=1.0)

    assert list(first.frame["path"]) == list(again.frame["path"])


def test_what_is_no_video_is_named(tmp_path):
    with pytest.raises(VideoError, match="no such file"):
        mm.ImageDataset.from_video(tmp_path / "none.mp4", tmp_path / "pictures")
