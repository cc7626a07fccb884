"""Errors of AWS's services become ours, with what they said and what to do."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ParamValidationError

from mediaml.aws.session import translated
from mediaml.errors import (
    AwsAccessError,
    AwsConnectionError,
    AwsError,
    AwsNotFoundError,
    AwsNotReadyError,
    AwsQuotaError,
    AwsThrottledError,
    AwsValidationError,
    MediamlError,
)


def said(code: str, message: str = "the service's words") -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"RequestId": "r-1"}}, "CreateEndpoint"
    )


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDeniedException", AwsAccessError),
        ("AccessDenied", AwsAccessError),
        ("ExpiredToken", AwsAccessError),
        ("403", AwsAccessError),
        ("ThrottlingException", AwsThrottledError),
        ("SlowDown", AwsThrottledError),
        ("ResourceLimitExceeded", AwsQuotaError),
        ("ResourceInUse", AwsNotReadyError),
        ("ModelNotReadyException", AwsNotReadyError),
        ("NoSuchBucket", AwsNotFoundError),
        ("404", AwsNotFoundError),
        ("ValidationException", AwsValidationError),
        ("InternalFailure", AwsError),
    ],
)
def test_each_code_is_of_a_kind(code: str, kind: type[AwsError]) -> None:
    with pytest.raises(kind) as caught, translated("creating the endpoint x"):
        raise said(code)
    assert type(caught.value) is kind
    assert str(caught.value).startswith("creating the endpoint x: the service's words")
    assert code in str(caught.value) and "r-1" in str(caught.value)
    assert (caught.value.code, caught.value.request_id) == (code, "r-1")
    assert isinstance(caught.value, MediamlError)


@pytest.mark.parametrize(
    "words", ['Could not find endpoint "arn:aws:..."', "Requested resource not found.", "Model x does not exist"]
)
def test_sagemaker_says_of_missing_things_that_they_are_invalid(words: str) -> None:
    with pytest.raises(AwsNotFoundError), translated("looking"):
        raise said("ValidationException", words)


@pytest.mark.parametrize(
    ("code", "kind", "remedy"),
    [
        ("AccessDenied", AwsAccessError, r"docs/permissions\.md"),
        ("ResourceLimitExceeded", AwsQuotaError, "Service Quotas"),
        ("Throttling", AwsThrottledError, "call again"),
    ],
)
def test_the_message_says_what_to_do(code: str, kind: type[AwsError], remedy: str) -> None:
    with pytest.raises(kind, match=remedy), translated("trying"):
        raise said(code)


def test_what_never_reached_the_service() -> None:
    with pytest.raises(AwsConnectionError, match="aws sts get-caller-identity"), translated("trying"):
        raise NoCredentialsError
    with pytest.raises(AwsConnectionError, match=r"sagemaker\.us-east-1"), translated("trying"):
        raise EndpointConnectionError(endpoint_url="https://sagemaker.us-east-1")
    with pytest.raises(AwsValidationError, match="no such parameter"), translated("trying"):
        raise ParamValidationError(report="no such parameter")
