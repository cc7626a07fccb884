"""What was found in recordings, against what people heard in them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from math import isfinite

from mediaml.data.audio import AudioDataset
from mediaml.data.labels import labels_of
from mediaml.data.windows import SHORTEST_STEP
from mediaml.errors import DataError, LabelError
from mediaml.metrics.events import FileEvents, Rules, Stretch, event_report
from mediaml.values.event_report import EventReport
from mediaml.values.timeline import Timeline

WHOLE = 1e9  # seconds: longer than any recording
MOST_NAMED = 5


def evaluate_events(
    timeline: Timeline | Sequence[Timeline],
    truth: AudioDataset,
    collar: float = 0.2,
    *,
    iou: float = 0.5,
    resolution: float = 1.0,
) -> EventReport:
    """Compare found events with annotations, recording by recording.

    Parameters
    ----------
    timeline
        What was found: one timeline of each recording of `truth`.
    truth
        The annotations, from `AudioDataset.from_annotations`. Rows without a label are not counted; the report says so.
    collar
        Seconds by which the beginnings of two events may differ, above 0.
    iou
        The least share of the time of two events together that both hold, above 0 to 1.
    resolution
        Seconds of a segment, at least 0.001.

    Returns
    -------
    Figures by beginnings and by segments as sed_eval defines them, and by overlap. A label that only one side has
    counts as missed or made up.

    Raises
    ------
    DataError
        A timeline is of a recording that `truth` does not have, a recording of `truth` has no timeline, or two; or
        there is no timeline at all.
    LabelError
        No label of the annotations is one of the model's.
    ValueError
        The collar, the share or the resolution is none.
    """
    rules = _rules(collar, iou, resolution)
    if not isinstance(truth, AudioDataset):
        raise TypeError(f"truth is an AudioDataset (from_annotations), not {truth!r}")
    timelines = [timeline] if isinstance(timeline, Timeline) else list(timeline)
    found = _by_recording(timelines)
    true = _annotations(truth)
    _same_recordings(found, true)
    _shared_labels(timelines, truth)
    unlabelled = len(truth.unlabelled)
    unheard = sorted(set(truth.labels).difference(*(one.labels for one in timelines)))
    return event_report(
        [FileEvents(true[path], _stretches(one)) for path, one in found.items()],
        rules,
        sum(one.duration for one in timelines),
        warnings=(
            *([f"annotations without a label, which are not counted: {unlabelled}"] if unlabelled else []),
            *([f"labels that nothing listened for: {', '.join(unheard)}"] if unheard else []),
            *(f"{one.source}: {problem}; nothing can be found there" for one in timelines for problem in one.problems),
        ),
        model=timelines[0].model,
    )


def _rules(collar: float, iou: float, resolution: float) -> Rules:
    if not (collar > 0 and isfinite(collar) and 0 < iou <= 1):
        raise ValueError(f"the collar is above 0 s, and iou above 0 to 1: not {collar!r} and {iou!r}")
    if not (resolution >= SHORTEST_STEP and isfinite(resolution)):
        raise ValueError(f"segments have at least {SHORTEST_STEP:g} s: resolution={resolution!r}")
    return Rules(float(collar), float(iou), float(resolution))


def _by_recording(timelines: Sequence[Timeline]) -> dict[str, Timeline]:
    if not timelines:
        raise DataError("there is no timeline to evaluate: model.detect(path) gives one of each recording")
    names = Counter(os.path.realpath(one.source) for one in timelines)
    _refuse((path for path, number in names.items() if number > 1), "more than one timeline of {}: give one of each")
    return {os.path.realpath(one.source): one for one in timelines}


def _annotations(truth: AudioDataset) -> dict[str, list[Stretch]]:
    """List the labelled stretches of each recording; one in which nothing was annotated has none."""
    # cut into pieces that hold a whole recording, a dataset names those without annotations, too
    recordings = truth.segments(seconds=WHOLE).frame["path"]
    known: dict[str, list[Stretch]] = {os.path.realpath(path): [] for path in recordings}
    for path, start, end, label in truth.frame[["path", "start", "end", "label"]].itertuples(index=False):
        if labels_of(label) and not isfinite(end):
            raise DataError(f"{path}: it is not known where {label!r} ends; truth.check() says why")
        known[os.path.realpath(path)] += [(one, float(start), float(end)) for one in labels_of(label)]
    return known


def _same_recordings(found: Iterable[str], true: Iterable[str]) -> None:
    found, true = set(found), set(true)
    _refuse(found - true, "not annotated: {} (take the timeline away, or annotate it; an empty table says: nothing)")
    _refuse(true - found, "annotated, but without a timeline: {} (model.detect(path) gives one)")


def _refuse(paths: Iterable[str], sentence: str) -> None:
    named = sorted(paths)
    if named:
        more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
        raise DataError(sentence.format(", ".join(named[:MOST_NAMED]) + more))


def _shared_labels(timelines: Sequence[Timeline], truth: AudioDataset) -> None:
    of_models = {label for one in timelines for label in one.labels}
    if truth.labels and of_models and not of_models & set(truth.labels):
        raise LabelError(
            f"the annotations have {_named(truth.labels)}, the model {_named(sorted(of_models))}: none in common. "
            f"truth.relabel({{{truth.labels[0]!r}: {min(of_models)!r}}}) renames."
        )


def _named(labels: Sequence[str]) -> str:
    more = f" and {len(labels) - MOST_NAMED} more" if len(labels) > MOST_NAMED else ""
    return ", ".join(labels[:MOST_NAMED]) + more


def _stretches(timeline: Timeline) -> list[Stretch]:
    return [(event.label, event.segment.start, event.segment.end) for event in timeline]
