"""A version that runs is stopped, though the process that started it is dead; and it costs no more than was allowed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

import mediaml as mm
from mediaml.aws.ledger import Ledger
from mediaml.aws.session import aws as aws_of
from mediaml.aws.stop_role import remember, stop_role
from mediaml.backends import watchdog
from mediaml.errors import CostLimitError, PriceUnknownError, UnattendedError
from mediaml.testing import Fault, OfflineAws, offline_aws
from tests.backends.rekognition.conftest import Parts, rekognition_model
from tests.colours import colour_fit

PRICES = mm.PriceTable(
    {"rekognition custom-labels inference": 4.0, "rekognition custom-labels training": 1.0}, as_of="2026-11-29"
)
DEPLOYS = """
import sys, time
import mediaml as mm

model = mm.RekognitionModel.attach("colours", bucket=sys.argv[1])
running = model.deploy(max_hours=2)
print("it runs", flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def fitted(parts: Parts) -> Iterator[tuple[OfflineAws, mm.RekognitionModel]]:
    with offline_aws() as aws:
        aws.rekognition.fit = colour_fit
        yield aws, rekognition_model(aws, prices=PRICES).fit(parts.train, parts.validation, progress=False)
        assert aws.running() == [] and aws.schedules() == []


@pytest.fixture
def no_role(fitted: tuple[OfflineAws, mm.RekognitionModel]) -> Iterator[None]:
    """As where `mediaml aws setup` was never run."""
    aws, _ = fitted
    account = aws_of(aws.session, aws.clock)
    remember(stop_role(account)).unlink()
    yield
    remember(stop_role(account))


def test_the_process_is_killed_time_passes_and_the_version_is_stopped(
    fitted: tuple[OfflineAws, mm.RekognitionModel],
) -> None:
    aws, model = fitted
    with aws.serve() as address:
        environment = {**os.environ, "AWS_ENDPOINT_URL": address, "MEDIAML_LEDGER": str(aws.ledger)}
        command = [sys.executable, "-c", DEPLOYS, aws.bucket]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "it runs\n"
            process.send_signal(signal.SIGKILL)
    name = f"colours/{model.version}"
    assert aws.running() == [("rekognition-model", name)]
    assert aws.pass_time(hours=1.9) == []
    assert aws.running() == [("rekognition-model", name)]
    assert aws.pass_time(hours=0.2) == ["rekognition:StopProjectVersion"]
    assert model.status().status in ("STOPPING", "STOPPED")
    assert aws.running() == [] and aws.schedules() == []
    model.deploy(max_hours=1).close()  # the ledger is right again, too
    assert Ledger(aws.ledger).standing() == []


def test_closing_takes_the_schedule_away(fitted: tuple[OfflineAws, mm.RekognitionModel]) -> None:
    aws, model = fitted
    with model.deploy(max_hours=1):
        assert len(aws.schedules()) == 1
    assert aws.schedules() == []
    assert aws.pass_time(hours=2) == []


def test_the_schedule_is_there_before_the_version_starts(fitted: tuple[OfflineAws, mm.RekognitionModel]) -> None:
    aws, model = fitted
    first = len(aws.calls)
    model.deploy(max_hours=1).close()
    made = [one.operation for one in aws.calls[first:]]
    assert made.index("CreateSchedule") < made.index("StartProjectVersion")


def test_where_it_cannot_be_made_nothing_starts(fitted: tuple[OfflineAws, mm.RekognitionModel]) -> None:
    aws, model = fitted
    aws.fail("scheduler", "CreateSchedule", Fault.ACCESS_DENIED)
    first = len(aws.calls)
    with pytest.raises(mm.errors.AwsAccessError, match="scheduling the end of colours/"):
        model.deploy(max_hours=1)
    assert "StartProjectVersion" not in [one.operation for one in aws.calls[first:]]
    assert aws.running() == [] and Ledger(aws.ledger).standing() == []


def test_a_version_that_starts_slowly_has_all_its_hours(fitted: tuple[OfflineAws, mm.RekognitionModel]) -> None:
    aws, model = fitted
    first = len(aws.calls)
    with model.deploy(max_hours=1):
        made = [one.operation for one in aws.calls[first:]]
    assert made.index("UpdateSchedule") > made.index("StartProjectVersion")


def test_one_that_is_to_stay_has_no_schedule(fitted: tuple[OfflineAws, mm.RekognitionModel]) -> None:
    aws, model = fitted
    with model.deploy(keep=True):
        assert aws.schedules() == []
    assert aws.pass_time(hours=100) == []
    assert len(aws.running()) == 1
    model.aws.client("rekognition").stop_project_version(ProjectVersionArn=model.arn)
    mm.RekognitionModel.deploy(model, max_hours=1).close()


def test_one_that_is_to_stay_after_all_outlives_the_deployment_it_was_tried_by(
    fitted: tuple[OfflineAws, mm.RekognitionModel], capsys: pytest.CaptureFixture[str]
) -> None:
    aws, model = fitted
    name = ("rekognition-model", f"colours/{model.version}")
    with model.deploy(max_hours=1):
        model.deploy(keep=True)
        assert watchdog._WATCHDOGS == {}, "neither after an hour nor with this process"
    assert aws.running() == [name], "nor with the block"
    assert "is to stay, as was said since it was deployed here" in capsys.readouterr().err
    model.aws.client("rekognition").stop_project_version(ProjectVersionArn=model.arn)
    mm.RekognitionModel.deploy(model, max_hours=1).close()


def test_one_that_another_process_has_said_is_to_stay_is_not_ended_by_this_ones_watchdog(
    fitted: tuple[OfflineAws, mm.RekognitionModel],
) -> None:
    aws, model = fitted
    deployed = model.deploy(max_hours=1)
    (dog,) = watchdog._WATCHDOGS.values()
    aws.session.client("rekognition").tag_resource(ResourceArn=model.arn, Tags={"mediaml:keep": "yes"})
    dog._bark()
    assert len(aws.running()) == 1
    aws.session.client("rekognition").untag_resource(ResourceArn=model.arn, TagKeys=["mediaml:keep"])
    deployed.close()


@pytest.mark.usefixtures("no_role")
def test_without_a_role_it_is_refused_before_anything_starts(fitted: tuple[OfflineAws, mm.RekognitionModel]) -> None:
    aws, model = fitted
    first = len(aws.calls)
    with pytest.raises(UnattendedError, match=r"mediaml aws setup.*stop_role=.*unattended_ok=True.*keep=True"):
        model.deploy(max_hours=1)
    assert "StartProjectVersion" not in [one.operation for one in aws.calls[first:]]


@pytest.mark.usefixtures("no_role")
@pytest.mark.parametrize("said", [{"unattended_ok": True}, {"keep": True}])
def test_who_says_so_may_go_without(fitted: tuple[OfflineAws, mm.RekognitionModel], said: dict[str, bool]) -> None:
    aws, model = fitted
    with model.deploy(max_hours=1, **said):  # type: ignore[arg-type]
        assert aws.schedules() == []
    if "keep" in said:
        model.aws.client("rekognition").stop_project_version(ProjectVersionArn=model.arn)
        mm.RekognitionModel.deploy(model, max_hours=1, unattended_ok=True).close()


@pytest.mark.usefixtures("no_role")
def test_a_role_of_the_users_own_is_taken(fitted: tuple[OfflineAws, mm.RekognitionModel]) -> None:
    aws, model = fitted
    role = "arn:aws:iam::123456789012:role/mediaml-stop"
    attached = mm.RekognitionModel.attach(
        "colours", model.version, stop_role=role, session=aws.session, clock=aws.clock
    )
    with attached.deploy(max_hours=1):
        (name,) = aws.schedules()
        target = aws.session.client("scheduler").get_schedule(Name=name)["Target"]
        assert target["RoleArn"] == role


# -- money ------------------------------------------------------------------------------------------------------------


def test_a_plan_starts_nothing(fitted: tuple[OfflineAws, mm.RekognitionModel], parts: Parts) -> None:
    aws, model = fitted
    first = len(aws.calls)
    plan = model.plan_deploy(2, max_inference_units=3, max_hours=5)
    assert plan.cost == 3 * 5 * 4.0
    assert "2 to 3 inference units, billed by the hour, idle or not" in str(plan)
    fit = rekognition_model(aws, "another", prices=PRICES).plan_fit(parts.train, parts.validation)
    assert fit.cost == 24.0
    assert model.plan_fit(parts.train, parts.validation).cost == 0, "it is trained already"
    changing = ("Create", "Start", "Stop", "Delete", "Put", "Update", "Tag")
    assert [one.operation for one in aws.calls[first:] if one.operation.startswith(changing)] == []


def test_above_max_cost_nothing_starts(fitted: tuple[OfflineAws, mm.RekognitionModel], parts: Parts) -> None:
    aws, model = fitted
    with pytest.raises(CostLimitError, match=r"max_cost=3\.99 USD is less than this may cost: the version colours/"):
        model.deploy(max_hours=1, max_cost=3.99)
    other = rekognition_model(aws, "dear", prices=PRICES)
    with pytest.raises(CostLimitError, match="the training of dear/"):
        other.fit(parts.train, parts.validation, max_cost=23, progress=False)
    assert other.versions().empty
    assert aws.running() == [] and aws.schedules() == []


def test_up_to_max_cost_it_starts_and_says_what_it_costs(
    fitted: tuple[OfflineAws, mm.RekognitionModel], capsys: pytest.CaptureFixture[str]
) -> None:
    _, model = fitted
    model.deploy(max_hours=1, max_cost=4.0).close()
    assert "4.00 USD at most, at 4 USD an hour (the user's table, 2026-11-29)" in capsys.readouterr().err


@pytest.mark.usefixtures("no_role")
def test_without_a_role_no_limit_can_be_kept_whatever_is_allowed(
    fitted: tuple[OfflineAws, mm.RekognitionModel],
) -> None:
    aws, model = fitted
    with pytest.raises(CostLimitError, match=r"nothing ends the version .* by itself.*mediaml aws setup"):
        model.deploy(max_hours=1, unattended_ok=True, max_cost=100)
    assert aws.running() == []
    plan = model.plan_deploy(max_hours=1)
    assert plan.cost is None and "this process alone keeps the hours" in str(plan)


def test_where_a_limit_was_agreed_to_nothing_starts_without_the_schedule_that_keeps_it(
    fitted: tuple[OfflineAws, mm.RekognitionModel],
) -> None:
    aws, model = fitted
    aws.fail("scheduler", "CreateSchedule", Fault.ACCESS_DENIED, times=99)
    with pytest.raises(mm.errors.AwsAccessError, match="scheduling the end of"):
        model.deploy(max_hours=1, unattended_ok=True, max_cost=100)
    aws.heal()
    assert aws.running() == [] and Ledger(aws.ledger).standing() == []


def test_without_prices_max_cost_cannot_be_kept(fitted: tuple[OfflineAws, mm.RekognitionModel]) -> None:
    aws, model = fitted
    attached = mm.RekognitionModel.attach("colours", model.version, session=aws.session, clock=aws.clock)
    with pytest.raises(PriceUnknownError, match=r"prices=mm\.PriceTable"):
        attached.deploy(max_hours=1, max_cost=100)
    with pytest.raises(CostLimitError, match="nothing ends the version"):
        model.deploy(keep=True, max_cost=100)


def test_a_version_that_runs_already_costs_what_it_runs_with(fitted: tuple[OfflineAws, mm.RekognitionModel]) -> None:
    _, model = fitted
    with model.deploy(3, max_hours=1), pytest.raises(CostLimitError, match=r"12\.00 USD at most"):
        model.deploy(1, max_hours=1, max_cost=4)


def test_who_attaches_gives_prices_and_a_role_too(fitted: tuple[OfflineAws, mm.RekognitionModel]) -> None:
    aws, model = fitted
    role = "arn:aws:iam::123456789012:role/mediaml-stop"
    attached = mm.RekognitionModel.attach(
        "colours", model.version, stop_role=role, prices=PRICES, session=aws.session, clock=aws.clock
    )
    assert attached.plan_deploy(max_hours=2).cost == 8.0
    assert attached.stop_role == role
