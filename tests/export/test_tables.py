"""Timelines as tables that our own readers, and others, can read."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.data.audio import AudioDataset
from mediaml.data.formats import audacity, raven
from mediaml.data.formats.annotation import Annotation
from mediaml.data.formats.annotations import read
from mediaml.values.timeline import Timeline
from tests.timelines import HEARD, SOUND, event, timeline, watched

pq = pytest.importorskip("pyarrow.parquet")


def stretches(found: list[Annotation]) -> list[tuple[float, float, str | None]]:
    return [(one.start, one.end, one.label) for one in found]


def test_a_raven_table_comes_back(tmp_path: Path) -> None:
    path = timeline(HEARD).save(tmp_path / "day.selections.txt")
    found = raven.read(path)
    assert stretches(found) == [(0.5, 2.25, "owl"), (1.0, 1.5, "wren"), (7.123456, 9.0, "owl")]
    assert found[1].extra == {
        "Selection": 2.0,
        "View": "Spectrogram 1",
        "Channel": 1.0,
        "Low Freq (Hz)": 0.0,
        "High Freq (Hz)": 22050.0,
        "Confidence": 0.61,
    }


def test_a_raven_table_has_the_columns_that_raven_writes(tmp_path: Path) -> None:
    header = timeline([]).save(tmp_path / "day.selections.txt").read_text().splitlines()[0]
    assert header == (
        "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tHigh Freq (Hz)\tAnnotation\tConfidence"
    )


@pytest.mark.parametrize(
    ("spectrogram", "band"),
    [
        ({"sample_rate": 16000, "fmin": 125.0, "fmax": 7500.0}, (125.0, 7500.0)),
        ({"sample_rate": 384000, "fmin": 0.0, "fmax": None}, (0.0, 192000.0)),
        ({}, (0.0, 22050.0)),
    ],
)
def test_the_boxes_of_a_raven_table_reach_over_what_the_model_listens_to(
    tmp_path: Path, spectrogram: dict[str, object], band: tuple[float, float]
) -> None:
    one = timeline(HEARD).model_copy(update={"model": {"spectrogram": spectrogram}})
    extra = raven.read(one.save(tmp_path / "day.selections.txt"))[0].extra
    assert (extra["Low Freq (Hz)"], extra["High Freq (Hz)"]) == band


def test_an_audacity_track_comes_back(tmp_path: Path) -> None:
    path = timeline(HEARD).save(tmp_path / "day.txt")
    assert stretches(audacity.read(path)) == [(0.5, 2.25, "owl"), (1.0, 1.5, "wren"), (7.123456, 9.0, "owl")]


@pytest.mark.parametrize("ending", [".txt", ".selections.txt", ".Table.1.selections.txt"])
def test_a_dataset_of_annotations_reads_both_beside_the_recording(tmp_path: Path, ending: str) -> None:
    soundfile.write(tmp_path / "day.wav", np.zeros(80000, np.float32), 8000)
    timeline(HEARD).save(tmp_path / f"day{ending}")
    frame = AudioDataset.from_annotations(tmp_path, tmp_path).frame
    assert list(zip(frame["start"], frame["end"], frame["label"], strict=True)) == [row[:3] for row in HEARD]


@pytest.mark.parametrize("ending", [".txt", ".selections.txt"])
def test_a_recording_in_which_nothing_is_heard_is_one_without_annotations(tmp_path: Path, ending: str) -> None:
    soundfile.write(tmp_path / "day.wav", np.zeros(80000, np.float32), 8000)
    assert read(timeline([]).save(tmp_path / f"day{ending}")) == []
    truth = AudioDataset.from_annotations(tmp_path, tmp_path)
    assert len(truth) == 0
    assert len(truth.segments(5.0)) == 2


def test_a_csv_comes_back_as_clips(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "day, 1.wav", np.zeros(80000, np.float32), 8000)
    path = timeline(HEARD, source=str(tmp_path / "day, 1.wav")).save(tmp_path / "day.csv")
    clips = AudioDataset.from_table(path).frame
    assert list(zip(clips["start"], clips["end"], clips["label"], clips["confidence"], strict=True)) == HEARD
    assert set(clips["path"]) == {str(tmp_path / "day, 1.wav")}


def test_a_csv_has_one_header_and_a_row_an_event(tmp_path: Path) -> None:
    with timeline(HEARD).save(tmp_path / "day.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["path", "start", "end", "label", "confidence"]
    assert rows[2] == ["/night/day.wav", "1.0", "1.5", "wren", "0.61"]
    assert len(rows) == 4


def test_json_holds_all_that_the_timeline_knows(tmp_path: Path) -> None:
    one = timeline(HEARD).model_copy(update={"problems": ("0:00:03.0: damaged",), "model": {"hop": 0.48}})
    path = one.save(tmp_path / "day.json")
    assert Timeline.model_validate(json.loads(path.read_bytes())) == one


ODD = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@given(ODD)
@settings(deadline=None)
def test_no_label_breaks_a_table(tmp_path_factory: pytest.TempPathFactory, label: str) -> None:
    folder = tmp_path_factory.mktemp("odd")
    one = timeline([(1.0, 2.0, label, 0.5), (3.0, 4.0, "owl", 0.5)])
    expected = re.sub(r"[\s\x00-\x1f\x7f]+", " ", label).strip() or None
    for name in ("day.txt", "day.selections.txt"):
        assert stretches(read(one.save(folder / name))) == [(1.0, 2.0, expected), (3.0, 4.0, "owl")]
    with one.save(folder / "day.csv").open(newline="", encoding="utf-8") as file:
        assert [row[3] for row in csv.reader(file)] == ["label", label, "owl"]
    assert Timeline.model_validate(json.loads(one.save(folder / "day.json").read_bytes())) == one


def test_a_file_name_that_is_no_text_does_not_stop_it(tmp_path: Path) -> None:
    for name in ("day.csv", "day.txt", "day.selections.txt", "day.json", "day.html", "day.parquet"):
        assert timeline(HEARD, source="/x/\udce9.wav").save(tmp_path / name).stat().st_size > 0


def test_a_csv_names_the_models_where_there_are_several(tmp_path: Path) -> None:
    found = [event("owl", 1, 2, model="night birds"), event("dog", 3, 4)]
    with watched(found, SOUND).save(tmp_path / "day.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["model"] for row in rows] == ["night birds", ""]


def test_parquet_holds_a_row_an_event_with_types(tmp_path: Path) -> None:
    found = [event("犬 🐕", 1.5, 2.25, 0.9, model="pets"), event("owl", 3, 4, 0.25)]
    table = pq.read_table(watched(found, SOUND, "/ärchiv/1.wav").save(tmp_path / "day.parquet"))
    assert table.to_pylist() == [
        {"path": "/ärchiv/1.wav", "start": 1.5, "end": 2.25, "label": "犬 🐕", "confidence": 0.9, "model": "pets"},
        {"path": "/ärchiv/1.wav", "start": 3.0, "end": 4.0, "label": "owl", "confidence": 0.25, "model": ""},
    ]


def test_parquet_of_nothing_has_the_same_types(tmp_path: Path) -> None:
    full = pq.read_schema(timeline(HEARD).save(tmp_path / "full.parquet"))
    empty = pq.read_table(timeline([]).save(tmp_path / "empty.parquet"))
    assert len(empty) == 0
    assert empty.schema.types == full.types


@given(st.text(min_size=1, max_size=12))
@settings(deadline=None)
def test_no_label_breaks_parquet(tmp_path_factory: pytest.TempPathFactory, label: str) -> None:
    path = watched([event(label, 1, 2)], SOUND).save(tmp_path_factory.mktemp("odd") / "day.parquet")
    assert pq.read_table(path)["label"].to_pylist() == [label.encode("utf-8", "replace").decode()]


def test_parquet_comes_back_as_clips(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "day.wav", np.zeros(80000, np.float32), 8000)
    path = timeline(HEARD, source=str(tmp_path / "day.wav")).save(tmp_path / "day.parquet")
    clips = AudioDataset.from_table(path).frame
    assert list(zip(clips["start"], clips["end"], clips["label"], clips["confidence"], strict=True)) == HEARD
