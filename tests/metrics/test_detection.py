"""Boxes in pictures: pycocotools' numbers, and what a person would expect of them."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.metrics.box_matching import (
    MOST_FOUND,
    Matched,
    average_precision,
    iou_matrix,
    matched_by_label,
    precision_recall,
    weighted_average_precision,
)
from mediaml.metrics.box_thresholds import best_f1, best_thresholds, reaching
from mediaml.metrics.detection import detection_report
from mediaml.values.detection_report import DetectionOutcome, DetectionReport, share_inside
from mediaml.values.geometry import Box
from mediaml.values.picture import Picture

LABELS = ("cat", "dog", "owl")


def box(
    label: str, left: float, top: float = 0, width: float = 10, height: float = 10, sure: float | None = None
) -> Box:
    return Box(label=label, left=left, top=top, width=width, height=height, confidence=sure)


def crowd(label: str, left: float, width: float) -> Box:
    return Box(label=label, left=left, top=0, width=width, height=10, attributes={"iscrowd": 1})


def outcome(truth: Sequence[Box], found: Sequence[Box], least: float = 0.5, file: str = "a.png") -> DetectionOutcome:
    ranked = tuple(sorted(found, key=lambda one: -(one.confidence or 0)))
    reached = tuple(one for one in ranked if (one.confidence or 0) >= least)
    return DetectionOutcome(picture=Picture(path=file, boxes=tuple(truth)), found=ranked, given=reached)


def random_outcomes(seed: int, pictures: int = 12, most: int = 12, grid: int = 6) -> list[DetectionOutcome]:
    """Boxes of whole pixels on a small canvas, with few distinct confidences: overlaps and confidences often tie."""
    random = np.random.default_rng(seed)

    def boxes(count: int, *, found: bool) -> list[Box]:
        return [
            Box(
                label=LABELS[random.integers(0, 2 if not found else 3)],
                left=float(random.integers(0, grid)),
                top=float(random.integers(0, grid)),
                width=float(random.integers(1, grid)),
                height=float(random.integers(1, grid)),
                confidence=float(random.integers(1, 8)) / 8 if found else None,
                attributes={} if found else {"iscrowd": int(random.random() < 0.15)},
            )
            for _ in range(count)
        ]

    def jittered(one: Box) -> Box:
        move = random.normal(0, 0.3, 4)
        return one.model_copy(
            update={
                "left": one.left + move[0],
                "top": one.top + move[1],
                "width": max(0.1, one.width + move[2]),
                "confidence": float(random.integers(1, 30)) / 30,
                "attributes": {},
            }
        )

    outcomes = []
    for number in range(pictures):
        truth = boxes(int(random.integers(0, most)), found=False)
        near = [jittered(one) for one in truth if random.random() < 0.8]
        found = [*near, *boxes(int(random.integers(0, most)), found=True)]
        outcomes.append(outcome(truth, found, file=f"{number}.png"))
    return outcomes


# -- as pycocotools has it --------------------------------------------------------------------------------------------


def coco_precision(outcomes: Sequence[DetectionOutcome], labels: Sequence[str] = LABELS) -> Any:
    """COCOeval's table of precision for all sizes and 100 boxes: [limits, recalls, labels]; -1 where not tested."""
    coco = pytest.importorskip("pycocotools.coco", reason="pycocotools is missing: pip install pycocotools==2.0.11")
    cocoeval = pytest.importorskip("pycocotools.cocoeval")
    number = {label: n for n, label in enumerate(labels, 1)}

    def rows(boxes: Sequence[Box], picture: int) -> list[dict[str, Any]]:
        return [
            {
                "image_id": picture,
                "category_id": number[one.label],
                "bbox": [one.left, one.top, one.width, one.height],
                "area": one.area,
                "iscrowd": one.attributes.get("iscrowd", 0),
                "score": one.confidence,
            }
            for one in boxes
        ]

    truth = [row for n, one in enumerate(outcomes, 1) for row in rows(one.picture.boxes or (), n)]
    found = [row for n, one in enumerate(outcomes, 1) for row in rows(one.found, n)]
    known, given_ones = coco.COCO(), coco.COCO()
    for table, boxes in ((known, truth), (given_ones, found)):
        table.dataset = {
            "images": [{"id": n} for n in range(1, len(outcomes) + 1)],
            "categories": [{"id": n, "name": label} for label, n in number.items()],
            "annotations": [{**row, "id": n} for n, row in enumerate(boxes, 1)],
        }
        with contextlib.redirect_stdout(io.StringIO()):
            table.createIndex()
    evaluation = cocoeval.COCOeval(known, given_ones, "bbox")
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    precision = evaluation.eval["precision"][:, :, :, 0, -1]
    stated = precision[precision > -1].mean() if (precision > -1).any() else -1
    assert evaluation.stats[0] == pytest.approx(stated, abs=1e-12)
    return precision


