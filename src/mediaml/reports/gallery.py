"""Spectrograms of the clips that show best what a model does."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath
from typing import Any, NamedTuple

from mediaml.data.files import printable
from mediaml.errors import AudioError
from mediaml.features.items import open_sound
from mediaml.features.pictures import overview, picture, png
from mediaml.runtime.cores import available_cores
from mediaml.runtime.faults import SpecFault
from mediaml.runtime.spec import Spec
from mediaml.values.multi_label_report import MultiLabelOutcome
from mediaml.values.prediction import percentage
from mediaml.values.report import AudioReport, LabelOutcome, Outcome, OutcomeT

COLUMNS, ROWS, SHADES = 240, 96, 64  # of a picture: about 6 kB
RIGHT_ONES, RIGHT_A_LABEL = 40, 2


class Shown(NamedTuple):
    """A clip in the gallery.

    Parameters
    ----------
    truth, heard
        The true label, and the most likely one with its confidence.
    also
        What else is worth knowing of the prediction.
    file, path, segment
        Where the clip is.
    picture
        A data URI; empty where `problem` says why there is none.
    problem
        Why the recording cannot be shown.
    right
        Whether the most likely label is the true one.
    """

    truth: str
    heard: str
    also: str
    file: str
    path: str
    segment: str
    picture: str
    problem: str
    right: bool


class Drawn(NamedTuple):
    """A picture as a data URI, empty where `problem` says why there is none; and the part of the recording."""

    picture: str
    problem: str
    segment: str = ""


def right_ones(outcomes: Sequence[OutcomeT], labels: Sequence[str]) -> list[OutcomeT]:
    """Choose for each label the surest right one and the least sure one; fewer where there are many labels."""
    by_label: dict[str, list[OutcomeT]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.correct:
            by_label[outcome.truth].append(outcome)
    each = RIGHT_A_LABEL if RIGHT_A_LABEL * len(by_label) <= RIGHT_ONES else 1
    chosen = []
    for label in labels:
        ranked = sorted(by_label[label], key=lambda outcome: -outcome.prediction.confidence)
        chosen += ranked[:1] if each == 1 else ranked[:1] + ranked[1:][-1:]
    return chosen[:RIGHT_ONES]


def show(report: AudioReport, outcomes: Sequence[Outcome]) -> list[Shown]:
    """Draw clips; their recordings are read again, and where one is gone the entry says so."""
    drawn = spectrograms(report.spectrogram, outcomes)
    return [shown(one, made.picture, made.problem, made.segment) for one, made in zip(outcomes, drawn, strict=True)]


def spectrograms(settings: Mapping[str, Any], outcomes: Sequence[Outcome] | Sequence[MultiLabelOutcome]) -> list[Drawn]:
    """Draw clips as the front end with these settings hears them."""
    try:
        spec = Spec.from_dict(dict(settings))
    except SpecFault as fault:
        return [Drawn("", str(fault), _segment(outcome)) for outcome in outcomes]
    with ThreadPoolExecutor(available_cores(), "mediaml-gallery") as pool:
        return list(pool.map(lambda outcome: _draw(outcome, spec), outcomes))


def _draw(outcome: Outcome | MultiLabelOutcome, spec: Spec) -> Drawn:
    try:
        levels, _ = overview(open_sound(outcome.clip), spec, COLUMNS)
    except AudioError as error:
        return Drawn("", printable(error.reason), _segment(outcome))
    image = picture(levels, SHADES)
    if image.height > ROWS:
        image = image.resize((image.width, ROWS))
    data = "data:image/png;base64," + base64.b64encode(png(image)).decode("ascii")
    return Drawn(data, "", _segment(outcome))


def _segment(outcome: Outcome | MultiLabelOutcome) -> str:
    part = outcome.clip.segment or outcome.prediction.segment
    # a range of seconds, with the dash of a printed book
    return "" if part is None else f"{round(part.start, 2):g}–{round(part.end, 2):g} s"  # noqa: RUF001


def shown(outcome: LabelOutcome, drawn: str, problem: str, segment: str = "") -> Shown:
    """Say in words what the gallery shows."""
    prediction = outcome.prediction
    notes = []
    if not outcome.correct:
        of_truth = next((one.confidence for one in prediction.alternatives if one.label == outcome.truth), 0.0)
        notes.append(f"{percentage(of_truth)} for the true label")
    if prediction.reason is not None:
        notes.append(f"no label given: {prediction.reason.replace('_', ' ')}")
    return Shown(
        outcome.truth,
        str(prediction.alternatives[0]),
        "; ".join(notes),
        printable(PurePath(outcome.source).name),
        printable(outcome.source),
        segment,
        drawn,
        printable(problem),
        outcome.correct,
    )
