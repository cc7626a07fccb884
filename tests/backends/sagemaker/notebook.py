"""A SageMaker notebook: its role is whom AWS takes the caller for, and the package `sagemaker` finds it."""

from __future__ import annotations

import re
import sys
import types
from contextlib import suppress
from typing import Any

import pytest
from botocore.exceptions import ClientError

from mediaml.testing import OfflineAws
from mediaml.testing.wire import Reply

PACKAGE = "sagemaker.core.helper.session_helper"


class Session:
    """Stands in for that of the package, which is large: it is no part of what the tests install."""

    def __init__(self, boto_session: Any) -> None:
        self.boto_session = boto_session


def get_execution_role(session: Session) -> str:
    """Ask what the package asks (read in sagemaker-core 2.8.0): STS who this is, and IAM for the path of the role."""
    caller = str(session.boto_session.client("sts").get_caller_identity()["Arn"])
    role = re.sub(r"^(.+)sts::(\d+):assumed-role/(.+?)/.*$", r"\1iam::\2:role/\3", caller)
    with suppress(ClientError):  # then it takes the role to have no path
        role = str(session.boto_session.client("iam").get_role(RoleName=role.rpartition("/")[2])["Role"]["Arn"])
    if ":role/" not in role:
        raise ValueError(f"The current AWS identity is not a role: {role}")
    return role


def in_a_notebook(aws: OfflineAws, patch: pytest.MonkeyPatch) -> None:
    """Let the caller be the execution role, and the package be there."""
    helper = types.ModuleType(PACKAGE)
    vars(helper).update(Session=Session, get_execution_role=get_execution_role)
    patch.setitem(sys.modules, PACKAGE, helper)
    for parent in ("sagemaker", "sagemaker.core", "sagemaker.core.helper"):
        patch.setitem(sys.modules, parent, types.ModuleType(parent))
    name = aws.role.rpartition("/")[2]
    caller = {
        "Account": aws.account,
        "Arn": f"arn:aws:sts::{aws.account}:assumed-role/{name}/SageMaker",
        "UserId": "AROA:SageMaker",
    }
    patch.setitem(aws._wire.operations, ("sts", "GetCallerIdentity"), lambda request: Reply(caller))