def compare(outcomes: Sequence[DetectionOutcome]) -> None:
    report = detection_report(outcomes, LABELS, (0.5,) * 3, intervals=False)
    precision = coco_precision(outcomes)
    for n, label in enumerate(LABELS):
        own = precision[:, :, n]
        score = report.per_label[label]
        if (own == -1).all():
            assert score.average_precision is None and score.average_precision_coco is None, label
        else:
            assert score.average_precision == pytest.approx(own[0].mean(), abs=1e-9), label
            assert score.average_precision_coco == pytest.approx(own.mean(), abs=1e-9), label
    for mine, table in (
        (report.mean_average_precision, precision[0]),
        (report.mean_average_precision_coco, precision),
    ):
        if (table == -1).all():
            assert mine is None
        else:
            assert mine == pytest.approx(table[table > -1].mean(), abs=1e-9)


@pytest.mark.parametrize("seed", range(40))
def test_average_precision_is_that_of_pycocotools(seed: int) -> None:
    compare(random_outcomes(seed))


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 9), st.integers(2, 5))
def test_average_precision_is_that_of_pycocotools_in_small_tests(
    seed: int, pictures: int, most: int, grid: int
) -> None:
    compare(random_outcomes(seed, pictures, most, grid))


def test_only_the_surest_hundred_of_a_label_in_a_picture_count() -> None:
    random = np.random.default_rng(3)
    wrong = [box("cat", 200 + 20 * n, sure=float(random.uniform(0.4, 0.9))) for n in range(120)]
    truth = [box("cat", 20 * n) for n in range(8)]
    right = [one.model_copy(update={"confidence": 0.2 + 0.1 * n}) for n, one in enumerate(truth)]
    outcomes = [outcome(truth, [*wrong, *right, *(box("dog", 20 * n, sure=0.99) for n in range(90))], file="a.png")]
    compare([*outcomes, *random_outcomes(1, most=150, pictures=3, grid=40)])
    assert len(matched_by_label(outcomes)["cat"].score) == MOST_FOUND


@pytest.mark.parametrize(
    "outcomes",
    [
        [outcome([], [])],
        [outcome([], [box("cat", 0, sure=0.9)])],
        [outcome([box("cat", 0)], [])],
        [outcome([crowd("cat", 0, 50)], [box("cat", 3, sure=0.9)])],
        [outcome([crowd("cat", 0, 50), box("cat", 0)], [box("cat", 0, sure=n / 9) for n in range(1, 9)])],
        [outcome([box("cat", 0, width=0)], [box("cat", 0, width=0, sure=0.5)])],
        [outcome([box("cat", 0), box("cat", 0)], [box("cat", 0, sure=0.5)] * 3)],
        [outcome([box("cat", 0), box("cat", 4)], [box("cat", 2, sure=0.9), box("cat", -2, sure=0.8)])],
        [outcome([box("cat", 4), box("cat", 0)], [box("cat", 2, sure=0.9), box("cat", -2, sure=0.8)])],
    ],
    ids=[
        "nothing",
        "only found",
        "only true",
        "only a crowd",
        "in a crowd",
        "no area",
        "ties",
        "the last of equals",
        "of equals the last",
    ],
)
def test_rare_cases_are_those_of_pycocotools(outcomes: list[DetectionOutcome]) -> None:
    compare(outcomes)


# -- overlaps and matching --------------------------------------------------------------------------------------------


@given(st.integers(0, 2**32 - 1))
def test_overlaps_are_those_of_the_boxes_themselves(seed: int) -> None:
    one = random_outcomes(seed, pictures=1)[0]
    truth = one.picture.boxes or ()
    ious = iou_matrix(one.found, truth)
    assert ious.shape == (len(one.found), len(truth))
    for row, found in zip(ious, one.found, strict=True):
        for value, true in zip(row, truth, strict=True):
            in_crowd = true.attributes.get("iscrowd")
            assert value == (share_inside(found, true) if in_crowd else found.iou(true))


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_hits_of_a_picture_are_those_that_average_precision_counts(seed: int) -> None:
    outcomes = [one.model_copy(update={"given": one.found}) for one in random_outcomes(seed, pictures=4)]
    matched = matched_by_label(outcomes)
    assert sum(len(one.hits) for one in outcomes) == sum(int(own.hit[0].sum()) for own in matched.values())
    false = sum(int((~own.hit[0] & ~own.ignored[0]).sum()) for own in matched.values())
    assert sum(len(one.false) for one in outcomes) == false
    for one in outcomes:
        assert len(one.hits) + len(one.missed) == len(one.truths)
        assert all(hit.truth.label == hit.found.label and hit.iou >= 0.5 for hit in one.hits)


