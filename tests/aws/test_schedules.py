"""A schedule of AWS's own ends what this process cannot, and is taken away with what it should end."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mediaml.aws.ledger import Ledger
from mediaml.aws.schedules import SCHEDULE, Attendance, Deadline, Stop, strike_done
from mediaml.aws.session import aws as aws_of
from mediaml.aws.stop_role import StopRole, make, remember, remembered, stop_role
from mediaml.errors import AwsAccessError, AwsValidationError
from mediaml.testing import Fault, OfflineAws, offline_aws

OTHER = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
STOP = Stop("sagemaker", "deleteEndpoint", {"EndpointName": "mediaml-x"})


@pytest.fixture
def aws() -> Iterator[OfflineAws]:
    with offline_aws() as account:
        yield account


@pytest.fixture
def deadline(aws: OfflineAws) -> Deadline:
    account = aws_of(aws.session, aws.clock)
    return Deadline(account, Ledger(aws.ledger), "mediaml-x", STOP, Attendance(remembered(account), 2.0))


def described(aws: OfflineAws) -> dict[str, object]:
    (name,) = aws.schedules()
    return dict(aws.session.client("scheduler").get_schedule(Name=name))


def standing(aws: OfflineAws) -> list[str]:
    return [one.resource.kind for one in Ledger(aws.ledger).standing()]


def test_it_calls_the_service_once_when_the_hours_are_over(aws: OfflineAws, deadline: Deadline) -> None:
    deadline.set()
    found = described(aws)
    target = found["Target"]
    assert isinstance(target, dict)
    assert target["Arn"] == "arn:aws:scheduler:::aws-sdk:sagemaker:deleteEndpoint"
    assert json.loads(target["Input"]) == {"EndpointName": "mediaml-x"}
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
    assert found["ActionAfterCompletion"] == "DELETE"
    assert found["FlexibleTimeWindow"] == {"Mode": "OFF"}
    when = datetime.strptime(str(found["ScheduleExpression"]), "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC)
    assert abs(when - datetime.now(UTC) - timedelta(hours=2)) < timedelta(minutes=1)


def test_it_is_in_the_ledger_before_it_is_made(aws: OfflineAws, deadline: Deadline) -> None:
    aws.fail("scheduler", "CreateSchedule", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        deadline.set()
    assert standing(aws) == [SCHEDULE]
    deadline.remove()
    assert standing(aws) == []


def test_refused_nothing_may_start_and_the_ledger_has_nothing(aws: OfflineAws, deadline: Deadline) -> None:
    aws.fail("scheduler", "*", Fault.ACCESS_DENIED, times=99)
    with pytest.raises(AwsAccessError, match="scheduling the end of mediaml-x"):
        deadline.set()
    assert standing(aws) == []


def test_where_it_is_not_needed_a_refusal_is_told_and_all_goes_on(
    aws: OfflineAws, deadline: Deadline, caplog: pytest.LogCaptureFixture
) -> None:
    aws.fail("scheduler", "*", Fault.ACCESS_DENIED, times=99)
    replace(deadline, attendance=replace(deadline.attendance, needed=False)).set()
    assert "AWS will not end mediaml-x by itself" in caplog.text
    deadline.remove()
    assert standing(aws) == []


def test_what_cannot_be_removed_is_an_error_and_stays_in_the_ledger(aws: OfflineAws, deadline: Deadline) -> None:
    deadline.set()
    aws.fail("scheduler", "DeleteSchedule", Fault.ACCESS_DENIED)
    with pytest.raises(AwsAccessError, match="removing the schedule of the end of mediaml-x"):
        deadline.remove()
    assert standing(aws) == [SCHEDULE]
    deadline.remove()
    assert standing(aws) == [] and aws.schedules() == []


def test_one_of_another_machine_is_removed_too(aws: OfflineAws, deadline: Deadline) -> None:
    deadline.set()
    aws.ledger.unlink()
    deadline.remove()
    assert aws.schedules() == []


def test_what_starts_slowly_has_time_to_start(aws: OfflineAws, deadline: Deadline) -> None:
    deadline.set()
    first = str(described(aws)["ScheduleExpression"])
    deadline.set(3600.0)
    assert str(described(aws)["ScheduleExpression"]) > first


def test_set_again_it_is_put_off(aws: OfflineAws, deadline: Deadline) -> None:
    deadline.set()
    before = described(aws)["ScheduleExpression"]
    replace(deadline, attendance=replace(deadline.attendance, hours=5.0)).set()
    assert described(aws)["ScheduleExpression"] != before


def test_removed_it_is_gone_and_removing_again_does_no_harm(aws: OfflineAws, deadline: Deadline) -> None:
    deadline.set()
    deadline.remove()
    assert aws.schedules() == [] and standing(aws) == []
    deadline.remove()
    assert standing(aws) == []


def test_one_that_has_done_its_work_is_struck_off(aws: OfflineAws, deadline: Deadline) -> None:
    deadline.set()
    strike_done(deadline.aws, deadline.ledger)
    assert standing(aws) == [SCHEDULE]
    aws.session.client("scheduler").delete_schedule(Name=aws.schedules()[0])
    strike_done(deadline.aws, deadline.ledger)
    assert standing(aws) == []
    deadline.remove()


@pytest.mark.parametrize("attendance", [Attendance(None, 2.0), Attendance("arn:aws:iam::123456789012:role/x", None)])
def test_without_a_role_or_hours_an_earlier_one_is_taken_away(
    aws: OfflineAws, deadline: Deadline, attendance: Attendance
) -> None:
    deadline.set()
    replace(deadline, attendance=attendance).set()
    assert aws.schedules() == [] and standing(aws) == []


# -- the role ---------------------------------------------------------------------------------------------------------


def test_the_role_may_end_what_mediaml_deploys_and_nothing_else() -> None:
    role = StopRole("123456789012", "aws-cn")
    assert {one["Action"] for one in role.policy["Statement"]} == {
        "sagemaker:DeleteEndpoint",
        "sagemaker:StopTransformJob",
        "rekognition:StopProjectVersion",
    }
    for one in role.policy["Statement"]:
        assert one["Resource"].startswith("arn:aws-cn:") and ":123456789012:" in one["Resource"]
    (trust,) = role.trust["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


def test_it_is_made_once_and_made_right_again(aws: OfflineAws) -> None:
    account = aws_of(aws.session, aws.clock)
    role, client = stop_role(account), aws.session.client("iam")
    client.put_role_policy(RoleName="mediaml-stop", PolicyName="mediaml-stop", PolicyDocument=json.dumps(OTHER))
    make(account, role)
    client.delete_role_policy(RoleName="mediaml-stop", PolicyName="mediaml-stop")
    client.delete_role(RoleName="mediaml-stop")
    make(account, role)
    found = client.get_role(RoleName="mediaml-stop")["Role"]
    assert found["Arn"] == role.arn
    assert found["AssumeRolePolicyDocument"] == role.trust
    policy = client.get_role_policy(RoleName="mediaml-stop", PolicyName="mediaml-stop")["PolicyDocument"]
    assert policy == role.policy


def test_this_machine_remembers_it_by_account_and_for_its_user_alone(aws: OfflineAws) -> None:
    account = aws_of(aws.session, aws.clock)
    assert remembered(account) == "arn:aws:iam::123456789012:role/mediaml-stop"
    path = remember(StopRole("210987654321"))
    assert remembered(account) == "arn:aws:iam::123456789012:role/mediaml-stop"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.unlink()
    assert remembered(account) is None


def test_a_damaged_memory_is_told_and_setup_mends_it(aws: OfflineAws) -> None:
    account = aws_of(aws.session, aws.clock)
    path = remember(StopRole("123456789012"))
    path.write_text('{"stop_roles": 3}')
    with pytest.raises(AwsValidationError, match=r"setup\.json: cannot be read .* mediaml aws setup writes it anew"):
        remembered(account)
    make(account, stop_role(account))
    assert remembered(account) == "arn:aws:iam::123456789012:role/mediaml-stop"
