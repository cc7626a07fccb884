"""Creating and ending what costs: the ledger first, then the service."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from mediaml.aws.ledger import Ledger, Resource
from mediaml.aws.polling import poll
from mediaml.aws.session import Aws, translated
from mediaml.errors import AwsError, AwsNotFoundError, AwsNotReadyError, AwsValidationError

JOB, TRANSFORM, MODEL, CONFIG, ENDPOINT = "training-job", "transform-job", "model", "endpoint-config", "endpoint"


class _Kind(NamedTuple):
    create: str
    describe: str
    remove: str
    name: str


KINDS = {
    JOB: _Kind("create_training_job", "describe_training_job", "stop_training_job", "TrainingJobName"),
    TRANSFORM: _Kind("create_transform_job", "describe_transform_job", "stop_transform_job", "TransformJobName"),
    MODEL: _Kind("create_model", "describe_model", "delete_model", "ModelName"),
    CONFIG: _Kind("create_endpoint_config", "describe_endpoint_config", "delete_endpoint_config", "EndpointConfigName"),
    ENDPOINT: _Kind("create_endpoint", "describe_endpoint", "delete_endpoint", "EndpointName"),
}
TAKEN = ("ResourceInUse", "ResourceInUseException")
ALREADY_EXISTS = "already exist"
GONE_IN = 1800.0  # seconds
SETTLED_IN = 3600.0
MOVING = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")


@dataclass(frozen=True)
class Workshop:
    """SageMaker in an account, with the ledger of what was created there.

    Parameters
    ----------
    aws
        The account.
    ledger
        Where it is written down.
    """

    aws: Aws
    ledger: Ledger

    @property
    def client(self) -> Any:
        """SageMaker's client."""
        return self.aws.client("sagemaker")

    def resource(self, kind: str, name: str) -> Resource:
        """Name something of this account and region, as the ledger does."""
        return Resource(kind, name, self.aws.region, self.aws.account())

    def describe(self, kind: str, name: str) -> dict[str, Any] | None:
        """Give what the service says of it; None where there is no such thing."""
        of = KINDS[kind]
        try:
            with translated(f"looking at the {kind} {name}"):
                found: dict[str, Any] = getattr(self.client, of.describe)(**{of.name: name})
        except AwsNotFoundError:
            return None
        return found

    def create(self, kind: str, request: dict[str, Any], keep: bool = False) -> None:
        """Create something, once: where an answer was lost and the call is repeated, what it made is taken.

        The ledger has it before the service is asked, and no longer where the service has refused.
        """
        of = KINDS[kind]
        name = request[of.name]
        self.ledger.created(self.resource(kind, name), keep)
        try:
            with translated(f"creating the {kind} {name}"):
                getattr(self.client, of.create)(**request)
        except (AwsValidationError, AwsNotReadyError) as error:
            if error.code not in TAKEN and ALREADY_EXISTS not in str(error).lower():
                self._strike(kind, name)
                raise
        except Exception:
            self._strike(kind, name)
            raise

    def _strike(self, kind: str, name: str) -> None:
        """Take off the ledger what was refused, where the service says that it is not there."""
        with suppress(AwsError):  # the refusal matters more; what stands in the ledger is looked for later
            if self.describe(kind, name) is None:
                self.ledger.gone(self.resource(kind, name))

    def end(self, kind: str, name: str) -> None:
        """Delete something, or stop a job; what is gone already is no error."""
        try:
            self._remove(kind, name)
        except AwsValidationError:
            if kind == ENDPOINT:  # one that is coming up, or being changed, cannot be deleted yet
                self.settle(name)
                self._remove(kind, name)
            elif kind not in (JOB, TRANSFORM):  # a job that is over cannot be stopped
                raise
        if kind == ENDPOINT:
            self._wait_until_gone(name)
        self.ledger.gone(self.resource(kind, name))

    def _remove(self, kind: str, name: str) -> None:
        of = KINDS[kind]
        with suppress(AwsNotFoundError), translated(f"ending the {kind} {name}"):
            getattr(self.client, of.remove)(**{of.name: name})

    def settle(self, name: str) -> dict[str, Any] | None:
        """Wait while an endpoint comes up or is changed; gives its state then, None where it is gone."""
        return poll(
            lambda: self.describe(ENDPOINT, name),
            lambda state: state is None or state["EndpointStatus"] not in MOVING,
            self.aws.clock,
            f"the endpoint {name}",
            SETTLED_IN,
        )

    def tags(self, arn: str) -> dict[str, str]:
        """Give the tags of something."""
        with translated(f"looking at the tags of {arn}"):
            rows = self.client.list_tags(ResourceArn=arn)["Tags"]
        return {row["Key"]: row["Value"] for row in rows}

    def tag(self, arn: str, key: str, value: str) -> None:
        """Add a tag."""
        with translated(f"tagging {arn}"):
            self.client.add_tags(ResourceArn=arn, Tags=[{"Key": key, "Value": value}])

    def _wait_until_gone(self, name: str) -> None:
        """Wait for an endpoint's end: its configuration and model must outlive it."""
        look: Callable[[], dict[str, Any] | None] = lambda: self.describe(ENDPOINT, name)  # noqa: E731
        poll(look, lambda state: state is None, self.aws.clock, f"the end of the endpoint {name}", GONE_IN)
