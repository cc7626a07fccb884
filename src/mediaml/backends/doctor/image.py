"""The container image, as far as its address tells."""

from __future__ import annotations

import re

from mediaml.backends.doctor.finding import GOOD, NOTE, PROBLEM, Finding

ECR = re.compile(
    r"(?P<account>\d{12})\.dkr[.-]ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.[a-z0-9.-]+"
    r"/(?P<name>[a-z0-9._/-]+)(:(?P<tag>[\w.-]+))?(@(?P<digest>sha256:[0-9a-f]{64}))?"
)
EXAMPLE = "ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG"
WHAT = "image"


def image(region: str, uri: str) -> list[Finding]:
    """Look at the address of an image; whether it is there is not asked.

    Parameters
    ----------
    region
        That is worked in; empty where none is known.
    uri
        The address.
    """
    parts = ECR.fullmatch(uri)
    if parts is None:
        remedy = f"SageMaker takes images from ECR: {EXAMPLE}. Push yours there."
        return [Finding(WHAT, PROBLEM, f"{uri!r} is no address in ECR", remedy)]
    found = []
    if region and parts["region"] != region:
        remedy = f"Take the image of {region}, or work in {parts['region']}: SageMaker pulls from its own region."
        found.append(
            Finding(WHAT, PROBLEM, f"it lies in {parts['region']}, and work is to be done in {region}", remedy)
        )
    if not parts["tag"] and not parts["digest"]:
        remedy = "Name a tag or a digest: without one it is latest, which may be another image tomorrow."
        found.append(Finding(WHAT, NOTE, "it has no tag", remedy))
    if "mxnet" not in parts["name"]:
        remedy = "Our code needs Python 3.8 or later, numpy and MXNet there: see that the image has them."
        found.append(Finding(WHAT, NOTE, f"its name, {parts['name']}, does not say MXNet", remedy))
    good = f"{parts['name']} in {parts['region']}, of the account {parts['account']}; whether it is there was not asked"
    return found or [Finding(WHAT, GOOD, good)]
