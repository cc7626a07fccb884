"""What editors' programs open, read back by readers that are not ours."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from timecode.timecode import Timecode

import mediaml as mm
from mediaml.errors import ExportError
from tests.export.finds import LABELS, RATES, SOUND, USUAL, event, media, rate, timeline

ENDINGS = (".otio", ".edl", ".fcpxml", ".xml")
CODES = {"29.97 drop-frame": "01:00:00;00", "59.94 drop-frame": "01:00:00;00"}
FIRST = {"29.97 drop-frame": 107892, "59.94 drop-frame": 215784}


def coded(name: str) -> Any:
    return media(name, CODES.get(name, "01:00:00:00"))


def first_frame(name: str) -> int:
    """An hour, in frames: what the timecode at the start says."""
    return FIRST.get(name, 3600 * round(rate(name).fps))


def seconds(text: str | None) -> tuple[int, int]:
    """A time of FCPXML."""
    found = re.fullmatch(r"(\d+)/(\d+)s", text or "")
    assert found, text
    return int(found[1]), int(found[2])


# -- one file with markers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(RATES))
def test_otio_has_the_file_with_a_marker_an_event_where_it_is_in_the_source(tmp_path, name):
    timeline(coded(name), *USUAL).save(tmp_path / "t.otio")

    read = json.loads((tmp_path / "t.otio").read_text())
    tracks = read["tracks"]["children"]
    assert [track["kind"] for track in tracks] == ["Video", "Audio"]
    clip = tracks[0]["children"][0]
    reference = clip["media_references"]["DEFAULT_MEDIA"]
    assert unquote(reference["target_url"]) == "file:///arch/Größe & <日本>.mov"
    assert reference["available_range"]["start_time"]["value"] == first_frame(name)
    fps = rate(name).fps
    for marker, one in zip(clip["markers"], USUAL, strict=True):
        start = marker["marked_range"]["start_time"]
        assert start["rate"] == pytest.approx(fps)
        assert (start["value"] - first_frame(name)) / fps == pytest.approx(one.segment.start, abs=1 / fps)
        assert marker["metadata"]["mediaml"]["label"] == one.label
        assert marker["metadata"]["mediaml"]["confidence"] == one.confidence
        assert marker["name"].startswith(one.label)
        assert "model sounds" in marker["comment"]


@pytest.mark.parametrize("name", sorted(RATES))
def test_fcpxml_is_exact_and_has_markers_with_notes(tmp_path, name):
    timeline(coded(name), *USUAL).save(tmp_path / "t.fcpxml")

    root = ET.parse(tmp_path / "t.fcpxml").getroot()
    numerator, denominator, drop = RATES[name]
    (form,) = root.iter("format")
    assert form.get("frameDuration") == f"{denominator}/{numerator}s"
    (clip,) = root.iter("asset-clip")
    (asset,) = root.iter("asset")
    assert clip.get("ref") == asset.get("id")
    assert clip.get("tcFormat") == ("DF" if drop else "NDF")
    for element in (clip, asset):
        assert seconds(element.get("start")) == (first_frame(name) * denominator, numerator)
    for marker, one in zip(clip.iter("marker"), USUAL, strict=True):
        top, bottom = seconds(marker.get("start"))
        assert top % denominator == 0
        assert bottom == numerator
        frames = top // denominator - first_frame(name)
        assert frames * denominator / numerator == pytest.approx(one.segment.start, abs=denominator / numerator)
        assert (marker.get("value") or "").startswith(one.label)
        assert one.label in (marker.get("note") or "")
    order = [child.tag for child in root]
    assert order == ["resources", "library"]


@pytest.mark.filterwarnings(
    "ignore:Testing an element's truth value:DeprecationWarning"
)  # the adapter's, on Python 3.12
@pytest.mark.parametrize("name", ["24", "25", "50", "60"])
def test_opentimelineios_adapter_reads_the_fcpxml(tmp_path, name):
    timeline(media(name), *USUAL).save(tmp_path / "t.fcpxml")

    read = otio.adapters.read_from_file(str(tmp_path / "t.fcpxml"))

    markers = list(_markers(read))
    assert [marker.name for marker in markers] == ["dog_bark 97 %", "Crowd & <cheer> 97 %", "日本 🎉 50 %"]


def _markers(read: Any) -> list[Any]:
    found = read if isinstance(read, otio.schema.SerializableCollection) else [read]
    return [marker for one in found for clip in one.find_clips() for marker in clip.markers]


@pytest.mark.parametrize("name", sorted(RATES))
def test_final_cut_7s_xml_is_read_by_opentimelineio_and_has_the_files_timecode(tmp_path, name):
    timeline(coded(name), *USUAL).save(tmp_path / "t.xml")

    root = ET.parse(tmp_path / "t.xml").getroot()
    _, denominator, drop = RATES[name]
    assert {one.text for one in root.iter("ntsc")} == {"TRUE" if denominator == 1001 else "FALSE"}
    assert {one.text for one in root.iter("timebase")} == {str(round(rate(name).fps))}
    code = next(root.iter("timecode"))
    assert code.findtext("string") == CODES.get(name, "01:00:00:00")
    assert code.findtext("frame") == str(first_frame(name))
    assert code.findtext("displayformat") == ("DF" if drop else "NDF")
    markers = [(m.findtext("name"), int(m.findtext("in") or -1), m.findtext("comment")) for m in root.iter("marker")]
    for (title, start, comment), one in zip(markers, USUAL, strict=True):
        assert (title or "").startswith(one.label)
        assert start / rate(name).fps == pytest.approx(one.segment.start, abs=1 / rate(name).fps)
        assert "confidence" in (comment or "")
    read = otio.adapters.read_from_file(str(tmp_path / "t.xml"))
    assert [len(list(track)) for track in read.tracks] == [1, 1, 1]  # the picture, and two channels of sound
    assert len(_markers(read)) == 3


EDIT = re.compile(r"^(\d+)  (\S+) +(\S+) +C +(\S+) (\S+) (\S+) (\S+)$", re.MULTILINE)


@pytest.mark.parametrize("name", sorted(RATES))
def test_an_edit_list_has_an_edit_an_event_at_the_sources_timecode(tmp_path, name):
    timeline(coded(name), *USUAL).save(tmp_path / "t.edl")

    text = (tmp_path / "t.edl").read_text()
    drop = RATES[name][2]
    assert f"FCM: {'DROP FRAME' if drop else 'NON-DROP FRAME'}\n" in text
    edits = EDIT.findall(text)
    assert [(number, channels) for number, _, channels, *_ in edits] == [
        ("001", "AA/V"),
        ("002", "AA/V"),
        ("003", "AA/V"),
    ]
    assert all((";" in code) == drop for edit in edits for code in edit[3:])
    assert all(len(reel) <= 8 for _, reel, *_ in edits)
    assert re.findall(r"FROM CLIP NAME:  (.*)", text) == ["Größe & <日本>.mov"] * 3
    assert [line.split(maxsplit=1)[1] for line in re.findall(r"LOC: \S+ (.*)", text)] == [
        "dog_bark 97 %",
        "Crowd & <cheer> 97 %",
        "日本 🎉 50 %",
    ]
    theirs = {"29.97 drop-frame": "29.97", "59.94 drop-frame": "59.94", "23.976": "23.976"}.get(name, name)
    if name != "29.97":  # that library takes it for drop-frame
        for (*_, begin, end, record, until), one in zip((edit[2:] for edit in edits), USUAL, strict=True):
            start = Timecode(theirs, begin).frames - 1 - first_frame(name)
            assert start / rate(name).fps == pytest.approx(one.segment.start, abs=1.01 / rate(name).fps)
            length = Timecode(theirs, end).frames - Timecode(theirs, begin).frames
            assert length == Timecode(theirs, until).frames - Timecode(theirs, record).frames


@pytest.mark.parametrize("name", ["24", "25", "29.97 drop-frame"])
def test_opentimelineios_adapter_reads_the_edit_list(tmp_path, name):
    timeline(coded(name), *USUAL).save(tmp_path / "t.edl")

    read = otio.adapters.read_from_file(str(tmp_path / "t.edl"), rate=rate(name).fps)

    clips = list(read.find_clips())
    starts = sorted({round(clip.source_range.start_time.value) - first_frame(name) for clip in clips})
    assert [start / rate(name).fps for start in starts] == pytest.approx([1, 59.9, 599], abs=1 / rate(name).fps)


# -- reels ------------------------------------------------------------------------------------------------------------


def reel(*finds: mm.Find) -> mm.Reel:
    return mm.Reel(name="best of the archive", finds=finds)


MIXED = reel(
    mm.Find(source="/a/rain.wav", event=event("rain", 2, 4.5), media=SOUND),
    mm.Find(source="/a/cat.mp4", event=event("cat", 2, 4.5), media=media("25", sound=False)),
    mm.Find(source="/a/dog.mov", event=event("dog", 1, 3), media=coded("29.97 drop-frame")),
    mm.Find(source="/a/cat.mp4", event=event("cat", 8, 9), media=media("25", sound=False)),
)


def test_a_reel_of_many_kinds_keeps_their_order_and_their_own_counting(tmp_path):
    for ending in (".otio", ".fcpxml", ".xml"):
        MIXED.save(tmp_path / f"r{ending}")

    read = otio.adapters.read_from_file(str(tmp_path / "r.otio"))
    starts = [
        (read.range_of_child(clip).start_time.to_seconds(), clip.name) for clip in read.find_clips() if clip.markers
    ]
    assert [name.split()[0] for _, name in sorted(starts)] == ["rain", "cat", "dog", "cat"]
    assert [start for start, _ in sorted(starts)] == pytest.approx([0, 2.52, 5.04, 7.08], abs=0.05)

    root = ET.parse(tmp_path / "r.fcpxml").getroot()
    clips = list(root.iter("asset-clip"))
    assert [(clip.get("name") or "").split()[0] for clip in clips] == ["rain", "cat", "dog", "cat"]
    assert len(list(root.iter("asset"))) == 3
    ends = [int.__add__(seconds(c.get("offset"))[0], seconds(c.get("duration"))[0]) for c in clips]
    assert [seconds(clip.get("offset"))[0] for clip in clips] == [0, *ends[:-1]]

    read = otio.adapters.read_from_file(str(tmp_path / "r.xml"))
    assert sorted(marker.name.split()[0] for marker in _markers(read)) == ["cat", "cat", "dog", "rain"]


def test_an_edit_list_has_one_rate_and_says_so(tmp_path):
    with pytest.raises(ExportError, match=r"dog\.mov.*one rate"):
        MIXED.save(tmp_path / "r.edl")

    reel(*MIXED.finds[:2]).save(tmp_path / "r.edl")
    edits = EDIT.findall((tmp_path / "r.edl").read_text())
    assert [channels for _, _, channels, *_ in edits] == ["A", "V"]
    assert [edit[5:] for edit in edits] == [("00:00:00:00", "00:00:02:13"), ("00:00:02:13", "00:00:05:01")]


@pytest.mark.parametrize("ending", ENDINGS)
def test_nothing_cannot_be_cut_together(tmp_path, ending):
    with pytest.raises(ExportError, match="nothing"):
        reel().save(tmp_path / f"r{ending}")


def test_nothing_found_is_a_file_without_markers(tmp_path):
    for ending in ENDINGS:
        assert timeline(media()).save(tmp_path / f"t{ending}").exists()


# -- names ------------------------------------------------------------------------------------------------------------

names = st.text(min_size=1, max_size=255)


@pytest.mark.parametrize("ending", [*ENDINGS, ".vtt", ".srt", ".csv", ".json", ".txt", ".parquet", ".html"])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(label=names, source=names.filter(lambda text: "\0" not in text))
def test_every_name_can_be_written_and_what_is_written_can_be_read(tmp_path, ending, label, source):
    made = timeline(media(), event(label), source=f"/arch/{source}")

    text = made.save(tmp_path / f"t{ending}").read_bytes()

    if ending in (".fcpxml", ".xml"):
        ET.fromstring(text)
    if ending in (".otio", ".json"):
        json.loads(text)
    if ending == ".edl":
        assert len(EDIT.findall(text.decode())) == 1


def test_file_names_that_are_no_text_are_written_all_the_same(tmp_path):
    source = b"/arch/caf\xe9.mov".decode("utf-8", "surrogateescape")

    for ending in ENDINGS:
        written = timeline(media(), event(), source=source).save(tmp_path / f"t{ending}")
        assert "caf%E9.mov" in written.read_text()


def test_addresses_on_s3_stay_what_they_are(tmp_path):
    made = timeline(media(), event(), source="s3://bucket/tapes/a b.mov")

    assert "s3://bucket/tapes/a b.mov" in made.save(tmp_path / "t.otio").read_text()


def test_a_reader_of_all_labels_finds_them(tmp_path):
    made = timeline(media(), *(event(label) for label in LABELS))

    root = ET.parse(made.save(tmp_path / "t.fcpxml")).getroot()

    assert {(one.get("value") or "").rsplit(" ", 2)[0] for one in root.iter("marker")} == set(LABELS)


def test_the_streams_are_read_where_the_timeline_does_not_know_them(tmp_path):
    from tests.media import numbered

    path = numbered(tmp_path / "film.mov", rate="24000/1001")
    made = mm.Timeline(source=str(path), duration=4, events=(event(),), labels=("dog_bark",))

    root = ET.parse(made.save(tmp_path / "t.fcpxml")).getroot()

    assert next(root.iter("format")).get("frameDuration") == "1001/24000s"


def test_a_file_that_is_gone_is_taken_for_sound(tmp_path):
    made = mm.Timeline(source="/gone/tape.wav", duration=4, events=(event(),), labels=("dog_bark",))

    root = ET.parse(made.save(tmp_path / "t.fcpxml")).getroot()

    assert next(root.iter("asset")).get("hasVideo") is None
    assert Path(unquote(next(root.iter("asset")).get("src") or "")).name == "tape.wav"
