"""Events to figures: the numbers of sed_eval, and what holds for all of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from mediaml.metrics.events import FileEvents, Rules, count, event_report, matched, near, overlapping_by
from mediaml.values.event_report import EventReport, EventScore

REFERENCE = json.loads((Path(__file__).parent / "references" / "sed_eval.json").read_text(encoding="utf-8"))
CASES = {case["name"]: case for case in REFERENCE["cases"]}
ONE = Rules(collar=0.2, iou=0.5, resolution=1.0)


def files_of(case: dict[str, Any]) -> list[FileEvents]:
    return [
        FileEvents(*([(label, start, end) for label, start, end in one[side]] for side in ("truth", "found")))
        for one in case["recordings"]
    ]


def assert_figures(score: EventScore, kind: str, expected: dict[str, Any]) -> None:
    """Compare with sed_eval, which says NaN (here: null) where we say 0, as of all reports."""
    for figure, theirs in (("precision", "precision"), ("recall", "recall"), ("f1", "f_measure")):
        assert getattr(score, f"{kind}_{figure}") == pytest.approx(expected[theirs] or 0.0, abs=1e-12), figure


def assert_error_rate(score: EventScore, kind: str, expected: dict[str, Any], truths: float) -> None:
    """Compare with sed_eval, which divides by a hair instead of by 0."""
    rate = getattr(score, f"{kind}_error_rate")
    assert rate is None if truths == 0 else rate == pytest.approx(expected["error_rate"], abs=1e-12)


# --- sed_eval


def test_the_reference_holds_what_it_should() -> None:
    assert REFERENCE["made_with"]["sed_eval"] == "0.2.1"
    assert len(CASES) > 40
    assert sum(len(case["recordings"]) > 1 for case in CASES.values()) > 5


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("collar", [0.1, 0.2, 0.5, 2.0])
def test_beginnings_are_counted_as_sed_eval_counts_them(name: str, collar: float) -> None:
    expected = CASES[name]["event"][str(collar)]
    report = event_report(files_of(CASES[name]), ONE._replace(collar=collar), 60.0)
    assert_figures(report, "event", expected)
    assert_error_rate(report, "event", expected, expected["counts"]["truths"])
    counts = report.counts["event"]
    assert {field: getattr(counts, field) for field in expected["counts"]} == expected["counts"]
    assert set(report.labels) == set(expected["per_label"])
    for label, of_label in expected["per_label"].items():
        assert_figures(report.per_label[label], "event", of_label)
        assert_error_rate(report.per_label[label], "event", of_label, of_label["truths"])
        counts = report.per_label[label].counts["event"]
        assert (counts.truths, counts.found, counts.hits) == tuple(of_label[n] for n in ("truths", "found", "hits"))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("resolution", [0.1, 0.25, 1.0, 3.0])
def test_segments_are_counted_as_sed_eval_counts_them(name: str, resolution: float) -> None:
    expected = CASES[name]["segment"][str(resolution)]
    report = event_report(files_of(CASES[name]), ONE._replace(resolution=resolution), 60.0)
    counts = report.counts["segment"]
    assert {field: getattr(counts, field) for field in expected["counts"]} == expected["counts"]
    assert_figures(report, "segment", expected)
    assert_error_rate(report, "segment", expected, expected["counts"]["truths"])
    for label, of_label in expected["per_label"].items():
        assert_figures(report.per_label[label], "segment", of_label)
        assert_error_rate(report.per_label[label], "segment", of_label, of_label["truths"])


# --- overlap


def times(*stretches: tuple[float, float]) -> np.ndarray:
    return np.array(stretches, float).reshape(-1, 2)


@pytest.mark.parametrize(
    ("found", "iou", "same"),
    [
        ((0.0, 10.0), 1.0, True),
        ((5.0, 10.0), 0.5, True),
        ((5.0, 10.0), 0.51, False),
        ((0.0, 20.0), 0.5, True),
        ((5.0, 15.0), 1 / 3, True),
        ((5.0, 15.0), 0.34, False),
        ((10.0, 20.0), 0.01, False),
        ((5.0, 5.0), 0.01, False),
        ((-90.0, 10.0), 0.1, True),
    ],
)
def test_events_overlap_by_the_share_that_both_hold(found: tuple[float, float], iou: float, same: bool) -> None:
    assert overlapping_by(times((0, 10)), times(found), iou) == [[0] if same else []]


def test_events_without_length_overlap_where_they_are_the_same() -> None:
    assert overlapping_by(times((1, 1)), times((1, 1), (1, 2), (2, 2)), 0.5) == [[0]]


def test_each_event_counts_once_and_under_its_own_label() -> None:
    truth = [("a", 0.0, 4.0), ("b", 10.0, 12.0)]
    found = [("a", 0.0, 4.0), ("a", 0.5, 4.0), ("a", 10.0, 12.0)]
    counts = count(FileEvents(truth, found), ONE)
    assert counts[None, "iou"].hits == counts["a", "iou"].hits == 1
    assert (counts[None, "iou"].truths, counts[None, "iou"].found) == (2, 3)
    assert counts["b", "iou"].found == 0


stretch = st.tuples(st.floats(0, 20), st.floats(0, 8)).map(lambda one: (one[0], one[0] + one[1]))
some = st.lists(stretch, max_size=12).map(sorted)


def plainly(truth: Any, found: Any, same: Any) -> list[list[int]]:
    return [[n for n, other in enumerate(found) if same(*one, *other)] for one in truth]


@given(some, some, st.floats(0.01, 1))
@settings(deadline=None)
def test_all_that_overlap_are_looked_at(truth: Any, found: Any, iou: float) -> None:
    def same(start: float, end: float, other_start: float, other_end: float) -> bool:
        both = min(end, other_end) - max(start, other_start)
        return both >= 0 and both >= iou * (max(end, other_end) - min(start, other_start))

    assert overlapping_by(times(*truth), times(*found), iou) == plainly(truth, found, same)


@given(some, some, st.floats(0.01, 5))
@settings(deadline=None)
def test_all_that_begin_nearby_are_looked_at(truth: Any, found: Any, collar: float) -> None:
    def same(start: float, _end: float, other_start: float, _other_end: float) -> bool:
        return abs(start - other_start) <= collar

    assert near(times(*truth), times(*found), collar) == plainly(truth, found, same)


# --- pairs


@given(st.lists(st.sets(st.integers(0, 9)).map(sorted), max_size=10))
@settings(deadline=None)
def test_as_many_pairs_are_made_as_can_be(neighbours: list[list[int]]) -> None:
    pairs = matched(neighbours)
    assert len(set(pairs.values())) == len(pairs), "no found event is in two pairs"
    assert all(found in neighbours[true] for true, found in pairs.items())
    edges = np.zeros((max(1, len(neighbours)), 10))
    for true, found in enumerate(neighbours):
        edges[true, found] = 1
    best = linear_sum_assignment(edges, maximize=True)
    assert len(pairs) == edges[best].sum()


def test_a_long_chain_is_turned_around() -> None:
    length = 3000  # the last wants what the first has, and each has to move on by one: too deep for recursion
    chain = [[n, n + 1] for n in range(length)]
    assert matched([*chain, [0]]) == {**{n: n + 1 for n in range(length)}, length: 0}


def test_a_pair_that_could_not_be_made_does_not_stand_in_the_way_of_another() -> None:
    assert matched([[1, 2], [0], [0], [1]]) == {0: 2, 1: 0, 3: 1}


def test_a_crowd_is_matched_at_once() -> None:
    crowd = [list(range(500)) for _ in range(1500)]
    assert len(matched(crowd)) == 500


# --- whatever the events


events = st.lists(st.tuples(st.sampled_from("abc"), stretch).map(lambda one: (one[0], *one[1])), max_size=12)
files = st.lists(st.builds(FileEvents, events, events), min_size=1, max_size=3)
FIGURES = ("event_f1", "iou_f1", "segment_f1", "event_precision", "iou_recall", "segment_precision")


@given(files)
@settings(deadline=None)
def test_what_is_true_finds_itself(given_files: list[FileEvents]) -> None:
    report = event_report([FileEvents(one.truth, one.truth) for one in given_files], ONE, 1.0)
    whole = any(one.truth for one in given_files)
    assert (report.event_f1, report.iou_f1) == (float(whole), float(whole))
    assert report.event_error_rate == (0.0 if whole else None)
    assert report.segment_f1 in ((0.0, 1.0) if whole else (0.0,))  # events without length may hold no segment


@given(files)
@settings(deadline=None)
def test_figures_are_shares_and_counts_add_up(given_files: list[FileEvents]) -> None:
    report = event_report(given_files, ONE, 1.0)
    for score in (report, *report.per_label.values()):
        assert all(0 <= getattr(score, figure) <= 1 for figure in FIGURES)
        for counts in score.counts.values():
            assert min(counts.hits, counts.substitutions, counts.deletions, counts.insertions) >= 0
    for kind in ("event", "iou", "segment"):
        for field in ("truths", "found", "hits"):
            parts = [getattr(score.counts[kind], field) for score in report.per_label.values()]
            assert getattr(report.counts[kind], field) == sum(parts)


@given(files)
@settings(deadline=None)
def test_truth_and_found_in_each_others_place_swap_precision_and_recall(given_files: list[FileEvents]) -> None:
    one = event_report(given_files, ONE, 1.0)
    other = event_report([FileEvents(both.found, both.truth) for both in given_files], ONE, 1.0)
    for kind in ("event", "iou", "segment"):
        assert getattr(one, f"{kind}_f1") == getattr(other, f"{kind}_f1")
        assert getattr(one, f"{kind}_precision") == getattr(other, f"{kind}_recall")


@given(files, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_the_events_does_not_matter(given_files: list[FileEvents], dice: Any) -> None:
    shuffled = [FileEvents(*(dice.sample(side, len(side)) for side in one)) for one in given_files]
    assert event_report(shuffled, ONE, 1.0) == event_report(given_files, ONE, 1.0)


@given(files)
@settings(deadline=None)
def test_laxer_rules_never_find_less(given_files: list[FileEvents]) -> None:
    strict, lax = Rules(0.1, 0.7, 1.0), Rules(0.4, 0.3, 1.0)
    one, other = (event_report(given_files, rules, 1.0) for rules in (strict, lax))
    assert one.event_f1 <= other.event_f1
    assert one.iou_f1 <= other.iou_f1


def test_an_event_that_ends_beyond_all_bounds_costs_no_memory() -> None:
    report = event_report([FileEvents([("a", 0.0, 1e12)], [("a", 0.0, 1.0)])], ONE._replace(resolution=0.01), 1.0)
    assert report.counts["segment"].truths == 10**14


def test_a_report_prints_its_figures() -> None:
    truth, found = [("owl", 1.0, 2.0), ("wren", 4.0, 6.0)], [("owl", 1.1, 2.0), ("owl", 4.0, 4.5)]
    report = event_report([FileEvents(truth, found)], ONE, 3600.0, ["take care"])
    assert str(report).splitlines() == [
        "2 events in 1 recording (1:00:00), 2 found",
        "beginning within 0.2 s: F1 0.500, precision 50 %, recall 50 %, error rate 0.50",
        "overlapping by 50 % of both: F1 0.500, precision 50 %, recall 50 %",
        "segments of 1 s: F1 0.400, precision 50 %, recall 33 %, error rate 0.67",
        "  owl   F1 0.67  overlap 0.67  segments 0.67  2 found of 1",
        "  wren  F1 0.00  overlap 0.00  segments 0.00  0 found of 1",
        "! take care",
    ]
    assert EventReport.model_validate_json(report.model_dump_json()) == report
