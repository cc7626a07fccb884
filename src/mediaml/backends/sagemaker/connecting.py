"""Connecting to an endpoint that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mediaml.aws.session import aws as aws_of
from mediaml.backends.sagemaker.endpoint import SageMakerEndpoint
from mediaml.backends.sagemaker.invoking import Direct
from mediaml.backends.sagemaker.serving import Kind
from mediaml.errors import AwsValidationError

if TYPE_CHECKING:
    import boto3

    from mediaml.aws.clock import Clock


def connect(
    name: str, *, kind: Kind = "serverless", session: boto3.Session | None = None, clock: Clock | None = None
) -> SageMakerEndpoint:
    """Connect to an endpoint that runs; only the right to invoke it is needed.

    Parameters
    ----------
    name
        Of the endpoint.
    kind
        What it takes at once: as it was deployed; "serverless" is right for all that answer at once.
    session
        Credentials and region; None: this machine's.
    clock
        For tests.

    Raises
    ------
    AwsValidationError
        It is an "async" one: its requests go by S3, which needs more rights; take ``attach(job).deploy("async")``.
    """
    if kind == "async":
        raise AwsValidationError("an async endpoint is not connected to: take attach(job).deploy('async')")
    aws = aws_of(session, clock)
    return SageMakerEndpoint(name, aws, Direct(aws, name), kind)
