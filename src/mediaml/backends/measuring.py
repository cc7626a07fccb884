"""From a fitted model and labelled sounds to a report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mediaml.backends.examination import known_labels
from mediaml.backends.fitted import Fitted
from mediaml.backends.provenance import calibrated, describe, known_files
from mediaml.data.audio import AudioDataset
from mediaml.data.progress import WORTH_A_BAR, bar
from mediaml.errors import AudioError, DataError
from mediaml.metrics.classification import audio_report, thresholds_by_label
from mediaml.metrics.multi_label import multi_label_report
from mediaml.values.clip import Clip
from mediaml.values.multi_label_report import MultiLabelOutcome, MultiLabelReport
from mediaml.values.prediction import AudioPrediction
from mediaml.values.report import AudioReport, Outcome

Verdicts = Callable[[Sequence[Clip], Callable[[], object]], Iterable[AudioPrediction | AudioError]]
"""Gives the verdict on each clip, or the error, in order; calls the function after each of them."""


def report_on(
    fitted: Fitted, dataset: AudioDataset, about: Mapping[str, Any], verdicts: Verdicts, progress: bool
) -> AudioReport | MultiLabelReport:
    """Ask for a verdict on every clip, and sum them up.

    Parameters
    ----------
    fitted
        The model, wherever it answers.
    dataset
        Labelled clips.
    about
        What the report says of the model, besides how it was trained; with ``measured_with``.
    verdicts
        Asks the model.
    progress
        Show a bar.

    Raises
    ------
    LabelError
        There is a label that the model does not know.
    DataError
        Nothing could be read.
    """
    known_labels(dataset, fitted.labels)
    clips = list(dataset)
    unreadable: list[str] = []
    heard: list[tuple[Clip, AudioPrediction]] = []
    together, _ = dataset.groups()
    groups: list[int] = []
    with bar(len(clips), "listening", "clip", progress and len(clips) >= WORTH_A_BAR) as listened:
        for clip, group, verdict in zip(clips, together, verdicts(clips, listened), strict=True):
            if isinstance(verdict, AudioError):
                unreadable.append(str(verdict))
            else:
                heard.append((clip, verdict))
                groups.append(group)
    if not heard:
        raise DataError(f"none of the {len(clips)} clips could be read; the first: {unreadable[0]}")
    rest = (
        unreadable,
        {**about, **fitted.training, "calibration": calibrated(fitted)},
        {**describe(dataset), **known_files(dataset, fitted.learned_from)},
        fitted.history,
        fitted.spec.to_dict(),
    )
    thresholds = tuple(fitted.recogniser.thresholds)
    if fitted.multi_label:
        several = [MultiLabelOutcome(clip=clip, truths=clip.labels, prediction=verdict) for clip, verdict in heard]
        return multi_label_report(several, fitted.labels, thresholds, *rest, recordings_of=groups)
    outcomes = [Outcome(clip=clip, truth=clip.labels[0], prediction=verdict) for clip, verdict in heard]
    report = audio_report(outcomes, fitted.labels, *rest, recordings_of=groups)
    return report.model_copy(update={"thresholds": thresholds_by_label(fitted.labels, thresholds)})
