"""Still pictures, which an archive finds things in as well, among sounds and videos for editors."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import opentimelineio as otio
import pytest
from PIL import Image

import mediaml as mm
from mediaml.archive.places import kind_of
from mediaml.export.stills import has_ending_of_picture, is_still
from mediaml.values.media import Media
from tests.export.final_cut import resource, valid
from tests.export.readers import edit_list, number, one, said, seconds
from tests.timelines import SOUND, event, reel, timeline, video
from tests.watching import ColourModel

LABEL = event("logo", 0, 0)


@pytest.fixture
def logo(tmp_path: Path) -> str:
    path = tmp_path / "pictures" / "logo.png"
    path.parent.mkdir()
    Image.new("RGB", (640, 360)).save(path)
    return str(path)


def mixed(logo: str, rate: str = "25") -> mm.Reel:
    """A picture, a video, a sound, and the picture again."""
    return reel(
        (logo, LABEL, None),
        ("/a.mov", event("dog", 1, 3), video(rate)),
        ("/b.wav", event("owl", 2, 3), SOUND),
        (logo, event("sign", 0, 0), None),
    )


def xml(what: mm.Reel | mm.Timeline, path: Path) -> ET.Element:
    return ET.fromstring(what.save(path).read_text(encoding="utf-8"))


# -- in the four formats ----------------------------------------------------------------------------------------------


def test_in_otio_a_still_is_five_seconds_of_video_and_a_gap_beside_it(logo: str, tmp_path: Path) -> None:
    back = otio.adapters.read_from_file(str(mixed(logo).save(tmp_path / "best.otio")))

    pictures, sounds = back.tracks
    assert [type(item).__name__ for item in pictures] == ["Clip", "Clip", "Gap", "Clip"]
    assert [type(item).__name__ for item in sounds] == ["Gap", "Clip", "Clip", "Gap"]
    assert [item.duration().to_seconds() for item in pictures] == [5, 2, 1, 5]
    first = pictures[0]
    assert first.media_reference.target_url == Path(logo).as_uri()
    assert first.available_range() == first.source_range
    assert [(marker.name, marker.marked_range.start_time.value) for marker in first.markers] == [("logo 97 %", 0)]


def test_in_an_edit_list_a_still_is_five_seconds_of_picture_without_sound(logo: str, tmp_path: Path) -> None:
    path = mixed(logo).save(tmp_path / "best.edl")

    edits = edit_list(path.read_text(encoding="utf-8")).edits
    assert [edit.channels for edit in edits] == ["V", "AA/V", "A", "V"]
    assert edits[0].times == ("00:00:00:00", "00:00:05:00", "00:00:00:00", "00:00:05:00")
    assert edits[3].times == ("00:00:00:00", "00:00:05:00", "00:00:08:00", "00:00:13:00")
    assert (edits[0].reel, edits[0].clip, edits[0].locator[2]) == (edits[3].reel, "logo.png", "logo 97 %")
    back = otio.adapters.read_from_file(str(path), rate=25)
    assert [track.kind for track in back.tracks if track.name == "V"] == ["Video"]


def test_in_fcpxml_a_still_has_no_length_of_its_own_and_no_sound(logo: str, tmp_path: Path) -> None:
    """As Final Cut itself writes them, which is said to stop at pictures in an `asset-clip`, or with a frame duration.

    OpenTimelineIO's adapter reads no `video` that stands alone, so that it is no reader here.
    """
    root = xml(mixed(logo), tmp_path / "best.fcpxml")

    valid(root)
    spine = one(root, "library/event/project/sequence/spine")
    assert [clip.tag for clip in spine] == ["video", "asset-clip", "asset-clip", "video"]
    assert [seconds(clip.get("offset")) for clip in spine] == [0, 5, 7, 8]
    assert [seconds(clip.get("duration")) for clip in spine] == [5, 2, 1, 5]
    assert [clip.get("name") for clip in spine] == ["logo 97 %", "dog 97 %", "owl 97 %", "sign 97 %"]
    assert spine[0].get("ref") == spine[3].get("ref")
    assert one(spine[0], "marker").get("value") == "logo 97 %"
    asset = resource(root, spine[0].get("ref"))
    assert (asset.get("hasVideo"), asset.get("hasAudio"), asset.get("audioRate")) == ("1", None, None)
    assert (asset.get("duration"), asset.get("src")) == ("0s", Path(logo).as_uri())
    size = resource(root, asset.get("format"))
    assert (size.get("name"), size.get("frameDuration")) == ("FFVideoFormatRateUndefined", None)
    assert (size.get("width"), size.get("height")) == ("640", "360")


def test_in_final_cut_7s_xml_a_still_is_on_the_track_of_pictures_alone(logo: str, tmp_path: Path) -> None:
    sequence = one(xml(mixed(logo), tmp_path / "best.xml"), "sequence")

    clips = sequence.findall("media/video/track/clipitem")
    assert [clip.findtext("stillframe") for clip in clips] == ["TRUE", None, "TRUE"]
    assert [(number(clip, "start"), number(clip, "end")) for clip in clips] == [(0, 125), (125, 175), (200, 325)]
    assert [(number(clip, "in"), number(clip, "out")) for clip in (clips[0], clips[2])] == [(0, 125)] * 2
    file = one(clips[0], "file")
    assert said(file, "pathurl") == Path(logo).as_uri()
    assert number(file, "media/video/samplecharacteristics/width") == 640
    assert file.find("media/audio") is None
    heard = {said(clip, "name") for clip in sequence.iterfind("media/audio/track/clipitem")}
    assert heard == {"dog 97 %", "owl 97 %"}
    back = otio.adapters.read_from_file(str(tmp_path / "best.xml"))
    assert [clip.name for clip in back.tracks[0] if isinstance(clip, otio.schema.Clip)] == [
        *("logo 97 %", "dog 97 %", "sign 97 %")
    ]


# -- in a sequence ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rate", "frames"), [("25", 125), ("29.97 drop", 150), ("59.94", 300)])
def test_a_still_is_counted_at_the_rate_of_the_videos(logo: str, rate: str, frames: int, tmp_path: Path) -> None:
    sequence = one(xml(mixed(logo, rate), tmp_path / "best.xml"), "sequence")
    first = sequence.findall("media/video/track/clipitem")[0]

    assert number(sequence, "rate/timebase") == number(first, "rate/timebase") == number(first, "file/rate/timebase")
    assert (number(first, "start"), number(first, "end")) == (0, frames)
    root = xml(mixed(logo, rate), tmp_path / "best.fcpxml")
    valid(root)
    assert [clip.tag for clip in root.iter() if clip.find("conform-rate") is not None] == []
    drops = ";" in edit_list(mixed(logo, rate).save(tmp_path / "best.edl").read_text()).edits[0].times[1]
    assert drops == (rate == "29.97 drop")


def test_the_size_of_a_sequence_is_that_of_its_videos(logo: str, tmp_path: Path) -> None:
    root = xml(mixed(logo), tmp_path / "best.fcpxml")
    frame = resource(root, one(root, "library/event/project/sequence").get("format"))
    assert (frame.get("width"), frame.get("height")) == ("1920", "1080")

    shape = one(xml(mixed(logo), tmp_path / "best.xml"), "sequence/media/video/format/samplecharacteristics")
    assert (number(shape, "width"), number(shape, "height")) == (1920, 1080)


@pytest.mark.parametrize("ending", [".otio", ".edl", ".fcpxml", ".xml"])
def test_stills_alone_are_a_sequence_too(logo: str, ending: str, tmp_path: Path) -> None:
    path = reel((logo, LABEL, None)).save(tmp_path / f"best{ending}")

    text = path.read_text(encoding="utf-8")
    if ending in (".fcpxml", ".xml"):
        sequence = next(ET.fromstring(text).iter("sequence"))
        assert (sequence.get("duration") or said(sequence, "duration")) in ("125/25s", "125")
    elif ending == ".edl":
        assert [edit.channels for edit in edit_list(text).edits] == ["V"]
    else:
        back = otio.adapters.read_from_file(str(path))
        assert [track.kind for track in back.tracks] == ["Video"]


# -- of one file ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [".otio", ".edl", ".fcpxml", ".xml"])
@pytest.mark.parametrize("gone", [False, True])
def test_the_timeline_of_a_still_is_a_picture(logo: str, ending: str, gone: bool, tmp_path: Path) -> None:
    source = "s3://shelf/logo.png" if gone else logo
    path = timeline([(0, 0, "logo", 0.97), (0, 0, "sign", 0.8)], source, 0.0).save(tmp_path / f"logo{ending}")

    text = path.read_text(encoding="utf-8")
    if ending == ".edl":
        edits = edit_list(text).edits
        assert [(edit.channels, edit.times[:2]) for edit in edits] == [("V", ("00:00:00:00", "00:00:05:00"))] * 2
    elif ending == ".otio":
        back = otio.adapters.read_from_file(str(path))
        (track,) = back.tracks
        assert (track.kind, track.duration().to_seconds(), len(track[0].markers)) == ("Video", 5, 2)
    else:
        root = ET.fromstring(text)
        assert len(list(root.iter("marker"))) == 2
        assert [part.tag for part in root.iter() if "audio" in part.tag and len(part)] == []
        assert "hasAudio" not in text


def test_a_picture_is_as_a_person_sees_it(tmp_path: Path) -> None:
    turned = Image.Exif()
    turned[274] = 6  # lying on its side
    path = tmp_path / "portrait.jpg"
    Image.new("RGB", (640, 360)).save(path, exif=turned)

    root = xml(reel((str(path), LABEL, None)), tmp_path / "best.fcpxml")

    size = resource(root, one(root, "resources/asset").get("format"))
    assert (size.get("width"), size.get("height")) == ("360", "640")


@pytest.mark.parametrize("source", ["/gone/logo.png", "s3://shelf/logo.png", "/gone/l\udce9go.PSD"])
def test_a_still_that_cannot_be_read_here_is_a_picture_all_the_same(source: str, tmp_path: Path) -> None:
    root = xml(reel((source, LABEL, None)), tmp_path / "best.fcpxml")

    valid(root)
    size = resource(root, one(root, "resources/asset").get("format"))
    assert (size.get("width"), size.get("height")) == ("1920", "1080")


# -- what is one ------------------------------------------------------------------------------------------------------


def test_what_a_scan_takes_for_a_picture_is_one_and_what_it_hears_or_watches_is_none() -> None:
    endings = [*Image.registered_extensions(), *(f".{one}" for one in ("wav", "mp4", "mov", "mxf", "flac", "mpg"))]
    for ending in endings:
        kind = kind_of(f"a{ending}")
        if kind is not None:
            assert has_ending_of_picture(f"a{ending.upper()}") == (kind == "picture"), ending


def test_an_animation_that_was_watched_is_a_video() -> None:
    watched = Media(duration=2.0, frame_rate=mm.FrameRate(numerator=10), width=320, height=240)
    assert not is_still("/a.gif", watched)
    assert is_still("/a.gif", None)


def test_what_a_scan_found_in_a_picture_is_one_on_the_editors_table(logo: str, tmp_path: Path) -> None:
    Image.new("RGB", (64, 48), (220, 10, 10)).save(logo)
    catalog = mm.scan(Path(logo).parent, {"colours": ColourModel()}, tmp_path / "catalog.sqlite", progress=False)

    (edit,) = edit_list(catalog.reel().save(tmp_path / "best.edl").read_text()).edits

    assert (edit.channels, edit.clip) == ("V", "logo.png")
    (again,) = edit_list(catalog.timeline(logo).save(tmp_path / "logo.edl").read_text()).edits
    assert again.times[:2] == edit.times[:2] == ("00:00:00:00", "00:00:05:00")
