"""A training job: how it does, waiting for it, and what it left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mediaml._notices import notice
from mediaml.aws.logs import LAST, Tail
from mediaml.aws.polling import poll
from mediaml.aws.s3 import Location, location
from mediaml.backends.sagemaker.creating import JOB, Workshop
from mediaml.errors import AwsAccessError, AwsError, AwsNotFoundError, Detached, JobFailedError

LOG_GROUP = "/aws/sagemaker/TrainingJobs"
OVER = ("Completed", "Failed", "Stopped")
TOO_LONG = ("MaxRuntimeExceeded", "MaxWaitTimeExceeded")


@dataclass(frozen=True)
class JobStatus:
    """How a training job does.

    Parameters
    ----------
    name
        Of the job.
    status
        ``InProgress``, ``Completed``, ``Failed``, ``Stopping`` or ``Stopped``.
    phase
        SageMaker's secondary status: ``Starting``, ``Downloading``, ``Training``, ``Uploading``, ``Interrupted`` ...
    message
        What it says of the phase.
    reason
        Why it failed; empty where it did not.
    metrics
        The last values of what the training measures.
    billed_seconds
        None while it runs.
    """

    name: str
    status: str
    phase: str
    message: str
    reason: str
    metrics: dict[str, float]
    billed_seconds: int | None

    @property
    def over(self) -> bool:
        """Whether it has ended, one way or the other."""
        return self.status in OVER

    def __str__(self) -> str:
        told = f"{self.name}: {self.status}" + (f" ({self.phase})" if self.phase != self.status else "")
        return f"{told}: {self.reason}" if self.reason else told


@dataclass(frozen=True)
class Job:
    """A training job by its name.

    Parameters
    ----------
    workshop
        Where it runs.
    name
        Its name.
    """

    workshop: Workshop
    name: str

    def described(self) -> dict[str, Any]:
        """Give what the service says of it.

        Raises
        ------
        AwsNotFoundError
            There is no such job.
        """
        found = self.workshop.describe(JOB, self.name)
        if found is None:
            raise AwsNotFoundError(f"there is no training job {self.name} in {self.workshop.aws.region}")
        return found

    def status(self) -> JobStatus:
        """Ask how it does."""
        found = self.described()
        transitions = found.get("SecondaryStatusTransitions") or [{}]
        return JobStatus(
            self.name,
            str(found["TrainingJobStatus"]),
            str(found.get("SecondaryStatus", found["TrainingJobStatus"])),
            str(transitions[-1].get("StatusMessage", "")),
            str(found.get("FailureReason", "")),
            {str(row["MetricName"]): float(row["Value"]) for row in found.get("FinalMetricDataList", ())},
            found.get("BillableTimeInSeconds"),
        )

    def wait(self, show: bool = True) -> JobStatus:
        """Wait until it is over, showing its log as it comes.

        Raises
        ------
        JobFailedError
            It failed or was stopped; the end of its log is in the message.
        Detached
            Ctrl-C: the job goes on.
        """
        follower = _Follower(self, show)
        try:
            status = poll(follower.look, lambda one: one.over, self.workshop.aws.clock, f"the job {self.name}")
        except KeyboardInterrupt as interrupt:
            raise Detached(
                f"the training job {self.name} goes on, and costs until it ends. Wait for it again: "
                f"SageMakerAudioModel.attach({self.name!r}).wait(); end it: SageMakerAudioModel.attach("
                f"{self.name!r}).stop()",
                self.name,
            ) from interrupt
        return self.completed(status, tuple(follower.lines[-LAST:]))

    def completed(self, status: JobStatus, log: tuple[str, ...] = ()) -> JobStatus:
        """Give the status of a job that has come to a good end.

        Raises
        ------
        JobFailedError
            It has not.
        """
        if status.status == "Completed":
            return status
        if status.status == "Failed":
            raise JobFailedError(f"the training job {self.name} failed: {status.reason}", log)
        if status.phase in TOO_LONG:
            raise JobFailedError(
                f"the training job {self.name} was stopped because its time was over ({status.phase}): fit(...) again "
                f"with a larger max_hours goes on from its last epoch",
                log,
            )
        raise JobFailedError(f"the training job {self.name} was stopped", log)

    def artifact(self) -> Location:
        """Give the place of model.tar.gz.

        Raises
        ------
        JobFailedError
            The job has left none.
        """
        uri = self.described().get("ModelArtifacts", {}).get("S3ModelArtifacts")
        if not uri:
            raise JobFailedError(f"the training job {self.name} has left no model")
        return location(str(uri))


class _Follower:
    """Looks at a job, and shows what is new."""

    def __init__(self, job: Job, show: bool) -> None:
        self.job = job
        self.show = show
        self.tail: Tail | None = Tail(job.workshop.aws, LOG_GROUP, f"{job.name}/")
        self.lines: list[str] = []
        self.phase = ""

    def look(self) -> JobStatus:
        status = self.job.status()
        if status.phase != self.phase:
            self.phase = status.phase
            begins_with_it = status.message.startswith(status.phase)  # "Starting the training job"
            told = status.message if begins_with_it else f"{status.phase} {status.message}"
            self._tell(f"{status.name}: {told}".rstrip())
        for line in self._news():
            self.lines.append(line)
            self._tell(f"  {line}")
        return status

    def _news(self) -> list[str]:
        if self.tail is None:
            return []
        try:
            return self.tail.news()
        except AwsAccessError as error:
            self.tail = None  # the training goes on whether its log may be read or not
            self._tell(f"the log cannot be shown: {error}")
        except AwsError:
            return []  # the next look asks again
        return []

    def _tell(self, line: str) -> None:
        if self.show:
            notice(line)
