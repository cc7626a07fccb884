"""What is written where: endings, folders, whole files, errors."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from mediaml.data import video as data_video
from mediaml.data.formats import raven
from mediaml.errors import DataError, ExportError, VideoError
from mediaml.export.cuts import media_for
from mediaml.export.save import REELS, TIMELINES
from mediaml.values.media import Media
from mediaml.values.timeline import Timeline
from tests.timelines import HEARD, SOUND, event, reel, timeline, video, watched

ENDINGS = sorted(TIMELINES)


@pytest.mark.parametrize("name", ["day.pdf", "day", "day.csv.gz"])
def test_another_ending_is_refused_with_those_that_work(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"^a timeline is saved as .*\.csv, \.json, .*\.edl, \.fcpxml, \.xml, not as "):
        timeline(HEARD).save(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_the_ending_may_be_written_large_folders_are_made_and_old_files_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "DAY.SELECTIONS.TXT"
    timeline([]).save(path)
    assert timeline(HEARD).save(str(path)) == path
    assert len(raven.read(path)) == 3
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_reel_is_refused_with_the_endings_that_work(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^a reel is saved as \.otio, \.edl, \.fcpxml, \.xml, not as \.csv: "):
        reel(("/a.mov", event("dog", 1, 2), video())).save(tmp_path / "best.csv")


@pytest.mark.parametrize("ending", [*ENDINGS, *map(str.upper, ENDINGS)])
def test_every_ending_is_written_large_or_small(tmp_path: Path, ending: str) -> None:
    path = watched([event("dog", 1, 2)], video()).save(tmp_path / f"day{ending}")
    assert path.stat().st_size > 0
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", sorted(REELS))
def test_a_reel_of_no_finds_is_refused_and_nothing_is_left(tmp_path: Path, ending: str) -> None:
    with pytest.raises(ExportError, match="no finds"):
        reel().save(tmp_path / f"best{ending}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", sorted(ENDINGS))
def test_a_file_in_which_nothing_was_found_is_written(tmp_path: Path, ending: str) -> None:
    assert watched([], video("29.97 drop", "01:00:00;00")).save(tmp_path / f"day{ending}").exists()


NAMES: dict[str, Callable[[], str]] = {
    "Japanese": lambda: "/archive/夜のニュース.mov",
    "emoji": lambda: "/archive/🐕‍🦺 best.mov",
    "umlauts, decomposed": lambda: "/archive/Vo\u0308gel.mov",
    "quotes": lambda: '/archive/it\'s "here" & <there>.mov',
    "long": lambda: f"/archive/{'x' * 251}.mov",
    "control signs": lambda: "/archive/a\nb\x01\x7f\x85\u2028c.mov",
    "bytes that are no text": lambda: os.fsdecode(b"/archive/\xe9t\xe9.mov"),
    "half of a sign": lambda: "/archive/\ud83d.mov",
    "no signs for XML": lambda: "/archive/\ufffe\uffff.mov",
    "per cent": lambda: "/archive/100%25 #1?.mov",
    "in S3": lambda: "s3://archive/夜/news 1.mov",
    "nothing but dots": lambda: "/archive/...",
    "here": lambda: "news.mov",
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ending", ENDINGS)
def test_no_name_of_a_file_stops_a_timeline(tmp_path: Path, ending: str, name: str) -> None:
    one = watched([event("dog", 1, 2)], video("29.97 drop", "01:00:00;00"), NAMES[name]())
    path = one.save(tmp_path / f"day{ending}")
    if ending != ".parquet":
        path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_json_is_read_back_as_documented_whatever_the_file_is_called(tmp_path: Path, name: str) -> None:
    """Pydantic's own reader of JSON refuses names that are no text; Python's does not (reports are read so, too)."""
    one = watched([event("dog", 1, 2, tracks=1)], video("29.97 drop", "01:00:00;00"), NAMES[name]())
    path = one.save(tmp_path / "day.json")
    assert Timeline.model_validate(json.loads(path.read_bytes())) == one


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ending", sorted(REELS))
def test_no_name_of_a_file_stops_a_reel(tmp_path: Path, ending: str, name: str) -> None:
    source = NAMES[name]()
    one = reel((source, event("dog", 1, 2), video()), ("/b.wav", event("owl", 1, 2), SOUND), name=source)
    one.save(tmp_path / f"best{ending}").read_text(encoding="utf-8")


FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u2028\u2029]")  # by XML 1.0 or of lines


@pytest.mark.parametrize("ending", [".edl", ".fcpxml", ".vtt", ".srt", ".xml"])
def test_signs_that_a_format_forbids_are_replaced(tmp_path: Path, ending: str) -> None:
    odd = "".join(map(chr, [*range(32), *range(127, 160), 0x2028, 0x2029, 0xD83D, 0xFFFE, 0xFFFF])) + "owl"
    path = watched([event(odd, 1, 2, model=odd)], video(), f"/archive/{odd}.mov").save(tmp_path / f"day{ending}")
    text = path.read_text(encoding="utf-8")
    assert "owl 97 %" in text
    assert not FORBIDDEN.search(text)


# --- streams that nobody has read


def test_streams_are_read_where_the_timeline_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_video, "media_of", lambda source: video("50", duration=10.0))
    assert media_for(timeline(HEARD)) == video("50", duration=10.0)
    assert media_for(timeline(HEARD).model_copy(update={"media": SOUND})) == SOUND


def test_a_file_that_is_gone_is_taken_for_a_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(source: str) -> Media:
        raise VideoError(source, "there is no such file")

    monkeypatch.setattr(data_video, "media_of", gone)
    assert media_for(timeline(HEARD)) == Media(duration=10.0, sample_rate=48000, channels=1)


@pytest.mark.parametrize("source", ["/nowhere/day.mov", "s3://bucket/day.mov"])
def test_what_cannot_be_read_is_an_error_of_data(source: str) -> None:
    with pytest.raises(DataError):
        data_video.media_of(source)


@pytest.mark.parametrize("ending", sorted(REELS))
def test_a_timecode_that_is_none_names_the_file(tmp_path: Path, ending: str) -> None:
    bad = video("25", "25:99:00:00")
    with pytest.raises(ExportError, match=r"news\.mov: its timecode '25:99:00:00' is none at 25 pictures a second"):
        watched([event("dog", 1, 2)], bad).save(tmp_path / f"day{ending}")
    with pytest.raises(ExportError, match=r"/b\.mov: its timecode"):
        reel(("/b.mov", event("dog", 1, 2), bad)).save(tmp_path / f"day{ending}")
