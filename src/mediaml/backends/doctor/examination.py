"""The examination as a whole: in order, each by itself, and with nothing secret in what it tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from mediaml.aws.clock import Clock
from mediaml.aws.session import Aws, aws, translated
from mediaml.backends.doctor import identity
from mediaml.backends.doctor.asking import Caller
from mediaml.backends.doctor.bucket import bucket as look_at_bucket
from mediaml.backends.doctor.finding import NOTE, PROBLEM, Finding
from mediaml.backends.doctor.image import image
from mediaml.backends.doctor.project import project as look_at_project
from mediaml.backends.doctor.quotas import instance_quotas, label_quotas
from mediaml.backends.doctor.role import role as look_at_role
from mediaml.backends.doctor.stop_role import stop_role
from mediaml.errors import AwsConnectionError, AwsValidationError

if TYPE_CHECKING:
    import boto3

Look = Callable[[Caller], list[Finding]]
SHORTEST = 16  # signs: no key of AWS's is shorter, and what is may be a word


def doctor(
    *,
    region: str | None = None,
    role: str | None = None,
    bucket: str | None = None,
    image_uri: str | None = None,
    project: str | None = None,
    instance_type: str | None = None,
    session: boto3.Session | None = None,
    clock: Clock | None = None,
) -> tuple[Finding, ...]:
    """Look for what stands in the way of working on AWS; nothing is changed, and nothing is started.

    Parameters
    ----------
    region
        Its name; None: the session's, or this machine's.
    role
        ARN of the role that SageMaker is to work with.
    bucket
        Where data and models are to be kept.
    image_uri
        Of a container image.
    project
        Of Custom Labels, by name.
    instance_type
        Of SageMaker, whose quotas are asked for.
    session
        Whom to look as; None: the default of this machine.
    clock
        That is compared with AWS's; None: this machine's.

    Returns
    -------
    What was found, in order. What was not given is not looked at, which is said at the end. A question that gets no
    answer is a finding, too.

    Raises
    ------
    AwsValidationError
        A region and a session are given, which has its own.
    """
    wanted = Wanted(role, bucket, image_uri, project, instance_type)
    if region is not None and session is not None:
        raise AwsValidationError("give region= or session=, not both: a session has its own region")
    try:
        account = _account(region, session, clock)
    except AwsConnectionError as error:  # a profile that does not exist
        return (identity.no_session(error), *wanted.left_out())
    keys, found = _examined(account, wanted)
    return tuple(_veiled(one, keys) for one in found)


@dataclass(frozen=True)
class Wanted:
    """What is to be looked at; None: it is not.

    Parameters
    ----------
    role, bucket, image_uri, project, instance_type
        As `doctor` takes them.
    """

    role: str | None
    bucket: str | None
    image_uri: str | None
    project: str | None
    instance_type: str | None

    def looks(self) -> dict[str, Look]:
        """Give what AWS is to be asked, by what is looked at."""
        looks: dict[str, Look] = {}
        if self.role is not None:
            looks["role"] = partial(look_at_role, arn=self.role)
        if self.bucket is not None:
            looks["bucket"] = partial(look_at_bucket, name=self.bucket)
        if self.project is not None:
            looks["project"] = partial(look_at_project, name=self.project)
            looks["quotas of Custom Labels"] = label_quotas
        if self.instance_type is not None:
            looks[f"quotas of {self.instance_type}"] = partial(instance_quotas, kind=self.instance_type)
        return {**looks, "stop role": stop_role}

    def left_out(self) -> list[Finding]:
        """Say what was not looked at."""
        options = {
            "role": self.role,
            "bucket": self.bucket,
            "image-uri": self.image_uri,
            "project": self.project,
            "instance-type": self.instance_type,
        }
        missing = [name for name, value in options.items() if value is None]
        if not missing:
            return []
        remedy = f"Give {', '.join(f'--{name}' for name in missing)} to have them looked at."
        return [Finding("left out", NOTE, f"not given, not looked at: {', '.join(missing)}", remedy)]


def _account(region: str | None, session: boto3.Session | None, clock: Clock | None) -> Aws:
    import boto3

    with translated("looking for a profile"):
        return aws(boto3.Session(region_name=region) if session is None else session, clock)


def _examined(account: Aws, wanted: Wanted) -> tuple[identity.Keys | None, list[Finding]]:
    place = identity.region(account)
    keys, of_credentials = identity.credentials(account)
    found, caller = [place, of_credentials], None
    known = place.level != PROBLEM
    if known and keys is not None:
        caller, told = identity.who(account)
        found += told
    if wanted.image_uri is not None:
        found += image(account.region if known else "", wanted.image_uri)
    looks = wanted.looks()
    if caller is not None:
        for look in looks.values():
            found += look(caller)
    else:
        told_not = f"not asked for: {', '.join(looks)}"
        found.append(Finding("AWS", NOTE, told_not, "First see to the problems above, then look again."))
    return keys, [*found, *wanted.left_out()]


def _veiled(finding: Finding, keys: identity.Keys | None) -> Finding:
    """Take credentials out of a finding: services repeat what they were sent."""
    if keys is None:
        return finding
    words = dict.fromkeys(keys.others, "(hidden)") | {keys.access: identity.shown(keys.access)}

    def veiled(text: str) -> str:
        for secret, word in words.items():
            if len(secret) >= SHORTEST:
                text = text.replace(secret, word)
        return text

    return replace(finding, found=veiled(finding.found), remedy=veiled(finding.remedy))
