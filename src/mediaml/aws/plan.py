"""What is about to be created, for how long at most, and what it may cost; said before it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mediaml import _forward
from mediaml._notices import notice
from mediaml.aws.prices import Price, Prices
from mediaml.errors import CostLimitError, PriceUnknownError

NO_SOURCE = "give prices=mm.PriceTable({...}, as_of=...) or prices=mm.AwsPriceList() to the model"


@dataclass(frozen=True)
class Charge:
    """Something that is billed by the hour.

    Parameters
    ----------
    item
        What, as `Prices.price` names it.
    count
        How many at once, at most.
    hours
        How long at most; None: nothing ends it by itself.
    price
        Of an hour of one; None: not known.
    unknown
        Why the price is not known; empty: nobody was asked.
    """

    item: str
    count: int
    hours: float | None
    price: Price | None = None
    unknown: str = ""

    @property
    def cost(self) -> float | None:
        """What it costs at most; None where that is not known, or has no bound."""
        return None if self.price is None or self.hours is None else self.price.amount * self.count * self.hours


@dataclass(frozen=True)
class Plan:
    """What costs, where, and for how long at most.

    Parameters
    ----------
    what
        In a few words.
    where
        Region and, where there is one, instance type.
    at_most
        How long it can cost, in words.
    charges
        What is billed; none: nothing.
    """

    what: str
    where: str
    at_most: str
    charges: tuple[Charge, ...] = ()

    def priced(self, prices: Prices | None, region: str) -> Plan:
        """Give the plan with prices, as far as they are known."""
        if prices is None:
            return self
        return replace(self, charges=tuple(_priced(one, prices, region) for one in self.charges))

    @property
    def cost(self) -> float | None:
        """What all of it costs at most, in `currency`; None where that is not known, or has no bound."""
        costs = [one.cost for one in self.charges]
        if len({one.price.currency for one in self.charges if one.price is not None}) > 1:
            return None
        return None if None in costs else sum(cost for cost in costs if cost is not None)

    @property
    def currency(self) -> str:
        """Of the prices; empty where there are none."""
        return next((one.price.currency for one in self.charges if one.price is not None), "")

    def refuse_above(self, max_cost: float | None) -> None:
        """Refuse what may cost more than this, in the currency of the prices.

        Raises
        ------
        PriceUnknownError
            A price is not known.
        CostLimitError
            It may cost more, or there is no bound.
        """
        if max_cost is None:
            return
        if not max_cost >= 0:
            raise ValueError(f"max_cost is a sum from 0 on, not {max_cost!r}")
        for one in self.charges:
            if one.price is None:
                raise PriceUnknownError(
                    f"max_cost={max_cost:g} cannot be kept: the price of {one.item!r} is not known; "
                    f"{one.unknown or NO_SOURCE}"
                )
            if one.hours is None:
                raise CostLimitError(
                    f"max_cost={max_cost:g} cannot be kept: nothing ends {self.what} by itself; give max_hours=, and "
                    "run mediaml aws setup once"
                )
        if self.cost is None:
            raise CostLimitError(f"max_cost={max_cost:g} cannot be kept: the prices are in several currencies ({self})")
        if not 0 <= self.cost <= max_cost:
            raise CostLimitError(f"max_cost={max_cost:g} {self.currency} is less than this may cost: {self}")

    def __str__(self) -> str:
        told = f"{self.what} in {self.where}: {self.at_most}"
        return f"{told}; {money}" if (money := self._money()) else told

    def _money(self) -> str:
        prices = list(dict.fromkeys(str(one.price) for one in self.charges if one.price is not None))
        unknown = list(dict.fromkeys(one.unknown for one in self.charges if one.unknown))
        if self.cost is not None and prices:
            return f"{self.cost:.2f} {self.currency} at most, at {' and '.join(prices)}"
        return "; ".join([f"at {price}" for price in prices] + [f"the price is not known ({why})" for why in unknown])

    def _repr_html_(self) -> str:
        html: str = _forward.call("mediaml.reports.views.tables", "plan_html", self)
        return html

    def show(self) -> None:
        """Tell it: no money is spent unseen."""
        notice(f"mediaml starts {self}")


def agreed(plan: Plan, max_cost: float | None) -> Plan:
    """Refuse what may cost too much, else say what is about to start.

    Raises
    ------
    PriceUnknownError, CostLimitError
        As of `Plan.refuse_above`.
    """
    plan.refuse_above(max_cost)
    plan.show()
    return plan


def _priced(charge: Charge, prices: Prices, region: str) -> Charge:
    try:
        return replace(charge, price=prices.price(charge.item, region), unknown="")
    except PriceUnknownError as error:
        return replace(charge, price=None, unknown=str(error))
