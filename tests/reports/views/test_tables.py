"""Values that are tables in a notebook."""

from __future__ import annotations

import pytest

import mediaml as mm
from mediaml.aws.plan import Charge, Plan
from mediaml.values.comparison import Comparison, Difference
from tests.reports.views.page import view
from tests.reports.views.values import comparison, improvement, plan, refused, service


def test_a_comparison_draws_the_interval_around_zero() -> None:
    shown = view(comparison())
    assert shown.text.startswith("Accuracy +0.100 on 210 clips.")
    reach = [one for one in shown.all("line") if one.get("class") == "reach"]
    widest = 0.18
    assert float(reach[0]["x1"]) == pytest.approx(96 * 0.02 / widest, abs=0.1)
    assert float(reach[0]["x2"]) == pytest.approx(96)
    assert len(reach) == 2 and "owl – – not tested" in shown.text  # noqa: RUF001


def test_what_may_be_chance_is_said() -> None:
    doubtful = Difference(old=0.8, new=0.81, between=mm.Interval(low=-0.02, high=0.04))
    given = Comparison(figure="accuracy", label_figure="f1", overall=doubtful, per_label={}, counted="9 clips")
    assert "the difference may be chance" in view(given).text
    assert "may be chance" not in view(comparison()).text


def test_an_improvement_recommends() -> None:
    assert "Recommended: the new model." in view(improvement()).text


def test_a_plan_says_what_it_may_cost_and_what_is_not_known() -> None:
    known = Plan("a training", "eu-west-1", "ends after 2 hours", plan().charges[:1])
    assert "may cost 2.00 USD" in view(known).text
    assert "Prices: a table, 2026-11-20." in view(known).text
    assert "how long ends after 2 hours" in view(known).text
    assert "may cost" not in view(plan()).text
    assert "no end by itself" in view(plan()).text and "A price is not known" in view(plan()).text
    free = view(Plan("a scan", "on this machine", "costs nothing"))
    assert "costs nothing" in free.text and free.all("table") == []
    assert "not known" in view(Plan("a", "b", "c", (Charge("hosting", 1, 2.0),))).text


def test_what_a_service_measured_has_dashes_where_it_says_nothing() -> None:
    shown = view(service())
    assert shown.bars == [0.92, 0.9, 0.95]
    assert "b – – – – –" in shown.text  # noqa: RUF001


def test_faces_that_were_refused_are_listed_with_the_reason() -> None:
    shown = view(refused())
    assert "refused 1" in shown.text and "low quality" in shown.text


def test_a_label_of_any_name_keeps_its_weight() -> None:
    shown = view(mm.Value(labels={"all others": 4.0, "every label not named here": 3.0}))
    assert "all others 4" in shown.text and "every label not named here 3" in shown.text
    assert shown.text.count("every label not named here") == 2 and shown.bars[:3] == [1.0, 0.75, 0.25]


def test_weights_have_bars_against_the_largest() -> None:
    shown = view(mm.Value(labels={"crowd_cheer": 4.0, "rain": 0.0}, novelty=0.0))
    assert shown.bars == [1.0, 0.0, 0.25, 1.0, 0.5, 0.5, 0.5, 0.0]
