"""What the account may use at once, as far as Service Quotas tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from mediaml.aws.session import translated
from mediaml.backends.doctor.asking import Caller, asked, unanswered
from mediaml.backends.doctor.finding import GOOD, NOTE, PROBLEM, Finding
from mediaml.backends.sagemaker.settings import INSTANCE
from mediaml.errors import AwsError

USES = {
    "training job": "training with spot=False",
    "spot training job": "training with spot=True, the default",
    "endpoint": "realtime and async endpoints",
    "transform job": "evaluate and transform",
}
"""Quotas of an instance type, by what is counted, and what of ours needs them."""
CUSTOM_LABELS = "Custom Labels"
RIGHT = "servicequotas:ListServiceQuotas and servicequotas:ListAWSDefaultServiceQuotas"
ATTEMPTS = 4  # a list has many pages
Quota = dict[str, Any]


def instance_quotas(caller: Caller, kind: str) -> list[Finding]:
    """Look at how many machines of a type the account may use."""
    what = f"quotas of {kind}"
    if not INSTANCE.fullmatch(kind):
        return [Finding("instance type", PROBLEM, f"{kind!r} is none of SageMaker's", "They are like ml.c5.2xlarge.")]
    return asked(what, RIGHT, lambda: _of_instance(caller, kind, what))


def _of_instance(caller: Caller, kind: str, what: str) -> list[Finding]:
    names = {f"{kind} for {use} usage": purpose for use, purpose in USES.items()}
    known, hidden = _known(caller, "sagemaker", lambda name: name in names, len(names))
    if not known:
        told = f"Service Quotas knows no {kind} in {caller.aws.region}"
        return [Finding(what, PROBLEM, told, "Check the name, and whether this region has the type.")]
    found = hidden
    for name, purpose in names.items():
        if name in known:
            found.append(_told(known[name], caller.aws.region, f"; for {purpose}"))
        else:
            found.append(
                Finding(f"quota: {name}", NOTE, f"none is known; for {purpose}", "The type may not do for it.")
            )
    return found


def label_quotas(caller: Caller) -> list[Finding]:
    """Look at the quotas of Custom Labels."""
    what = f"quotas of {CUSTOM_LABELS}"
    return asked(what, RIGHT, lambda: _of_labels(caller, what))


def _of_labels(caller: Caller, what: str) -> list[Finding]:
    known, hidden = _known(caller, "rekognition", lambda name: CUSTOM_LABELS.lower() in name.lower())
    if not known:
        told = "Service Quotas lists none"
        return [Finding(what, NOTE, told, "Look at the page of Rekognition's quotas: docs.aws.amazon.com/general.")]
    return [*(_told(quota, caller.aws.region) for quota in known.values()), *hidden]


def _told(quota: Quota, region: str, purpose: str = "") -> Finding:
    name, code = quota["QuotaName"], quota["QuotaCode"]
    if "Value" not in quota:
        told = (
            f"its service does not tell ({quota.get('ErrorReason', {}).get('ErrorCode', 'no reason given')}){purpose}"
        )
        return Finding(f"quota: {name}", NOTE, told, "Look under Service Quotas in the AWS console.")
    value = float(quota["Value"])
    if value > 0:
        return Finding(f"quota: {name}", GOOD, f"{value:g}{purpose}")
    ask = f"aws service-quotas request-service-quota-increase --service-code {quota['ServiceCode']} --quota-code {code}"
    remedy = f"Ask for more, which may take days: {ask} --desired-value 1 --region {region}"
    return Finding(f"quota: {name}", PROBLEM, f"0{purpose}", remedy)


def _known(
    caller: Caller, service: str, wanted: Callable[[str], bool], most: int | None = None
) -> tuple[dict[str, Quota], list[Finding]]:
    """Give the quotas that are wanted, what holds for this account before what AWS gives to all; and what hid some."""
    known: dict[str, Quota] = {}
    try:
        for operation in ("list_service_quotas", "list_aws_default_service_quotas"):
            for quota in _listed(caller, operation, service):
                if wanted(quota["QuotaName"]):
                    known.setdefault(quota["QuotaName"], quota)
                if len(known) == most:
                    return known, []
    except AwsError as error:
        if not known:
            raise
        return known, [unanswered(f"more quotas of {service}", RIGHT, error)]
    return known, []


def _listed(caller: Caller, operation: str, service: str) -> Iterator[Quota]:
    with translated(f"looking at the quotas of {service}"):
        client = caller.aws.client("service-quotas", attempts=ATTEMPTS)
        for page in client.get_paginator(operation).paginate(ServiceCode=service):
            yield from page["Quotas"]
