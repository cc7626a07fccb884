"""From a trained model to an endpoint and back to nothing: created and ended in the right order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from mediaml.aws.logs import last_lines
from mediaml.aws.plan import Charge, Plan
from mediaml.aws.s3 import Location
from mediaml.aws.schedules import NOBODY, STARTING, Attendance, Deadline, Stop
from mediaml.aws.undoing import undone
from mediaml.backends.sagemaker.bodies import LIMITS
from mediaml.backends.sagemaker.creating import CONFIG, ENDPOINT, MODEL, Workshop
from mediaml.backends.sagemaker.request import NAME, volume_key
from mediaml.backends.sagemaker.settings import Site
from mediaml.errors import AwsNotFoundError, AwsValidationError, JobFailedError

Kind = Literal["serverless", "realtime", "async"]
KINDS = ("serverless", "realtime", "async")
MEMORY = 3072  # MB of a serverless endpoint: MXNet, the model and a minute of sound need less than 2 GB
CONCURRENCY = 5
INSTANCE = "ml.m5.large"
GOOD = ("InService", "UpdateRollbackFailed")
PAUSES = (2.0, 5.0, 15.0)  # seconds
KEEP = "mediaml:keep"
VARIANT = "AllTraffic"
ENVIRONMENT = {
    "SAGEMAKER_PROGRAM": "inference.py",
    "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
    # AWS's model server takes 6.5 MB otherwise, whatever SAGEMAKER_MAX_PAYLOAD_IN_MB says: nothing there reads that
    "MMS_MAX_REQUEST_SIZE": str(max(LIMITS.values())),
}


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


class Up(NamedTuple):
    """What came of a start.

    Parameters
    ----------
    stays
        It is to stay, because that was said now or when it was made.
    foreign
        It was there before, and this machine's ledger does not have it: it is someone else's to end.
    """

    stays: bool
    foreign: bool


@dataclass(frozen=True)
class Serving:
    """Brings endpoints up and down.

    Parameters
    ----------
    workshop
        Where.
    site
        With which network, tags and keys.
    attendance
        Who ends endpoints, where this process cannot.
    """

    workshop: Workshop
    site: Site
    attendance: Attendance = NOBODY

    def _deadline(self, name: str) -> Deadline:
        return deadline_of(self.workshop, name, self.attendance)

    def up(self, served: Served, keep: bool) -> Up:
        """Create the model, its configuration and the endpoint, and wait until it answers.

        Where any of it fails or is interrupted, all of it is taken back. An endpoint that is there already, because
        the same code ran before, is taken as it is; one that has failed is made anew.

        Raises
        ------
        JobFailedError
            The endpoint did not come up; the end of its log is in the message.
        AwsError
            The service refused something.
        """
        found = self.workshop.settle(served.name)
        if found is not None and found["EndpointStatus"] not in GOOD:
            self.down(served.name)
            found = None
        foreign = found is not None and not keep and not self._is_known(served.name)
        with self._all_or_nothing(served, found is not None):
            if found is None and not keep:
                self._deadline(served.name).set(STARTING)  # before anything costs
            for kind, request in self._requests(served):
                there = self.workshop.describe(kind, served.name)
                if there is None:
                    self._create(kind, request, keep)
                elif kind == CONFIG:
                    _check_same(there, served)
            stays = self._keep(self._wait(served.name), served.name, keep)
            if stays:
                self._deadline(served.name).remove()
            elif not foreign:
                self._deadline(served.name).set()  # the hours count from now
            return Up(stays, foreign and not stays)

    def _is_known(self, name: str) -> bool:
        """Tell whether this machine's ledger has an endpoint."""
        return self.workshop.resource(ENDPOINT, name) in {one.resource for one in self.workshop.ledger.standing()}

    def _create(self, kind: str, request: dict[str, Any], keep: bool) -> None:
        """Create one of them; an endpoint's configuration may be known a little late."""
        for pause in PAUSES if kind == ENDPOINT else ():
            try:
                return self.workshop.create(kind, request, keep)
            except AwsNotFoundError:
                self.workshop.aws.clock.sleep(pause)
        return self.workshop.create(kind, request, keep)

    def _keep(self, state: dict[str, Any], name: str, keep: bool) -> bool:
        """Mark an endpoint that is to stay, for everyone to see."""
        arn = str(state["EndpointArn"])
        if keep:
            self.workshop.tag(arn, KEEP, "yes")
            for kind in (MODEL, CONFIG, ENDPOINT):
                self.workshop.ledger.created(self.workshop.resource(kind, name), keep)
        return keep or KEEP in self.workshop.tags(arn)

    def _all_or_nothing(self, served: Served, was_there: bool) -> AbstractContextManager[None]:
        if was_there:
            return nullcontext()
        return undone(f"the endpoint {served.name}", lambda: self.down(served.name))

    def down(self, name: str) -> None:
        """Delete the endpoint, its configuration and its model, in this order; what is gone already is no error."""
        for kind in (ENDPOINT, CONFIG, MODEL):
            self.workshop.end(kind, name)
        self._deadline(name).remove()

    def _requests(self, served: Served) -> Iterator[tuple[str, dict[str, Any]]]:
        tags = self.site.tag_list(owner=NAME, job=served.job)
        key = {"KmsKeyId": self.site.kms_key} if self.site.kms_key else {}
        # AWS's documents said that a key for machines with disks of their own is refused; now, that it is of no effect
        disk = {} if served.kind == "serverless" else volume_key(self.site.kms_key, served.instance_type, "KmsKeyId")
        name = served.name
        container = {"Image": served.image, "ModelDataUrl": served.artifact.uri, "Environment": dict(ENVIRONMENT)}
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
        output = {"S3OutputPath": served.answers.uri, "S3FailurePath": (served.answers / "refused").uri}
        answers = {"AsyncInferenceConfig": {"OutputConfig": {**output, **key}}}
        yield (
            CONFIG,
            {
                "EndpointConfigName": name,
                "ProductionVariants": [{"VariantName": VARIANT, "ModelName": name, **_capacity(served)}],
                "Tags": tags,
                **disk,
                **(answers if served.kind == "async" else {}),
            },
        )
        yield ENDPOINT, {"EndpointName": name, "EndpointConfigName": name, "Tags": tags}

    def _wait(self, name: str) -> dict[str, Any]:
        state = self.workshop.settle(name) or {"EndpointStatus": "Failed", "FailureReason": "it is gone"}
        if state["EndpointStatus"] not in GOOD:
            raise JobFailedError(
                f"the endpoint {name} did not come up ({state['EndpointStatus']}): {state.get('FailureReason', '')}",
                last_lines(self.workshop.aws, f"/aws/sagemaker/Endpoints/{name}", ""),
            )
        return state


