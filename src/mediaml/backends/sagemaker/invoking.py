"""Asking an endpoint: at once, or by way of S3."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Protocol

from mediaml.aws.polling import poll
from mediaml.aws.refusals import error_of
from mediaml.aws.s3 import Location, Storage, location
from mediaml.aws.session import Aws, translated
from mediaml.errors import AwsError, AwsNotFoundError, AwsNotReadyError, AwsValidationError, NotDeployedError

ANSWERED_IN = 3600.0  # seconds
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 30.0, 30.0)  # seconds: two minutes, in which a serverless endpoint grows
BAD_REQUEST = 400  # what AWS leaves behind on S3 does not say which status it was


class RefusedError(AwsError):
    """The container answered with another status than 200.

    Parameters
    ----------
    message
        Its reason.
    status
        As of HTTP.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message, "ModelError")
        self.status = status


class Invoker(Protocol):
    """Asks an endpoint."""

    def ask(self, body: bytes, content_type: str, accept: str) -> bytes:
        """Send a request and give the answer."""


@dataclass(frozen=True)
class Direct:
    """Asks an endpoint that answers at once.

    Parameters
    ----------
    aws
        The account.
    name
        Of the endpoint.
    """

    aws: Aws
    name: str

    def ask(self, body: bytes, content_type: str, accept: str) -> bytes:
        """Send a request and give the answer; where the endpoint is not ready for one more, it is sent again later.

        Raises
        ------
        RefusedError
            The container refused it.
        NotDeployedError
            There is no such endpoint.
        AwsNotReadyError
            The endpoint is not ready, and was not for two minutes.
        AwsError
            The service refused it.
        """
        for pause in PAUSES:
            try:
                return self._ask(body, content_type, accept)
            except AwsNotReadyError:  # botocore repeats many refusals, and not this one
                self.aws.clock.sleep(pause)
        return self._ask(body, content_type, accept)

    def _ask(self, body: bytes, content_type: str, accept: str) -> bytes:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self.aws.client("sagemaker-runtime").invoke_endpoint(
                EndpointName=self.name, Body=body, ContentType=content_type, Accept=accept
            )
            content: bytes = answer["Body"].read()
        except ClientError as error:
            if (status := error.response.get("OriginalStatusCode")) is not None:
                told = str(error.response.get("OriginalMessage", ""))
                raise RefusedError(
                    f"the endpoint {self.name} answered {status}: {_first_line(told)}", int(status)
                ) from error
            raise _gone(error_of(error, f"asking the endpoint {self.name}"), self.name) from error
        except BotoCoreError as error:
            raise error_of(error, f"asking the endpoint {self.name}") from error
        return content


@dataclass(frozen=True)
class ByS3:
    """Asks an endpoint that takes its requests from S3 and leaves its answers there.

    Parameters
    ----------
    aws
        The account.
    name
        Of the endpoint.
    storage
        S3.
    requests
        Where requests are left; they are small, and a lifecycle rule of the bucket may delete them.
    """

    aws: Aws
    name: str
    storage: Storage
    requests: Location

    def ask(self, body: bytes, content_type: str, accept: str) -> bytes:
        """Leave a request and wait for its answer.

        Raises
        ------
        RefusedError
            The container refused it.
        AwsError
            The service refused it.
        """
        at = self.storage.put(body, self.requests / f"{uuid.uuid4().hex}.wav")
        with translated(f"asking the endpoint {self.name}"):
            told = self.aws.client("sagemaker-runtime").invoke_endpoint_async(
                EndpointName=self.name, InputLocation=at.uri, ContentType=content_type, Accept=accept
            )
        answer = location(str(told["OutputLocation"]))
        failed = told.get("FailureLocation")
        content = poll(
            lambda: self._look(answer, None if failed is None else location(str(failed))),
            lambda found: found is not None,
            self.aws.clock,
            f"the answer of {self.name}",
            ANSWERED_IN,
        )
        return content or b""

    def _look(self, answer: Location, failed: Location | None) -> bytes | None:
        try:
            return self.storage.get(answer, own=True)
        except AwsNotFoundError:
            pass
        if failed is not None and self.storage.exists(failed):
            told = self.storage.get(failed, own=True).decode("utf-8", "replace")
            raise RefusedError(f"the endpoint {self.name} refused the sound: {_first_line(told)}", BAD_REQUEST)
        return None


def _gone(error: AwsError, name: str) -> Exception:
    if isinstance(error, AwsNotFoundError) or (isinstance(error, AwsValidationError) and "not found" in str(error)):
        return NotDeployedError(f"there is no endpoint {name} in this account and region: {error}")
    return error


def _first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0][:300] if lines else "without a reason"
