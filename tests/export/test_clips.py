"""Clips: finds as files of their own."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from mediaml.data import decode_av
from mediaml.errors import MissingExtraError
from mediaml.export.clips import export_clips
from mediaml.values.media import Media
from tests.export.filmed import film, find, h264

RATE = 8000


@pytest.fixture
def day(tmp_path: Path) -> Path:
    path = tmp_path / "day.wav"
    soundfile.write(path, np.linspace(-0.5, 0.5, 10 * RATE), RATE)
    return path


def rows(folder: Path, name: str = "clips.csv") -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_find_becomes_a_file_in_the_order_of_the_finds(day: Path, tmp_path: Path) -> None:
    other = tmp_path / "night.wav"
    soundfile.write(other, np.zeros(5 * RATE), RATE)
    clips = export_clips([find(day, 3.4, 4), find(other, 1, 2, "owl", 0.505), find(day, 0, 1)], tmp_path / "out")

    assert [clip.path.name for clip in clips if clip.path] == [
        "0001_097_dog_bark_day_00-00-03.4.wav",
        "0002_051_owl_night_00-00-01.0.wav",
        "0003_097_dog_bark_day_00-00-00.0.wav",
    ]
    assert [clip.start for clip in clips] == [3.4, 1, 0]
    assert all(clip.copied and clip.error is None for clip in clips)


def test_a_table_lists_them(day: Path, tmp_path: Path) -> None:
    export_clips([find(day, 3.4, 4, model="ears"), find(tmp_path / "gone.wav", 1, 2)], tmp_path / "out")

    first, second = rows(tmp_path / "out")
    assert first == {
        "file": "0001_097_dog_bark_day_00-00-03.4.wav", "source": str(day), "start": "3.4", "end": "4.0",
        "label": "dog bark", "confidence": "0.97", "model": "ears", "begins": "3.400000", "copied": "true", "error": "",
    }  # fmt: skip
    assert (second["file"], second["begins"], second["copied"], second["error"]) == ("", "", "", "no such file")


def test_a_margin_is_kept_within_the_file(day: Path, tmp_path: Path) -> None:
    first, middle, last = export_clips([find(day, 0.5, 1), find(day, 4, 5), find(day, 9, 10)], tmp_path, margin=2)

    assert [soundfile.info(clip.path).duration for clip in (first, middle, last)] == [3, 5, 3]
    assert [clip.start for clip in (first, middle, last)] == [0, 2, 7]


def test_a_find_without_length_gets_half_a_second_around_it_or_the_margin(day: Path, tmp_path: Path) -> None:
    (moment,) = export_clips([find(day, 5, 5)], tmp_path / "a")
    (wider,) = export_clips([find(day, 5, 5)], tmp_path / "b", margin=2)
    (end,) = export_clips([find(day, 10, 10)], tmp_path / "c")

    assert [soundfile.info(clip.path).duration for clip in (moment, wider, end)] == [1, 4, 0.5]


def test_what_cannot_be_cut_says_why_and_the_rest_goes_on(day: Path, tmp_path: Path) -> None:
    broken, empty = tmp_path / "broken.mp4", tmp_path / "empty.wav"
    broken.write_bytes(bytes(range(256)) * 20)
    empty.touch()
    wrong = [find(source, 1, 2) for source in (tmp_path / "gone.wav", broken, empty, tmp_path, "s3://shelf/day.wav")]
    *clips, good = export_clips([*wrong, find(day, 30, 31), find(day, 1, 2)], tmp_path / "out")

    assert all(clip.path is None and clip.start is None and clip.error for clip in clips)
    errors = [clip.error or "" for clip in clips]
    assert errors[0] == "no such file"
    assert errors[1].startswith("FFmpeg: ")
    assert errors[2] == "empty: it has no bytes"
    assert errors[3] == "a folder, not a file"
    assert "download it first" in errors[4]
    assert errors[5] == "it ends at 10.000 s, before 30.000 s"
    assert good.path is not None
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [good.path.name, "clips.csv"]


@pytest.mark.parametrize("suffix", (".png", ".jpg", ".JPEG", ".gif", ".pcx"))
def test_a_picture_is_copied_byte_by_byte(tmp_path: Path, suffix: str) -> None:
    source = tmp_path / f"beach{suffix}"
    Image.new("RGB", (8, 8), "teal").save(source)
    (clip,) = export_clips([find(source, 0, 0, media=Media(duration=0, width=8, height=8))], tmp_path / "out", margin=3)

    assert clip.path is not None and clip.copied and clip.start == 0
    assert clip.path.name == f"0001_097_dog_bark_beach_00-00-00.0{suffix.lower()}"
    assert clip.path.read_bytes() == source.read_bytes()


def test_exporting_again_replaces_the_files(day: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    (first,) = export_clips([find(day, 3, 4)], folder)
    (again,) = export_clips([find(day, 3, 4)], folder, margin=1)

    assert again.path == first.path and again.path is not None
    assert soundfile.info(again.path).duration == 3
    assert len(rows(folder)) == 1


def test_nobody_elses_file_is_replaced(day: Path, tmp_path: Path) -> None:
    taken = tmp_path / "0001_097_dog_bark_day_00-00-03.0.wav"
    taken.write_bytes(b"mine")
    (clip,) = export_clips([find(day, 3, 4)], tmp_path)
    (longer,) = export_clips([find(day, 3, 5)], tmp_path)  # another find, which has the same name

    assert taken.read_bytes() == b"mine"
    assert clip.path == tmp_path / "0001_097_dog_bark_day_00-00-03.0-2.wav"
    assert longer.path == tmp_path / "0001_097_dog_bark_day_00-00-03.0-3.wav"
    assert [row["file"] for row in rows(tmp_path)] == [clip.path.name, longer.path.name]


def test_a_link_that_stands_in_the_way_is_not_followed(day: Path, tmp_path: Path) -> None:
    precious, folder = tmp_path / "precious", tmp_path / "out"
    precious.write_bytes(b"mine")
    (clip,) = export_clips([find(day, 3, 4)], folder)
    assert clip.path is not None
    clip.path.unlink()
    clip.path.symlink_to(precious)
    (again,) = export_clips([find(day, 3, 4)], folder)

    assert precious.read_bytes() == b"mine"
    assert again.path is not None and again.path.name.endswith("-2.wav")


def test_somebody_elses_table_stays(day: Path, tmp_path: Path) -> None:
    (tmp_path / "clips.csv").write_text("my,own,table\n")
    export_clips([find(day, 3, 4)], tmp_path)

    assert (tmp_path / "clips.csv").read_text() == "my,own,table\n"
    assert len(rows(tmp_path, "clips-2.csv")) == 1


def test_a_source_in_the_folder_is_safe(day: Path, tmp_path: Path) -> None:
    before = day.read_bytes()
    (clip,) = export_clips([find(day, 3, 4)], tmp_path)
    assert clip.path is not None
    once = clip.path.read_bytes()
    (again,) = export_clips([find(clip.path, 0, 1)], tmp_path)

    assert day.read_bytes() == before and clip.path.read_bytes() == once and again.path != clip.path


def test_what_was_cut_before_an_interruption_is_listed(day: Path, tmp_path: Path, monkeypatch) -> None:
    from mediaml.export.cutting import samples

    whole, calls = samples.copy_samples, []

    def once(*arguments):
        calls.append(1)
        if len(calls) > 1:
            raise KeyboardInterrupt
        return whole(*arguments)

    monkeypatch.setattr("mediaml.export.cutting.ways.copy_samples", once)
    with pytest.raises(KeyboardInterrupt):
        export_clips([find(day, 3, 4), find(day, 5, 6)], tmp_path / "out")
    assert len(rows(tmp_path / "out")) == 1
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_no_finds_leave_an_empty_table(tmp_path: Path) -> None:
    assert export_clips([], tmp_path / "a" / "b") == []
    assert rows(tmp_path / "a" / "b") == []


@pytest.mark.parametrize("margin", (-1.0, float("nan"), float("inf")))
def test_a_margin_is_no_less_than_nothing(tmp_path: Path, margin: float) -> None:
    with pytest.raises(ValueError, match="margin"):
        export_clips([], tmp_path, margin=margin)


def test_a_folder_that_cannot_be_written_is_an_error(day: Path, tmp_path: Path) -> None:
    with pytest.raises(OSError):
        export_clips([find(day, 3, 4)], day)
    if os.geteuid() != 0:
        (tmp_path / "shut").mkdir(mode=0o555)
        with pytest.raises(PermissionError):
            export_clips([find(day, 3, 4)], tmp_path / "shut")


class TestWithoutPyAV:
    @pytest.fixture(autouse=True)
    def no_pyav(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(__import__("sys").modules, "av", None)
        monkeypatch.setattr(decode_av, "available", lambda: False)

    def test_a_video_says_what_to_install_and_nothing_is_written(self, day: Path, tmp_path: Path) -> None:
        video = film(tmp_path / "v.mp4", *h264(), seconds=1)
        with pytest.raises(MissingExtraError, match=r"mediaml\[video\]"):
            export_clips([find(day, 3, 4), find(video, 0, 1)], tmp_path / "out")
        assert not (tmp_path / "out").exists()

    def test_an_mp3_is_decoded(self, day: Path, tmp_path: Path) -> None:
        samples = 0.3 * np.sin(np.arange(10 * RATE) ** 2 / 1e5)
        soundfile.write(tmp_path / "day.mp3", samples, RATE)
        (clip,) = export_clips([find(tmp_path / "day.mp3", 3, 4)], tmp_path / "out")

        assert clip.path is not None and clip.path.suffix == ".flac" and not clip.copied
        decoded, _ = soundfile.read(tmp_path / "day.mp3")
        got, _ = soundfile.read(clip.path)
        assert len(got) == RATE and clip.start == 3
        assert np.abs(got - decoded[3 * RATE : 4 * RATE]).max() < 1e-4
