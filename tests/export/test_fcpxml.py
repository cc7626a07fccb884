"""FCPXML, read by ElementTree and held against Apple's document type definition."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree as ET

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.values.reel import Reel
from mediaml.values.timeline import Timeline
from tests.export.final_cut import resource, valid
from tests.export.readers import one, seconds
from tests.timelines import RATES, SOUND, event, reel, video, watched


def written(what: Timeline | Reel, folder: Path) -> ET.Element:
    text = what.save(folder / "list.fcpxml").read_text(encoding="utf-8")
    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n<fcpxml version="1.8">\n')
    root = ET.fromstring(text)
    valid(root)
    return root


def spine(root: ET.Element) -> list[ET.Element]:
    return root.findall("library/event/project/sequence/spine/asset-clip")


@pytest.mark.parametrize("rate", RATES)
def test_a_timeline_is_a_clip_with_a_marker_an_event_at_the_files_timecode(tmp_path: Path, rate: str) -> None:
    drop = RATES[rate].drop_frame
    code = "01:00:00;00" if drop else "01:00:00:00"
    root = written(watched([event("dog", 61.7, 64.2, model="pets")], video(rate, code)), tmp_path)
    picture = 1 / RATES[rate].fraction
    hour = otio.opentime.from_timecode(code, RATES[rate].fps).to_frames() * picture
    sequence = one(root, "library/event/project/sequence")
    (clip,) = spine(root)
    asset = resource(root, clip.get("ref"))
    assert seconds(resource(root, sequence.get("format")).get("frameDuration")) == picture
    assert seconds(resource(root, asset.get("format")).get("frameDuration")) == picture
    for place in (sequence.get("tcStart"), clip.get("offset"), clip.get("start"), asset.get("start")):
        assert seconds(place) == hour
    for element in (sequence, clip, asset):
        assert 600 - picture < seconds(element.get("duration")) <= 600
    assert sequence.get("tcFormat") == clip.get("tcFormat") == ("DF" if drop else "NDF")
    marker = one(clip, "marker")
    begin, length = seconds(marker.get("start")), seconds(marker.get("duration"))
    assert (begin / picture).denominator == (length / picture).denominator == 1
    assert 0 <= Fraction("61.7") - (begin - hour) < picture
    assert 0 <= (begin - hour) + length - Fraction("64.2") < picture
    assert marker.get("value") == "dog 97 %"
    assert marker.get("note") == "dog, confidence 97 %; model pets; found by mediaml"


def test_an_asset_says_where_the_file_is_and_what_is_in_it(tmp_path: Path) -> None:
    root = written(watched([event("犬", 1, 2)], video(), "/archive/it's 夜.mov"), tmp_path)
    asset = one(root, "resources/asset")
    assert asset.get("src") == "file:///archive/it%27s%20%E5%A4%9C.mov"
    assert asset.get("name") == "it's 夜.mov"
    assert (asset.get("hasVideo"), asset.get("hasAudio"), asset.get("audioChannels")) == ("1", "1", "2")
    assert asset.get("audioRate") == "48000"
    size = resource(root, asset.get("format"))
    assert (size.get("width"), size.get("height")) == ("1920", "1080")


def test_a_silent_video_has_no_sound_and_a_sound_no_picture(tmp_path: Path) -> None:
    silent = one(written(watched([], video(channels=0)), tmp_path), "resources/asset")
    assert (silent.get("hasVideo"), silent.get("hasAudio")) == ("1", None)
    root = written(watched([event("owl", 1, 2)], SOUND, "s3://archive/night.wav"), tmp_path)
    sound = one(root, "resources/asset")
    assert (sound.get("hasVideo"), sound.get("format"), sound.get("hasAudio")) == (None, None, "1")
    assert sound.get("src") == "s3://archive/night.wav"
    assert one(root, "resources/format").get("width") == "1920"  # of the sequence: Final Cut has none without


def test_a_reel_lies_end_to_end_on_whole_pictures_of_the_sequence(tmp_path: Path) -> None:
    root = written(
        reel(
            ("/a.mov", event("dog", 10, 12), video("29.97 drop", "01:00:00;00")),
            ("/b.mov", event("cat", 1, 2), video("25", "10:00:00:00")),
            ("/c.wav", event("owl", 3, 4), SOUND),
            ("/a.mov", event("dog", 20, 21), video("29.97 drop", "01:00:00;00")),
        ),
        tmp_path,
    )
    clips, picture, at = spine(root), Fraction(1001, 30000), Fraction(0)
    assert len(root.findall("resources/asset")) == 3
    assert [clip.get("name") for clip in clips] == ["dog 97 %", "cat 97 %", "owl 97 %", "dog 97 %"]
    for clip in clips:
        assert seconds(clip.get("offset")) == at
        at += seconds(clip.get("duration"))
        assert (at / picture).denominator == 1
        marker = one(clip, "marker")
        assert marker.get("start") == clip.get("start")
        assert marker.get("value") == clip.get("name")
    assert seconds(one(root, "library/event/project/sequence").get("duration")) == at
    assert [seconds(clip.get("start")) for clip in clips] == [
        *((107892 + 299) * picture, Fraction(36001), Fraction(3), (107892 + 599) * picture)
    ]


def test_no_find_of_a_file_that_nobody_looked_into_lies_behind_its_end(tmp_path: Path) -> None:
    finds = [("/a.wav", event("dog", 0, 2), None), ("/a.wav", event("dog", 100, 105), None)]
    root = written(reel(*finds), tmp_path)
    asset = one(root, "resources/asset")
    assert [seconds(clip.get("start")) + seconds(clip.get("duration")) for clip in spine(root)] == [2, 105]
    assert seconds(asset.get("duration")) == 105


def test_pictures_of_another_rate_keep_their_speed(tmp_path: Path) -> None:
    finds = [(f"/{rate}.mov", event("dog", 1, 2), video(rate)) for rate in ("25", "25", *RATES)]
    for clip in spine(written(reel(*finds, ("/c.wav", event("owl", 3, 4), SOUND)), tmp_path)):
        rate = clip.find("conform-rate")
        asset = clip.get("name") == "owl 97 %"
        assert (rate is None) == (asset or clip.get("start") == "25/25s")
        assert rate is None or rate.get("scaleEnabled") == "0"


@given(label=st.text(max_size=300), name=st.text(max_size=300))
@settings(deadline=None)
def test_no_label_breaks_it(tmp_path_factory: pytest.TempPathFactory, label: str, name: str) -> None:
    one_find = reel(("/a.mov", event(label, 1, 2, model=label), video()), name=name)
    (clip,) = spine(written(one_find, tmp_path_factory.mktemp("odd")))
    assert (one(clip, "marker").get("value") or "").endswith(" 97 %")
