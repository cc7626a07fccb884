"""Service Quotas: what the offline account may use, a table that tests may change."""

from __future__ import annotations

import hashlib
from typing import Any

from mediaml.testing.refusals import RefusalError
from mediaml.testing.wire import Reply

USES = ("training job", "spot training job", "endpoint", "transform job")
TYPES = ("ml.c5.xlarge", "ml.c5.2xlarge", "ml.m5.large", "ml.m5.xlarge")
PAGE = 100


class Quotas:
    """The account's quotas.

    Attributes
    ----------
    applied
        By service and name: what holds for this account.
    defaults
        The same for quotas of which AWS tells the default alone.
    untold
        Names of quotas whose service does not tell their values.
    """

    def __init__(self) -> None:
        self.applied: dict[str, dict[str, float]] = {
            "sagemaker": {f"{kind} for {use} usage": 4.0 for kind in TYPES for use in USES},
            "rekognition": {
                "Maximum number of concurrent Amazon Rekognition Custom Labels training jobs per account": 2.0,
                "Maximum number of concurrently running Amazon Rekognition Custom Labels models per account": 2.0,
            },
        }
        self.defaults: dict[str, dict[str, float]] = {
            "sagemaker": {},
            "rekognition": {"Maximum number of Amazon Rekognition Custom Labels projects per account": 100.0},
        }

        self.untold: set[str] = set()

    def list_applied(self, request: dict[str, Any]) -> Reply:
        """ListServiceQuotas."""
        return self._page(request, self._of(request, self.applied))

    def list_defaults(self, request: dict[str, Any]) -> Reply:
        """ListAWSDefaultServiceQuotas."""
        return self._page(request, {**self._of(request, self.applied), **self._of(request, self.defaults)})

    def _of(self, request: dict[str, Any], table: dict[str, dict[str, float]]) -> dict[str, float]:
        service = request["ServiceCode"]
        if service not in self.applied:
            raise RefusalError("NoSuchResourceException", f"The request failed because {service} does not exist.")
        return table.get(service, {})

    def _page(self, request: dict[str, Any], quotas: dict[str, float]) -> Reply:
        begin, size = int(request.get("NextToken", "0")), int(request.get("MaxResults", PAGE))
        rows = [self._row(request["ServiceCode"], name, value) for name, value in quotas.items()]
        more = {"NextToken": str(begin + size)} if begin + size < len(rows) else {}
        return Reply({"Quotas": rows[begin : begin + size], **more})

    def _row(self, service: str, name: str, value: float) -> dict[str, Any]:
        reason = {"ErrorReason": {"ErrorCode": "DEPENDENCY_ACCESS_DENIED_ERROR"}}
        return {
            "ServiceCode": service,
            # AWS's codes look like this; these are made of the names
            "QuotaCode": f"L-{hashlib.sha256(name.encode()).hexdigest()[:8].upper()}",
            "QuotaName": name,
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
            **(reason if name in self.untold else {"Value": value}),
        }
