"""Asking AWS, and what becomes of a question that gets no answer: a finding, too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mediaml.aws.refusals import REMEDIES
from mediaml.aws.session import Aws
from mediaml.backends.doctor.finding import NOTE, PROBLEM, Finding, Level
from mediaml.errors import AwsAccessError, AwsConnectionError, AwsError, AwsThrottledError

ATTEMPTS = 2
BAD_CREDENTIALS = {
    "InvalidClientTokenId": "AWS does not know this access key: make a new one, or look which profile is used.",
    "InvalidAccessKeyId": "AWS does not know this access key: make a new one, or look which profile is used.",
    "UnrecognizedClientException": "AWS does not know this access key: make a new one, or look which profile is used.",
    "SignatureDoesNotMatch": "The secret key does not belong to the access key, or the clock is wrong: look at both.",
    "ExpiredToken": "Sign in again (aws sso login), or make new keys.",
    "ExpiredTokenException": "Sign in again (aws sso login), or make new keys.",
    "RequestExpired": "Set the clock of this machine, or sign in again (aws sso login).",
}
"""Refusals that are about who asks, not about what is asked; and what to do."""


@dataclass(frozen=True)
class Caller:
    """Who asks.

    Parameters
    ----------
    aws
        The account and region.
    account, arn
        As AWS knows the caller; empty where it did not say.
    """

    aws: Aws
    account: str = ""
    arn: str = ""

    def client(self, service: str) -> Any:
        """Give the client of a service, which does not try for long."""
        return self.aws.client(service, attempts=ATTEMPTS)


def asked(what: str, right: str, ask: Callable[[], list[Finding]]) -> list[Finding]:
    """Ask, and give what was found; no answer is a finding.

    Parameters
    ----------
    what
        What is looked at.
    right
        That the caller needs for it, as IAM names it.
    ask
        Asks AWS, its errors as ours.
    """
    try:
        return ask()
    except AwsError as error:
        return [unanswered(what, right, error)]
    except Exception as error:  # the other findings stay
        return [misunderstood(what, error)]


def unanswered(what: str, right: str, error: AwsError) -> Finding:
    """Say that a question got no answer, why, and what to do."""
    if error.code in BAD_CREDENTIALS:
        return Finding(
            what, PROBLEM, f"AWS does not accept the credentials: {said(error)}", BAD_CREDENTIALS[error.code]
        )
    if isinstance(error, AwsAccessError):
        remedy = f"Give the caller the right {right}, or have someone look who has it."
        return Finding(what, NOTE, f"may not be asked: needs {right}", remedy)
    level: Level = NOTE if isinstance(error, AwsThrottledError) else PROBLEM
    remedy = REMEDIES.get(type(error), "")
    if isinstance(error, AwsConnectionError):
        remedy = "Check the network, a proxy, and the region."
    return Finding(what, level, f"could not be asked: {said(error)}", remedy)


def misunderstood(what: str, error: Exception) -> Finding:
    """Say that an answer was none of AWS's; its text is not told, as nobody knows what it holds."""
    told = f"the answer was not understood ({type(error).__name__})"
    return Finding(what, PROBLEM, told, "Is there a proxy that answers in AWS's place? Then let AWS through.")


def said(error: AwsError) -> str:
    """Give what went wrong, without what to do."""
    return str(error).removesuffix(REMEDIES.get(type(error), "")).rstrip(" .")