# -- figures and their intervals --------------------------------------------------------------------------------------

SCENE = [
    outcome([box("cat", 0), box("dog", 50)], [box("cat", 1, sure=0.9), box("dog", 90, sure=0.8)], file="a.png"),
    outcome([box("cat", 0)], [box("cat", 0, sure=0.3), box("cat", 60, sure=0.6)], file="b.png"),
    outcome([], [], file="c.png"),
]


def test_every_figure_by_hand() -> None:
    report = detection_report(SCENE, LABELS, (0.5, 0.5, float("inf")), ["d.png: gone"])
    cat, dog, owl = (report.per_label[label] for label in LABELS)
    # cat: 0.9 right, 0.6 wrong, 0.3 right: precision 1 up to a recall of 0.5 (51 levels), then 2/3 (50 levels)
    assert cat.average_precision == pytest.approx((51 + 50 * 2 / 3) / 101)
    # moved by 1 of 10 pixels, the first overlaps by 9 / 11: right up to a limit of 0.80, 7 of 10; beyond, the second is
    # all there is, as the third of three
    assert cat.average_precision_coco == pytest.approx((7 * (51 + 50 * 2 / 3) / 101 + 3 * 51 / 3 / 101) / 10)
    assert (cat.precision, cat.recall, cat.f1) == pytest.approx((1 / 2, 1 / 2, 1 / 2))
    assert (cat.support, cat.pictures, cat.threshold) == (2, 2, 0.5)
    assert (dog.average_precision, dog.precision, dog.recall, dog.support) == (0, 0, 0, 1)
    assert owl.average_precision is None and owl.average_precision_coco is None and owl.threshold is None
    assert report.mean_average_precision == pytest.approx((51 + 50 * 2 / 3) / 101 / 2), "the owl does not count"
    assert (report.precision, report.recall, report.f1) == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert report.mean_iou == pytest.approx(9 / 11)
    assert (report.examples, report.groups, report.unreadable) == (3, 3, ("d.png: gone",))


def test_every_figure_lies_in_its_interval() -> None:
    report = detection_report(random_outcomes(5, pictures=40), LABELS, (0.5,) * 3)
    assert set(report.intervals) == {
        *("mean_average_precision", "mean_average_precision_coco", "precision", "recall", "f1", "mean_iou"),
    }
    for name, between in report.intervals.items():
        assert 0 <= between.low <= getattr(report, name) <= between.high <= 1, name
        assert between.width > 0, name


def test_intervals_are_those_of_groups_not_of_pictures() -> None:
    apart = random_outcomes(6, pictures=60)
    once = detection_report(apart, LABELS, (0.5,) * 3)
    often = detection_report(
        [one for one in apart for _ in range(4)], LABELS, (0.5,) * 3, groups_of=[n for n in range(60) for _ in range(4)]
    )
    assert (once.groups, often.groups, often.examples) == (60, 60, 240)
    for name in ("precision", "recall", "f1"):
        assert often.intervals[name].width == pytest.approx(once.intervals[name].width, rel=0.1), name


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_weight_is_a_picture_that_comes_as_often(seed: int) -> None:
    random = np.random.default_rng(seed)
    apart = [
        one.model_copy(
            update={"found": tuple(b.model_copy(update={"confidence": float(random.random())}) for b in one.found)}
        )
        for one in random_outcomes(seed, pictures=5)
    ]
    often = random.integers(0, 3, len(apart))
    repeated = matched_by_label([one for one, times in zip(apart, often, strict=True) for _ in range(times)])
    for label, own in matched_by_label(apart).items():
        for limit in (0, 5):
            weighted = weighted_average_precision(own, often.astype(np.float32)[:, None], limit)[0]
            expected = average_precision(repeated.get(label), limit)
            assert np.isnan(weighted) if expected is None else weighted == pytest.approx(expected)


def test_many_draws_are_measured_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    own = matched_by_label(random_outcomes(8))["cat"]
    weights = np.random.default_rng(0).integers(0, 3, (12, 50)).astype(np.float32)
    at_once = weighted_average_precision(own, weights)
    monkeypatch.setattr("mediaml.metrics.box_matching.AT_ONCE", 3 * len(own.score))
    assert np.array_equal(weighted_average_precision(own, weights), at_once, equal_nan=True)


