"""A plan says what is billed, for how long at most, and what that may cost; above max_cost nothing starts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mediaml as mm
from mediaml.aws.plan import Charge, Plan, agreed
from mediaml.errors import CostLimitError, PriceUnknownError

TABLE = mm.PriceTable({"a": 2.0, "b": 0.5}, as_of="2026-11-29")


def plan(*charges: Charge) -> Plan:
    return Plan("the thing", "eu-west-1 on x", "3 hours at most", charges)


def test_without_prices_hours_are_told_alone() -> None:
    assert str(plan(Charge("a", 1, 3))) == "the thing in eu-west-1 on x: 3 hours at most"
    assert plan(Charge("a", 1, 3)).cost is None


def test_with_prices_money_is_told_with_its_source_and_date() -> None:
    priced = plan(Charge("a", 2, 3), Charge("b", 1, 4)).priced(TABLE, "eu-west-1")
    assert priced.cost == 14.0
    assert str(priced).endswith(
        "3 hours at most; 14.00 USD at most, at 2 USD an hour (the user's table, 2026-11-29) and 0.5 USD an hour (the "
        "user's table, 2026-11-29)"
    )


def test_a_price_that_is_not_known_is_told_with_the_reason() -> None:
    priced = plan(Charge("c", 1, 3)).priced(TABLE, "eu-west-1")
    assert priced.cost is None
    assert "the price is not known (the table has no price of 'c'" in str(priced)


def test_where_nothing_ends_it_the_price_of_an_hour_is_told() -> None:
    priced = plan(Charge("a", 1, None)).priced(TABLE, "eu-west-1")
    assert priced.cost is None
    assert str(priced).endswith("; at 2 USD an hour (the user's table, 2026-11-29)")


def test_nothing_billed_costs_nothing() -> None:
    assert plan().cost == 0
    plan().refuse_above(0.0)


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 9), st.floats(0, 100)), min_size=1, max_size=4),
    st.floats(0, 5000),
)
def test_what_is_refused_may_cost_more_and_what_is_allowed_may_not(
    charges: list[tuple[str, int, float]], most: float
) -> None:
    priced = plan(*(Charge(*one) for one in charges)).priced(TABLE, "")
    cost = sum({"a": 2.0, "b": 0.5}[item] * count * hours for item, count, hours in charges)
    assert priced.cost == pytest.approx(cost)
    assert priced.cost is not None
    if priced.cost > most:
        with pytest.raises(CostLimitError, match="is less than this may cost"):
            priced.refuse_above(most)
    else:
        priced.refuse_above(most)


def test_without_a_price_no_limit_can_be_kept() -> None:
    with pytest.raises(PriceUnknownError, match=r"max_cost=5 cannot be kept.*'a'.*mm\.PriceTable"):
        plan(Charge("a", 1, 3)).refuse_above(5)


def test_without_an_end_no_limit_can_be_kept() -> None:
    with pytest.raises(CostLimitError, match=r"nothing ends the thing by itself; give max_hours="):
        plan(Charge("a", 1, None)).priced(TABLE, "").refuse_above(1e9)


def test_two_currencies_are_not_added() -> None:
    euros = mm.PriceTable({"b": 1.0}, as_of="2026-11-29", currency="EUR")
    mixed = Plan("x", "y", "z", (*plan(Charge("a", 1, 1)).priced(TABLE, "").charges,))
    mixed = Plan("x", "y", "z", mixed.charges + plan(Charge("b", 1, 1)).priced(euros, "").charges)
    assert mixed.cost is None
    with pytest.raises(CostLimitError, match="several currencies"):
        mixed.refuse_above(100)


@pytest.mark.parametrize("amount", [float("nan"), -1.0])
def test_a_price_that_is_none_keeps_no_limit(amount: float) -> None:
    class Strange:
        def price(self, item: str, region: str) -> mm.Price:
            return mm.Price(amount, "USD", "a friend", "2026-11-29")

    with pytest.raises(CostLimitError):
        plan(Charge("a", 1, 3)).priced(Strange(), "").refuse_above(1e9)


@pytest.mark.parametrize("limit", [-1.0, float("nan")])
def test_a_limit_that_is_none_is_refused(limit: float) -> None:
    with pytest.raises(ValueError, match="max_cost is a sum from 0 on"):
        plan().refuse_above(limit)


def test_what_is_agreed_is_told_on_stderr_and_what_is_refused_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    priced = plan(Charge("a", 1, 3)).priced(TABLE, "")
    with pytest.raises(CostLimitError):
        agreed(priced, 5.99)
    assert capsys.readouterr() == ("", "")
    assert agreed(priced, 6) is priced
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("mediaml starts the thing in eu-west-1 on x: 3 hours at most; 6.00 USD at most")