def deadline_of(workshop: Workshop, name: str, attendance: Attendance = NOBODY) -> Deadline:
    """Give when AWS itself ends an endpoint; without a role it can be removed only."""
    stop = Stop("sagemaker", "deleteEndpoint", {"EndpointName": name})
    return Deadline(workshop.aws, workshop.ledger, name, stop, attendance)


def _check_same(config: dict[str, Any], served: Served) -> None:
    """Refuse an endpoint that is there on another machine than was asked for."""
    found = config["ProductionVariants"][0].get("InstanceType")
    if found is not None and found != served.instance_type:
        raise AwsValidationError(
            f"the endpoint {served.name} is there already, on {found} and not on {served.instance_type}: end it first "
            f"(mediaml aws stop {served.name})"
        )


def _capacity(served: Served) -> dict[str, Any]:
    if served.kind == "serverless":
        return {"ServerlessConfig": {"MemorySizeInMB": MEMORY, "MaxConcurrency": CONCURRENCY}}
    return {"InstanceType": served.instance_type, "InitialInstanceCount": 1}


def plan_of(served: Served, region: str, max_hours: float | None, keep: bool, in_own_network: bool = False) -> Plan:
    """Say what an endpoint costs, and for how long at most.

    Raises
    ------
    AwsValidationError
        It would cost when idle, with no end; or it cannot run in the user's own network.
    """
    if served.kind not in KINDS:
        raise AwsValidationError(f"kind is one of {', '.join(KINDS)}, not {served.kind!r}")
    if max_hours is not None and not max_hours > 0:
        raise AwsValidationError(f"max_hours is above 0, not {max_hours!r}")
    if served.kind == "serverless" and in_own_network:
        raise AwsValidationError("a serverless endpoint cannot run in a network of your own: take kind='realtime'")
    idle = "costs nothing when idle" if served.kind == "serverless" else "costs by the hour, idle or not"
    if keep:
        end = "stays until you end it: mediaml aws stop"
    elif max_hours is not None:
        end = f"ends when it is closed, after {max_hours:g} hour{'s' * (max_hours != 1)} at most"
    elif served.kind == "serverless":
        end = "ends when it is closed"
    else:
        raise AwsValidationError(
            f"a {served.kind} endpoint costs by the hour, idle or not: give max_hours=, or keep=True for one that stays"
        )
    where = region if served.kind == "serverless" else f"{region} on {served.instance_type}"
    hours = None if keep else max_hours
    if served.kind == "serverless":
        charge = Charge(f"sagemaker serverless {MEMORY}MB", CONCURRENCY, hours)
        idle += f", and by the second while it answers, {CONCURRENCY} times at once at most"
    else:
        charge = Charge(f"sagemaker hosting {served.instance_type}", 1, hours)
    return Plan(f"the {served.kind} endpoint {served.name}", where, f"{idle}; it {end}", (charge,))
