"""A small report of every kind, with pictures and sounds that are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import soundfile
from PIL import Image

import mediaml as mm
from mediaml.metrics.classification import label_report
from mediaml.metrics.detection import detection_report
from mediaml.metrics.events import FileEvents, Rules, event_report
from mediaml.metrics.multi_label import label_set_report, multi_label_report
from mediaml.reports.card import AnyReport
from mediaml.values.detection_report import DetectionOutcome, DetectionReport
from mediaml.values.multi_label_report import MultiLabelOutcome, MultiLabelReport, PictureLabelsOutcome
from mediaml.values.report import PictureOutcome
from mediaml.values.service_evaluation import ServiceEvaluation, ServiceLabel
from tests.metrics.test_detection import LABELS as THINGS
from tests.metrics.test_detection import box, outcome
from tests.metrics.test_multi_label import LABELS as SEVERAL
from tests.metrics.test_multi_label import OUTCOMES
from tests.reports.conftest import GUESSES, LABELS, report_of
from tests.reports.conftest import outcome as heard
from tests.sounds import RATE, SPEC, tone

ABOUT = {"model": "LocalImageModel", "network": "efficientnet-lite0", "data": {"train": {"content": "aaaa"}}}
HISTORY = [{"epoch": n, "training_loss": 2.0 / n, "validation_loss": 2.2 / n} for n in (1, 2, 3)]
DATA = {"content": "bbbb", "labels": ["dog"], "files": 8, "known_files": 0}
SERVICE = ServiceEvaluation(
    f1=0.8, precision=0.9, recall=0.7, training_pictures=40, test_pictures=8, labels=("dog", "cat"),
    confusion={"dog": {"dog": 0.75, "cat": 0.25}, "cat": {"cat": 1.0}},
    per_label={"dog": ServiceLabel(threshold=0.6, precision=1.0, recall=0.75, f1=0.857, pictures=4)},
)  # fmt: skip


def sounds(folder: Path) -> mm.AudioReport:
    """One label a clip, with thresholds."""
    outcomes = []
    for number, guess in enumerate(GUESSES):
        path = folder / f"{number:02d} {guess[0]}.wav"
        soundfile.write(path, tone(guess[0], number), RATE)
        outcomes.append(heard(path, guess))
    thresholds = dict.fromkeys(LABELS, 0.5)
    return report_of(outcomes, unreadable=["/x/broken.wav: gone"]).model_copy(update={"thresholds": thresholds})


def several_sounds(folder: Path) -> MultiLabelReport:
    """Several labels a clip."""
    found: list[MultiLabelOutcome] = []
    for number, one in enumerate(OUTCOMES):
        path = folder / f"{number}.wav"
        soundfile.write(path, tone("hum", number), RATE)
        found.append(one.model_copy(update={"clip": mm.Clip(path=path)}))
    spectrogram = mm.SpectrogramBuilder(**SPEC).to_dict()
    return multi_label_report(found, SEVERAL, (0.5, 0.5, 0.5), history=HISTORY, spectrogram=spectrogram)


def pictures(folder: Path) -> mm.ImageReport:
    """One label a picture."""
    outcomes = []
    for number, (truth, sure) in enumerate([("dog", 0.9), ("dog", 0.3), ("cat", 0.8), ("cat", 0.45)]):
        said = _seen(folder, number, {"dog": sure, "cat": 1 - sure})
        outcomes.append(PictureOutcome(picture=mm.Picture(path=said.source), truth=truth, prediction=said))
    made_of = {"model": ABOUT, "data": DATA, "history": HISTORY, "thresholds": {"dog": 0.5, "cat": None}}
    return label_report(mm.ImageReport, outcomes, ("dog", "cat"), made_of)


def several_in_pictures(folder: Path) -> mm.ImageMultiLabelReport:
    """Several labels a picture, of a service that measured itself, too."""
    outcomes = []
    truths: Sequence[tuple[str, ...]] = (("dog",), ("cat", "dog"), (), ("cat",))
    for number, true in enumerate(truths):
        said = _seen(folder, number, {"dog": 0.9 - 0.2 * number, "cat": 0.3 + 0.1 * number})
        outcomes.append(PictureLabelsOutcome(picture=mm.Picture(path=said.source), truths=true, prediction=said))
    made_of = {"model": {"model": "RekognitionModel", "arn": "arn:x"}, "data": DATA}
    report = label_set_report(mm.ImageMultiLabelReport, outcomes, ("dog", "cat"), (0.5, 0.5), made_of)
    return report.model_copy(update={"service": SERVICE})


def boxes(folder: Path) -> DetectionReport:
    """Boxes in pictures."""
    scene = [
        outcome([box("dog", 5), box("cat", 40)], [box("dog", 5, sure=0.97), box("cat", 60, sure=0.8)], file="0.png"),
        outcome([box("dog", 5)], [box("dog", 6, sure=0.6), box("dog", 50, sure=0.3)], file="1.png"),
        outcome([box("cat", 20)], [box("cat", 20, sure=0.4)], file="2.png"),
    ]
    placed: list[DetectionOutcome] = []
    for one in scene:
        path = folder / one.picture.path
        Image.new("RGB", (80, 40), (90, 160, 90)).save(path)
        placed.append(one.model_copy(update={"picture": one.picture.model_copy(update={"path": str(path)})}))
    about = {**ABOUT, "network": "ssd", "calibration": {"held_out_boxes": 12}}
    return detection_report(placed, THINGS, (0.5, 0.5, float("inf")), ["d.png: gone"], about, DATA, HISTORY)


def events(_: Path) -> mm.EventReport:
    """Events in recordings."""
    true = [("siren", 1.0, 3.0), ("dog", 5.0, 6.0), ("siren", 8.0, 9.0)]
    found = [("siren", 1.05, 3.1), ("siren", 5.0, 6.0), ("dog", 20.0, 21.0)]
    files = [FileEvents(true, found)]
    return event_report(files, Rules(0.2, 0.5, 1.0), 60.0, ["2 annotations without a label"], {"network": "yamnet"})


def _seen(folder: Path, number: int, sure: dict[str, float]) -> mm.ImagePrediction:
    path = folder / f"{number}.png"
    Image.new("RGB", (60, 40), (40 * number, 90, 160)).save(path)
    ranked = sorted(sure.items(), key=lambda one: -one[1])
    given = tuple(label for label, confidence in ranked if confidence >= 0.5)
    return mm.ImagePrediction(
        label=given[0] if given else None,
        labels=given,
        reason=None if given else "low_confidence",
        confidence=ranked[0][1],
        score=ranked[0][1],
        alternatives=tuple(mm.Score(label=label, confidence=confidence) for label, confidence in ranked),
        source=str(path),
    )


KINDS: dict[str, Callable[[Path], AnyReport]] = {
    "sounds": sounds,
    "several sounds": several_sounds,
    "pictures": pictures,
    "several in pictures": several_in_pictures,
    "boxes": boxes,
    "events": events,
}
