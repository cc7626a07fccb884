"""SageMaker's batch transforms: every file is really heard."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mediaml.testing.buckets import Buckets, apart
from mediaml.testing.endpoints import Endpoints
from mediaml.testing.logs import Logs
from mediaml.testing.refusals import RefusalError
from mediaml.testing.wire import Reply

GROUP = "/aws/sagemaker/TransformJobs"
OVER = ("Completed", "Failed", "Stopped")
MEGABYTE = 1 << 20
USUAL_MEGABYTES = 6


@dataclass
class _Transform:
    request: dict[str, Any]
    created: datetime
    status: str = "InProgress"
    reason: str = ""
    stop: threading.Event = field(default_factory=threading.Event)


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
        self._threads: list[threading.Thread] = []

    def create(self, request: dict[str, Any]) -> Reply:
        """CreateTransformJob."""
        name = request["TransformJobName"]
        if name in self.jobs:
            raise RefusalError("ResourceInUse", "Job name must be unique within an AWS account and region")
        self.endpoints.describe_model({"ModelName": request["ModelName"]})
        job = _Transform(request, datetime.now(UTC))
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
        told.update(TransformJobArn=arn, TransformJobStatus=job.status, CreationTime=job.created)
        return Reply({**told, "FailureReason": job.reason} if job.reason else told)

    def stop(self, request: dict[str, Any]) -> Reply:
        """StopTransformJob."""
        job = self._job(request["TransformJobName"])
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
        if job.reason:
            job.status = "Failed"
        else:
            job.status = "Stopped" if job.stop.is_set() else "Completed"

    def _hear_all(self, job: _Transform) -> str:
        """Ask about every file; gives why it failed."""
        given = job.request["TransformInput"]
        source = given["DataSource"]["S3DataSource"]["S3Uri"]
        bucket, prefix = apart(source)
        keys = [key for key in self.buckets.keys(source) if not key.endswith("/")]
        if not keys:
            return f"ClientError: No S3 objects found under {source}"
        target = job.request["TransformOutput"]
        most = job.request.get("MaxPayloadInMB", USUAL_MEGABYTES) * MEGABYTE
        server, base = self.endpoints.serve(job.request["ModelName"])
        try:
            for key in keys:
                if job.stop.is_set():
                    return ""
                body = self.buckets.read(f"s3://{bucket}/{key}")
                if len(body) > most:
                    return f"ClientError: {key} exceeds MaxPayloadInMB. See job logs for more information"
                answer = server.invoke(body, given.get("ContentType"), target.get("Accept"))
                if answer.status != 200:
                    told = answer.body.decode("utf-8", "replace").splitlines()
                    stream = f"{job.request['TransformJobName']}/i-0"
                    self.logs.put(GROUP, stream, [f"{key}: {answer.status}", *told])
                    return "AlgorithmError: See job logs for more information"
                tail = key[len(prefix) :].lstrip("/")
                self.buckets.write(answer.body, f"{target['S3OutputPath'].rstrip('/')}/{tail}.out")
        finally:
            server.close()
            shutil.rmtree(base, ignore_errors=True)
        return ""
