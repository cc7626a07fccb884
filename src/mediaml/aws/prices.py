"""What an hour of something costs, from whoever knows it. No price stands in this code."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from mediaml.errors import PriceUnknownError


@dataclass(frozen=True)
class Price:
    """What an hour costs.

    Parameters
    ----------
    amount
        Of one machine or unit.
    currency
        Three letters.
    source
        Who says so.
    as_of
        When it held, as the source says.
    """

    amount: float
    currency: str
    source: str
    as_of: str

    def __str__(self) -> str:
        return f"{self.amount:g} {self.currency} an hour ({self.source}, {self.as_of})"


class Prices(Protocol):
    """Something that knows prices: `PriceTable`, `AwsPriceList`, or one of your own."""

    def price(self, item: str, region: str) -> Price:
        """Give what an hour costs.

        Parameters
        ----------
        item
            ``sagemaker training ml.c5.2xlarge``, ``sagemaker hosting ml.m5.large``, ``sagemaker transform
            ml.m5.large``, ``sagemaker serverless 3072MB``, ``rekognition custom-labels training``, ``rekognition
            custom-labels inference``.
        region
            Where.

        Raises
        ------
        PriceUnknownError
            It is not known.
        """


@dataclass(frozen=True)
class PriceTable:
    """Prices that the user gives.

    Parameters
    ----------
    per_hour
        By item; see `Prices.price` for their names.
    as_of
        The day on which they were looked up, ISO 8601.
    currency
        Three letters.

    Raises
    ------
    ValueError
        A price is none, or the day is none.
    """

    per_hour: Mapping[str, float]
    as_of: str
    currency: str = "USD"

    def __post_init__(self) -> None:
        date.fromisoformat(self.as_of)
        for item, amount in self.per_hour.items():
            if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0 <= amount < math.inf:
                raise ValueError(f"the price of {item!r} is a number from 0 on, not {amount!r}")
        object.__setattr__(self, "per_hour", dict(self.per_hour))

    def price(self, item: str, region: str) -> Price:
        """Give what an hour costs; the table holds for one region.

        Raises
        ------
        PriceUnknownError
            It is not in the table.
        """
        if item not in self.per_hour:
            raise PriceUnknownError(f"the table has no price of {item!r}; it has: {', '.join(sorted(self.per_hour))}")
        return Price(float(self.per_hour[item]), self.currency, "the user's table", self.as_of)
