"""Two reports on the same examples: figures, differences and their intervals."""

from __future__ import annotations

import pytest

import mediaml as mm
from mediaml.metrics.classification import label_report
from mediaml.metrics.comparison import compare
from mediaml.metrics.detection import detection_report
from mediaml.metrics.multi_label import label_set_report
from mediaml.values.detection_report import DetectionOutcome
from mediaml.values.multi_label_report import PictureLabelsOutcome
from mediaml.values.prediction import Score
from mediaml.values.report import PictureOutcome

LABELS = ("cat", "dog")


def said(label: str, sure: float = 0.8) -> mm.ImagePrediction:
    other = next(one for one in LABELS if one != label)
    return mm.ImagePrediction(
        label=label,
        confidence=sure,
        alternatives=(Score(label=label, confidence=sure), Score(label=other, confidence=1 - sure)),
    )


def report(answers: str, truths: str) -> mm.ImageReport:
    names = {"c": "cat", "d": "dog"}
    outcomes = [
        PictureOutcome(picture=mm.Picture(path=str(n)), truth=names[truth], prediction=said(names[answer]))
        for n, (answer, truth) in enumerate(zip(answers, truths, strict=True))
    ]
    return label_report(mm.ImageReport, outcomes, LABELS)


def test_accuracy_and_f1_are_those_of_the_reports() -> None:
    truths = "ccccccccdddddddd" * 4
    old, new = report("dddcccccdddddddc" * 4, truths), report("cccccccddddddddd" * 4, truths)
    found = compare(old, new, range(len(truths)))
    assert (found.overall.old, found.overall.new) == pytest.approx((old.accuracy, new.accuracy))
    for label in LABELS:
        assert found.per_label[label].old == pytest.approx(old.per_label[label].f1)
        assert found.per_label[label].new == pytest.approx(new.per_label[label].f1)
    between = found.overall.between
    assert between is not None and between.low < found.overall.change < between.high
    assert found.overall.beyond_chance and found.better


def test_a_model_that_is_worse_is_said_to_be_worse() -> None:
    truths = "ccccccccdddddddd" * 4
    old, new = report("cccccccddddddddd" * 4, truths), report("dddcccccdddddddc" * 4, truths)
    found = compare(old, new, range(len(truths)))
    between = found.overall.between
    assert between is not None and between.low < found.overall.change < between.high < 0
    assert found.overall.beyond_chance and not found.better


def test_a_gain_that_may_be_chance_reaches_below_zero() -> None:
    truths = "c" * 20 + "d" * 20
    old, new = report("d" * 3 + "c" * 17 + "d" * 20, truths), report("c" * 18 + "d" * 2 + "d" * 20, truths)
    found = compare(old, new, range(len(truths)))
    between = found.overall.between
    assert found.overall.change > 0 and between is not None
    assert between.low < 0 < between.high and not found.overall.beyond_chance


def test_the_same_answers_do_not_differ() -> None:
    one = report("cdcd", "ccdd")
    found = compare(one, one, range(4))
    assert found.overall.change == 0 and not found.overall.beyond_chance
    assert "may be chance" in str(found)


def test_pictures_of_one_group_are_drawn_together() -> None:
    truths = "c" * 20 + "d" * 20
    old, new = report("c" * 40, truths), report("c" * 20 + "d" * 10 + "c" * 10, truths)
    alone = compare(old, new, range(40)).overall.between
    together = compare(old, new, [n // 10 for n in range(40)]).overall.between
    assert alone is not None and together is not None and together.width > alone.width


def test_several_labels_and_boxes() -> None:
    def labels(sure: float) -> mm.ImageMultiLabelReport:
        outcomes = [
            PictureLabelsOutcome(
                picture=mm.Picture(path=str(n)),
                truths=("cat",) if n % 2 else (),
                prediction=said("cat", sure if n % 2 else 0.5),
            )
            for n in range(20)
        ]
        return label_set_report(mm.ImageMultiLabelReport, outcomes, LABELS, (0.5, 0.5))

    old, new = labels(0.3), labels(0.9)
    found = compare(old, new, range(20))
    assert (found.overall.old, found.overall.new) == pytest.approx(
        (old.mean_average_precision, new.mean_average_precision)
    )
    assert found.per_label["dog"].old is None and str(found.per_label["dog"]) == "not tested"

    def boxes(shift: float) -> mm.DetectionReport:
        truth = mm.Box(label="cat", left=0, top=0, width=10, height=10)
        seen = truth.model_copy(update={"left": shift, "confidence": 0.9})
        outcomes = [
            DetectionOutcome(picture=mm.Picture(path=str(n), boxes=(truth,)), found=(seen,), given=(seen,))
            for n in range(10)
        ]
        return detection_report(outcomes, ("cat",), (0.5,))

    found = compare(boxes(8), boxes(1), range(10))
    assert (found.overall.old, found.overall.new) == pytest.approx((0, 1)) and found.better
    with pytest.raises(ValueError, match="cannot be compared"):
        compare(old, boxes(1), range(10))
    with pytest.raises(ValueError, match="same examples"):
        compare(old, new, range(3))
