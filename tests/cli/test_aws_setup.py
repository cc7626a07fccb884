"""``mediaml aws setup`` shows the role that it would make, asks, makes it, and remembers it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from mediaml.aws.session import aws as aws_of
from mediaml.aws.stop_role import remember, remembered, stop_role
from mediaml.cli import app
from mediaml.testing import Fault, OfflineAws, offline_aws
from tests.cli.conftest import Run

Facts = Callable[..., dict[str, Any]]
ARN = "arn:aws:iam::123456789012:role/mediaml-stop"


@pytest.fixture
def aws() -> Iterator[OfflineAws]:
    """An account in which it was never run."""
    with offline_aws() as account:
        client = account.session.client("iam")
        client.delete_role_policy(RoleName="mediaml-stop", PolicyName="mediaml-stop")
        client.delete_role(RoleName="mediaml-stop")
        remember(stop_role(aws_of(account.session))).unlink()
        yield account


def roles(aws: OfflineAws) -> list[str]:
    return [one["RoleName"] for one in aws.session.client("iam").list_roles()["Roles"]]


def test_it_shows_what_it_would_make_and_makes_nothing_that_is_not_wanted(aws: OfflineAws) -> None:
    found = CliRunner().invoke(app, ["aws", "setup"], input="n\n", catch_exceptions=False)
    assert found.exit_code == 0
    assert found.stdout.strip() == "nothing was made"
    for words in ("scheduler.amazonaws.com", "sagemaker:DeleteEndpoint", "rekognition:StopProjectVersion", "Make it?"):
        assert words in found.stderr
    assert roles(aws) == ["mediaml-offline"]
    assert remembered(aws_of(aws.session)) is None


def test_asked_to_it_makes_it_and_deployments_find_it(aws: OfflineAws) -> None:
    found = CliRunner().invoke(app, ["aws", "setup"], input="y\n", catch_exceptions=False)
    assert found.stdout.strip() == f"{ARN} is there, and known to this machine"
    assert sorted(roles(aws)) == ["mediaml-offline", "mediaml-stop"]
    assert remembered(aws_of(aws.session)) == ARN


def test_programs_say_yes(aws: OfflineAws, facts: Facts) -> None:
    assert facts("aws", "setup", "--yes") == {"made": True, "role": ARN}
    assert facts("aws", "setup", "--yes") == {"made": True, "role": ARN}, "again it does no harm"


def test_who_may_not_make_roles_is_told_which_right_is_missing(aws: OfflineAws, run: Run) -> None:
    aws.fail("iam", "CreateRole", Fault.ACCESS_DENIED)
    assert "error: making the role mediaml-stop" in run("aws", "setup", "--yes", code=1).stderr
    assert remembered(aws_of(aws.session)) is None
