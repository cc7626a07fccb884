"""The region, the credentials, who they belong to, and the clock that signatures are dated with."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from mediaml.aws.session import Aws, translated
from mediaml.backends.doctor.asking import BAD_CREDENTIALS, Caller, misunderstood, said, unanswered
from mediaml.backends.doctor.finding import GOOD, NOTE, PROBLEM, Finding
from mediaml.errors import AwsError

SKEW = 240.0  # seconds; AWS refuses signatures that are 5 minutes off
SIGN_IN = "Set AWS_PROFILE, sign in (aws sso login), or run aws configure."


class Keys(NamedTuple):
    """Credentials, never to be told.

    Parameters
    ----------
    access
        The access key.
    others
        The secret key and the token.
    """

    access: str
    others: tuple[str, ...]


def region(aws: Aws) -> Finding:
    """Tell which region, and whether SageMaker and Rekognition are known to be there."""
    try:
        name = aws.region
        with translated(f"looking at the region {name}"):
            partition = aws.session.get_partition_for_region(name)
            missing = [
                title
                for title, service in (("SageMaker", "sagemaker"), ("Rekognition", "rekognition"))
                if name not in aws.session.get_available_regions(service, partition)
            ]
    except AwsError as error:
        remedy = "Give --region (region=), or set AWS_DEFAULT_REGION: us-east-1, eu-west-1 ..."
        return Finding("region", PROBLEM, said(error), remedy)
    if missing:
        told = f"{name}, where this boto3 knows no {' and no '.join(missing)}"
        return Finding("region", NOTE, told, "Check the name; a region that is new needs a newer boto3.")
    return Finding("region", GOOD, name)


def credentials(aws: Aws) -> tuple[Keys | None, Finding]:
    """Tell where the credentials come from; none of them is told but the end of the access key."""
    try:
        with translated("looking for credentials"):
            found = aws.session.get_credentials()
            frozen = None if found is None else found.get_frozen_credentials()
    except Exception as error:  # a program that gives credentials may fail in any way
        kind = type(error.__cause__ or error).__name__  # its words may hold what that program has printed
        return None, Finding("credentials", PROBLEM, f"could not be had ({kind})", SIGN_IN)
    if frozen is None or not frozen.access_key:
        return None, Finding("credentials", PROBLEM, "there are none", SIGN_IN)
    keys = Keys(frozen.access_key, tuple(one for one in (frozen.secret_key, frozen.token) if one))
    kind = "for a time" if frozen.token else "for good"
    told = f"found ({found.method}), given {kind}, access key {shown(keys.access)}"
    return keys, Finding("credentials", GOOD, told)


def shown(access_key: str) -> str:
    """Give the end of an access key."""
    return f"...{access_key[-4:]}"


def who(aws: Aws) -> tuple[Caller | None, list[Finding]]:
    """Ask AWS who asks, and for the time; without a caller, AWS answers no other question, either."""
    caller = Caller(aws)
    try:
        with translated("asking who we are"):
            answer = caller.client("sts").get_caller_identity()
    except AwsError as error:
        refused = error.code in BAD_CREDENTIALS
        date = _date(getattr(error.__cause__, "response", None))
        told = [unanswered("caller", "sts:GetCallerIdentity", error)]
        return (None if refused else caller), [*told, _clock(date, aws)]
    except Exception as error:  # the other findings stay
        return caller, [misunderstood("caller", error), _clock(None, aws)]
    told = [Finding("caller", GOOD, f"{answer['Arn']} in the account {answer['Account']}")]
    return Caller(aws, str(answer["Account"]), str(answer["Arn"])), [*told, _clock(_date(answer), aws)]


def _date(answer: Any) -> float | None:
    headers = (answer or {}).get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        return parsedate_to_datetime(headers.get("date", "")).timestamp()
    except ValueError:
        return None


def _clock(date: float | None, aws: Aws) -> Finding:
    if date is None:
        return Finding("clock", NOTE, "not compared: AWS told no time")
    late = date - aws.clock.now()
    told = f"{abs(late):.0f} s {'behind' if late > 0 else 'ahead of'} AWS's"
    if abs(late) > SKEW:
        remedy = (
            "Set the clock of this machine (timedatectl set-ntp true): AWS refuses signatures that are 5 minutes off."
        )
        return Finding("clock", PROBLEM, told, remedy)
    return Finding("clock", GOOD, told)


def no_session(error: AwsError) -> Finding:
    """Say that there is no session, as with a profile that does not exist."""
    return Finding("credentials", PROBLEM, said(error), SIGN_IN)
