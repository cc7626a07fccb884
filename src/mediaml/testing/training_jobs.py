"""SageMaker's training jobs: each really runs, in a process of this machine."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mediaml.testing.buckets import Buckets, packed
from mediaml.testing.disks import refuse_key
from mediaml.testing.logs import Logs
from mediaml.testing.refusals import RefusalError
from mediaml.testing.roles import Roles
from mediaml.testing.toolkit import Toolkit, Training
from mediaml.testing.wire import Reply

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
GROUP = "/aws/sagemaker/TrainingJobs"
OVER = ("Completed", "Failed", "Stopped")
LOOK = 0.03  # seconds
LONGEST_REASON = 1024  # characters, as AWS has it


@dataclass
class _Job:
    request: dict[str, Any]
    created: datetime
    transitions: list[dict[str, Any]] = field(default_factory=list)
    status: str = "InProgress"
    reason: str = ""
    artifact: str = ""
    metrics: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)
    interrupt: threading.Event = field(default_factory=threading.Event)
    interruptions: int = 0
    training: Training | None = None
    began: datetime | None = None
    left: datetime | None = None
    seen: int = 0
    """How many of the transitions were shown."""

    @property
    def name(self) -> str:
        return str(self.request["TrainingJobName"])

    def enter(self, phase: str, message: str = "") -> None:
        now = datetime.now(UTC)
        if self.transitions:
            self.transitions[-1]["EndTime"] = now
        self.transitions.append({"Status": phase, "StartTime": now, "StatusMessage": message})


class TrainingJobs:
    """The training jobs of an offline account.

    Parameters
    ----------
    toolkit
        What runs them.
    buckets, logs
        Where their files and lines go.
    roles
        What they may run as.
    folder
        For what they have on their disks.
    arn
        The start of their ARNs.
    """

    def __init__(self, toolkit: Toolkit, buckets: Buckets, logs: Logs, roles: Roles, folder: Path, arn: str) -> None:
        self.toolkit, self.buckets, self.logs, self.roles, self.folder = toolkit, buckets, logs, roles, folder
        self.arn = arn
        self._lock = threading.Lock()
        self.jobs: dict[str, _Job] = {}
        self.next_reason = ""
        self.step_states = False
        self._threads: list[threading.Thread] = []

    # -- what AWS is asked --------------------------------------------------------------------------------------------

    def create(self, request: dict[str, Any]) -> Reply:
        """CreateTrainingJob."""
        name = str(request["TrainingJobName"])
        if not NAME.fullmatch(name):
            raise RefusalError(
                "ValidationException", f"Value '{name}' at 'trainingJobName' failed to satisfy constraint"
            )
        if name in self.jobs:
            raise RefusalError("ResourceInUse", "Training job names must be unique within an AWS account and region")
        self.roles.assume(request["RoleArn"])
        machines = request["ResourceConfig"]
        refuse_key(machines.get("InstanceType"), machines.get("VolumeKmsKeyId"))
        job = _Job(request, datetime.now(UTC))
        job.enter("Starting", "Starting the training job")
        self.jobs[name] = job
        if self.next_reason:
            job.status, job.reason, self.next_reason = "Failed", self.next_reason, ""
            job.enter("Failed", job.reason)
        else:
            thread = threading.Thread(target=self._run, args=(job,), name=f"offline-aws-{name}", daemon=True)
            self._threads.append(thread)
            thread.start()
        return Reply({"TrainingJobArn": f"{self.arn}:training-job/{name}"})

    def describe(self, request: dict[str, Any]) -> Reply:
        """DescribeTrainingJob."""
        job = self._job(request["TrainingJobName"])
        transitions, status = list(job.transitions), job.status
        if self.step_states and job.seen < len(transitions):
            job.seen += 1
            transitions = transitions[: job.seen]
            status = status if job.seen == len(job.transitions) else "InProgress"
        told = {name: value for name, value in job.request.items() if name != "Tags"}
        last = transitions[-1]["Status"]
        told.update(
            TrainingJobArn=f"{self.arn}:training-job/{job.name}",
            TrainingJobStatus=status,
            SecondaryStatus=last,
            SecondaryStatusTransitions=transitions,
            CreationTime=job.created,
            LastModifiedTime=transitions[-1]["StartTime"],
        )
        if job.began is not None:
            told["TrainingStartTime"] = job.began
        if status in OVER:
            told.update(_outcome(job))
        return Reply(told)

    def stop(self, request: dict[str, Any]) -> Reply:
        """StopTrainingJob."""
        job = self._job(request["TrainingJobName"])
        with self._lock:  # a job that ends in this moment has ended
            if job.status in OVER:
                raise RefusalError("ValidationException", f"The request was rejected because the job is {job.status}.")
            job.status = "Stopping"
        job.stop.set()
        return Reply({})

    def listed(self, request: dict[str, Any]) -> Reply:
        """ListTrainingJobs."""
        rows = [
            {
                "TrainingJobName": job.name,
                "TrainingJobArn": f"{self.arn}:training-job/{job.name}",
                "CreationTime": job.created,
                "TrainingJobStatus": job.status,
            }
            for job in self.jobs.values()
            if request.get("NameContains", "") in job.name and request.get("StatusEquals", job.status) == job.status
        ]
        return Reply({"TrainingJobSummaries": rows})

    def _job(self, name: str) -> _Job:
        if name not in self.jobs:
            raise RefusalError("ValidationException", "Requested resource not found.")
        return self.jobs[name]

    # -- what goes on -------------------------------------------------------------------------------------------------

    def running(self) -> list[str]:
        """Name the jobs that are billed now."""
        return [job.name for job in self.jobs.values() if job.status not in OVER]

    def interrupt(self, name: str) -> None:
        """Take the machine of a spot training away; it starts anew on another one."""
        job = self._job(name)
        if not job.request.get("EnableManagedSpotTraining"):
            raise ValueError(f"{name} does not run on spot capacity")
        if job.status in OVER:
            raise ValueError(f"{name} is {job.status}: there is nothing to interrupt")
        job.interrupt.set()

    def close(self) -> None:
        """End everything."""
        for job in self.jobs.values():
            job.stop.set()
        for thread in self._threads:
            thread.join(20)

    def _run(self, job: _Job) -> None:
        try:
            while self._once(job):
                job.interruptions += 1
        except Exception as error:  # of this stand-in itself: the job must not hang
            self._end(job, "Failed", f"InternalServerError: {error!r}")

    def _once(self, job: _Job) -> bool:
        """Run on one machine; tells whether it was taken away."""
        base = Path(tempfile.mkdtemp(prefix="job", dir=self.folder))
        begun = time.monotonic()
        try:
            job.enter("Downloading", "Downloading input data")
            if (reason := self._lay_out(job, base)) is not None:
                self._end(job, "Failed", reason)
                return False
            job.enter("Training", "Training image download completed. Training in progress.")
            job.began = job.began or datetime.now(UTC)
            job.training = self.toolkit.train(base, job.request.get("Environment", {}))
            ended = self._watch(job, job.training, begun)
            job.seconds += time.monotonic() - begun
            job.left = datetime.now(UTC)
            self._keep_checkpoints(job, base)
            if ended == "Interrupted":
                job.enter("Interrupted", "The spot capacity was taken away")
                job.enter("Starting", "Starting the training job again")
                return True
            self._close_books(job, base, ended, job.training)
            return False
        finally:
            shutil.rmtree(base, ignore_errors=True)

    def _lay_out(self, job: _Job, base: Path) -> str | None:
        """Make the folder that plays /opt/ml; gives why it cannot be."""
        for name in ("input/config", "input/data", "model", "output/data", "code", "checkpoints"):
            (base / name).mkdir(parents=True)
        hyper = dict(job.request.get("HyperParameters", {}))
        for channel in job.request.get("InputDataConfig", ()):
            uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
            if self.buckets.fetch(uri, base / "input/data" / channel["ChannelName"]) == 0:
                return f"ClientError: Data download failed: No S3 objects found under S3 URL {uri}"
        submitted = json.loads(hyper.get("sagemaker_submit_directory", '""'))
        if submitted.startswith("s3://"):
            try:
                (base / "sourcedir.tar.gz").write_bytes(self.buckets.read(submitted))
            except FileNotFoundError:
                return f"AlgorithmError: An error occurred (404) when calling HeadObject: {submitted}"
            hyper["sagemaker_submit_directory"] = json.dumps(str(base / "sourcedir.tar.gz"))
        kept = job.request.get("CheckpointConfig", {}).get("S3Uri")
        if kept:
            self.buckets.fetch(kept, base / "checkpoints")
        config = base / "input/config"
        channels = [row["ChannelName"] for row in job.request.get("InputDataConfig", ())]
        hosts = {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "lo"}
        described = {name: {"TrainingInputMode": "File", "RecordWrapperType": "None"} for name in channels}
        (config / "hyperparameters.json").write_text(json.dumps(hyper))
        (config / "inputdataconfig.json").write_text(json.dumps(described))
        (config / "resourceconfig.json").write_text(json.dumps(hosts))
        return None

    def _watch(self, job: _Job, training: Training, begun: float) -> str:
        """Wait until the script ends, or is ended; forwards what it prints."""
        most = job.request["StoppingCondition"].get("MaxRuntimeInSeconds", 86400)
        stream = f"{job.name}/algo-1-{int(time.time() * 1000)}"
        sent, ended, code = 0, "", None
        while not ended:
            code = training.poll()
            sent = self._forward(training, stream, sent)
            if code is not None:
                ended = "Completed" if code == 0 else "Failed"
            elif job.stop.is_set():
                job.enter("Stopping", "Stopping the training job")
                ended = "Stopped"
            elif job.interrupt.is_set():
                job.interrupt.clear()
                ended = "Interrupted"
            elif time.monotonic() - begun > most:
                ended = "MaxRuntimeExceeded"
            else:
                time.sleep(LOOK)
        if code is None:
            training.kill()
        self._forward(training, stream, sent, ended=True)
        return ended

    def _forward(self, training: Training, stream: str, sent: int, *, ended: bool = False) -> int:
        lines = training.output().split("\n")
        if not ended or not lines[-1]:  # the last line may still grow
            lines.pop()
        self.logs.put(GROUP, stream, lines[sent:])
        return max(sent, len(lines))

    def _keep_checkpoints(self, job: _Job, base: Path) -> None:
        kept = job.request.get("CheckpointConfig", {}).get("S3Uri")
        if kept:
            self.buckets.store(base / "checkpoints", kept)

    def _close_books(self, job: _Job, base: Path, ended: str, training: Training) -> None:
        job.enter("Uploading", "Uploading generated training model")
        at = f"{job.request['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{job.name}/output"
        for folder, name in (("model", "model.tar.gz"), ("output/data", "output.tar.gz")):
            if any((base / folder).iterdir()) and (ended != "Failed" or folder != "model"):
                uri = self.buckets.write(packed(base / folder), f"{at}/{name}")
                job.artifact = uri if folder == "model" else job.artifact
        for definition in job.request["AlgorithmSpecification"].get("MetricDefinitions", ()):
            if found := _numbers(definition["Regex"], training.output()):
                job.metrics.append(
                    {"MetricName": definition["Name"], "Value": found[-1], "Timestamp": datetime.now(UTC)}
                )
        failure, reason = base / "output/failure", ""
        if ended == "Failed":
            told = failure.read_text(errors="replace") if failure.exists() else f"exit code: {training.poll()}"
            reason = f"AlgorithmError: {told}"[:LONGEST_REASON]
        self._end(job, ended, reason)

    def _end(self, job: _Job, ended: str, reason: str) -> None:
        job.reason = reason
        with self._lock:
            job.enter(ended, reason or "The job has ended")
            job.status = "Stopped" if ended == "MaxRuntimeExceeded" else ended


def _outcome(job: _Job) -> dict[str, Any]:
    """Give what is told of a job when it is over."""
    told: dict[str, Any] = {"TrainingTimeInSeconds": int(job.seconds), "BillableTimeInSeconds": int(job.seconds)}
    if job.artifact:
        told["ModelArtifacts"] = {"S3ModelArtifacts": job.artifact}
    if job.reason:
        told["FailureReason"] = job.reason
    if job.metrics:
        told["FinalMetricDataList"] = job.metrics
    if job.left is not None:
        told["TrainingEndTime"] = job.left
    return told


def _numbers(regex: str, output: str) -> list[float]:
    """Give what a metric was, each time that it was printed; what is no number is passed over."""
    found = []
    for match in re.finditer(regex, output):
        with suppress(ValueError, TypeError):
            found.append(float(match.group(1) if match.re.groups else match.group()))
    return found
