"""Errors of AWS's services as ours: which kind it is, what the service said, and what to do."""

from __future__ import annotations

from typing import Any

from mediaml._secrets import without_secrets
from mediaml.errors import (
    AwsAccessError,
    AwsConnectionError,
    AwsError,
    AwsNotFoundError,
    AwsNotReadyError,
    AwsQuotaError,
    AwsThrottledError,
    AwsValidationError,
)

ACCESS = {
    *("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized", "AuthorizationError"),
    *("InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken", "ExpiredTokenException", "403"),
    *("UnrecognizedClientException", "InvalidAccessKeyId", "AllAccessDisabled", "KMSAccessDeniedException"),
}
THROTTLED = {
    *("Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException", "SlowDown"),
    *("RequestLimitExceeded", "ProvisionedThroughputExceededException", "RequestThrottled"),
}
QUOTA = {"ResourceLimitExceeded", "LimitExceededException", "ServiceQuotaExceededException", "LimitExceeded"}
NOT_READY = {"ModelNotReadyException", "ResourceNotReadyException", "ResourceInUse", "ResourceInUseException"}
NOT_FOUND = {
    *("ResourceNotFound", "ResourceNotFoundException", "NoSuchBucket", "NoSuchKey", "NoSuchEntity", "404"),
}
REFUSED = {
    *("InvalidParameterException", "InvalidS3ObjectException", "InvalidImageFormatException"),
    *("ImageTooLargeException", "InvalidPaginationTokenException", "ResourceAlreadyExistsException"),
}
"""What Rekognition says of what it was asked."""
MISSING = ("could not find", "does not exist", "resource not found", "not found")
"""What SageMaker says of a missing thing, under the code ValidationException."""

REMEDIES: dict[type[AwsError], str] = {
    AwsAccessError: ("Give the caller, or the execution role, this right; docs/permissions.md has the policies."),
    AwsQuotaError: "Ask for more under Service Quotas in the AWS console, or take another instance type.",
    AwsThrottledError: "Wait a little and call again: what was done already is found.",
    AwsNotReadyError: "Wait until it is ready and call again.",
    AwsNotFoundError: "Check the name, the region and the account.",
    AwsConnectionError: "Check the network, the region and the credentials (aws sts get-caller-identity).",
    AwsValidationError: "",
    AwsError: "Call again: what was done already is found. If it stays, look at https://health.aws.amazon.com.",
}


def error_of(error: Exception, doing: str) -> AwsError:
    """Give our error for one of botocore's or boto3's.

    Parameters
    ----------
    error
        ClientError, BotoCoreError or Boto3Error.
    doing
        What was tried.
    """
    from botocore.exceptions import ClientError, ParamValidationError

    error = _beneath(error)
    if isinstance(error, ClientError):
        told: dict[str, Any] = error.response.get("Error", {})
        code, message = str(told.get("Code", "")), without_secrets(str(told.get("Message", "")))
        request = str(error.response.get("ResponseMetadata", {}).get("RequestId", ""))
        kind = _kind(code, message)
        named = f" [{code}{', request ' + request if request else ''}]"
        return kind(f"{doing}: {message or code}{named} {REMEDIES[kind]}".rstrip(), code, request)
    if isinstance(error, ParamValidationError):
        return AwsValidationError(f"{doing}: {without_secrets(str(error))}")
    return AwsConnectionError(f"{doing}: {without_secrets(str(error))}. {REMEDIES[AwsConnectionError]}")


def _beneath(error: Exception) -> Exception:
    """Give what boto3's copying of files to and from S3 says in other words."""
    from boto3.exceptions import RetriesExceededError, S3UploadFailedError

    if isinstance(error, S3UploadFailedError) and isinstance(error.__context__, Exception):
        return error.__context__
    if isinstance(error, RetriesExceededError):
        return _beneath(error.last_exception)
    return error


def _kind(code: str, message: str) -> type[AwsError]:
    for codes, kind in (
        (ACCESS, AwsAccessError),
        (THROTTLED, AwsThrottledError),
        (QUOTA, AwsQuotaError),
        (NOT_READY, AwsNotReadyError),
        (NOT_FOUND, AwsNotFoundError),
    ):
        if code in codes:
            return kind
    if code in REFUSED:
        return AwsValidationError
    if code in ("ValidationException", "ValidationError"):
        missing = any(words in message.lower() for words in MISSING)
        return AwsNotFoundError if missing else AwsValidationError
    return AwsError
