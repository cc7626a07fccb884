"""Connecting to what runs, in an account or behind an address, whichever service it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from mediaml.aws.session import aws as aws_of
from mediaml.backends.rekognition.answers import Rule
from mediaml.backends.rekognition.deployment import RekognitionDeployment, with_thresholds
from mediaml.backends.rekognition.names import is_version, version_name
from mediaml.errors import AwsValidationError

if TYPE_CHECKING:
    import boto3

    from mediaml.aws.clock import Clock
    from mediaml.models.base import Deployment

EndpointKind = Literal["serverless", "realtime", "async"]


def connect(
    name: str,
    *,
    kind: EndpointKind | None = None,
    thresholds: Mapping[str, float] | None = None,
    session: boto3.Session | None = None,
    timeout: float | None = None,
    clock: Clock | None = None,
) -> Deployment[Any, Any]:
    """Connect to what runs; only the right to ask it is needed, and closing it stops nothing.

    Parameters
    ----------
    name
        Of a SageMaker endpoint, the ARN of a version of a Custom Labels project (``model.arn``), or the address of a
        service that ``mediaml serve`` runs (``http://host:port``).
    kind
        Of an endpoint, what it takes at once: as it was deployed; None: ``"serverless"``, which is right for all that
        answer at once.
    thresholds
        Of a version, the confidence, 0 to 1, from which on each label is given; a label that is not named is given from
        0.5 on. None: the service's own, and it tells only what reaches them.
    session
        Credentials and region; None: this machine's. Of a version, the region of its ARN is taken.
    timeout
        Of a service behind an address, seconds that one request may take; None: as long as the service gives itself.
    clock
        For tests.

    Raises
    ------
    ServiceError
        There is no service of mediaml's behind the address.
    AwsValidationError
        It is no ARN of a version, an "async" endpoint (its requests go by S3, which needs more rights: take
        ``attach(job).deploy("async")``), or an argument is given that the other service does not have.
    """
    if name.startswith(("http://", "https://")):
        if kind is not None or thresholds is not None or session is not None:
            raise AwsValidationError("kind, thresholds and session are of AWS; a service behind an address has its own")
        from mediaml.backends.http.connecting import connect as connect_to_service

        return connect_to_service(name, timeout, clock)
    if timeout is not None:
        raise AwsValidationError("timeout is of a service behind an address; AWS's own are those of boto3")
    if is_version(name):
        if kind is not None:
            raise AwsValidationError("kind is of a SageMaker endpoint; this is a version of a Custom Labels project")
        named = version_name(name)
        rule = Rule() if thresholds is None else with_thresholds(Rule(), thresholds)
        return RekognitionDeployment(named.arn, aws_of(_in(named.region, session), clock), rule)
    if thresholds is not None:
        raise AwsValidationError("thresholds are of a version of a Custom Labels project; an endpoint has its own")
    from mediaml.backends.sagemaker.connecting import connect as connect_to_endpoint

    return connect_to_endpoint(name, kind=kind or "serverless", session=session, clock=clock)


def _in(region: str, session: boto3.Session | None) -> boto3.Session:
    """Give the session where it works in the region; else one of this machine that does.

    Raises
    ------
    AwsValidationError
        A session of another region was given.
    """
    import boto3

    if session is None:
        return boto3.Session(region_name=region)
    if session.region_name != region:
        raise AwsValidationError(f"the version is in {region}, and the session works in {session.region_name}")
    return session
