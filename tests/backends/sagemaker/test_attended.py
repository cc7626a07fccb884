"""Endpoints that bill when idle are ended by AWS itself where the process is gone; nothing costs more than allowed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import mediaml as mm
from mediaml.aws.ledger import Ledger
from mediaml.aws.session import aws as aws_of
from mediaml.aws.stop_role import remember, stop_role
from mediaml.backends import watchdog
from mediaml.backends.found import Found
from mediaml.backends.sagemaker.inventory import stop
from mediaml.backends.sagemaker.serving import Kind
from mediaml.errors import CostLimitError, PriceUnknownError, UnattendedError
from mediaml.testing import Fault, OfflineAws, offline_aws
from tests.backends.sagemaker.conftest import sagemaker_model
from tests.backends.sagemaker.toolkits import Quick

PRICES = mm.PriceTable(
    {
        "sagemaker training ml.c5.2xlarge": 0.4,
        "sagemaker hosting ml.m5.large": 0.1,
        "sagemaker transform ml.m5.large": 0.1,
        "sagemaker serverless 3072MB": 0.2,
    },
    as_of="2026-11-29",
)
Parts = tuple[mm.AudioDataset, ...]


@pytest.fixture(scope="module")
def fitted(parts: Parts) -> Iterator[tuple[OfflineAws, mm.SageMakerAudioModel]]:
    with offline_aws(toolkit=Quick()) as aws:
        yield aws, sagemaker_model(aws, epochs=1, prices=PRICES).fit(parts[0], parts[1], progress=False)
        assert aws.running() == [] and aws.schedules() == []


@pytest.fixture
def no_role(fitted: tuple[OfflineAws, mm.SageMakerAudioModel]) -> Iterator[None]:
    """As where `mediaml aws setup` was never run."""
    aws, _ = fitted
    account = aws_of(aws.session, aws.clock)
    remember(stop_role(account)).unlink()
    yield
    remember(stop_role(account))


@pytest.mark.parametrize("kind", ["realtime", "async"])
def test_an_endpoint_whose_process_is_gone_is_deleted_when_its_hours_are_over(
    fitted: tuple[OfflineAws, mm.SageMakerAudioModel], kind: str
) -> None:
    aws, model = fitted
    endpoint = model.deploy(kind, max_hours=3)  # type: ignore[arg-type]
    assert aws.running() == [("endpoint", endpoint.name)]
    assert aws.pass_time(hours=2.9) == []
    assert aws.pass_time(hours=0.2) == ["sagemaker:DeleteEndpoint"]
    assert aws.running() == []
    endpoint.close()  # what is gone already is no error, and its configuration and model go, too
    assert Ledger(aws.ledger).standing() == []


def test_a_role_that_may_not_do_it_is_tried_again(fitted: tuple[OfflineAws, mm.SageMakerAudioModel]) -> None:
    aws, model = fitted
    client, account = aws.session.client("iam"), aws_of(aws.session, aws.clock)
    with model.deploy("realtime", max_hours=1) as endpoint:
        client.delete_role_policy(RoleName="mediaml-stop", PolicyName="mediaml-stop")
        assert aws.pass_time(hours=1.1) == []
        assert aws.running() == [("endpoint", endpoint.name)]
        policy = json.dumps(stop_role(account).policy)
        client.put_role_policy(RoleName="mediaml-stop", PolicyName="mediaml-stop", PolicyDocument=policy)
        assert aws.pass_time(hours=0.1) == ["sagemaker:DeleteEndpoint"]


def test_closing_takes_the_schedule_away(fitted: tuple[OfflineAws, mm.SageMakerAudioModel]) -> None:
    aws, model = fitted
    with model.deploy("realtime", max_hours=1):
        assert len(aws.schedules()) == 1
    assert aws.schedules() == []


def test_one_that_is_to_stay_after_all_outlives_the_deployment_it_was_tried_by(
    fitted: tuple[OfflineAws, mm.SageMakerAudioModel], capsys: pytest.CaptureFixture[str]
) -> None:
    aws, model = fitted
    with model.deploy("realtime", max_hours=1) as tried:
        model.deploy("realtime", keep=True)
        assert watchdog._WATCHDOGS == {}, "neither after an hour nor with this process"
    assert aws.running() == [("endpoint", tried.name)], "nor with the block"
    assert "is to stay, as was said since it was deployed here" in capsys.readouterr().err
    stop(model._workshop, Found("endpoint", tried.name, "InService", bills=True, known=True, keep=True))


def test_one_that_another_process_has_said_is_to_stay_is_not_ended_by_this_ones_watchdog(
    fitted: tuple[OfflineAws, mm.SageMakerAudioModel],
) -> None:
    aws, model = fitted
    deployed, workshop = model.deploy("realtime", max_hours=1), model._workshop
    (dog,) = watchdog._WATCHDOGS.values()
    described = workshop.describe("endpoint", deployed.name)
    assert described is not None
    workshop.tag(described["EndpointArn"], "mediaml:keep", "yes")
    dog._bark()
    deployed.close()
    assert aws.running() == [("endpoint", deployed.name)]
    stop(workshop, Found("endpoint", deployed.name, "InService", bills=True, known=True, keep=True))


@pytest.mark.usefixtures("no_role")
def test_serverless_needs_no_hours_no_role_and_no_schedule(
    fitted: tuple[OfflineAws, mm.SageMakerAudioModel],
) -> None:
    aws, model = fitted
    with model.deploy():
        assert aws.schedules() == []
    with pytest.raises(UnattendedError, match=r"the realtime endpoint .* nothing was started"):
        model.deploy("realtime", max_hours=1)
    assert aws.running() == []
    with model.deploy("realtime", max_hours=1, unattended_ok=True):
        assert aws.schedules() == []


def test_mediaml_aws_stop_takes_the_schedule_away(fitted: tuple[OfflineAws, mm.SageMakerAudioModel]) -> None:
    from mediaml.aws.ledger import ledger
    from mediaml.backends.inventory import inventory
    from mediaml.backends.inventory import stop as end

    aws, model = fitted
    endpoint = model.deploy("realtime", max_hours=1)
    account = aws_of(aws.session, aws.clock)
    end(account, ledger(), inventory(account, ledger()).found)
    assert aws.running() == [] and aws.schedules() == []
    assert Ledger(aws.ledger).standing() == []
    endpoint.close()


def test_a_transform_whose_process_is_gone_is_stopped_when_its_hours_are_over(
    fitted: tuple[OfflineAws, mm.SageMakerAudioModel],
) -> None:
    aws, model = fitted
    aws.session.client("s3").put_object(Bucket=aws.bucket, Key="in/a.wav", Body=b"x")
    aws.fail("sagemaker", "DescribeTransformJob", KeyboardInterrupt(), after=1, times=99)
    with pytest.raises(KeyboardInterrupt):
        model.transform(f"s3://{aws.bucket}/in/", f"s3://{aws.bucket}/out/")
    aws.heal()
    assert len(aws.schedules()) == 1
    assert aws.pass_time(hours=4.1) == ["sagemaker:StopTransformJob"]
    for kind, name in aws.running():
        model._transforming().end(name)
        assert kind == "transform-job"
    assert aws.schedules() == []


@pytest.mark.usefixtures("no_role")
def test_without_a_role_no_limit_of_a_transform_can_be_kept(
    fitted: tuple[OfflineAws, mm.SageMakerAudioModel],
) -> None:
    _, model = fitted
    plan = model.plan_transform()
    assert plan.cost is None
    assert "or after 4 hours; this process alone keeps the hours, as there is no stop role" in str(plan)
    with pytest.raises(CostLimitError, match="run mediaml aws setup once"):
        plan.refuse_above(100)


@pytest.mark.usefixtures("no_role")
@pytest.mark.parametrize("kind", ["realtime", "async", "serverless"])
def test_without_a_role_no_limit_of_an_endpoint_can_be_kept_whatever_is_allowed(
    fitted: tuple[OfflineAws, mm.SageMakerAudioModel], kind: Kind
) -> None:
    aws, model = fitted
    with pytest.raises(CostLimitError, match=rf"nothing ends the {kind} endpoint .* by itself.*mediaml aws setup"):
        model.deploy(kind, max_hours=1, unattended_ok=True, max_cost=100)
    assert aws.running() == []
    plan = model.plan_deploy(kind, max_hours=1)
    assert plan.cost is None
    assert "after 1 hour at most; this process alone keeps the hours" in str(plan)
    told = str(model.plan_deploy(kind, keep=True))
    assert "stays until you end it" in told and "this process" not in told


def test_where_a_limit_was_agreed_to_nothing_starts_without_the_schedule_that_keeps_it(
    fitted: tuple[OfflineAws, mm.SageMakerAudioModel], tmp_path: Path
) -> None:
    aws, model = fitted
    source, out = f"s3://{aws.bucket}/limited/", f"s3://{aws.bucket}/limited-out/"
    aws.session.client("s3").put_object(Bucket=aws.bucket, Key="limited/a.wav", Body=b"RIFF" + bytes(60))
    scanned = {"engine": "sagemaker", "session": aws.session, "progress": False}
    starts: dict[str, Callable[[], object]] = {
        "an endpoint": lambda: model.deploy("realtime", max_hours=1, unattended_ok=True, max_cost=100),
        "a serverless one": lambda: model.deploy(max_hours=1, max_cost=100),
        "a transform": lambda: model.transform(source, out, max_cost=100),
        "a scan": lambda: mm.scan(source, model, tmp_path / "catalog.sqlite", max_cost=100, **scanned),
    }
    before = len(aws.calls)
    aws.fail("scheduler", "CreateSchedule", Fault.ACCESS_DENIED, times=99)
    for start in starts.values():
        with pytest.raises(mm.errors.AwsAccessError, match="scheduling the end of"):
            start()
    aws.heal()
    called = {one.operation for one in aws.calls[before:]}
    assert not called & {"CreateEndpoint", "CreateTransformJob"}
    assert Ledger(aws.ledger).standing() == []


def test_what_another_machine_has_deployed_is_warned_of_and_left_alone(
    fitted: tuple[OfflineAws, mm.SageMakerAudioModel],
) -> None:
    aws, model = fitted
    theirs = model.deploy("realtime", max_hours=8)
    before = aws.ledger.read_bytes()
    (name,) = aws.schedules()
    when = aws.session.client("scheduler").get_schedule(Name=name)["ScheduleExpression"]
    aws.ledger.unlink()
    with pytest.warns(UserWarning, match="was there already, and this machine's ledger does not have it"):
        ours = model.deploy("realtime", max_hours=1)
    assert aws.session.client("scheduler").get_schedule(Name=name)["ScheduleExpression"] == when
    ours.close()
    assert aws.running() == [("endpoint", theirs.name)]
    aws.ledger.write_bytes(before)
    theirs.close()


def test_who_may_not_schedule_is_told_and_may_go_on_where_that_is_said(
    fitted: tuple[OfflineAws, mm.SageMakerAudioModel], caplog: pytest.LogCaptureFixture
) -> None:
    aws, model = fitted
    aws.fail("scheduler", "*", Fault.ACCESS_DENIED, times=99)
    model.deploy("realtime", max_hours=1, unattended_ok=True).close()
    assert "AWS will not end" in caplog.text
    with pytest.raises(mm.errors.AwsAccessError):
        model.deploy("realtime", max_hours=1)
    aws.heal()
    assert aws.running() == [] and Ledger(aws.ledger).standing() == []


# -- money ------------------------------------------------------------------------------------------------------------


def test_plans_start_nothing(fitted: tuple[OfflineAws, mm.SageMakerAudioModel], parts: Parts) -> None:
    aws, model = fitted
    first = len(aws.calls)
    assert model.plan_deploy("realtime", max_hours=5).cost == pytest.approx(0.5)
    assert model.plan_deploy("serverless", max_hours=2).cost == pytest.approx(5 * 2 * 0.2)
    assert model.plan_deploy("serverless").cost is None, "it has no end"
    assert model.plan_transform(instances=3).cost == pytest.approx(3 * 4 * 0.1)
    assert model.plan_fit(parts[0], parts[1], progress=False).cost == 0, "it is trained already"
    other = sagemaker_model(aws, epochs=2, max_hours=3, prices=PRICES)
    assert other.plan_fit(parts[0], parts[1], progress=False).cost == pytest.approx(1.2)
    changing = ("Create", "Start", "Stop", "Delete", "Put", "Update", "Add")
    assert [one.operation for one in aws.calls[first:] if one.operation.startswith(changing)] == []


def test_above_max_cost_nothing_starts(fitted: tuple[OfflineAws, mm.SageMakerAudioModel], parts: Parts) -> None:
    aws, model = fitted
    other = sagemaker_model(aws, epochs=2, max_hours=3, prices=PRICES)
    first = len(aws.calls)
    with pytest.raises(CostLimitError, match=r"the training job .*1\.20 USD at most"):
        other.fit(parts[0], parts[1], max_cost=1.19, progress=False)
    with pytest.raises(CostLimitError, match="the realtime endpoint"):
        model.deploy("realtime", max_hours=5, max_cost=0.4)
    with pytest.raises(CostLimitError, match="nothing ends the serverless endpoint"):
        model.deploy(max_cost=100)
    with pytest.raises(CostLimitError, match="the batch transform"):
        model.evaluate(parts[2], max_cost=0.1, progress=False)
    assert [one.operation for one in aws.calls[first:] if one.operation.startswith("Put")] == [], "nothing was sent"
    with pytest.raises(PriceUnknownError, match=r"ml\.c5\.xlarge"):
        model.deploy("realtime", max_hours=1, max_cost=100, instance_type="ml.c5.xlarge")
    assert [one.operation for one in aws.calls[first:] if one.operation.startswith("Create")] == []
    assert aws.running() == []


def test_what_a_scan_by_transforms_may_cost(
    fitted: tuple[OfflineAws, mm.SageMakerAudioModel], tmp_path_factory: pytest.TempPathFactory
) -> None:
    aws, model = fitted
    for number in range(3):
        aws.session.client("s3").put_object(Bucket=aws.bucket, Key=f"archive/{number}.wav", Body=b"RIFF" + bytes(60))
    store = tmp_path_factory.mktemp("scan") / "catalog.sqlite"
    source = f"s3://{aws.bucket}/archive/"
    plan = mm.plan_scan(source, model, store, engine="sagemaker", workers=2, session=aws.session)
    assert plan.cost == pytest.approx(2 * 4.0 * 0.1)
    assert str(plan).startswith("a scan of 3 files (0.0 MB) in us-east-1: 1 batch transform, 8 hours of ml.m5.large at")
    assert not store.exists()
    with pytest.raises(CostLimitError, match="a scan of 3 files"):
        mm.scan(source, model, store, engine="sagemaker", workers=2, session=aws.session, max_cost=0.7, progress=False)
    assert mm.plan_scan(source, model, store, session=aws.session).cost == 0
