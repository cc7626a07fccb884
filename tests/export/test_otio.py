"""OpenTimelineIO's own files, read as plain JSON."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.values.reel import Reel
from mediaml.values.timeline import Timeline
from tests.timelines import RATES, SOUND, event, reel, video, watched

Json = dict[str, Any]


def written(what: Timeline | Reel, folder: Path) -> Json:
    made: Json = json.loads(what.save(folder / "list.otio").read_text(encoding="utf-8"))
    assert made["OTIO_SCHEMA"].startswith("Timeline.")
    return made


def tracks(made: Json) -> dict[str, list[Json]]:
    return {track["kind"]: track["children"] for track in made["tracks"]["children"]}


def reference(clip: Json) -> Json:
    found: Json = clip["media_references"][clip["active_media_reference_key"]]
    assert found["OTIO_SCHEMA"] == "ExternalReference.1"
    return found


def length(item: Json) -> Fraction:
    """Seconds, exactly."""
    time = item["source_range"]["duration"]
    return Fraction(time["value"]) / Fraction(time["rate"]).limit_denominator(1001)


@pytest.mark.parametrize("rate", RATES)
def test_a_timeline_is_the_whole_file_with_a_marker_an_event_at_the_files_timecode(tmp_path: Path, rate: str) -> None:
    drop, fps = RATES[rate].drop_frame, RATES[rate].fps
    code = "01:00:00;00" if drop else "01:00:00:00"
    hour = {"29.97 drop": 107892, "59.94 drop": 215784}.get(rate, 3600 * round(fps))
    found = event("dog", 61.7, 64.2, 0.974, model="pets", tracks=3)
    made = written(watched([found], video(rate, code), "/archive/夜.mov"), tmp_path)
    assert made["global_start_time"]["value"] == hour
    (clip,) = tracks(made)["Video"]
    assert clip["source_range"] == reference(clip)["available_range"]
    assert clip["source_range"]["start_time"] == {"OTIO_SCHEMA": "RationalTime.1", "rate": fps, "value": hour}
    assert reference(clip)["target_url"] == "file:///archive/%E5%A4%9C.mov"
    (marker,) = clip["markers"]
    begin = marker["marked_range"]["start_time"]["value"] - hour
    assert 0 <= 61.7 * fps - begin < 1
    assert 0 <= begin + marker["marked_range"]["duration"]["value"] - 64.2 * fps < 1
    assert marker["name"] == "dog 97 %"
    assert marker["comment"] == "dog, confidence 97 %; model pets; 3 followed; found by mediaml"
    facts = {"label": "dog", "confidence": 0.974, "model": "pets", "start": 61.7, "end": 64.2, "tracks": 3}
    assert marker["metadata"]["mediaml"] == facts | {"note": marker["comment"]}


def test_picture_and_sound_refer_to_the_same_file_and_markers_are_told_once(tmp_path: Path) -> None:
    made = tracks(written(watched([event("dog", 1, 2)], video()), tmp_path))
    (picture,), (sound,) = made["Video"], made["Audio"]
    assert reference(picture) == reference(sound)
    assert picture["source_range"] == sound["source_range"]
    assert (len(picture["markers"]), len(sound["markers"])) == (1, 0)


def test_a_silent_video_has_no_audio_track_and_a_sound_no_video_track(tmp_path: Path) -> None:
    assert set(tracks(written(watched([], video(channels=0)), tmp_path))) == {"Video"}
    made = tracks(written(watched([event("owl", 1, 2)], SOUND, "s3://archive/1.wav"), tmp_path))
    assert set(made) == {"Audio"}
    assert len(made["Audio"][0]["markers"]) == 1
    assert reference(made["Audio"][0])["target_url"] == "s3://archive/1.wav"


def test_a_reel_keeps_its_order_on_both_tracks_with_gaps_exactly_as_long(tmp_path: Path) -> None:
    finds = [
        *[("/a.mov", event("dog", n, n + 0.4), video("29.97 drop", "01:00:00;00")) for n in range(30)],
        *[("/b.wav", event("owl", n, n + 0.4), SOUND) for n in range(30)],
        *[("/c.mov", event("cat", n, n + 0.4), video("25", channels=0)) for n in range(30)],
    ]
    made = tracks(written(reel(*finds), tmp_path))
    kinds = {kind: [item["OTIO_SCHEMA"].split(".")[0] for item in items] for kind, items in made.items()}
    assert kinds["Video"] == ["Clip"] * 30 + ["Gap"] * 30 + ["Clip"] * 30
    assert kinds["Audio"] == ["Clip"] * 60 + ["Gap"] * 30
    for picture, sound in zip(made["Video"], made["Audio"], strict=True):
        assert length(picture) == length(sound)
    marked = [item["markers"] for items in made.values() for item in items if item["markers"]]
    assert len(marked) == 90
    assert made["Video"][0]["name"] == marked[0][0]["name"] == "dog 97 %"
    assert made["Video"][5]["source_range"]["start_time"]["value"] == 107892 + 149


def test_a_label_has_the_same_colour_in_other_files(tmp_path: Path) -> None:
    colours = []
    for labels in [("dog", "owl"), ("owl", "cat"), ("owl",)]:
        made = tracks(written(watched([event("owl", 1, 2)], video(), labels=labels), tmp_path))
        colours.append(made["Video"][0]["markers"][0]["color"])
    assert len(set(colours)) == 1


@given(label=st.text(max_size=300), name=st.text(max_size=300))
@settings(deadline=None)
def test_no_label_breaks_it(tmp_path_factory: pytest.TempPathFactory, label: str, name: str) -> None:
    made = written(reel(("/a.mov", event(label, 1, 2), video()), name=name), tmp_path_factory.mktemp("odd"))
    assert tracks(made)["Video"][0]["markers"][0]["name"].endswith(" 97 %")


def test_halves_of_signs_are_replaced(tmp_path: Path) -> None:
    made = written(reel(("/a.mov", event("owl\ud83d", 1, 2, model="\udce9"), video()), name="\ud83d"), tmp_path)
    assert tracks(made)["Video"][0]["markers"][0]["name"] == "owl 97 %"
