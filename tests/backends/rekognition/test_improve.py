"""More pictures for a project: where they go, and that old and new are compared on the same ones."""

from __future__ import annotations

from pathlib import Path

import pytest

import mediaml as mm
from mediaml.testing import OfflineAws
from tests.backends.rekognition.conftest import Parts, rekognition_model
from tests.colours import boxed, colours
from tests.testing.rekognition.lives import version


def entries(model: mm.RekognitionModel, kind: str) -> set[str]:
    """Names of the pictures of a dataset."""
    from mediaml.backends.rekognition.entries import address_of

    return {address_of(line) for line in model._project.datasets(model._under()).lines(kind)}


@pytest.fixture
def model(aws: OfflineAws, parts: Parts) -> mm.RekognitionModel:
    return rekognition_model(aws).fit(parts.train, parts.validation, progress=False)


def test_a_fifth_of_new_pictures_is_tested_on(model: mm.RekognitionModel, tmp_path: Path) -> None:
    before = {kind: entries(model, kind) for kind in ("TRAIN", "TEST")}
    better = model.improve(colours(tmp_path / "more", 10, first=300), progress=False)
    after = {kind: entries(model, kind) for kind in ("TRAIN", "TEST")}
    assert before["TRAIN"] < after["TRAIN"] and before["TEST"] < after["TEST"] and not after["TRAIN"] & after["TEST"]
    assert len(after["TRAIN"]) == 36 + 24 and len(after["TEST"]) == 12 + 6
    assert {one.picture.path for one in better.new_report.outcomes} == before["TEST"], "on what both were tested on"  # type: ignore[attr-defined]
    again = model.improve(colours(tmp_path / "again", 10, first=300), progress=False)
    assert again.new.version == better.new.version, "the same pictures once more are the same version"


def test_an_attempt_that_was_interrupted_divides_as_one_that_was_not(
    model: mm.RekognitionModel, aws: OfflineAws, parts: Parts, tmp_path: Path
) -> None:
    more = colours(tmp_path / "more", 10, first=300).union(colours(tmp_path / "known", 3))
    aws.fail("rekognition", "UpdateDatasetEntries", KeyboardInterrupt(), after=1)
    with pytest.raises(KeyboardInterrupt):
        model.improve(more, progress=False)
    model.improve(more, progress=False)
    other = rekognition_model(aws, "undisturbed", prefix=model.prefix)
    other.fit(parts.train, parts.validation, progress=False).improve(more, progress=False)
    for kind in ("TRAIN", "TEST"):
        assert entries(model, kind) == entries(other, kind)


def test_what_it_would_cost_is_said_and_nothing_is_made(aws: OfflineAws, parts: Parts, tmp_path: Path) -> None:
    prices = mm.PriceTable({"rekognition custom-labels training": 1.0}, as_of="2026-11-29")
    model = rekognition_model(aws, prices=prices).fit(parts.train, parts.validation, progress=False)
    more, first = colours(tmp_path / "more", 10, first=300), len(aws.calls)
    assert model.plan_improve(more).cost == 24.0
    with pytest.raises(mm.errors.CostLimitError, match="the training of colours/"):
        model.improve(more, max_cost=23, progress=False)
    changing = ("Create", "Start", "Delete", "Put", "Update", "Tag")
    assert [one.operation for one in aws.calls[first:] if one.operation.startswith(changing)] == []
    plan = model.plan_improve(more)
    better = model.improve(more, max_cost=24, progress=False)
    assert better.new.version in str(plan), "what is started is what was planned"
    assert model.plan_improve(more).cost == 0, "it is trained already"


def test_what_is_known_stays_in_its_dataset_with_its_new_label(model: mm.RekognitionModel, parts: Parts) -> None:
    test = entries(model, "TEST")
    mended = parts.validation.relabel({"red": "green"})
    better = model.improve(mended, progress=False)
    assert entries(model, "TEST") == test and len(entries(model, "TRAIN")) == 36
    truths = [one.truth for one in better.new_report.outcomes]  # type: ignore[attr-defined]
    assert truths == [one.truth for one in better.old_report.outcomes]  # type: ignore[attr-defined]
    assert "red" not in truths and truths.count("green") == 8


