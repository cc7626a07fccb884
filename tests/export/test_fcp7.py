"""Final Cut Pro 7's XML, read by ElementTree and by OpenTimelineIO's adapter."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.values.media import Media
from mediaml.values.reel import Reel
from mediaml.values.timeline import Timeline
from tests.export.readers import number, one, said
from tests.timelines import RATES, SOUND, event, reel, video, watched


def written(what: Timeline | Reel, folder: Path) -> ET.Element:
    """Give the sequence."""
    root = ET.fromstring(what.save(folder / "list.xml").read_text(encoding="utf-8"))
    assert (root.tag, root.get("version")) == ("xmeml", "4")
    return one(root, "sequence")


def clips(sequence: ET.Element, kind: str, track: int = 1) -> list[ET.Element]:
    return sequence.findall(f"media/{kind}/track[{track}]/clipitem")


def test_the_head_is_one_that_premiere_writes_itself(tmp_path: Path) -> None:
    path = watched([event("dog", 1, 2)], video()).save(tmp_path / "list.xml")
    assert path.read_text().startswith('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n<xmeml version="4">')


@pytest.mark.parametrize("rate", RATES)
def test_a_timeline_is_a_clip_with_a_marker_an_event(tmp_path: Path, rate: str) -> None:
    drop = RATES[rate].drop_frame
    code = "01:00:00;00" if drop else "01:00:00:00"
    sequence = written(watched([event("dog", 61.7, 64.2, model="pets")], video(rate, code)), tmp_path)
    exact = RATES[rate].fraction
    length = int(600 * exact)
    for part in (sequence, one(sequence, "media/video/track/clipitem"), *sequence.iter("file")):
        if part.find("rate") is not None:
            assert number(part, "rate/timebase") == round(RATES[rate].fps)
            assert said(part, "rate/ntsc") == ("TRUE" if exact.denominator == 1001 else "FALSE")
    assert number(sequence, "duration") == length
    (clip,) = clips(sequence, "video")
    assert [number(clip, tag) for tag in ("start", "end", "in", "out")] == [0, length, 0, length]
    marker = one(clip, "marker")
    assert 0 <= 61.7 * exact - number(marker, "in") < 1  # from the first picture, not from midnight
    assert 0 <= number(marker, "out") - 64.2 * exact < 1
    assert said(marker, "name") == "dog 97 %"
    assert said(marker, "comment") == "dog, confidence 97 %; model pets; found by mediaml"


@pytest.mark.parametrize("rate", RATES)
def test_timecodes_are_those_of_the_file(tmp_path: Path, rate: str) -> None:
    drop = RATES[rate].drop_frame
    code = "01:00:00;00" if drop else "01:00:00:00"
    sequence = written(watched([], video(rate, code)), tmp_path)
    for place in (one(sequence, "timecode"), one(sequence, "media/video/track/clipitem/file/timecode")):
        assert said(place, "string") == code
        assert said(place, "displayformat") == ("DF" if drop else "NDF")
        assert number(place, "frame") == otio.opentime.from_timecode(code, RATES[rate].fps).to_frames()


def test_the_file_is_told_once_by_its_address(tmp_path: Path) -> None:
    media = video("25", channels=2)
    sequence = written(watched([event("犬", 1, 2)], media, "/archive/夜 & 朝.mov"), tmp_path)
    files = list(sequence.iter("file"))
    assert len({file.get("id") for file in files}) == 1
    (full,) = [file for file in files if len(file)]
    assert full is files[0]
    assert said(full, "name") == "夜 & 朝.mov"
    assert said(full, "pathurl") == "file:///archive/%E5%A4%9C%20%26%20%E6%9C%9D.mov"
    assert number(full, "media/video/samplecharacteristics/width") == 1920
    assert number(full, "media/audio/samplecharacteristics/samplerate") == 48000
    assert number(full, "media/audio/channelcount") == 2


@pytest.mark.parametrize("channels", [0, 1, 2, 6, 32])
def test_each_channel_is_a_clip_on_a_track_of_its_own_linked_to_the_picture(tmp_path: Path, channels: int) -> None:
    sequence = written(watched([event("dog", 1, 2)], video(channels=channels)), tmp_path)
    heard = sequence.findall("media/audio/track/clipitem")
    assert len(heard) == min(channels, 8) == len(sequence.findall("media/audio/track"))
    assert [number(clip, "sourcetrack/trackindex") for clip in heard] == list(range(1, len(heard) + 1))
    identities = [clip.get("id") for clip in [*clips(sequence, "video"), *heard]]
    assert len(set(identities)) == len(identities)
    for clip in sequence.iter("clipitem"):
        linked = [said(link, "linkclipref") for link in clip.iterfind("link")]
        assert linked == (identities if channels else [])
    assert len(list(sequence.iter("marker"))) == 1


def test_a_sound_is_on_an_audio_track_alone(tmp_path: Path) -> None:
    sequence = written(watched([event("owl", 1.03, 2)], SOUND, "/archive/night.wav"), tmp_path)
    assert clips(sequence, "video") == []
    (clip,) = clips(sequence, "audio")
    assert [number(one(clip, "marker"), tag) for tag in ("in", "out")] == [25, 50]
    assert clip.find("file/media/video") is None


FINDS = reel(
    ("/a.mov", event("dog", 10, 12), video("29.97 drop", "01:00:00;00")),
    ("/b.mov", event("cat", 1, 2), video("25", channels=1)),
    ("/c.wav", event("owl", 3, 4), SOUND),
    ("/a.mov", event("dog", 20, 21), video("29.97 drop", "01:00:00;00")),
    ("/d.mov", event("dog", 20, 21), video("29.97 drop", channels=0)),
)


def test_a_reel_is_clips_end_to_end_each_in_its_own_rate(tmp_path: Path) -> None:
    sequence = written(FINDS, tmp_path)
    assert (number(sequence, "rate/timebase"), said(sequence, "rate/ntsc")) == (30, "TRUE")
    places = sorted({(number(clip, "start"), number(clip, "end")) for clip in sequence.iter("clipitem")})
    assert places == [(0, 61), (61, 91), (91, 121), (121, 152), (152, 183)]
    assert number(sequence, "duration") == 183
    assert [(number(clip, "in"), number(clip, "out")) for clip in clips(sequence, "video")] == [
        *((299, 360), (25, 50), (599, 630), (599, 630)),
    ]
    assert [number(clip, "rate/timebase") for clip in clips(sequence, "video")] == [30, 25, 30, 30]
    assert [said(clip, "name") for clip in clips(sequence, "audio")] == ["dog 97 %", "cat 97 %", "owl 97 %", "dog 97 %"]
    assert [said(marker, "name") for marker in sequence.iter("marker")].count("owl 97 %") == 1


def test_no_find_of_a_file_that_nobody_looked_into_lies_behind_its_end(tmp_path: Path) -> None:
    finds = [("/a.wav", event("dog", 0, 2), None), ("/a.wav", event("dog", 100, 105), None)]
    sequence = written(reel(*finds), tmp_path)
    told, _ = sequence.iter("file")
    assert [number(clip, "out") for clip in clips(sequence, "audio")] == [50, 2625]
    assert number(told, "duration") == 2625


def test_links_of_a_reel_name_the_clips_beside_it(tmp_path: Path) -> None:
    sequence = written(FINDS, tmp_path)
    known = {clip.get("id"): clip for clip in sequence.iter("clipitem")}
    tracks = {
        (kind, str(n)): track.findall("clipitem")
        for kind in ("video", "audio")
        for n, track in enumerate(sequence.findall(f"media/{kind}/track"), 1)
    }
    for clip in sequence.iter("clipitem"):
        for link in clip.iterfind("link"):
            other = known[said(link, "linkclipref")]
            assert said(other, "start") == said(clip, "start")
            assert tracks[said(link, "mediatype"), said(link, "trackindex")][number(link, "clipindex") - 1] is other


def test_openTimelineIOs_adapter_reads_it_back(tmp_path: Path) -> None:
    back = otio.adapters.read_from_file(str(FINDS.save(tmp_path / "list.xml")))
    (pictures, *sounds) = back.tracks
    assert (pictures.kind, [track.kind for track in sounds]) == ("Video", ["Audio", "Audio"])
    names = [one.name for one in pictures if isinstance(one, otio.schema.Clip)]
    assert names == ["dog 97 %", "cat 97 %", "dog 97 %", "dog 97 %"]
    assert isinstance(pictures[2], otio.schema.Gap)
    first = pictures[0]
    assert first.media_reference.target_url == "file:///a.mov"
    assert first.source_range.start_time.value == 107892 + 299


@given(label=st.text(max_size=300), name=st.text(max_size=300))
@settings(deadline=None)
def test_no_label_breaks_it(tmp_path_factory: pytest.TempPathFactory, label: str, name: str) -> None:
    media: Media = video()
    sequence = written(
        reel(("/a.mov", event(label, 1, 2, model=label), media), name=name), tmp_path_factory.mktemp("odd")
    )
    assert said(next(sequence.iter("marker")), "name").endswith(" 97 %")
    assert len(clips(sequence, "video")) == 1
