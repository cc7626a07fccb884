"""Prices from AWS's own Price List."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from mediaml.aws.prices import Price
from mediaml.aws.session import Aws, translated
from mediaml.aws.session import aws as aws_of
from mediaml.errors import AwsError, PriceUnknownError

if TYPE_CHECKING:
    import boto3

ASKED_IN = "us-east-1"  # the Price List is asked in few regions, and knows the prices of all
COMPONENTS = {"training": "Training", "hosting": "Hosting", "transform": "Batch Transform"}
"""What SageMaker's instances are used for: our word, and the attribute ``component`` of its products."""
HOURS = {"hrs": 1.0, "hours": 1.0, "hour": 1.0, "minutes": 60.0, "minute": 60.0, "seconds": 3600.0, "second": 3600.0}
"""How often a unit of the Price List goes into an hour."""
Attributes = Mapping[str, str]


class _Wanted(NamedTuple):
    """Products of a service with these attributes, of which those are meant that `fits` says so of."""

    service: str
    attributes: dict[str, str]
    fits: Callable[[Attributes], bool]


@dataclass(frozen=True)
class AwsPriceList:
    """Prices from AWS's Price List, which the caller must have the right to ask (``pricing:GetProducts``).

    A price is taken only where exactly one product fits, so that no other one is taken for it; the attributes of
    products are AWS's to change. Nothing here was tried on AWS itself.

    Parameters
    ----------
    session
        Credentials; None: this machine's.
    """

    session: boto3.Session | None = None
    _known: dict[tuple[str, str], Price | PriceUnknownError] = field(default_factory=dict, repr=False, compare=False)
    _accounts: list[Aws] = field(default_factory=list, repr=False, compare=False)

    def price(self, item: str, region: str) -> Price:
        """Give what an hour costs on demand; each is asked once.

        Raises
        ------
        PriceUnknownError
            The Price List may not be asked, or has no such product, or several.
        """
        if (item, region) not in self._known:
            try:
                self._known[item, region] = self._asked(item, region)
            except PriceUnknownError as error:
                self._known[item, region] = error
        known = self._known[item, region]
        if isinstance(known, PriceUnknownError):
            raise known
        return known

    def _asked(self, item: str, region: str) -> Price:
        wanted = _wanted(item)
        try:
            priced = {_sku(product): _per_hour(product) for product in self._products(wanted, region)}
        except AwsError as error:
            raise PriceUnknownError(f"the price of {item!r} in {region} cannot be asked: {error}") from error
        found = [price for price in priced.values() if price is not None]
        if len(found) != 1:
            raise PriceUnknownError(
                f"AWS's Price List has {len(found) or 'no'} prices for {item!r} in {region}: give a PriceTable"
            )
        return found[0]

    def _products(self, wanted: _Wanted, region: str) -> Iterator[dict[str, Any]]:
        rows = {"regionCode": region, **wanted.attributes}
        filters = [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in rows.items()]
        client = self._aws.client("pricing", region=ASKED_IN)
        with translated("asking AWS's Price List"):
            pages = client.get_paginator("get_products").paginate(ServiceCode=wanted.service, Filters=filters)
            for page in pages:
                for text in page["PriceList"]:
                    product = json.loads(text)
                    if wanted.fits(product.get("product", {}).get("attributes", {})):
                        yield product

    @property
    def _aws(self) -> Aws:
        if not self._accounts:
            self._accounts.append(aws_of(self.session))
        return self._accounts[0]


def _sku(product: Mapping[str, Any]) -> str:
    return str(product.get("product", {}).get("sku", ""))


def _wanted(item: str) -> _Wanted:
    match item.split():
        case ["sagemaker", use, instance] if use in COMPONENTS:
            attributes = {"component": COMPONENTS[use], "instanceName": instance}
            return _Wanted("AmazonSageMaker", attributes, lambda found: True)
        case ["sagemaker", "serverless", memory]:
            # the unit is a second of a machine with so much memory
            return _Wanted("AmazonSageMaker", {}, lambda found: _says(found, "serverless", memory.removesuffix("MB")))
        case ["rekognition", "custom-labels", use]:
            return _Wanted("AmazonRekognition", {}, lambda found: _says(found, "customlabels", use))
    raise PriceUnknownError(f"AWS's Price List is not asked for {item!r}")


def _says(attributes: Attributes, *words: str) -> bool:
    """Tell whether the attributes of a product name all these things, however they are written."""
    told = "".join(sign for sign in " ".join(map(str, attributes.values())).lower() if sign.isalnum())
    return all(word in told for word in words)


def _per_hour(product: Mapping[str, Any]) -> Price | None:
    """Read the price on demand; None where it is in another unit, or a free one."""
    for term in product.get("terms", {}).get("OnDemand", {}).values():
        for row in term.get("priceDimensions", {}).values():
            times = HOURS.get(str(row.get("unit", "")).lower())
            for currency, amount in row.get("pricePerUnit", {}).items():
                if times is not None and float(amount) > 0:
                    as_of = str(term.get("effectiveDate") or product.get("publicationDate") or "")[:10]
                    return Price(float(amount) * times, str(currency), "AWS's Price List", as_of)
    return None
