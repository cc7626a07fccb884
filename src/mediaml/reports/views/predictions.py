"""What a model says of one sound or picture, to be seen and heard."""

from __future__ import annotations

from mediaml.data.files import printable
from mediaml.reports.views.media import SIDE, file_name, heard_at, seen_as
from mediaml.reports.views.parts import Card, Gallery, Medium, Share, View
from mediaml.values.face import Face, FaceSearch
from mediaml.values.prediction import AudioPrediction, ImagePrediction, Prediction, percentage

ALTERNATIVES, ALTERNATIVES_IN_GALLERY = 6, 3
BOXES = 4  # in words
WITHOUT_FILE = {
    "bytes": "given as bytes",
    "array": "given as an array",
    "file": "given as an open file",
    "picture": "given as a picture in memory",
}
"""What a prediction says of an item that has no name, in words: there is nothing to open again."""
REASONS = {
    "silence": "no 50 ms of it are louder than -60 dB of full scale",
    "too_short": "it is shorter than one analysis window",
    "low_confidence": "no label reaches its threshold",
    "unlike_training_data": "it is too unlike what the model was trained with",
    "blank": "the whole picture has one colour",
    "too_small": "it has too few pixels",
    "no_face": "no face was found",
}


def prediction_view(prediction: Prediction) -> View:
    """Show one prediction: the sound or picture, the verdict, and the alternatives with bars."""
    return View(parts=(Gallery((prediction_card(prediction, SIDE, ALTERNATIVES),)),))


def prediction_html(prediction: Prediction) -> str:
    """Write it for a notebook's cell."""
    return prediction_view(prediction)._repr_html_()


def prediction_card(prediction: Prediction, side: int, alternatives: int) -> Card:
    """Sum up a prediction; its file is read again, and where it is gone the card says so."""
    return Card(
        title=_title(prediction),
        why="" if prediction.recognised else _why(prediction),
        lines=tuple(_lines(prediction, alternatives)),
        medium=_medium(prediction, side),
        shares=tuple(
            Share(one.label, one.confidence, percentage(one.confidence))
            for one in prediction.alternatives[:alternatives]
        ),
        measured="similarity" if isinstance(prediction, FaceSearch) else "confidence",
        sure=prediction.recognised,
    )


def _title(prediction: Prediction) -> str:
    if prediction.error is not None:
        return "Not readable"
    if prediction.label is None:
        return "Nothing recognised"
    sure = {one.label: one.confidence for one in prediction.alternatives}
    return ", ".join(f"{one} {percentage(sure.get(one, prediction.confidence))}" for one in prediction.labels)


def _lines(prediction: Prediction, alternatives: int) -> list[str]:
    lines = []
    if isinstance(prediction, FaceSearch):
        lines += [_face(number, one) for number, one in enumerate(prediction.faces, 1)]
        lines += ["how similar they are is no probability"] if prediction.alternatives else []
    elif isinstance(prediction, ImagePrediction) and prediction.boxes:
        lines.append(_boxes(prediction))
    if prediction.familiarity:
        lines.append(f"familiarity {prediction.familiarity:.2f}")
    more = len(prediction.alternatives) - alternatives
    if more > 0:
        lines.append(f"and {more} less likely")
    name = WITHOUT_FILE.get(prediction.source) or file_name(prediction.source)
    return [*lines, *([name] if name else [])]


def _why(prediction: Prediction) -> str:
    if prediction.error is not None:
        return prediction.error
    reason = prediction.reason or ""
    told = REASONS.get(reason, "")
    if isinstance(prediction, FaceSearch) and reason == "low_confidence":
        told = "no stored face reaches the threshold"
    name = reason.replace("_", " ")
    return f"{name}: {told}" if told else name


def _boxes(prediction: ImagePrediction) -> str:
    told = "; ".join(f"{box} {percentage(box.confidence or 0.0)}" for box in prediction.boxes[:BOXES])
    more = len(prediction.boxes) - BOXES
    return f"{told} and {more} more" if more > 0 else told


def _face(number: int, face: Face) -> str:
    if face.best is None:
        return f"face {number}: like nobody in the collection"
    return f"face {number}: most like {face.best.person}, {percentage(face.best.similarity)} similar"


def _medium(prediction: Prediction, side: int) -> Medium | None:
    if prediction.error is not None or prediction.source in ("", *WITHOUT_FILE):
        return None
    if isinstance(prediction, ImagePrediction):
        return seen_as(prediction.source, (prediction.width, prediction.height), prediction.boxes, side)
    segment = prediction.segment if isinstance(prediction, AudioPrediction) else None
    return heard_at(prediction.source, segment)


def verdicts(predictions: list[Prediction]) -> str:
    """Count what was recognised, in a sentence."""
    total = len(predictions)
    nothing = [one for one in predictions if one.reason is not None]
    unread = sum(one.error is not None for one in predictions)
    known = total - len(nothing) - unread
    parts = [f"{known:,} recognised"] if known else []
    if nothing:
        reasons = ", ".join(dict.fromkeys((one.reason or "").replace("_", " ") for one in nothing))
        parts.append(f"in {len(nothing):,} nothing recognised ({reasons})")
    if unread:
        parts.append(f"{unread:,} not readable")
    return printable(f"{total:,} prediction{'s' * (total != 1)}: {', '.join(parts)}")