def test_no_interval_of_the_slow_figure_in_a_large_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mediaml.metrics.detection.MOST_WORK", 1000)
    report = detection_report(random_outcomes(5, pictures=10), LABELS, (0.5,) * 3)
    assert "mean_average_precision_coco" not in report.intervals and "mean_average_precision" in report.intervals
    assert not detection_report(SCENE, LABELS, (0.5,) * 3, intervals=False).intervals


def test_precision_and_recall_for_a_curve() -> None:
    precision, recall = precision_recall(matched_by_label(SCENE)["cat"])
    assert (precision.tolist(), recall.tolist()) == ([1, pytest.approx(2 / 3)], [0.5, 1])


def test_doubts_are_said() -> None:
    report = detection_report(
        SCENE, LABELS, (0.5,) * 3, model={"data": {"train": {"content": "b"}}}, data={"content": "b"}
    )
    said = " ".join(report.warnings)
    assert "very pictures of the model's training data" in said
    assert "3 pictures are too few" in said
    assert "Fewer than 5 pictures of cat, dog" in said
    assert "no picture of it: owl" in said
    assert "the recall may be anything" in said


def test_what_cannot_be_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="3 labels need as many thresholds, not 2"):
        detection_report(SCENE, LABELS, (0.5, 0.5))
    with pytest.raises(ValueError, match=r"a\.png: dog: not among the labels"):
        detection_report(SCENE, ("cat",), (0.5,))
    with pytest.raises(ValueError, match=r"u\.png: nobody drew boxes"):
        detection_report([DetectionOutcome(picture=Picture(path="u.png"))], LABELS, (0.5,) * 3)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.integers(1, 4))
def test_whatever_the_test_holds_there_is_a_report(seed: int, pictures: int, most: int) -> None:
    report = detection_report(random_outcomes(seed, pictures, most), LABELS, (0.5, 0.5, float("inf")))
    for name, between in report.intervals.items():
        assert 0 <= between.low <= getattr(report, name) <= between.high, name
    assert DetectionReport.model_validate_json(report.model_dump_json()) == report
    assert "Infinity" not in json.dumps(report.model_dump(mode="json"))


# -- thresholds -------------------------------------------------------------------------------------------------------


def test_the_best_threshold_lies_halfway_to_the_next_score() -> None:
    score, right = np.array([0.9, 0.8, 0.4, 0.2]), np.array([True, True, False, False])
    assert best_f1(score, right, 3) == pytest.approx(0.6)
    assert best_f1(score, ~right, 2) == pytest.approx(0.1), "all of them: 2 right of 4"
    assert best_f1(score, np.zeros(4, bool), 2) == float("inf")
    assert best_f1(np.zeros(0), np.zeros(0, bool), 2) == float("inf")
    assert reaching(score, right, 0.6) == pytest.approx(0.3), "2 of 3 are right"
    assert reaching(score, right, 1.0) == pytest.approx(0.6)
    assert reaching(score, ~right, 0.6) == float("inf")


@given(st.lists(st.tuples(st.integers(1, 6), st.booleans()), min_size=1, max_size=20), st.integers(0, 5))
def test_no_threshold_has_a_higher_f1(rows: list[tuple[int, bool]], missed: int) -> None:
    score, right = np.array([row[0] / 6 for row in rows]), np.array([row[1] for row in rows])
    truths = int(right.sum()) + missed

    def f1(threshold: float) -> float:
        chosen = score >= threshold
        return 2 * int(right[chosen].sum()) / max(1, int(chosen.sum()) + truths)

    assert f1(best_f1(score, right, truths)) == pytest.approx(max(f1(level) for level in score))


def test_thresholds_are_chosen_label_by_label() -> None:
    crowded = [*SCENE, outcome([crowd("cat", 0, 50)], [box("cat", 3, sure=0.95)], file="e.png")]
    # cat: 0.9 right, 0.6 wrong, 0.3 right; of 2: F1 2/3, 1/2, 4/5; what is found in the crowd does not count
    assert best_thresholds(crowded, LABELS) == pytest.approx((0.15, float("inf"), float("inf")))
    assert best_thresholds(crowded, LABELS, "target_precision", 0.9) == pytest.approx(
        (0.75, float("inf"), float("inf"))
    )
    with pytest.raises(ValueError, match="not 'accept'"):
        best_thresholds(SCENE, LABELS, "accept")


def test_a_label_that_nobody_knows_has_no_average_precision() -> None:
    assert average_precision(None) is None
    nothing = Matched(
        np.zeros(0), np.zeros(0, np.int64), np.zeros((10, 0), bool), np.zeros((10, 0), bool), np.zeros(1, int)
    )
    assert average_precision(nothing) is None
