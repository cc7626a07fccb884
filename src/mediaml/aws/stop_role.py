"""The role that EventBridge Scheduler takes on to end deployments: what it may do, making it, and remembering it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mediaml.aws.ledger import ledger
from mediaml.aws.session import Aws, translated
from mediaml.errors import AwsError, AwsNotFoundError, AwsValidationError
from mediaml.runtime.atomic import write_whole

NAME = "mediaml-stop"
POLICY = "mediaml-stop"
FILE = "setup.json"
ROLES = "stop_roles"
EXISTS = "EntityAlreadyExists"
SERVICE = "scheduler.amazonaws.com"


@dataclass(frozen=True)
class StopRole:
    """The role as it is made by ``mediaml aws setup``.

    Parameters
    ----------
    account
        Its number.
    partition
        ``aws``, in China ``aws-cn``.
    """

    account: str
    partition: str = "aws"

    @property
    def arn(self) -> str:
        """Its ARN."""
        return f"arn:{self.partition}:iam::{self.account}:role/{NAME}"

    @property
    def trust(self) -> dict[str, Any]:
        """Who may take it on: EventBridge Scheduler, for schedules of this account."""
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": SERVICE},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"aws:SourceAccount": self.account}},
        }
        return {"Version": "2012-10-17", "Statement": [statement]}

    @property
    def policy(self) -> dict[str, Any]:
        """What it may do: end what mediaml deploys, and nothing else."""
        where = f"arn:{self.partition}"
        return {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sagemaker:DeleteEndpoint",
                    "Resource": f"{where}:sagemaker:*:{self.account}:endpoint/mediaml-*",
                },
                {
                    "Effect": "Allow",
                    "Action": "sagemaker:StopTransformJob",
                    "Resource": f"{where}:sagemaker:*:{self.account}:transform-job/mediaml-*",
                },
                {
                    "Effect": "Allow",
                    "Action": "rekognition:StopProjectVersion",
                    "Resource": f"{where}:rekognition:*:{self.account}:project/*/version/*/*",
                },
            ],
        }


def stop_role(aws: Aws) -> StopRole:
    """Give the role of this account, whether it is there or not."""
    return StopRole(aws.account(), str(aws.session.get_partition_for_region(aws.region)))


def make(aws: Aws, role: StopRole) -> None:
    """Make the role, or give it its policies anew, and remember it on this machine.

    Raises
    ------
    AwsAccessError
        The caller may not make roles.
    """
    client = aws.client("iam")
    try:
        with translated(f"looking at the role {NAME}"):
            client.get_role(RoleName=NAME)
    except AwsNotFoundError:
        _create(client, role)
    with translated(f"changing who may take on the role {NAME}"):
        client.update_assume_role_policy(RoleName=NAME, PolicyDocument=json.dumps(role.trust))
    with translated(f"giving the role {NAME} its policy"):
        client.put_role_policy(RoleName=NAME, PolicyName=POLICY, PolicyDocument=json.dumps(role.policy))
    remember(role)


def _create(client: Any, role: StopRole) -> None:
    """Create the role; one that is there already, as an answer was lost and the call repeated, is taken."""
    try:
        with translated(f"making the role {NAME}"):
            client.create_role(
                RoleName=NAME,
                AssumeRolePolicyDocument=json.dumps(role.trust),
                Description="EventBridge Scheduler ends what mediaml has deployed",
            )
    except AwsError as error:
        if error.code != EXISTS:
            raise


# -- remembering it ---------------------------------------------------------------------------------------------------


def remember(role: StopRole) -> Path:
    """Write down that this account has the role, beside the ledger; gives the file."""
    path = _file()
    try:
        known = _known()
    except AwsValidationError:  # damaged: this account's role is what matters now
        known = {}
    known[role.account] = role.arn
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(path, (json.dumps({ROLES: known}, indent=2, sort_keys=True) + "\n").encode())
    path.chmod(0o600)
    return path


def remembered(aws: Aws) -> str | None:
    """Give the ARN of this account's role, where ``mediaml aws setup`` has made it from this machine."""
    return remembered_for(aws.account()) if _known() else None


def remembered_for(account: str) -> str | None:
    """Give the same for an account by its number.

    Raises
    ------
    AwsValidationError
        What this machine has written down cannot be read.
    """
    return _known().get(account)


def _known() -> dict[str, str]:
    path = _file()
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return {str(account): str(arn) for account, arn in told[ROLES].items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AwsValidationError(f"{path}: cannot be read ({error!r}); mediaml aws setup writes it anew") from error


def _file() -> Path:
    return Path(os.path.abspath(ledger().path)).parent / FILE
