"""Timelines against annotations."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mediaml.data.audio import AudioDataset
from mediaml.data.labels import label_column
from mediaml.errors import DataError, LabelError
from mediaml.models.event_evaluation import evaluate_events
from mediaml.values.geometry import Segment
from mediaml.values.timeline import Event, Timeline
from tests.shared_data import shared

Rows = list[tuple[float, float, str]]


def recording(folder: Path, name: str, rows: Rows) -> Path:
    """Ten seconds of silence, and an Audacity label track beside them."""
    path = folder / f"{name}.wav"
    soundfile.write(path, np.zeros(80000, np.float32), 8000)
    path.with_suffix(".txt").write_text("".join(f"{start}\t{end}\t{label}\n" for start, end, label in rows))
    return path


def timeline(path: Path | str, rows: Rows, labels: tuple[str, ...] = ("owl", "wren")) -> Timeline:
    events = [Event(label=label, segment=Segment(start=start, end=end), confidence=0.9) for start, end, label in rows]
    return Timeline(source=str(path), duration=10.0, events=tuple(events), labels=labels)


def rows_of(truth: AudioDataset, path: Path) -> Rows:
    frame = truth.frame[truth.frame["path"] == str(path)]
    return list(zip(frame["start"], frame["end"], frame["label"], strict=True))


TRUE: Rows = [(1.0, 2.0, "owl"), (4.0, 6.0, "wren"), (8.0, 9.0, "owl")]
FOUND: Rows = [(1.1, 2.0, "owl"), (4.0, 4.5, "wren"), (8.05, 9.0, "wren")]


def test_one_recording(tmp_path: Path) -> None:
    path = recording(tmp_path, "a", TRUE)
    report = evaluate_events(timeline(path, FOUND), AudioDataset.from_annotations(tmp_path, tmp_path))
    events = report.counts["event"]
    assert (events.truths, events.found, events.hits) == (3, 3, 2)
    assert (events.substitutions, events.deletions, events.insertions) == (1, 0, 0)
    assert report.event_f1 == pytest.approx(2 / 3)
    assert report.event_error_rate == pytest.approx(1 / 3)
    assert report.counts["iou"].hits == 1, "half a second of two is not half"
    assert report.per_label["owl"].event_recall == 0.5
    assert (report.files, report.seconds) == (1, 10.0)
    assert (report.collar, report.iou, report.resolution) == (0.2, 0.5, 1.0)


def test_several_recordings_are_counted_together_in_any_order(tmp_path: Path) -> None:
    first, second = recording(tmp_path, "a", TRUE), recording(tmp_path, "b", [(3, 4, "owl")])
    truth = AudioDataset.from_annotations(tmp_path, tmp_path)
    report = evaluate_events([timeline(second, [(3, 4, "owl")]), timeline(first, FOUND)], truth)
    assert (report.files, report.counts["event"].hits, report.counts["event"].truths) == (2, 3, 4)


def test_the_same_time_in_another_recording_is_no_hit(tmp_path: Path) -> None:
    first, second = recording(tmp_path, "a", [(1, 2, "owl")]), recording(tmp_path, "b", [(5, 6, "owl")])
    truth = AudioDataset.from_annotations(tmp_path, tmp_path)
    report = evaluate_events([timeline(first, [(5, 6, "owl")]), timeline(second, [(1, 2, "owl")])], truth)
    assert report.event_f1 == report.iou_f1 == report.segment_f1 == 0.0


def test_a_recording_in_which_nothing_was_annotated_is_part_of_the_truth(tmp_path: Path) -> None:
    first, second = recording(tmp_path, "a", TRUE), recording(tmp_path, "b", [])
    truth = AudioDataset.from_annotations(tmp_path, tmp_path)
    report = evaluate_events([timeline(first, TRUE), timeline(second, [(1, 2, "owl")])], truth)
    assert report.counts["event"].insertions == 1
    assert report.event_precision == pytest.approx(3 / 4)


def test_annotations_of_two_days_may_be_brought_together(tmp_path: Path) -> None:
    first, second = recording(tmp_path, "a", TRUE), recording(tmp_path, "b", [(3, 4, "owl")])
    days = [AudioDataset.from_annotations(path, path.with_suffix(".txt")) for path in (first, second)]
    report = evaluate_events([timeline(first, TRUE), timeline(second, [(3, 4, "owl")])], days[0].union(days[1]))
    assert (report.files, report.counts["event"].truths, report.event_f1) == (2, 4, 1.0)


def test_where_nothing_at_all_was_annotated_all_that_is_found_is_made_up(tmp_path: Path) -> None:
    path = recording(tmp_path, "a", [])
    report = evaluate_events(timeline(path, FOUND), AudioDataset.from_annotations(path, path.with_suffix(".txt")))
    assert (report.counts["event"].insertions, report.event_error_rate) == (3, None)


def test_a_recording_is_the_same_by_a_relative_path_and_by_a_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording(tmp_path, "a", TRUE)
    truth = AudioDataset.from_annotations(tmp_path, tmp_path)
    link = tmp_path / "elsewhere"
    link.symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    for source in ("a.wav", os.path.join(".", "a.wav"), str(link / "a.wav")):  # noqa: PTH118
        assert evaluate_events(timeline(source, TRUE), truth).event_f1 == 1.0


def test_several_labels_of_one_annotation_are_an_event_each(tmp_path: Path) -> None:
    path = recording(tmp_path, "a", [])
    table = tmp_path / "a.csv"
    table.write_text("path,start,end,label\na.wav,1,2,owl\na.wav,4,5,wren\n")
    truth = AudioDataset.from_table(table, root=tmp_path)
    frame = truth.frame
    frame["label"] = label_column([("owl", "wren"), "wren"], frame.index)
    both = AudioDataset(frame)
    report = evaluate_events(timeline(path, [(1, 2, "owl"), (1, 2, "wren"), (4, 5, "wren")]), both)
    assert (report.counts["event"].truths, report.event_f1) == (3, 1.0)


def test_annotations_without_a_label_are_not_counted_and_said_so(tmp_path: Path) -> None:
    path = recording(tmp_path, "a", [*TRUE, (9.5, 9.8, "")])
    report = evaluate_events(timeline(path, TRUE), AudioDataset.from_annotations(tmp_path, tmp_path))
    assert (report.event_f1, report.counts["event"].truths) == (1.0, 3)
    assert "not counted: 1" in report.warnings[0]


def test_what_could_not_be_read_is_a_warning(tmp_path: Path) -> None:
    path = recording(tmp_path, "a", TRUE)
    damaged = timeline(path, TRUE).model_copy(update={"problems": ("0:00:03.0-0:00:04.0: damaged",)})
    report = evaluate_events(damaged, AudioDataset.from_annotations(tmp_path, tmp_path))
    assert "damaged" in report.warnings[0]


# --- what is refused


def test_a_timeline_of_another_recording_is_named(tmp_path: Path) -> None:
    path = recording(tmp_path, "a", TRUE)
    truth = AudioDataset.from_annotations(tmp_path, tmp_path)
    with pytest.raises(DataError, match=r"not annotated: .*stranger\.wav"):
        evaluate_events([timeline(path, TRUE), timeline(tmp_path / "stranger.wav", TRUE)], truth)


def test_a_recording_without_a_timeline_is_named(tmp_path: Path) -> None:
    path = recording(tmp_path, "a", TRUE)
    recording(tmp_path, "b", [])
    with pytest.raises(DataError, match=r"without a timeline: .*b\.wav"):
        evaluate_events(timeline(path, TRUE), AudioDataset.from_annotations(tmp_path, tmp_path))


def test_two_timelines_of_one_recording_are_refused(tmp_path: Path) -> None:
    path = recording(tmp_path, "a", TRUE)
    with pytest.raises(DataError, match=r"more than one timeline of .*a\.wav"):
        evaluate_events([timeline(path, TRUE)] * 2, AudioDataset.from_annotations(tmp_path, tmp_path))


def test_no_timeline_is_refused(tmp_path: Path) -> None:
    recording(tmp_path, "a", TRUE)
    with pytest.raises(DataError, match="no timeline"):
        evaluate_events([], AudioDataset.from_annotations(tmp_path, tmp_path))


def test_labels_of_which_none_is_shared_are_named_with_the_remedy(tmp_path: Path) -> None:
    path = recording(tmp_path, "a", TRUE)
    truth = AudioDataset.from_annotations(tmp_path, tmp_path)
    other = timeline(path, [], labels=("Strix aluco",))
    with pytest.raises(LabelError, match=r"owl, wren, the model Strix aluco: none in common.*relabel\(\{'owl': 'Strix"):
        evaluate_events(other, truth)
    assert evaluate_events(other, truth.relabel({"owl": "Strix aluco"})).counts["event"].truths == 3


@pytest.mark.parametrize(
    "settings",
    [{"collar": 0}, {"collar": float("inf")}, {"iou": 0}, {"iou": 1.1}, {"resolution": 0}, {"resolution": 1e-6}],
)
def test_settings_that_mean_nothing_are_refused(tmp_path: Path, settings: dict[str, float]) -> None:
    path = recording(tmp_path, "a", TRUE)
    truth = AudioDataset.from_annotations(tmp_path, tmp_path)
    with pytest.raises(ValueError, match=r"collar|resolution"):
        evaluate_events(timeline(path, TRUE), truth, **settings)


# --- real tables


@pytest.mark.parametrize("name", ["finch_a", "finch_b"])
def test_the_annotations_of_real_birdsong_against_themselves(name: str) -> None:
    path = shared("audio_long", "finch", f"{name}.ogg")
    truth = AudioDataset.from_annotations(path, path.with_name(f"{name}.Table.1.selections.txt"))
    rows = rows_of(truth, path)
    assert len(rows) > 400
    same = evaluate_events(timeline(path, rows, truth.labels), truth)
    assert (same.event_f1, same.iou_f1, same.segment_f1, same.event_error_rate) == (1.0, 1.0, 1.0, 0.0)
    late = [(start + 0.03, end + 0.03, label) for start, end, label in rows]
    report = evaluate_events(timeline(path, late, truth.labels), truth, collar=0.02)
    assert report.event_f1 < 0.1, "syllables that follow each other by 0.05 s are told apart"
    assert report.segment_f1 > 0.9


def test_real_turns_of_a_meeting_that_overlap() -> None:
    folder = shared("audio_long", "meeting")
    paths = [folder / f"{name}.flac" for name in ("trn03", "trn07")]
    truth = AudioDataset.from_annotations(paths, [path.with_suffix(".rttm") for path in paths])
    found = [timeline(path, rows_of(truth, path), truth.labels) for path in paths]
    assert evaluate_events(found, truth).event_f1 == 1.0
    one_speaker = [one.where(truth.labels[0]) for one in found]
    report = evaluate_events(one_speaker, truth)
    assert report.event_precision == 1.0
    assert 0 < report.event_recall < 1
    assert report.per_label[truth.labels[0]].event_f1 == 1.0
