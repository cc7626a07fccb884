"""``mediaml aws``: what runs, and ending it, on the offline AWS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import mediaml as mm
from mediaml.aws.ledger import Ledger, Resource
from mediaml.testing import Fault, OfflineAws, offline_aws
from tests.backends.sagemaker.conftest import sagemaker_model
from tests.cli.conftest import Run
from tests.sounds import write_tones

Facts = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def aws() -> Iterator[OfflineAws]:
    with offline_aws() as account:
        yield account


@pytest.fixture(scope="module")
def model(aws: OfflineAws, tmp_path_factory: pytest.TempPathFactory) -> mm.SageMakerAudioModel:
    folder = write_tones(tmp_path_factory.mktemp("tones") / "tones", per_label=4)
    train, validation = mm.AudioDataset.from_folder(folder).split(0.5, 0.5, seed=1)
    return sagemaker_model(aws, epochs=1).fit(train, validation, progress=False)


def names(document: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((one["kind"], one["name"]) for one in document["running"] if one["bills"])


def test_nothing_runs(aws: OfflineAws, model: mm.SageMakerAudioModel, run: Run, facts: Facts) -> None:
    assert run("aws", "running").stdout.strip() == "nothing runs"
    assert facts("aws", "running") == {"running": [], "unknown": []}
    assert run("aws", "stop", "--all").stdout.strip() == "nothing was to be ended"


def test_what_runs_is_listed_and_ended(aws: OfflineAws, model: mm.SageMakerAudioModel, run: Run, facts: Facts) -> None:
    endpoint, stays = model.deploy(), model.deploy(kind="realtime", keep=True)
    assert names(facts("aws", "running")) == sorted([("endpoint", endpoint.name), ("endpoint", stays.name)])
    told = run("aws", "running").stdout
    assert "InService" in told and "to stay" in told and "costs" in told
    ended = facts("aws", "stop", "--all")["ended"]
    assert ended == [f"{kind} {endpoint.name}" for kind in ("endpoint", "endpoint-config", "model")]
    assert names(facts("aws", "running")) == [("endpoint", stays.name)]
    run("aws", "stop", stays.name)
    assert facts("aws", "running") == {"running": [], "unknown": []}
    assert aws.running() == []
    endpoint.close()


def test_another_machines_endpoint_is_found_by_its_tag(
    aws: OfflineAws, model: mm.SageMakerAudioModel, run: Run, facts: Facts
) -> None:
    endpoint = model.deploy()
    before = aws.ledger.read_bytes()
    aws.ledger.unlink()
    assert "not of this machine" in run("aws", "running").stdout
    run("aws", "stop", endpoint.name)
    assert aws.running() == []
    aws.ledger.write_bytes(before)
    endpoint.close()
    assert facts("aws", "running") == {"running": [], "unknown": []}


def test_what_the_ledger_has_and_the_account_has_not_is_struck_off(
    aws: OfflineAws, model: mm.SageMakerAudioModel, facts: Facts
) -> None:
    gone, others = (Resource("endpoint", "mediaml-gone", "us-east-1", one) for one in (aws.account, "999999999999"))
    Ledger(aws.ledger).created(gone)
    Ledger(aws.ledger).created(others)
    assert facts("aws", "running") == {"running": [], "unknown": []}
    assert [one.resource for one in Ledger(aws.ledger).standing()] == [others], "another account's stays"
    Ledger(aws.ledger).gone(others)


@pytest.mark.slow
def test_other_peoples_things_are_left_alone(
    aws: OfflineAws, model: mm.SageMakerAudioModel, run: Run, facts: Facts
) -> None:
    client, endpoint = aws.session.client("sagemaker"), model.deploy()
    client.create_endpoint(EndpointName="mediaml-like-but-not-ours", EndpointConfigName=endpoint.name)
    client.get_waiter("endpoint_in_service").wait(
        EndpointName="mediaml-like-but-not-ours", WaiterConfig={"Delay": 0, "MaxAttempts": 9999}
    )
    assert names(facts("aws", "running")) == [("endpoint", endpoint.name)]
    told = run("aws", "stop", "mediaml-like-but-not-ours", code=1).stderr
    assert "there is no mediaml-like-but-not-ours of mediaml's" in told
    run("aws", "stop", "--all")
    assert [name for _, name in aws.running()] == ["mediaml-like-but-not-ours"]
    client.delete_endpoint(EndpointName="mediaml-like-but-not-ours")
    endpoint.close()


def test_what_cannot_be_asked_about_is_ended_by_its_name_alone(
    aws: OfflineAws, model: mm.SageMakerAudioModel, run: Run
) -> None:
    endpoint = model.deploy("realtime", max_hours=1)
    aws.fail("sagemaker", "ListEndpoints", Fault.ACCESS_DENIED)
    told = run("aws", "stop", "--all", code=1).stderr
    assert (
        f"{endpoint.name} could not be asked about, and may be meant to stay: mediaml aws stop {endpoint.name}" in told
    )
    assert aws.running() == [("endpoint", endpoint.name)]

    aws.fail("sagemaker", "ListEndpoints", Fault.ACCESS_DENIED)
    run("aws", "stop", endpoint.name)
    assert aws.running() == []
    endpoint.close()


@pytest.mark.parametrize("words", [[], ["x", "--all"]], ids=["nothing", "both"])
def test_what_to_end_has_to_be_said(run: Run, words: list[str]) -> None:
    assert "--all" in run("aws", "stop", *words, code=2).stderr


@pytest.mark.slow
def test_what_cannot_be_ended_does_not_keep_the_rest_from_ending(
    aws: OfflineAws, model: mm.SageMakerAudioModel, run: Run
) -> None:
    first, second = model.deploy("realtime", max_hours=1), model.deploy("async", max_hours=1)
    aws.fail("sagemaker", "DeleteEndpoint", Fault.ACCESS_DENIED)
    told = run("aws", "stop", "--all", code=1).stderr
    assert "not ended: endpoint" in told and "Ended: endpoint" in told
    assert len(aws.running()) == 1
    run("aws", "stop", "--all")
    assert aws.running() == []
    first.close()
    second.close()


def test_a_profile_that_does_not_exist_is_an_error_in_words(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nope")
    assert "error: taking this machine's credentials: The config profile (nope)" in run("aws", "running", code=1).stderr
