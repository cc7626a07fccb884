"""From a trained model to an endpoint and back to nothing: created and ended in the right order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from mediaml.aws.logs import last_lines
from mediaml.aws.polling import poll
from mediaml.aws.s3 import Location
from mediaml.backends.sagemaker.creating import CONFIG, ENDPOINT, MODEL, Workshop
from mediaml.backends.sagemaker.plan import Plan
from mediaml.backends.sagemaker.request import NAME
from mediaml.backends.sagemaker.settings import Site
from mediaml.errors import AwsValidationError, JobFailedError

Kind = Literal["serverless", "realtime", "async"]
KINDS = ("serverless", "realtime", "async")
MEMORY = 3072  # MB of a serverless endpoint: MXNet, the model and a minute of sound need less than 2 GB
CONCURRENCY = 5
INSTANCE = "ml.m5.large"
READY_IN = 3600.0  # seconds
VARIANT = "AllTraffic"
ENVIRONMENT = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}


class Served(NamedTuple):
    """What is served, and how.

    Parameters
    ----------
    job
        The name of the training job.
    artifact
        model.tar.gz.
    image, role
        Of the container.
    kind, instance_type
        Of the endpoint.
    answers
        Where an "async" endpoint leaves its answers.
    """

    job: str
    artifact: Location
    image: str
    role: str
    kind: Kind
    instance_type: str
    answers: Location

    @property
    def name(self) -> str:
        """Of the model, the configuration and the endpoint: the same model served in the same way has the same."""
        return f"{self.job}-{self.kind}"


@dataclass(frozen=True)
class Serving:
    """Brings endpoints up and down.

    Parameters
    ----------
    workshop
        Where.
    site
        With which network, tags and keys.
    """

    workshop: Workshop
    site: Site

    def up(self, served: Served, keep: bool) -> None:
        """Create the model, its configuration and the endpoint, and wait until it answers.

        Where any of it fails or is interrupted, all of it is taken back.

        Raises
        ------
        JobFailedError
            The endpoint did not come up; the end of its log is in the message.
        AwsError
            The service refused something.
        """
        with self._all_or_nothing(served):
            for kind, request in self._requests(served):
                if self.workshop.describe(kind, served.name) is None:
                    self.workshop.create(kind, request, keep)
            self._wait(served.name)

    @contextmanager
    def _all_or_nothing(self, served: Served) -> Iterator[None]:
        there = self.workshop.describe(ENDPOINT, served.name) is not None
        try:
            yield
        except BaseException:  # Ctrl-C, too
            if not there:
                self.down(served.name)
            raise

    def down(self, name: str) -> None:
        """Delete the endpoint, its configuration and its model, in this order; what is gone already is no error."""
        for kind in (ENDPOINT, CONFIG, MODEL):
            self.workshop.end(kind, name)

    def _requests(self, served: Served) -> Iterator[tuple[str, dict[str, Any]]]:
        tags = self.site.tag_list(owner=NAME, job=served.job)
        key = {"KmsKeyId": self.site.kms_key} if self.site.kms_key and served.kind != "serverless" else {}
        name = served.name
        container = {"Image": served.image, "ModelDataUrl": served.artifact.uri, "Environment": ENVIRONMENT}
        yield (
            MODEL,
            {
                "ModelName": name,
                "PrimaryContainer": container,
                "ExecutionRoleArn": served.role,
                "Tags": tags,
                **self.site.network,
            },
        )
        answers = {"AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": served.answers.uri}}}
        yield (
            CONFIG,
            {
                "EndpointConfigName": name,
                "ProductionVariants": [{"VariantName": VARIANT, "ModelName": name, **_capacity(served)}],
                "Tags": tags,
                **key,
                **(answers if served.kind == "async" else {}),
            },
        )
        yield ENDPOINT, {"EndpointName": name, "EndpointConfigName": name, "Tags": tags}

    def _wait(self, name: str) -> None:
        def look() -> dict[str, Any]:
            return self.workshop.describe(ENDPOINT, name) or {"EndpointStatus": "Failed", "FailureReason": "it is gone"}

        aws = self.workshop.aws
        moving = ("Creating", "Updating", "SystemUpdating", "RollingBack")
        state = poll(
            look, lambda found: found["EndpointStatus"] not in moving, aws.clock, f"the endpoint {name}", READY_IN
        )
        if state["EndpointStatus"] != "InService":
            raise JobFailedError(
                f"the endpoint {name} did not come up ({state['EndpointStatus']}): {state.get('FailureReason', '')}",
                last_lines(aws, f"/aws/sagemaker/Endpoints/{name}", ""),
            )


def _capacity(served: Served) -> dict[str, Any]:
    if served.kind == "serverless":
        return {"ServerlessConfig": {"MemorySizeInMB": MEMORY, "MaxConcurrency": CONCURRENCY}}
    return {"InstanceType": served.instance_type, "InitialInstanceCount": 1}


def plan_of(served: Served, region: str, max_hours: float | None, keep: bool) -> Plan:
    """Say what an endpoint costs, and for how long at most.

    Raises
    ------
    AwsValidationError
        It would cost when idle, with no end.
    """
    if served.kind not in KINDS:
        raise AwsValidationError(f"kind is one of {', '.join(KINDS)}, not {served.kind!r}")
    if max_hours is not None and not max_hours > 0:
        raise AwsValidationError(f"max_hours is above 0, not {max_hours!r}")
    idle = "costs nothing when idle" if served.kind == "serverless" else "costs by the hour, idle or not"
    if keep:
        end = "stays until you end it: mediaml aws stop"
    elif max_hours is not None:
        end = f"ends when it is closed, after {max_hours:g} hours at most while this process lives"
    elif served.kind == "serverless":
        end = "ends when it is closed"
    else:
        raise AwsValidationError(
            f"a {served.kind} endpoint costs by the hour, idle or not: give max_hours=, or keep=True for one that stays"
        )
    where = region if served.kind == "serverless" else f"{region} on {served.instance_type}"
    return Plan(f"the {served.kind} endpoint {served.name}", where, f"{idle}; it {end}")


class Watchdog:
    """Ends an endpoint when its time is over, while this process lives.

    Parameters
    ----------
    hours
        None: never.
    end
        Called once.
    """

    def __init__(self, hours: float | None, end: Callable[[], None]) -> None:
        self._timer = None if hours is None else threading.Timer(hours * 3600, end)
        if self._timer is not None:
            self._timer.daemon = True
            self._timer.start()

    def stop(self) -> None:
        """The endpoint was ended by someone else."""
        if self._timer is not None:
            self._timer.cancel()
