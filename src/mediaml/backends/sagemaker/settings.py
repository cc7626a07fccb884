"""What a model on SageMaker is told, and where it works."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mediaml.errors import AwsValidationError

ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/.+")
BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
INSTANCE = re.compile(r"ml\.[a-z0-9-]+\.[a-z0-9]+")
MOST_TAGS = 45  # of 50: some are ours
LONGEST_HOURS = 24 * 28


@dataclass(frozen=True)
class Site:
    """Where and with which rights a model is trained and served.

    Parameters
    ----------
    role
        ARN of the role that SageMaker works with; None: that of this notebook, found by the `sagemaker` package.
    bucket
        Where data and models are kept; None: SageMaker's default bucket of this account and region, if it exists.
    prefix
        The start of all keys.
    instance_type
        Of the training.
    spot
        Train on spare capacity: up to 90 % cheaper, and interrupted now and then; training goes on from its last epoch.
    max_hours
        A training is stopped after this.
    image_uri
        Of the training container; None: AWS's MXNet 1.9.0 image, found by the `sagemaker` package.
    serving_image_uri
        Of the serving container; None: the same, for inference.
    tags
        On all that is created.
    kms_key
        What data, models and disks are encrypted with.
    subnets, security_groups
        A network of your own to run in.
    """

    role: str | None = None
    bucket: str | None = None
    prefix: str = "mediaml"
    instance_type: str = "ml.c5.2xlarge"
    spot: bool = True
    max_hours: float = 4.0
    image_uri: str | None = None
    serving_image_uri: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    kms_key: str | None = None
    subnets: Sequence[str] = ()
    security_groups: Sequence[str] = ()

    def __post_init__(self) -> None:
        for name, value, pattern in (
            ("role", self.role, ROLE),
            ("bucket", self.bucket, BUCKET),
            ("instance_type", self.instance_type, INSTANCE),
        ):
            if value is not None and not pattern.fullmatch(value):
                raise AwsValidationError(f"{name} is not what AWS takes ({pattern.pattern}): {value!r}")
        if not 0 < self.max_hours <= LONGEST_HOURS:
            raise AwsValidationError(f"max_hours is from above 0 to {LONGEST_HOURS}, not {self.max_hours!r}")
        if len(self.tags) > MOST_TAGS or any(key.startswith("aws:") for key in self.tags):
            raise AwsValidationError(f"at most {MOST_TAGS} tags, and none that begins with aws:")
        if bool(self.subnets) != bool(self.security_groups):
            raise AwsValidationError("subnets and security_groups go together")

    @property
    def network(self) -> dict[str, Any]:
        """The network to run in, as the services take it; empty for AWS's own."""
        if not self.subnets:
            return {}
        return {"VpcConfig": {"Subnets": list(self.subnets), "SecurityGroupIds": list(self.security_groups)}}

    def tag_list(self, **ours: str) -> list[dict[str, str]]:
        """Give the user's tags and ours, as the services take them."""
        named = {f"mediaml:{key.replace('_', '-')}": value for key, value in ours.items()}
        return [{"Key": key, "Value": value} for key, value in {**self.tags, **named}.items()]
