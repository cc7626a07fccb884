"""Batch transform: many sounds at once, and nothing that is left running."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from mediaml.aws.logs import last_lines
from mediaml.aws.plan import Charge, Plan, agreed
from mediaml.aws.polling import poll
from mediaml.aws.prices import Prices
from mediaml.aws.s3 import Location, Storage
from mediaml.aws.schedules import NOBODY, Attendance, Deadline, Stop
from mediaml.aws.undoing import undone
from mediaml.backends.sagemaker.answers import Heard, parsed, prediction
from mediaml.backends.sagemaker.bodies import HEADER_BYTES, IMPRESSION, MEGABYTE, WAV
from mediaml.backends.sagemaker.creating import MODEL, TRANSFORM, Workshop
from mediaml.backends.sagemaker.recording import Recording, recording
from mediaml.backends.sagemaker.request import LONGEST_NAME, NAME, volume_key
from mediaml.backends.sagemaker.serving import ENVIRONMENT, Served
from mediaml.backends.sagemaker.settings import Site
from mediaml.backends.unattended import bounded_by
from mediaml.errors import (
    AwsNotFoundError,
    AwsValidationError,
    Detached,
    JobFailedError,
    PayloadTooLarge,
    WaitedTooLongError,
)
from mediaml.values.geometry import Segment
from mediaml.values.prediction import AudioPrediction

OVER = ("Completed", "Failed", "Stopped")
STOPPING = "Stopping"
MOST_MEGABYTES = 100  # of a payload, and of all payloads at once
LEAST_MEGABYTES = 6
LARGEST = MOST_MEGABYTES * MEGABYTE - HEADER_BYTES  # bytes of a file
PATIENCE = {"InvocationsTimeoutInSeconds": 3600, "InvocationsMaxRetries": 1}


class Batch(NamedTuple):
    """What is to be heard.

    Parameters
    ----------
    source
        The start of the keys of WAV files.
    target
        Where the answers go: the key behind `source`, and ``.out``.
    largest
        Bytes of the largest file.
    accept
        What is asked of each.
    manifest
        What lists the files, by their keys behind `source`; None: all under `source`.
    instances
        Machines.
    """

    source: Location
    target: Location
    largest: int
    accept: str = IMPRESSION
    manifest: Location | None = None
    instances: int = 1

    @property
    def megabytes(self) -> int:
        """What must be allowed for a file."""
        return max(LEAST_MEGABYTES, -(-(self.largest + HEADER_BYTES) // MEGABYTE))

    @property
    def data(self) -> dict[str, str]:
        """Where the files are, as the service takes it."""
        if self.manifest is None:
            return {"S3DataType": "S3Prefix", "S3Uri": self.source.uri}
        return {"S3DataType": "ManifestFile", "S3Uri": self.manifest.uri}

    def answer_to(self, file: Location) -> Location:
        """Give where the answer to a file lies."""
        return self.target / f"{file.key[len(self.source.key) :]}.out"


def refuse_within(target: Location, source: Location) -> None:
    """Refuse answers that would lie among the files: the next transform would be given them to hear.

    Raises
    ------
    AwsValidationError
        `target` is `source`, or lies under it.
    """
    if target.bucket == source.bucket and target.key.startswith(source.key):
        raise AwsValidationError(
            f"the answers cannot go to {target.uri}: it lies under {source.uri}, and the next transform would hear "
            "them as sounds; give a target beside it"
        )


def transform_deadline(workshop: Workshop, name: str, attendance: Attendance = NOBODY) -> Deadline:
    """Give when AWS itself stops a transform; without a role it can be removed only."""
    stop = Stop("sagemaker", "stopTransformJob", {"TransformJobName": name})
    return Deadline(workshop.aws, workshop.ledger, name, stop, attendance)


@dataclass(frozen=True)
class Transforming:
    """Runs batch transforms.

    Parameters
    ----------
    workshop
        Where.
    site
        With which network, tags and keys.
    storage
        S3.
    prices
        What knows prices; None: nobody.
    max_cost
        What a transform may cost at most, in their currency; None: that is not asked.
    attendance
        Who stops a transform after its hours, where this process cannot.
    """

    workshop: Workshop
    site: Site
    storage: Storage
    prices: Prices | None = None
    max_cost: float | None = None
    attendance: Attendance = NOBODY

    def plan(self, name: str, instance_type: str, instances: int, what: str = "") -> Plan:
        """Say what it costs; `what` says of how many files."""
        machines = f"{instances} x {instance_type}" if instances > 1 else instance_type
        region, hours = self.workshop.aws.region, self.site.max_hours
        plan = Plan(
            " ".join(filter(None, ("the batch transform", name, what and f"of {what}"))),
            f"{region} on {machines}",
            f"it ends with its last file, or after {hours:g} hour{'s' * (hours != 1)}",
            (Charge(f"sagemaker transform {instance_type}", instances, hours),),
        )
        return bounded_by(self.attendance.role, plan).priced(self.prices, region)

    def refuse_above(self, instance_type: str, instances: int = 1) -> None:
        """Refuse a transform that may cost more than `max_cost`, before anything is sent for it.

        Raises
        ------
        CostLimitError, PriceUnknownError
            `max_cost` cannot be kept.
        """
        self.plan("", instance_type, instances).refuse_above(self.max_cost)

    def name(self, served: Served, batch: Batch, files: str = "") -> str:
        """Give a name of its own to each transform: what hears the same files again is another one.

        One of the same files that this machine has started, and not seen the end of, is taken up instead.

        Parameters
        ----------
        served, batch
            What hears, and what is heard.
        files
            Names the files of the batch as they are now.
        """
        told = hashlib.sha256(f"{batch}{files}".encode()).hexdigest()[:8]
        start = f"{served.job[: LONGEST_NAME - 20]}-t-{told}-"
        for name in self._left(start):
            found = self.workshop.describe(TRANSFORM, name)
            if found is not None and found["TransformJobStatus"] in ("InProgress", "Completed"):
                return name
            self.end(name)
        return f"{start}{uuid.uuid4().hex[:8]}"

    def _left(self, start: str) -> list[str]:
        """Name the transforms that begin so, and whose end this machine has not seen."""
        standing = {one.resource for one in self.workshop.ledger.standing()}
        names = sorted({one.name for one in standing if one.name.startswith(start)})
        return [one for one in names if standing & {self.workshop.resource(kind, one) for kind in (TRANSFORM, MODEL)}]

    def run(self, name: str, served: Served, batch: Batch, what: str = "") -> None:
        """Hear all files, and wait until it is done; the model is deleted again.

        Raises
        ------
        JobFailedError
            A file could not be heard, or something else failed; the end of the log is in the message.
        PayloadTooLarge
            A file is larger than 100 MB.
        CostLimitError, PriceUnknownError
            `max_cost` cannot be kept.
        Detached
            Ctrl-C: the transform goes on.
        """
        if batch.megabytes > MOST_MEGABYTES:
            raise PayloadTooLarge(
                f"a batch transform takes files of up to {MOST_MEGABYTES} MB; the largest here has {batch.megabytes}"
            )
        agreed(self.plan(name, served.instance_type, batch.instances, what), self.max_cost)
        self._create(name, served, batch)
        self.wait(name)

    def wait(self, name: str) -> None:
        """Wait for a transform that was started, here or by another process; its model is deleted.

        Raises
        ------
        JobFailedError, Detached
            As of `run`.
        """
        try:
            state = self._wait(name)
        except KeyboardInterrupt as interrupt:
            raise Detached(
                f"the batch transform {name} goes on, and costs until it ends; mediaml aws stop {name} ends it", name
            ) from interrupt
        finally_gone = state["TransformJobStatus"]
        self.end(name)
        if finally_gone != "Completed":
            raise JobFailedError(
                f"the batch transform {name} {finally_gone.lower()}: {state.get('FailureReason', '')}",
                last_lines(self.workshop.aws, "/aws/sagemaker/TransformJobs", f"{name}/"),
            )

    def _create(self, name: str, served: Served, batch: Batch) -> None:
        tags = self.site.tag_list(owner=NAME, job=served.job)
        container = {"Image": served.image, "ModelDataUrl": served.artifact.uri, "Environment": dict(ENVIRONMENT)}
        key = {"KmsKeyId": self.site.kms_key} if self.site.kms_key else {}
        volume = volume_key(self.site.kms_key, served.instance_type)
        if self.workshop.describe(TRANSFORM, name) is not None:
            return
        with undone(f"the batch transform {name}", lambda: self.end(name)):
            if self.workshop.describe(MODEL, name) is None:
                self.workshop.create(
                    MODEL,
                    {
                        "ModelName": name,
                        "PrimaryContainer": container,
                        "ExecutionRoleArn": served.role,
                        "Tags": tags,
                        **self.site.network,
                    },
                )
            transform_deadline(self.workshop, name, self.attendance).set()
            self.workshop.create(
                TRANSFORM,
                {
                    "TransformJobName": name,
                    "ModelName": name,
                    "MaxPayloadInMB": batch.megabytes,
                    "MaxConcurrentTransforms": max(1, min(4, MOST_MEGABYTES // batch.megabytes)),
                    "ModelClientConfig": PATIENCE,
                    "TransformInput": {
                        "DataSource": {"S3DataSource": batch.data},
                        "ContentType": WAV,
                        "SplitType": "None",
                    },
                    "TransformOutput": {"S3OutputPath": batch.target.uri, "Accept": batch.accept, **key},
                    "TransformResources": {
                        "InstanceType": served.instance_type,
                        "InstanceCount": batch.instances,
                        **volume,
                    },
                    "Tags": tags,
                },
            )

    def _wait(self, name: str) -> dict[str, Any]:
        def look() -> dict[str, Any]:
            gone = {"TransformJobStatus": "Failed", "FailureReason": "it is gone"}
            return self.workshop.describe(TRANSFORM, name) or gone

        created = look().get("CreationTime")  # by whichever process
        spent = 0.0 if created is None else max(0.0, self.workshop.aws.clock.now() - created.timestamp())
        try:
            return poll(
                look,
                lambda state: state["TransformJobStatus"] in OVER,
                self.workshop.aws.clock,
                f"the batch transform {name}",
                max(0.0, self.site.max_hours * 3600 - spent),
            )
        except WaitedTooLongError as error:
            self.end(name)
            raise JobFailedError(
                f"the batch transform {name} was stopped after {self.site.max_hours:g} hours (max_hours): what it has "
                f"heard lies under the target"
            ) from error

    def end(self, name: str) -> None:
        """Stop a transform where it goes on, and delete its model."""
        self.workshop.end(TRANSFORM, name)
        transform_deadline(self.workshop, name).remove()
        self.workshop.end(MODEL, name)

    def stopped(self, name: str) -> None:
        """Wait while a transform is being stopped, and take away what is left of it."""
        self._wait(name)
        self.end(name)

    def heard(self, batch: Batch) -> Iterator[tuple[Location, Heard]]:
        """Give each file that was heard, and what was heard of it, in the order of their names."""
        for file, answer, body in self._bodies(batch):
            yield file, parsed(body, answer.uri)

    def verdicts(self, batch: Batch) -> Iterator[tuple[Location, AudioPrediction]]:
        """Give each file that was heard, and the verdict, in the order of their names."""
        for file, heard in self.heard(batch):
            yield file, prediction(heard, Segment(start=0.0, end=heard.impression.seconds), file.uri)

    def recordings(self, batch: Batch) -> Iterator[tuple[Location, Recording]]:
        """Give each file that was heard for events, in the order of their names."""
        for file, answer, body in self._bodies(batch):
            yield file, recording(body, answer.uri)

    def _bodies(self, batch: Batch) -> Iterator[tuple[Location, Location, bytes]]:
        for found in self.storage.listed(batch.source):
            answer = batch.answer_to(found.location)
            try:
                yield found.location, answer, self.storage.get(answer)
            except AwsNotFoundError:  # it came after the transform had begun
                continue
