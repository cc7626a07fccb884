"""SageMaker's batch transforms: every file is really heard."""

from __future__ import annotations

import json
import shutil
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mediaml.testing.buckets import Buckets, apart
from mediaml.testing.disks import refuse_key
from mediaml.testing.endpoints import Endpoints, asked
from mediaml.testing.logs import Logs
from mediaml.testing.refusals import RefusalError
from mediaml.testing.toolkit import Server
from mediaml.testing.wire import Reply

GROUP = "/aws/sagemaker/TransformJobs"
OVER = ("Completed", "Failed", "Stopped")
MEGABYTE = 1 << 20
USUAL_MEGABYTES = 6


@dataclass
class _Transform:
    request: dict[str, Any]
    created: datetime
    base: Path
    status: str = "InProgress"
    reason: str = ""
    stop: threading.Event = field(default_factory=threading.Event)
    server: Server | None = None
    ended: datetime | None = None
    seen: bool = False
    """Whether it was looked at."""


class Transforms:
    """The batch transforms of an offline account.

    Parameters
    ----------
    endpoints
        What serves models.
    buckets, logs
        Where files and lines go.
    arn
        The start of their ARNs.
    """

    def __init__(self, endpoints: Endpoints, buckets: Buckets, logs: Logs, arn: str) -> None:
        self.endpoints, self.buckets, self.logs, self.arn = endpoints, buckets, logs, arn
        self.jobs: dict[str, _Transform] = {}
        self.step_states = False
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def create(self, request: dict[str, Any]) -> Reply:
        """CreateTransformJob."""
        name = request["TransformJobName"]
        if name in self.jobs:
            raise RefusalError("ResourceInUse", "Job name must be unique within an AWS account and region")
        self.endpoints.describe_model({"ModelName": request["ModelName"]})
        machines = request["TransformResources"]
        refuse_key(machines["InstanceType"], machines.get("VolumeKmsKeyId"))
        job = _Transform(request, datetime.now(UTC), self.endpoints.disk())
        self.jobs[name] = job
        thread = threading.Thread(target=self._run, args=(job,), name=f"offline-aws-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()
        return Reply({"TransformJobArn": f"{self.arn}:transform-job/{name}"})

    def describe(self, request: dict[str, Any]) -> Reply:
        """DescribeTransformJob."""
        job = self._job(request["TransformJobName"])
        told = {name: value for name, value in job.request.items() if name != "Tags"}
        arn = f"{self.arn}:transform-job/{request['TransformJobName']}"
        status = "InProgress" if self.step_states and not job.seen else job.status
        job.seen = True
        told.update(TransformJobArn=arn, TransformJobStatus=status, CreationTime=job.created)
        told["TransformStartTime"] = job.created
        if status in OVER:
            told["TransformEndTime"] = job.ended
        return Reply({**told, "FailureReason": job.reason} if status == "Failed" else told)

    def stop(self, request: dict[str, Any]) -> Reply:
        """StopTransformJob."""
        job = self._job(request["TransformJobName"])
        with self._lock:  # a job that ends in this moment has ended
            if job.status in OVER:
                raise RefusalError("ValidationException", f"The request was rejected because the job is {job.status}.")
            job.status = "Stopping"
        job.stop.set()
        return Reply({})

    def listed(self, request: dict[str, Any]) -> Reply:
        """ListTransformJobs."""
        rows = [
            {
                "TransformJobName": name,
                "TransformJobArn": f"{self.arn}:transform-job/{name}",
                "CreationTime": job.created,
                "TransformJobStatus": job.status,
            }
            for name, job in self.jobs.items()
            if request.get("NameContains", "") in name and request.get("StatusEquals", job.status) == job.status
        ]
        return Reply({"TransformJobSummaries": rows})

    def running(self) -> list[str]:
        """Name the jobs that are billed now."""
        return [name for name, job in self.jobs.items() if job.status not in OVER]

    def close(self) -> None:
        """End everything."""
        for job in self.jobs.values():
            job.stop.set()
            if job.server is not None:
                job.server.close()
            shutil.rmtree(job.base, ignore_errors=True)
        for thread in self._threads:
            thread.join(70)

    def _job(self, name: str) -> _Transform:
        if name not in self.jobs:
            raise RefusalError("ValidationException", "Requested resource not found.")
        return self.jobs[name]

    def _run(self, job: _Transform) -> None:
        try:
            job.reason = self._hear_all(job)
        except Exception as error:  # of the server, or of this stand-in: the job must not hang
            job.reason = f"InternalServerError: {error}"
        with self._lock:
            job.ended = datetime.now(UTC)
            if job.stop.is_set():
                job.status, job.reason = "Stopped", ""
            else:
                job.status = "Failed" if job.reason else "Completed"

    def _hear_all(self, job: _Transform) -> str:
        """Ask about every file; gives why it failed."""
        given = job.request["TransformInput"]
        source = given["DataSource"]["S3DataSource"]
        bucket, prefix, keys = self._inputs(source["S3DataType"], source["S3Uri"])
        if not keys:
            return f"ClientError: No S3 objects found under {source['S3Uri']}"
        target = job.request["TransformOutput"]
        most = job.request.get("MaxPayloadInMB", USUAL_MEGABYTES) * MEGABYTE
        try:
            server = job.server = self.endpoints.serve(job.request["ModelName"], job.base)
            for key in keys:
                if job.stop.is_set():
                    return ""
                body = self.buckets.read(f"s3://{bucket}/{key}")
                if len(body) > most:
                    return f"ClientError: {key} exceeds MaxPayloadInMB. See job logs for more information"
                answer = asked(server, body, given.get("ContentType"), target.get("Accept"))
                if answer.status != 200:
                    told = answer.body.decode("utf-8", "replace").splitlines()
                    stream = f"{job.request['TransformJobName']}/i-0"
                    self.logs.put(GROUP, stream, [f"{key}: {answer.status}", *told])
                    return "AlgorithmError: See job logs for more information"
                tail = key[len(prefix) :].lstrip("/")
                self.buckets.write(answer.body, f"{target['S3OutputPath'].rstrip('/')}/{tail}.out")
        finally:
            if job.server is not None:
                job.server.close()
            shutil.rmtree(job.base, ignore_errors=True)
        return ""

    def _inputs(self, kind: str, uri: str) -> tuple[str, str, list[str]]:
        """Give the bucket, the start of the keys, and all keys: under a prefix, or as a manifest lists them."""
        if kind == "ManifestFile":
            (start, *tails) = json.loads(self.buckets.read(uri))
            bucket, prefix = apart(start["prefix"])
            return bucket, prefix, [prefix + tail for tail in tails]
        bucket, prefix = apart(uri)
        return bucket, prefix, [key for key in self.buckets.keys(uri) if not key.endswith("/")]
