"""From what the service answers to predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from mediaml.backends.rekognition.bodies import Body
from mediaml.values.geometry import Box
from mediaml.values.prediction import ImagePrediction, Score

Kind = Literal["single_label", "multi_label", "boxes"]
KINDS: tuple[Kind, ...] = ("single_label", "multi_label", "boxes")
ELSE = 0.5  # the threshold of a label that was given none
ROUNDING = 1e-6  # the service's percentages have the precision of float32


class Rule(NamedTuple):
    """How verdicts are taken.

    Parameters
    ----------
    kind
        What the model gives; None: it is not known, and the service's answer is taken as it is.
    labels
        Its labels; empty where they are not known.
    thresholds
        Of the confidence, 0 to 1, by label. None: the service applies its own, and tells only what reaches them.
    """

    kind: Kind | None = None
    labels: tuple[str, ...] = ()
    thresholds: Mapping[str, float] | None = None

    def limit(self, label: str) -> float:
        """Give the confidence from which on a label is given; 0 where the service applies its own."""
        return 0.0 if self.thresholds is None else self.thresholds.get(label, ELSE)

    def reaches(self, label: str, confidence: float) -> bool:
        """Tell whether a confidence is enough for a label."""
        return confidence >= self.limit(label) - ROUNDING

    @property
    def request(self) -> dict[str, float]:
        """What the service is asked for, besides the picture: everything, or what reaches its own thresholds."""
        return {} if self.thresholds is None else {"MinConfidence": 0.0}


def prediction(rows: Sequence[Mapping[str, Any]], rule: Rule, body: Body) -> ImagePrediction:
    """Give the verdict on an answer.

    Parameters
    ----------
    rows
        ``CustomLabels``.
    rule
        How.
    body
        What was asked.
    """
    boxes = tuple(sorted((_box(row, body) for row in rows if _has_box(row)), key=lambda box: -(box.confidence or 0.0)))
    scores = dict.fromkeys(rule.labels, 0.0)
    for row in rows:
        label = str(row["Name"])
        scores[label] = max(scores.get(label, 0.0), _confidence(row))
    if boxes or rule.kind == "boxes":
        given = tuple(box for box in boxes if rule.reaches(box.label, box.confidence or 0.0))
        return verdict(scores, tuple(dict.fromkeys(box.label for box in given)), body, given)
    enough = [one for one in scores if scores[one] > 0 and rule.reaches(one, scores[one])]
    reached = tuple(sorted(enough, key=_by(scores)))
    if rule.kind == "single_label":
        # the best label or none: a weaker one that reaches a lower threshold of its own is no verdict
        best = min(scores, key=_by(scores), default=None)
        reached = tuple(one for one in reached if one == best)
    return verdict(scores, reached, body)


def verdict(
    scores: Mapping[str, float], given: Sequence[str], body: Body, boxes: tuple[Box, ...] = ()
) -> ImagePrediction:
    """Give a prediction with these confidences and these labels."""
    alternatives = tuple(Score(label=label, confidence=scores[label]) for label in sorted(scores, key=_by(scores)))
    best = alternatives[0].confidence if alternatives else 0.0
    return ImagePrediction(
        label=given[0] if given else None,
        labels=tuple(given),
        confidence=best,
        alternatives=alternatives,
        score=best,
        reason=None if given else "low_confidence",
        boxes=boxes,
        width=body.width,
        height=body.height,
        source=body.name,
    )


def _by(scores: Mapping[str, float]) -> Any:
    return lambda label: (-scores[label], label)


def _confidence(row: Mapping[str, Any]) -> float:
    return min(1.0, max(0.0, float(row.get("Confidence", 0.0)) / 100))


def _has_box(row: Mapping[str, Any]) -> bool:
    return bool((row.get("Geometry") or {}).get("BoundingBox"))


def _box(row: Mapping[str, Any], body: Body) -> Box:
    place = row["Geometry"]["BoundingBox"]
    return Box(
        label=str(row["Name"]),
        left=float(place["Left"]) * body.width,
        top=float(place["Top"]) * body.height,
        width=float(place["Width"]) * body.width,
        height=float(place["Height"]) * body.height,
        confidence=_confidence(row),
    )
