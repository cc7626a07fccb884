"""``mediaml aws`` and Custom Labels: versions that run, whoever started them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import mediaml as mm
from mediaml.aws.ledger import Ledger, Resource
from mediaml.testing import Fault, OfflineAws, offline_aws
from mediaml.testing.wire import Reply
from tests.backends.rekognition.conftest import divided, rekognition_model
from tests.backends.sweeping import no_pauses
from tests.cli.conftest import Run
from tests.colours import colour_fit, colours

Facts = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OfflineAws, mm.RekognitionModel]]:
    with offline_aws() as aws:
        aws.rekognition.fit = colour_fit
        train, validation = divided(colours(tmp_path_factory.mktemp("c") / "c", 14), 0.8, 0.2)
        yield aws, rekognition_model(aws).fit(train, validation, progress=False)


@pytest.fixture
def aws(fitted: tuple[OfflineAws, mm.RekognitionModel]) -> OfflineAws:
    return fitted[0]


@pytest.fixture
def model(fitted: tuple[OfflineAws, mm.RekognitionModel]) -> mm.RekognitionModel:
    return fitted[1]


def name(model: mm.RekognitionModel) -> str:
    return f"colours/{model.version}"


def test_a_running_version_is_listed_and_ended(
    aws: OfflineAws, model: mm.RekognitionModel, run: Run, facts: Facts
) -> None:
    running = model.deploy(max_hours=1)
    (one,) = facts("aws", "running")["running"]
    assert (one["kind"], one["name"], one["bills"]) == ("rekognition-model", name(model), True)
    assert "costs" in run("aws", "running").stdout
    assert facts("aws", "stop", "--all")["ended"] == [f"rekognition-model {name(model)}"]
    assert aws.running() == [] and Ledger(aws.ledger).standing() == []
    running.close()


def test_one_that_stays_is_ended_by_its_name_alone(
    aws: OfflineAws, model: mm.RekognitionModel, run: Run, facts: Facts
) -> None:
    model.deploy(keep=True)
    assert "to stay" in run("aws", "running").stdout
    assert facts("aws", "stop", "--all")["ended"] == []
    assert facts("aws", "stop", name(model))["ended"] == [f"rekognition-model {name(model)}"]
    assert aws.running() == []


def test_what_mediaml_has_not_made_is_told_and_left_alone(
    aws: OfflineAws, model: mm.RekognitionModel, run: Run, facts: Facts
) -> None:
    client = aws.session.client("rekognition")
    client.untag_resource(ResourceArn=model.arn, TagKeys=["mediaml:owner"])
    client.start_project_version(ProjectVersionArn=model.arn, MinInferenceUnits=1)
    assert "(not of mediaml)" in run("aws", "running").stdout
    assert facts("aws", "stop", "--all")["ended"] == []
    assert facts("aws", "stop", name(model))["ended"] == [f"rekognition-model {name(model)}"]
    assert aws.running() == []


def test_what_costs_no_longer_is_struck_off(aws: OfflineAws, model: mm.RekognitionModel, facts: Facts) -> None:
    book = Ledger(aws.ledger)
    for kind in ("rekognition-model", "rekognition-training"):
        book.created(Resource(kind, name(model), aws.region, aws.account))
    book.created(Resource("rekognition-model", name(model), "eu-west-1", aws.account))
    assert facts("aws", "running") == {"running": [], "unknown": []}
    assert [one.resource.region for one in book.standing()] == ["eu-west-1"]
    book.gone(Resource("rekognition-model", name(model), "eu-west-1", aws.account))


def test_a_training_is_told_and_cannot_be_ended(
    aws: OfflineAws, model: mm.RekognitionModel, run: Run, facts: Facts, tmp_path: Path
) -> None:
    train, validation = divided(colours(tmp_path / "c", 14, first=50), 0.8, 0.2)
    other = rekognition_model(aws, "other").fit(train, validation, wait=False, progress=False)
    aws.rekognition.pace = "by clock"
    (one,) = facts("aws", "running")["running"]
    assert (one["kind"], one["bills"]) == ("rekognition-training", True)
    assert facts("aws", "stop", "--all")["ended"] == []
    assert "cannot end a training" in run("aws", "stop", "--all").stderr
    aws.rekognition.pace = "at once"
    other.wait().delete(project=True)


@pytest.mark.parametrize("fault", [Fault.ACCESS_DENIED, Fault.THROTTLED, Fault.LOST_BEFORE])
def test_a_service_that_cannot_be_asked_hides_no_other(
    aws: OfflineAws,
    model: mm.RekognitionModel,
    run: Run,
    facts: Facts,
    fault: Fault,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_pauses(monkeypatch)
    aws.fail("sagemaker", "*", fault, times=100)
    assert run("aws", "running").stdout.strip() == "nothing runs, as far as could be asked"
    with model.deploy():
        told, found = run("aws", "running"), facts("aws", "running")
        assert name(model) in told.stdout and "cannot be asked" in told.stderr
        assert len(found["unknown"]) == 1 and "listing what runs" in found["unknown"][0]
        assert facts("aws", "stop", "--all")["ended"] == [f"rekognition-model {name(model)}"]
    aws.heal()


def test_a_version_that_goes_while_its_tags_are_read_is_no_error(
    aws: OfflineAws, model: mm.RekognitionModel, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags, arn, key = aws.rekognition._account.tags, model.arn, ("rekognition", "DescribeProjectVersions")
    describe = aws._wire.operations[key]

    def described(request: dict[str, Any]) -> Reply:
        reply = describe(request)
        tags.pop(arn, None)
        return reply

    kept = dict(tags[arn])
    with model.deploy(max_hours=1):
        with monkeypatch.context() as patch:
            patch.setitem(aws._wire.operations, key, described)
            assert facts("aws", "running")["unknown"] == []
        tags[arn] = kept
