"""AWS's Price List of the offline account: the products that a test has put there, in the shape that AWS documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mediaml.testing.wire import Reply

PAGE = 100


class PriceList:
    """Products with their prices; there are none before a test adds them."""

    def __init__(self) -> None:
        self._products: list[tuple[str, dict[str, Any]]] = []

    def add(
        self,
        service: str,
        attributes: Mapping[str, str],
        price: float,
        *,
        unit: str = "Hrs",
        as_of: str = "2026-11-01T00:00:00Z",
    ) -> None:
        """Add a product.

        Parameters
        ----------
        service
            ``AmazonSageMaker``, ``AmazonRekognition``.
        attributes
            Such as ``regionCode``, ``instanceName``, ``component``, ``usagetype``.
        price
            In USD, on demand.
        unit
            That is priced.
        as_of
            From when on.
        """
        sku = f"SKU{len(self._products):06d}"
        row = {"unit": unit, "pricePerUnit": {"USD": f"{price:.10f}"}, "description": f"{price} per {unit}"}
        term = {"effectiveDate": as_of, "priceDimensions": {f"{sku}.JRTCKXETXF.6YS6EN2CT7": row}}
        product = {
            "product": {"sku": sku, "attributes": {"servicecode": service, **attributes}},
            "serviceCode": service,
            "terms": {"OnDemand": {f"{sku}.JRTCKXETXF": term}},
        }
        self._products.append((service, product))

    def products(self, request: dict[str, Any]) -> Reply:
        """Answer GetProducts."""
        wanted = {row["Field"]: row["Value"] for row in request.get("Filters", ())}
        found = [
            json.dumps(product)
            for service, product in self._products
            if service == request["ServiceCode"]
            and all(product["product"]["attributes"].get(name) == value for name, value in wanted.items())
        ]
        first = int(request.get("NextToken") or 0)
        more = {"NextToken": str(first + PAGE)} if len(found) > first + PAGE else {}
        return Reply({"FormatVersion": "aws_v1", "PriceList": found[first : first + PAGE], **more})
