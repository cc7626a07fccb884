"""What things cost is told by whoever knows it: a table of the user's, or AWS's Price List."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import mediaml as mm
from mediaml.errors import PriceUnknownError
from mediaml.testing import Fault, OfflineAws, offline_aws

INSTANCE = "sagemaker hosting ml.m5.large"


@pytest.fixture
def aws() -> Iterator[OfflineAws]:
    with offline_aws() as account:
        yield account


def hosting(region: str = "us-east-1", instance: str = "ml.m5.large", component: str = "Hosting") -> dict[str, str]:
    return {"regionCode": region, "instanceName": instance, "component": component}


def test_a_table_says_what_the_user_has_looked_up() -> None:
    table = mm.PriceTable({INSTANCE: 0.25}, as_of="2026-11-29", currency="EUR")
    price = table.price(INSTANCE, "eu-west-1")
    assert str(price) == "0.25 EUR an hour (the user's table, 2026-11-29)"


def test_what_is_not_in_the_table_is_not_known_and_the_error_names_what_is() -> None:
    table = mm.PriceTable({INSTANCE: 0.25}, as_of="2026-11-29")
    with pytest.raises(PriceUnknownError, match=r"no price of 'sagemaker training x'; it has: sagemaker hosting"):
        table.price("sagemaker training x", "eu-west-1")


@pytest.mark.parametrize("amount", [-1, float("nan"), float("inf"), "3", True])
def test_what_is_no_price_is_refused(amount: object) -> None:
    with pytest.raises(ValueError, match="the price of 'x' is a number from 0 on"):
        mm.PriceTable({"x": amount}, as_of="2026-11-29")  # type: ignore[dict-item]


def test_a_table_says_when_it_was_made() -> None:
    with pytest.raises(ValueError, match="today"):
        mm.PriceTable({}, as_of="today")


def test_a_table_is_its_own_copy() -> None:
    prices = {INSTANCE: 0.25}
    table = mm.PriceTable(prices, as_of="2026-11-29")
    prices[INSTANCE] = 99.0
    assert table.price(INSTANCE, "").amount == 0.25


def test_the_price_list_is_asked_for_the_region_the_instance_and_its_use(aws: OfflineAws) -> None:
    aws.price_list.add("AmazonSageMaker", hosting(), 0.115, as_of="2026-10-01T00:00:00Z")
    aws.price_list.add("AmazonSageMaker", hosting(region="eu-west-1"), 0.128)
    aws.price_list.add("AmazonSageMaker", hosting(component="Training"), 0.115)
    aws.price_list.add("AmazonSageMaker", hosting(component="Batch Transform"), 0.119)
    aws.price_list.add("AmazonSageMaker", hosting(instance="ml.m5.xlarge"), 0.23)
    prices = mm.AwsPriceList(aws.session)
    assert prices.price(INSTANCE, "us-east-1") == mm.Price(0.115, "USD", "AWS's Price List", "2026-10-01")
    assert prices.price(INSTANCE, "eu-west-1").amount == 0.128
    assert prices.price("sagemaker transform ml.m5.large", "us-east-1").amount == 0.119


def test_it_is_asked_once_and_where_it_is(aws: OfflineAws) -> None:
    aws.price_list.add("AmazonSageMaker", hosting("eu-west-3"), 0.115)
    prices = mm.AwsPriceList(aws.session)
    assert prices.price(INSTANCE, "eu-west-3") == prices.price(INSTANCE, "eu-west-3")
    (call,) = (one for one in aws.calls if one.service == "pricing")
    assert call.operation == "GetProducts"


@pytest.mark.parametrize(
    ("use", "unit", "asked", "per_hour"),
    [
        ("CustomLabels-Inference", "hours", 4.0, 4.0),
        ("Custom Labels Inference minutes", "minutes", 0.05, 3.0),
        ("CustomLabels-Training", "Hrs", 1.0, None),
    ],
)
def test_custom_labels_is_found_by_what_its_products_say(
    aws: OfflineAws, use: str, unit: str, asked: float, per_hour: float | None
) -> None:
    aws.price_list.add("AmazonRekognition", {"regionCode": "us-east-1", "usagetype": f"USE1-{use}"}, asked, unit=unit)
    aws.price_list.add("AmazonRekognition", {"regionCode": "us-east-1", "group": "Image API"}, 0.001, unit="Images")
    prices = mm.AwsPriceList(aws.session)
    if per_hour is None:
        with pytest.raises(PriceUnknownError, match="no prices"):
            prices.price("rekognition custom-labels inference", "us-east-1")
    else:
        assert prices.price("rekognition custom-labels inference", "us-east-1").amount == pytest.approx(per_hour)


def test_of_two_prices_none_is_taken(aws: OfflineAws) -> None:
    aws.price_list.add("AmazonSageMaker", hosting(), 0.115)
    aws.price_list.add("AmazonSageMaker", hosting(), 0.2)
    with pytest.raises(PriceUnknownError, match=r"has 2 prices for 'sagemaker hosting ml.m5.large' in us-east-1"):
        mm.AwsPriceList(aws.session).price(INSTANCE, "us-east-1")


def test_two_products_of_the_same_price_are_two(aws: OfflineAws) -> None:
    aws.price_list.add("AmazonSageMaker", hosting(), 0.115)
    aws.price_list.add("AmazonSageMaker", {**hosting(), "group": "another"}, 0.115)
    with pytest.raises(PriceUnknownError, match="has 2 prices"):
        mm.AwsPriceList(aws.session).price(INSTANCE, "us-east-1")


def test_what_is_not_known_is_not_asked_again(aws: OfflineAws) -> None:
    prices = mm.AwsPriceList(aws.session)
    for _ in range(2):
        with pytest.raises(PriceUnknownError, match="has no prices"):
            prices.price(INSTANCE, "us-east-1")
    assert len([one for one in aws.calls if one.service == "pricing"]) == 1


def test_a_free_product_and_another_unit_are_no_price(aws: OfflineAws) -> None:
    aws.price_list.add("AmazonSageMaker", hosting(), 0.0)
    aws.price_list.add("AmazonSageMaker", hosting(), 0.1, unit="GB")
    with pytest.raises(PriceUnknownError, match="has no prices"):
        mm.AwsPriceList(aws.session).price(INSTANCE, "us-east-1")


def test_who_may_not_ask_does_not_know(aws: OfflineAws) -> None:
    aws.fail("pricing", "GetProducts", Fault.ACCESS_DENIED)
    with pytest.raises(PriceUnknownError, match="cannot be asked: asking AWS's Price List"):
        mm.AwsPriceList(aws.session).price(INSTANCE, "us-east-1")


@pytest.mark.parametrize(
    "item", ["", "sagemaker", "sagemaker dancing ml.m5.large", "s3 storage", "rekognition faces x"]
)
def test_what_nobody_sells_is_not_asked_for(aws: OfflineAws, item: str) -> None:
    with pytest.raises(PriceUnknownError, match="is not asked for"):
        mm.AwsPriceList(aws.session).price(item, "us-east-1")
