"""Edit decision lists, read by a small reader of the tests and by OpenTimelineIO's adapter."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.errors import ExportError
from mediaml.values.media import Media
from mediaml.values.reel import Reel
from mediaml.values.timeline import Timeline
from tests.export.readers import EditList, edit_list
from tests.timelines import RATES, SOUND, event, reel, video, watched


def written(what: Timeline | Reel, folder: Path) -> EditList:
    return edit_list(what.save(folder / "list.edl").read_text(encoding="utf-8"))


def frame(timecode: str, rate: str) -> int:
    return int(otio.opentime.from_timecode(timecode, RATES[rate].fps).to_frames())


def test_a_timeline_is_an_edit_an_event_at_the_files_timecode(tmp_path: Path) -> None:
    found = [event("dog", 59.5, 62.2, model="pets", tracks=2), event("犬", 300, 300.01, 0.5)]
    listed = written(watched(found, video("25", "10:00:00:00"), "/archive/夜 1.mov"), tmp_path)
    first, second = listed.edits
    assert (listed.title, listed.drop) == ("夜 1.mov", False)
    assert first.times == ("10:00:59:12", "10:01:02:05", "00:00:00:00", "00:00:02:18")
    assert second.times == ("10:05:00:00", "10:05:00:01", "00:00:02:18", "00:00:02:19")
    assert (first.clip, first.file) == ("夜 1.mov", "file:///archive/%E5%A4%9C%201.mov")
    assert first.comment == "dog, confidence 97 %; model pets; 2 followed; found by mediaml"
    assert second.locator[2] == "犬 50 %"


def test_markers_stand_at_the_time_of_the_list_as_in_avids(tmp_path: Path) -> None:
    """OpenTimelineIO's issues 169 and 345: lists of Avid count locators so, whatever the clip's own timecode."""
    found = [event("dog", 1, 2), event("owl", 5, 6)]
    for edit in written(watched(found, video("25", "10:00:00:00")), tmp_path).edits:
        assert edit.locator[0] == edit.times[2]


def test_dropped_frames_are_said_at_the_head_and_by_semicolons(tmp_path: Path) -> None:
    found = [event("dog", 59.97, 62)]
    listed = written(watched(found, video("29.97 drop", "01:00:00;00")), tmp_path)
    assert listed.drop
    assert listed.edits[0].times == ("01:00:59;27", "01:01:02;01", "00:00:00;00", "00:00:02;02")


def test_nothing_found_is_a_list_with_a_title_and_no_edits(tmp_path: Path) -> None:
    path = watched([], video("29.97 drop", "01:00:00;00"), "/archive/news.mov").save(tmp_path / "list.edl")
    listed = edit_list(path.read_text(encoding="utf-8"))
    assert (listed.title, listed.drop, listed.edits) == ("news.mov", True, [])
    assert not list(otio.adapters.read_from_file(str(path)).find_clips())


@pytest.mark.parametrize("rate", RATES)
def test_every_rate_comes_back_by_openTimelineIOs_adapter(tmp_path: Path, rate: str) -> None:
    drop = RATES[rate].drop_frame
    found = [event("dog", 61.7, 64.2), event("owl", 130, 130)]
    path = watched(found, video(rate, f"01:00:00{';' if drop else ':'}00")).save(tmp_path / "list.edl")
    # the adapter takes colons at 29.97 for frames of which none is dropped
    counted = RATES[rate].fps if drop else round(RATES[rate].fps)
    back = otio.adapters.read_from_file(str(path), rate=counted)
    listed = edit_list(path.read_text(encoding="utf-8"))
    (track, *_) = back.tracks
    for clip, edit in zip([one for one in track if isinstance(one, otio.schema.Clip)], listed.edits, strict=True):
        exact, start = RATES[rate].fraction, frame("01:00:00;00" if drop else "01:00:00:00", rate)
        expected = found[edit.number - 1].segment
        begin = clip.source_range.start_time.value - start
        end = begin + clip.source_range.duration.value
        assert begin <= expected.start * exact + 1e-6 < begin + 1
        assert end - 1 < max(expected.end * exact, begin + 0.5) <= end + 1e-6
        assert clip.media_reference.target_url == "file:///archive/news.mov"
    assert listed.drop == drop


def test_a_reel_lies_end_to_end(tmp_path: Path) -> None:
    finds = [(f"/a/{n}.mov", event("dog", n, n + 0.5 + n / 10), video("29.97 drop")) for n in range(50)]
    edits = written(reel(*finds), tmp_path).edits
    assert [edit.number for edit in edits] == list(range(1, 51))
    assert all(one.times[3] == other.times[2] for one, other in pairwise(edits))
    for edit in edits:
        begin, end, at, until = (frame(one, "29.97 drop") for one in edit.times)
        assert end - begin == until - at > 0


@pytest.mark.parametrize(
    ("media", "channels"),
    [
        (video(channels=2), "AA/V"),
        (video(channels=1), "B"),
        (video(channels=0), "V"),
        (SOUND, "A"),
        (Media(duration=60.0, sample_rate=8000, channels=2), "AA"),
    ],
)
def test_an_edit_says_what_is_cut(tmp_path: Path, media: Media, channels: str) -> None:
    one = watched([event("dog", 1, 2)], media)
    assert written(one, tmp_path).edits[0].channels == channels
    back = otio.adapters.read_from_file(str(tmp_path / "list.edl"), rate=25)
    assert len(back.tracks) == {"AA/V": 3, "B": 2, "V": 1, "A": 1, "AA": 2}[channels]


def test_every_file_has_a_reel_of_its_own(tmp_path: Path) -> None:
    names = ["interview_01", "interview_02", "interview_03", "夜", "朝", "a.b", "A.B", "interview_01"]
    finds = [(f"/archive/{name}.mov", event("dog", 1, 2), video()) for name in names]
    reels = [edit.reel for edit in written(reel(*finds), tmp_path).edits]
    assert reels == ["INTERVIE", "INTER002", "INTER003", "R004", "R005", "AB", "AB007", "INTERVIE"]


def test_a_number_may_be_the_name_of_another_file(tmp_path: Path) -> None:
    finds = [(f"/{name}.mov", event("dog", 1, 2), video()) for name in ("inter003", "interview_a", "interview_b", "夜")]
    reels = [edit.reel for edit in written(reel(*finds), tmp_path).edits]
    assert reels == ["INTER003", "INTERVIE", "INTER004", "R004"]


@given(st.lists(st.text("ab01_R", min_size=1, max_size=9), min_size=1, max_size=40))
@settings(deadline=None)
def test_reels_are_never_shared(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    finds = [(f"/archive/{name}.mov", event("dog", 1, 2), video()) for name in names]
    edits = written(reel(*finds), tmp_path_factory.mktemp("reels")).edits
    assert len({edit.reel for edit in edits}) == len(set(names)) == len({(edit.reel, edit.file) for edit in edits})


def test_files_of_other_rates_without_a_timecode_are_counted_at_the_lists(tmp_path: Path) -> None:
    finds = [
        ("/a.mov", event("dog", 1, 2), video("25", "01:00:00:00")),
        ("/b.mov", event("dog", 1, 2), video("50")),
        ("/c.wav", event("owl", 2, 3), SOUND),
        ("/d.mov", event("dog", 1, 2), video("25")),
    ]
    a, b, c, d = written(reel(*finds), tmp_path).edits
    assert a.times[:2] == ("01:00:01:00", "01:00:02:00")
    assert b.times[:2] == d.times[:2] == ("00:00:01:00", "00:00:02:00")
    assert c.times == ("00:00:02:00", "00:00:03:00", "00:00:02:00", "00:00:03:00")


def test_a_timecode_of_another_rate_is_refused_by_the_files_name(tmp_path: Path) -> None:
    finds = [("/a.mov", event("dog", 1, 2), video("25"))] * 2 + [
        ("/b.mov", event("dog", 1, 2), video("30", "01:00:00:00"))
    ]
    with pytest.raises(ExportError, match=r"/b\.mov: its timecode counts 30 frames a second, .* one rate, here 25"):
        reel(*finds).save(tmp_path / "list.edl")


def test_files_that_drop_frames_and_files_that_do_not_are_told_apart(tmp_path: Path) -> None:
    finds = [
        ("/a.mov", event("dog", 60, 61), video("29.97", "01:00:00:00")),
        ("/b.mov", event("dog", 60.1, 61), video("29.97 drop", "01:00:00;00")),
        ("/c.mov", event("dog", 60, 61), video("29.97", "01:00:00:00")),
    ]
    listed = written(reel(*finds), tmp_path)
    assert [edit.drop for edit in listed.edits] == [False, True, False]
    assert [edit.times[0] for edit in listed.edits] == ["01:00:59:28", "01:01:00;03", "01:00:59:28"]
    assert all(";" not in edit.times[2] + edit.times[3] for edit in listed.edits)


def test_a_list_goes_on_to_midnight_and_not_further(tmp_path: Path) -> None:
    late = video("25", "23:59:50:00", duration=20.0)
    assert written(watched([event("dog", 8, 10)], late), tmp_path).edits[0].times[1] == "00:00:00:00"
    with pytest.raises(ExportError, match=r"/archive/news\.mov: a timecode after midnight .* \.otio"):
        watched([event("dog", 8, 11)], late).save(tmp_path / "list.edl")
    long = [("/a.mov", event("dog", 0, 50_000), video(duration=50_000.0))] * 2
    with pytest.raises(ExportError, match="best: a timecode after midnight"):
        reel(*long).save(tmp_path / "list.edl")


def test_a_label_has_a_colour_of_its_own_that_avid_knows_by_name(tmp_path: Path) -> None:
    labels = [f"label {number}" for number in range(10)]
    found = [event(label, number, number + 1) for number, label in enumerate(labels)]
    colours = [edit.locator[1] for edit in written(watched(found, video()), tmp_path).edits]
    assert len(set(colours)) == 10
    assert set(colours) <= {one for one in dir(otio.schema.MarkerColor) if one.isupper()}


@given(label=st.text(max_size=300), name=st.text(max_size=300))
@settings(deadline=None)
def test_no_label_breaks_a_list(tmp_path_factory: pytest.TempPathFactory, label: str, name: str) -> None:
    folder = tmp_path_factory.mktemp("odd")
    one = reel(("/a.mov", event(label, 1, 2, model=label), video()), ("/b.mov", event("owl", 1, 2), video()), name=name)
    assert len(written(one, folder).edits) == 2
    back = otio.adapters.read_from_file(str(folder / "list.edl"), rate=25)
    assert len(back.tracks[0]) == 2
