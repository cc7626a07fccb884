"""A version comes up and goes down, though the service is late in saying so; and what is agreed is what it costs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import mediaml as mm
from mediaml.aws.ledger import Ledger
from mediaml.errors import AwsError, CostLimitError, JobFailedError
from mediaml.testing import Fault, OfflineAws, SteppedClock, offline_aws
from tests.backends.rekognition.conftest import Parts, rekognition_model
from tests.backends.sweeping import no_pauses
from tests.colours import colour_fit

PRICES = mm.PriceTable({"rekognition custom-labels inference": 4.0}, as_of="2026-11-29")
Fitted = tuple[OfflineAws, mm.RekognitionModel]


@pytest.fixture(scope="module")
def trained(parts: Parts) -> Iterator[Fitted]:
    with offline_aws(clock=SteppedClock()) as aws:
        aws.rekognition.fit = colour_fit
        model = rekognition_model(aws, prices=PRICES).fit(parts.train, parts.validation, progress=False)
        assert model.labels
        yield aws, model


@pytest.fixture
def fitted(trained: Fitted) -> Iterator[Fitted]:
    aws, model = trained
    yield trained
    aws.heal()
    aws.rekognition.late, aws.rekognition.pace = 0.0, "at once"
    aws.clock.sleep(1000)
    model.deploy(max_hours=1).close()
    assert aws.running() == [] and aws.schedules() == [] and standing(aws) == []


def standing(aws: OfflineAws) -> list[str]:
    """The kinds that the ledger has."""
    return sorted(one.resource.kind for one in Ledger(aws.ledger).standing())


# -- what the service says is late ------------------------------------------------------------------------------------


def test_a_start_that_the_service_tells_of_late_is_waited_for(fitted: Fitted) -> None:
    aws, model = fitted
    aws.rekognition.late = 20.0
    with model.deploy(max_hours=1):
        assert aws.running() == [("rekognition-model", f"colours/{model.version}")]
        assert model.status().status == "RUNNING"


def test_a_stop_that_the_service_tells_of_late_is_waited_for(fitted: Fitted) -> None:
    aws, model = fitted
    deployed = model.deploy(max_hours=1)
    aws.rekognition.late = 20.0
    deployed.close()
    assert aws.running() == [] and aws.schedules() == [] and standing(aws) == []
    assert model.status().status == "STOPPED"


def test_one_that_is_never_told_to_start_stays_in_the_ledger_and_keeps_its_schedule(fitted: Fitted) -> None:
    aws, model = fitted
    aws.rekognition.late = 600.0
    with pytest.raises(AwsError, match=r"was asked to start 6\d s ago, and has not; call again, or see mediaml aws"):
        model.deploy(max_hours=1)
    assert len(aws.running()) == 1, "it runs, though the service did not say so"
    assert standing(aws) == ["rekognition-model", "schedule"] and len(aws.schedules()) == 1
    assert aws.pass_time(hours=2.1) == ["rekognition:StopProjectVersion"]


def test_one_that_does_not_stop_within_a_minute_is_an_error_and_stays_in_the_ledger(fitted: Fitted) -> None:
    aws, model = fitted
    deployed = model.deploy(max_hours=1)
    aws.rekognition.late = 600.0
    with pytest.raises(AwsError, match=r"RUNNING: .*was asked to stop 6\d s ago, and has not"):
        deployed.close()
    assert "rekognition-model" in standing(aws)
    aws.clock.sleep(600)
    deployed.close()
    assert standing(aws) == []


@pytest.mark.parametrize("looks", [2, 3], ids=["before it is told to start", "later"])
def test_ctrl_c_while_it_comes_up_stops_it(fitted: Fitted, looks: int) -> None:
    aws, model = fitted
    aws.rekognition.late = 20.0
    aws.fail("rekognition", "DescribeProjectVersions", KeyboardInterrupt(), after=looks)
    with pytest.raises(KeyboardInterrupt):
        model.deploy(max_hours=1)
    assert "StartProjectVersion" in [one.operation for one in aws.calls[-20:]]
    assert aws.running() == [] and standing(aws) == []


def test_a_start_without_an_answer_may_have_been_heard(fitted: Fitted, monkeypatch: pytest.MonkeyPatch) -> None:
    aws, model = fitted
    no_pauses(monkeypatch)
    aws.rekognition.late = 20.0
    aws.fail("rekognition", "StartProjectVersion", Fault.LOST_AFTER, times=8)
    with pytest.raises(mm.errors.AwsConnectionError):
        model.deploy(max_hours=1)
    assert aws.running() == [] and standing(aws) == []


def test_a_start_that_was_refused_is_struck_off_at_once(fitted: Fitted) -> None:
    aws, model = fitted
    aws.fail("rekognition", "StartProjectVersion", Fault.ACCESS_DENIED)
    before = aws.clock.now()
    with pytest.raises(mm.errors.AwsAccessError):
        model.deploy(max_hours=1)
    assert aws.clock.now() == before
    assert standing(aws) == [] and aws.schedules() == []


def test_one_that_fails_to_start_time_and_again_can_be_started_in_the_end(fitted: Fitted) -> None:
    aws, model = fitted
    aws.rekognition.pace = "by look"
    for _ in range(2):
        aws.rekognition.fail_start()
        with pytest.raises(JobFailedError, match=r"did not come up: .*FAILED: The model failed to start"):
            model.deploy(max_hours=1)
        assert standing(aws) == [] and aws.schedules() == []


# -- money ------------------------------------------------------------------------------------------------------------


def starts(aws: OfflineAws, first: int) -> list[str]:
    return [one.operation for one in aws.calls[first:] if one.operation == "StartProjectVersion"]


def test_one_that_is_being_stopped_costs_what_it_is_started_with(fitted: Fitted) -> None:
    aws, model = fitted
    model.deploy(1, max_hours=1)
    aws.rekognition.pace = "by look"
    model.aws.client("rekognition").stop_project_version(ProjectVersionArn=model.arn)
    first = len(aws.calls)
    with pytest.raises(CostLimitError, match=r"20\.00 USD at most"):
        model.deploy(5, max_hours=1, max_cost=4)
    assert starts(aws, first) == []


def test_one_whose_start_fails_meanwhile_costs_what_it_is_started_with(fitted: Fitted) -> None:
    aws, model = fitted
    client = model.aws.client("rekognition")
    arn = model.arn
    aws.rekognition.pace = "by hand"
    aws.rekognition.fail_start()
    client.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=1)
    assert model.plan_deploy(5, max_hours=1).cost == 4.0, "it is taken as it comes up"
    aws.rekognition.pace = "by look"
    first = len(aws.calls)
    with pytest.raises(CostLimitError, match=r"20\.00 USD at most"):
        model.deploy(5, max_hours=1, max_cost=4)
    assert starts(aws, first) == []


def test_one_that_somebody_starts_meanwhile_costs_what_it_runs_with(fitted: Fitted) -> None:
    aws, model = fitted
    deployed = model.deploy(5, max_hours=1)
    aws.rekognition.late, aws.rekognition.pace = 3.0, "by clock"
    client = model.aws.client("rekognition")
    client.stop_project_version(ProjectVersionArn=model.arn)
    assert model.status().status == "RUNNING"
    with pytest.raises(CostLimitError, match=r"20\.00 USD at most"):
        model.deploy(1, max_hours=1, max_cost=4)
    aws.clock.sleep(600)
    deployed.close()


def test_what_it_costs_is_told_once(fitted: Fitted, capsys: pytest.CaptureFixture[str]) -> None:
    _, model = fitted
    model.deploy(max_hours=1, max_cost=4).close()
    assert capsys.readouterr().err.count("mediaml starts the version") == 1