def test_validation_goes_to_the_test_dataset(model: mm.RekognitionModel, parts: Parts, tmp_path: Path) -> None:
    more = colours(tmp_path / "more", 4, first=300)
    model.improve(more, parts.test, progress=False)
    assert len(entries(model, "TRAIN")) == 36 + 12 and len(entries(model, "TEST")) == 24
    with pytest.raises(mm.errors.DataError, match="are in the training dataset of the project already"):
        model.improve(more, parts.train, progress=False)


def test_a_new_label_is_learned_and_not_compared(model: mm.RekognitionModel, tmp_path: Path) -> None:
    more = colours(tmp_path / "more", 15, first=300).relabel({"red": "scarlet"})
    better = model.improve(more, progress=False)
    assert set(better.new.labels) == {"red", "green", "blue", "scarlet"}
    assert "scarlet" not in {one.truth for one in better.new_report.outcomes}  # type: ignore[attr-defined]


def test_pictures_of_another_kind_are_refused(model: mm.RekognitionModel, tmp_path: Path) -> None:
    with pytest.raises(mm.errors.LabelError, match="for a model that gives boxes; this one gives single_label"):
        model.improve(boxed(tmp_path / "boxes", 12), progress=False)


def test_who_attaches_a_model_works_with_its_key_and_its_tags(aws: OfflineAws, parts: Parts, tmp_path: Path) -> None:
    key, other = (aws.session.client("kms").create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    tags = {"team": "archive", "Mediaml": "theirs"}
    model = rekognition_model(aws, kms_key=key, tags=tags).fit(parts.train, parts.validation, progress=False)
    model.deploy(keep=True)
    attached = mm.RekognitionModel.attach("colours", session=aws.session, clock=aws.clock)
    assert (attached.kms_key, attached.tags) == (key, tags), "and none of mediaml's own"
    client, before = aws.session.client("s3"), listed(aws)
    new = attached.improve(colours(tmp_path / "more", 5, first=300), progress=False).new
    sent = {one for one in listed(aws) - before if "/versions/" not in one}
    assert len(sent) >= 15, "pictures were sent"
    assert {client.head_object(Bucket=aws.bucket, Key=one)["SSEKMSKeyId"] for one in sent} == {key}
    found = new._known().described()
    assert found["KmsKeyId"] == key
    assert tags.items() <= new._project.service.tags(found["ProjectVersionArn"]).items()
    assert mm.RekognitionModel.attach("colours", kms_key=other, session=aws.session).kms_key == other


def listed(aws: OfflineAws) -> set[str]:
    """The keys of the bucket."""
    found = aws.session.client("s3").list_objects_v2(Bucket=aws.bucket)
    return {one["Key"] for one in found["Contents"]}


def test_who_attaches_a_model_at_the_top_of_a_bucket_knows_its_pictures(
    aws: OfflineAws, parts: Parts, tmp_path: Path
) -> None:
    rekognition_model(aws, prefix="").fit(parts.train, parts.validation, progress=False)
    attached = mm.RekognitionModel.attach("colours", session=aws.session, clock=aws.clock)
    assert (attached.bucket, attached.prefix) == (aws.bucket, "")
    train, test = entries(attached, "TRAIN"), entries(attached, "TEST")
    attached.improve(colours(tmp_path / "more", 10, first=300).union(parts.train), progress=False)
    assert not train & entries(attached, "TEST") and not test & entries(attached, "TRAIN")
    assert len(entries(attached, "TRAIN")) == 36 + 24, "those that were there are not added again"


def test_a_project_without_datasets_has_nothing_to_be_added_to(aws: OfflineAws, parts: Parts, tmp_path: Path) -> None:
    client = aws.session.client("rekognition")
    from tests.testing.rekognition.lives import dataset, project

    _, arn = project(aws, "console", 12, 4)
    version(aws, client, arn)
    model = mm.RekognitionModel.attach("console", session=aws.session, clock=aws.clock)
    assert model.kind == "single_label" and model.bucket == aws.bucket, "a version that the console has made"
    for kind in ("TRAIN", "TEST"):
        client.delete_dataset(DatasetArn=dataset(client, "console", kind))
    with pytest.raises(mm.errors.DataError, match="no TRAIN and no TEST dataset"):
        model.improve(parts.train, progress=False)
