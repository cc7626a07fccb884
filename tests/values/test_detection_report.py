"""What a detector hit, missed and made up, picture by picture, and the report as a value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mediaml.metrics.detection import detection_report
from mediaml.values.detection_report import DetectionOutcome, DetectionReport, is_crowd, share_inside
from mediaml.values.geometry import Box
from mediaml.values.picture import Picture
from tests.metrics.test_detection import LABELS, SCENE, box, crowd, outcome


def test_a_box_hits_the_free_true_one_that_it_overlaps_best_and_the_surest_choose_first() -> None:
    truth = [box("cat", 0), box("cat", 4)]
    one = outcome(truth, [box("cat", 3, sure=0.6), box("cat", 4, sure=0.9), box("cat", 2, sure=0.7)])
    assert [(hit.truth.left, hit.found.confidence) for hit in one.hits] == [(4, 0.9), (0, 0.7)]
    assert one.hits[0].iou == 1 and one.hits[1].iou == pytest.approx(8 / 12)
    assert [found.confidence for found in one.false] == [0.6], "there is no third"
    assert one.missed == ()


def test_only_the_same_label_and_half_of_the_area_make_a_hit() -> None:
    elsewhere = outcome([box("cat", 0)], [box("cat", 3.4, sure=0.9)])
    assert not elsewhere.hits and len(elsewhere.missed) == len(elsewhere.false) == 1
    half = outcome([box("cat", 0)], [box("cat", 0, width=5, sure=0.9)])
    assert [hit.iou for hit in half.hits] == [0.5]
    other = outcome([box("cat", 0)], [box("dog", 0, sure=0.9)])
    assert (other.missed[0].label, other.false[0].label) == ("cat", "dog")


def test_what_stayed_below_the_threshold_was_not_found() -> None:
    one = outcome([box("cat", 0)], [box("cat", 0, sure=0.4), box("cat", 60, sure=0.3)])
    assert (one.hits, len(one.missed), one.false) == ((), 1, ())
    assert one.difficulty == pytest.approx(0.6), "it was nearly found"


def test_crowds_are_neither_missed_nor_is_what_is_in_them_false() -> None:
    one = outcome(
        [crowd("cat", 0, 40), box("cat", 100)],
        [box("cat", 3, sure=0.9), box("cat", 20, sure=0.8), box("dog", 3, sure=0.7), box("cat", 36, sure=0.6)],
    )
    assert one.truths == one.missed == (box("cat", 100),)
    assert [(found.label, found.left) for found in one.false] == [("dog", 3), ("cat", 36)]


@pytest.mark.parametrize(
    ("said", "meant"), [(1, True), (0, False), ("1", True), ("0", False), (True, True), (0.0, False)]
)
def test_a_crowd_is_what_the_file_calls_so(said: object, meant: bool) -> None:
    assert is_crowd(Box(label="cat", left=0, top=0, width=1, height=1, attributes={"iscrowd": said})) is meant
    assert not is_crowd(box("cat", 0))


def test_boxes_apart_share_nothing() -> None:
    assert share_inside(box("cat", 0), box("cat", 20, width=0)) == 0
    assert share_inside(box("cat", 0, width=0), box("cat", 0)) == 0
    assert share_inside(box("cat", 0), box("cat", 5, width=100)) == 0.5


def test_every_found_box_says_how_sure_it_is() -> None:
    with pytest.raises(ValidationError, match=r"b\.png: every box that was found needs a confidence"):
        DetectionOutcome(picture=Picture(path="b.png", boxes=()), found=(box("cat", 0),))


def test_a_picture_without_drawn_boxes_has_nothing_to_miss() -> None:
    one = DetectionOutcome(picture=Picture(path="a.png"), given=(box("cat", 0, sure=0.5),))
    assert (one.truths, one.missed, len(one.false)) == ((), (), 1)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=6), st.lists(st.integers(0, 9), max_size=6))
def test_nothing_is_counted_twice(found: list[tuple[int, int]], truth: list[int]) -> None:
    one = outcome([box("cat", left) for left in truth], [box("cat", left, sure=n / 9) for left, n in found], least=0)
    assert len(one.hits) + len(one.missed) == len(truth)
    assert len(one.hits) + len(one.false) == len(found)
    assert one.difficulty >= 0


def test_the_hardest_pictures_come_first() -> None:
    report = detection_report(SCENE, LABELS, (0.5,) * 3, intervals=False)
    assert [one.picture.path for one in report.hardest()] == ["a.png", "b.png"], "1.8 and 1.3; c.png is all right"
    assert [one.difficulty for one in report.hardest()] == pytest.approx([1.8, 1.3])
    assert len(report.hardest(1)) == 1


def test_prints_survives_json_and_cannot_be_changed() -> None:
    report = detection_report(SCENE, LABELS, (0.5,) * 3, unreadable=["d.png: gone"])
    text = str(report)
    assert "mean average precision 0.417 (" in text and "at an overlap of 0.5" in text and "on 3 pictures" in text
    assert "owl  average precision not tested" in text
    assert "1 could not be read" in text and "! 3 pictures are too few" in text
    assert DetectionReport.model_validate_json(report.model_dump_json()) == report
    with pytest.raises(ValidationError, match="frozen"):
        report.recall = 1.0  # type: ignore[misc]
    grouped = detection_report(SCENE, LABELS, (0.5,) * 3, groups_of=["one", "one", "other"])
    assert "on 3 pictures of 2 groups" in str(grouped)


def test_a_test_without_anything_to_find_has_no_mean() -> None:
    empty = detection_report([SCENE[2]] * 2, LABELS, (0.5,) * 3)
    assert empty.mean_average_precision is empty.mean_average_precision_coco is empty.mean_iou is None
    assert (empty.precision, empty.recall) == (0, 0)
    assert "mean average precision not measured" in str(empty)


def test_a_list_of_outcomes_is_a_line_each() -> None:
    one = outcome([box("cat", 0), box("cat", 30)], [box("cat", 0, sure=0.9), box("dog", 60, sure=0.8)])
    assert repr([one]) == f"[<DetectionOutcome {one.source}: 1 of 2 things found, 1 false>]"
