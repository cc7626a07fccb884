"""Training: what is sent, what is refused before anything is sent, states, and taking a training up again."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import mediaml as mm
from mediaml.aws.ledger import Ledger
from mediaml.testing import Fault, OfflineAws, SteppedClock, offline_aws
from mediaml.testing.wire import Reply
from tests.backends.rekognition.conftest import Parts, rekognition_model
from tests.colours import boxed, colour_fit, colours, painted, write_colours


def operations(aws: OfflineAws, first: int = 0) -> list[str]:
    return [call.operation for call in aws.calls[first:] if call.service == "rekognition"]


def sent(aws: OfflineAws) -> list[str]:
    pages = aws.session.client("s3").list_objects_v2(Bucket=aws.bucket)
    return [row["Key"] for row in pages.get("Contents", ())]


# -- what is sent -----------------------------------------------------------------------------------------------------


def test_the_same_data_is_sent_and_trained_once(aws: OfflineAws, parts: Parts) -> None:
    model = rekognition_model(aws).fit(parts.train, parts.validation, progress=False)
    keys, first = sent(aws), len(aws.calls)
    again = rekognition_model(aws).fit(parts.train, parts.validation, progress=False)
    assert again.version == model.version and sent(aws) == keys
    assert not any(name.startswith(("Create", "Update", "Delete")) for name in operations(aws, first))
    assert sum("/images/" in key for key in keys) == len(parts.train) + len(parts.validation)


def test_its_own_report_names_the_files_that_were_sent(aws: OfflineAws, parts: Parts) -> None:
    model = rekognition_model(aws).fit(parts.train, parts.validation, progress=False)
    report = model.evaluate()
    assert isinstance(report, mm.ImageReport)
    assert {one.picture.path for one in report.outcomes} == set(parts.validation.frame["path"])
    elsewhere = mm.RekognitionModel.attach("colours", session=aws.session).evaluate()
    assert isinstance(elsewhere, mm.ImageReport)
    assert all(one.picture.path.startswith("s3://") for one in elsewhere.outcomes)
    assert [one.prediction.label for one in elsewhere.outcomes] == [one.prediction.label for one in report.outcomes]


def test_other_labels_are_another_version_of_the_same_pictures(aws: OfflineAws, parts: Parts) -> None:
    model = rekognition_model(aws).fit(parts.train, parts.validation, progress=False)
    pictures = [key for key in sent(aws) if "/images/" in key]
    names = {"red": "warm", "green": "cold", "blue": "cold"}
    other = rekognition_model(aws).fit(parts.train.relabel(names), parts.validation.relabel(names), progress=False)
    assert other.version != model.version and other.labels == ("cold", "warm")
    assert [key for key in sent(aws) if "/images/" in key] == pictures
    assert model.labels == ("blue", "green", "red"), "the first version is as it was"


def test_pictures_that_are_to_go_make_the_dataset_anew(aws: OfflineAws, parts: Parts) -> None:
    rekognition_model(aws).fit(parts.train, parts.validation, progress=False)
    fewer = parts.train._with(parts.train.frame.groupby("label").head(10))
    first = len(aws.calls)
    model = rekognition_model(aws).fit(fewer, parts.validation, progress=False)
    assert operations(aws, first).count("DeleteDataset") == 1
    assert model.service_evaluation.training_pictures == len(fewer) < len(parts.train)


def test_more_pictures_are_added_in_pieces(aws: OfflineAws, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    half = parts.train._with(parts.train.frame.groupby("label").head(10))
    rekognition_model(aws).fit(half, parts.validation, progress=False)
    monkeypatch.setattr("mediaml.backends.rekognition.datasets.LARGEST_CHANGE", 1000)
    monkeypatch.setattr("mediaml.backends.rekognition.datasets.chunks.__defaults__", (1000,))
    first = len(aws.calls)
    model = rekognition_model(aws).fit(parts.train, parts.validation, progress=False)
    assert operations(aws, first).count("UpdateDatasetEntries") >= 2
    assert "DeleteDataset" not in operations(aws, first)
    assert model.service_evaluation.training_pictures == len(parts.train)


def test_without_validation_groups_are_held_back(aws: OfflineAws, tmp_path: Path) -> None:
    frame = colours(tmp_path / "c", 20).frame
    frame["group"] = [f"{Path(path).parent.name}{int(Path(path).stem) // 4}" for path in frame["path"]]
    data = mm.ImageDataset(frame)
    model = rekognition_model(aws).fit(data, progress=False)
    lines = {kind: model._project.datasets(model._under()).lines(kind) for kind in ("TRAIN", "TEST")}
    groups = {kind: {line.split('"group":')[1].split('"')[1] for line in lines[kind]} for kind in lines}
    assert not groups["TRAIN"] & groups["TEST"], "no group is in both"
    assert len(lines["TRAIN"]) == 48 and len(lines["TEST"]) == 12


def test_the_service_takes_a_random_fifth_only_on_request(aws: OfflineAws, parts: Parts) -> None:
    first = len(aws.calls)
    model = rekognition_model(aws).fit(parts.train, test_by="service", progress=False)
    assert "DistributeDatasetEntries" in operations(aws, first)
    evaluation = model.service_evaluation
    assert evaluation.test_pictures and evaluation.training_pictures
    assert evaluation.test_pictures + evaluation.training_pictures == len(parts.train)


def test_tags_and_keys_are_on_all_that_is_made(aws: OfflineAws, parts: Parts) -> None:
    key = aws.session.client("kms").create_key()["KeyMetadata"]["Arn"]
    model = rekognition_model(aws, tags={"team": "archive"}, kms_key=key)
    model.fit(parts.train, parts.validation, progress=False)
    client = aws.session.client("rekognition")
    found = client.describe_projects(ProjectNames=["colours"])["ProjectDescriptions"][0]
    for arn in (found["ProjectArn"], model.arn, *(one["DatasetArn"] for one in found["Datasets"])):
        tags = client.list_tags_for_resource(ResourceArn=arn)["Tags"]
        assert tags["team"] == "archive" and tags["mediaml:owner"] == "mediaml"
    described = client.describe_project_versions(ProjectArn=found["ProjectArn"])["ProjectVersionDescriptions"][0]
    assert described["KmsKeyId"] == key
    (picture, *_) = [key for key in sent(aws) if "/images/" in key]
    assert aws.session.client("s3").head_object(Bucket=aws.bucket, Key=picture)["SSEKMSKeyId"] == key


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"project": "a b"}, "project has 1 to 255"),
        ({"project": ""}, "project has"),
        ({"project": "x" * 256}, "project has"),
        ({"bucket": "no/bucket"}, "bucket"),
        ({"bucket": "ab"}, "bucket"),
        ({"prefix": "x" * 701}, "prefix"),
        ({"kms_key": "key with spaces"}, "kms_key"),
        ({"tags": {"aws:mine": "x"}}, "aws:"),
        ({"tags": {"": "x"}}, "key of a tag"),
        ({"tags": {"x": "y" * 257}}, "value of the tag"),
        ({"tags": {str(number): "" for number in range(196)}}, "195 tags"),
    ],
)
def test_names_are_checked_before_anything_is_asked(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(mm.errors.AwsValidationError, match=reason):
        mm.RekognitionModel(**{"project": "logos", **changes})


def nothing_was_made(aws: OfflineAws) -> bool:
    return not any(name.startswith("Create") for name in operations(aws)) and sent(aws) == []


def test_bad_data_is_refused_before_anything_is_sent(aws: OfflineAws, parts: Parts, tmp_path: Path) -> None:
    model = rekognition_model(aws)
    one = parts.train.where(label="red")
    for data, validation, reason in (
        (one, None, "at least two labels"),
        (parts.train.where(label=["red", "green"]), parts.validation, "validation has labels that the training"),
        (parts.train, boxed(tmp_path / "boxes", 3), "has boxes"),
    ):
        with pytest.raises(mm.errors.LabelError, match=reason):
            model.fit(data, validation, progress=False)
    with pytest.raises(mm.errors.AwsValidationError, match="background"):
        model.fit(parts.train, background=parts.validation)
    with pytest.raises(mm.errors.AwsValidationError, match="bucket= is needed"):
        rekognition_model(aws, bucket=None).fit(parts.train, parts.validation)
    assert nothing_was_made(aws)


@pytest.mark.parametrize(
    ("name", "make", "code"),
    [
        ("small.png", lambda path: painted("red", 1, 40).save(path), "ERROR_INVALID_IMAGE"),
        ("wide.png", lambda path: Image.new("RGB", (2000, 70)).save(path), "ERROR_INVALID_IMAGE"),
        ("large.png", lambda path: Image.new("RGB", (4100, 100)).save(path), "ERROR_INVALID_IMAGE"),
        ("some.gif", lambda path: painted("red", 1).save(path), "ERROR_INVALID_IMAGE"),
        ("none.png", lambda path: path.write_bytes(b"no picture"), "no picture"),
    ],
)
def test_pictures_that_the_service_refuses_are_named(
    aws: OfflineAws, tmp_path: Path, name: str, make: Any, code: str
) -> None:
    colours(tmp_path / "c", 12)
    make(tmp_path / "c/red" / name)
    data = mm.ImageDataset.from_folder(tmp_path / "c")
    with pytest.raises(mm.errors.DataError, match=name) as raised:
        rekognition_model(aws).fit(data, progress=False)
    assert code in str(raised.value) and "repair" in str(raised.value)
    assert nothing_was_made(aws)


def test_the_same_picture_in_both_parts_is_refused(aws: OfflineAws, parts: Parts) -> None:
    with (
        pytest.warns(UserWarning, match="are in train"),
        pytest.raises(mm.errors.DataError, match="train_test_overlap"),
    ):
        rekognition_model(aws).fit(parts.train, parts.train, progress=False)
    assert nothing_was_made(aws)


def test_a_picture_with_two_truths_is_refused(aws: OfflineAws, tmp_path: Path) -> None:
    colours(tmp_path / "c", 12)
    (tmp_path / "c/green/same.png").write_bytes((tmp_path / "c/red/0.png").read_bytes())
    with pytest.raises(mm.errors.LabelError, match="are the same picture with other labels"):
        rekognition_model(aws).fit(mm.ImageDataset.from_folder(tmp_path / "c"), progress=False)


def test_a_copy_of_a_picture_is_one_entry(aws: OfflineAws, parts: Parts, tmp_path: Path) -> None:
    colours(tmp_path / "c", 12, first=500)
    (tmp_path / "c/red/copy.png").write_bytes((tmp_path / "c/red/500.png").read_bytes())
    model = rekognition_model(aws)
    model.fit(mm.ImageDataset.from_folder(tmp_path / "c"), parts.validation, progress=False)
    assert model.service_evaluation.training_pictures == 36


def test_another_persons_dataset_is_left_alone(aws: OfflineAws, parts: Parts) -> None:
    from tests.testing.rekognition.lives import project

    project(aws, "colours")
    with pytest.raises(mm.errors.AwsValidationError, match="was not made by mediaml"):
        rekognition_model(aws).fit(parts.train, parts.validation, progress=False)


# -- states -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pace", ["by look", "by clock"])
def test_slow_states_are_waited_for(parts: Parts, pace: Any) -> None:
    with offline_aws(clock=SteppedClock()) as aws:
        aws.rekognition.fit, aws.rekognition.pace = colour_fit, pace
        begun = aws.clock.now()
        model = rekognition_model(aws).fit(parts.train, parts.validation, progress=False)
        with model.deploy(max_hours=1) as running:
            assert running.predict(parts.test) and aws.running()
        assert aws.running() == [] and Ledger(aws.ledger).standing() == []
        model.delete(project=True)
        assert pace == "by look" or aws.clock.now() - begun > 3600 + 900 + 300


@pytest.mark.slow
def test_a_day_of_training_is_waited_for(parts: Parts, capsys: pytest.CaptureFixture[str]) -> None:
    with offline_aws(clock=SteppedClock()) as aws:
        aws.rekognition.fit, aws.rekognition.pace = colour_fit, "by clock"
        aws.rekognition.seconds["TRAINING_IN_PROGRESS"] = 24 * 3600.0
        model = rekognition_model(aws).fit(parts.train, parts.validation)
        assert model.status().trained_seconds == pytest.approx(24 * 3600, abs=60)
        told = capsys.readouterr().err
        assert "TRAINING_IN_PROGRESS" in told and "23:" in told and "TRAINING_COMPLETED" in told


def test_a_training_goes_on_without_whoever_waits(aws: OfflineAws, parts: Parts) -> None:
    aws.rekognition.pace = "by hand"
    client = aws.session.client("rekognition")
    aws.rekognition.pace = "at once"
    aws.fail("rekognition", "DescribeProjectVersions", KeyboardInterrupt(), after=2)
    with pytest.raises(mm.errors.Detached, match=r"RekognitionModel\.attach") as raised:
        rekognition_model(aws).fit(parts.train, parts.validation, progress=False)
    assert isinstance(raised.value, KeyboardInterrupt) and raised.value.job.startswith("colours/mediaml-")
    assert [one.resource.kind for one in Ledger(aws.ledger).standing()] == ["rekognition-training"]
    assert client.describe_projects()["ProjectDescriptions"]
    model = mm.RekognitionModel.attach("colours", session=aws.session, clock=aws.clock).wait()
    assert model.bucket == aws.bucket and model.prefix == "mediaml/colours"
    assert model.labels == ("blue", "green", "red") and model.kind == "single_label"
    assert Ledger(aws.ledger).standing() == []


def test_waiting_may_be_left_to_another_process(aws: OfflineAws, parts: Parts) -> None:
    aws.rekognition.pace = "at once"
    model = rekognition_model(aws)
    aws.rekognition.seconds["TRAINING_IN_PROGRESS"] = 1e9
    model._project.made()
    model.fit(parts.train, parts.validation, wait=False, progress=False)
    aws.rekognition.pace = "by clock"
    assert model.status().status == "TRAINING_IN_PROGRESS" and not model.status().over
    assert aws.running() == [("rekognition-training", f"colours/{model.version}")]
    for verb in (model.evaluate, model.deploy, lambda: model.labels):
        with pytest.raises(mm.errors.NotFittedError, match="goes on"):
            verb()
    other = mm.RekognitionModel.attach("colours", model.version, session=aws.session, clock=aws.clock)
    with pytest.raises(mm.errors.AwsNotReadyError, match="cannot be deleted; wait"):
        other.delete(project=True)
    aws.rekognition.pace = "at once"
    assert other.wait().status().trained and model.labels == other.labels


@pytest.mark.parametrize("sign", ["\x85", "\u2028", "\u2029"], ids=ascii)
def test_signs_that_end_lines_elsewhere_may_stand_in_names_and_labels(
    aws: OfflineAws, tmp_path: Path, sign: str
) -> None:
    folder = write_colours(tmp_path / "colours", 24, labels=("blue", "red"))
    (folder / "red").rename(folder / f"r{sign}ed")
    for path in list(folder.rglob("*.png")):
        path.rename(path.with_name(f"photo{sign}{path.name}"))
    train, validation = mm.ImageDataset.from_folder(folder).split(0.5, 0.5, seed=1, near_duplicates=False)
    model = rekognition_model(aws).fit(train, validation, progress=False)
    assert model.labels == ("blue", f"r{sign}ed")
    assert {one.truth for one in model.evaluate().outcomes} == set(model.labels)  # type: ignore[attr-defined]
    made = model._ready()
    assert len(made.pictures()) == 48 and len(made.learned_from()) == 48
    assert model.problems() == ()


def test_a_dataset_that_is_being_changed_is_not_taken_for_a_version_that_is_there(
    aws: OfflineAws, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody adds a picture in the console just before the training is asked for."""
    client, key = aws.session.client("rekognition"), ("rekognition", "CreateProjectVersion")
    create = aws._wire.operations[key]
    model = rekognition_model(aws)

    def created(request: dict[str, Any]) -> Reply:
        (arn, *_) = model._project.datasets(model._under()).arns().values()
        aws.rekognition.pace = "by hand"
        with aws._wire.inside():
            line = client.list_dataset_entries(DatasetArn=arn)["DatasetEntries"][0]
            client.update_dataset_entries(DatasetArn=arn, Changes={"GroundTruth": line.encode()})
        return create(request)

    with monkeypatch.context() as patch:
        patch.setitem(aws._wire.operations, key, created)
        with pytest.raises(mm.errors.AwsNotReadyError, match=r"starting the training of mediaml-.*UPDATE_IN_PROGRESS"):
            model.fit(parts.train, parts.validation, progress=False)
    assert Ledger(aws.ledger).standing() == [] and aws.running() == []
    aws.rekognition.pace = "at once"
    assert model.fit(parts.train, parts.validation, progress=False).status().trained


def test_a_training_that_failed_says_why_and_is_tried_again_under_another_name(aws: OfflineAws, parts: Parts) -> None:
    aws.rekognition.fail_training()
    model = rekognition_model(aws)
    with pytest.raises(mm.errors.JobFailedError, match="service issue"):
        model.fit(parts.train, parts.validation, progress=False)
    failed = model.version
    with pytest.raises(mm.errors.JobFailedError, match="service issue"):
        _ = model.labels
    model.fit(parts.train, parts.validation, progress=False)
    assert model.version == f"{failed}-2" and list(model.versions()["status"]) == [
        "TRAINING_COMPLETED",
        "TRAINING_FAILED",
    ]
    assert mm.RekognitionModel.attach("colours", session=aws.session).version == model.version
    assert Ledger(aws.ledger).standing() == []


def test_what_is_wrong_with_the_data_is_in_the_error(aws: OfflineAws, parts: Parts) -> None:
    """A bucket that the service may not read: only the service can know."""
    aws.rekognition.forbidden.add(aws.bucket)
    model = rekognition_model(aws)
    with pytest.raises(mm.errors.AwsValidationError, match="Unable to get object metadata"):
        model.fit(parts.train, parts.validation, progress=False)
    aws.rekognition.forbidden.clear()
    other = "elsewhere-for-pictures"
    client = aws.session.client("s3")
    client.create_bucket(Bucket=other)
    frame = parts.train.frame
    for path in frame["path"]:
        client.upload_file(path, other, f"{Path(path).parent.name}/{Path(path).name}")
    frame["path"] = [f"s3://{other}/{Path(path).parent.name}/{Path(path).name}" for path in frame["path"]]
    aws.rekognition.forbidden.add(other)
    with pytest.raises(mm.errors.JobFailedError) as raised:
        model.fit(mm.ImageDataset(frame), progress=False)
    assert any("ERROR_INVALID_PERMISSIONS_IMAGES_S3_BUCKET" in line for line in raised.value.log)
    assert any(one.code == "ERROR_INVALID_PERMISSIONS_IMAGES_S3_BUCKET" for one in model.problems())


def test_lines_that_a_dataset_leaves_out_are_named(aws: OfflineAws, parts: Parts) -> None:
    """The service drops what it does not like without a word: here a line, for no reason that we know."""
    from mediaml.testing.rekognition import datasets
    from mediaml.testing.rekognition.lines import taken as whole

    def forgetful(content: bytes, name: str, region: str) -> Any:
        found = whole(content, name, region)
        found.rows.pop(next(iter(found.rows)))
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets, "taken", forgetful)
        with pytest.warns(UserWarning, match=r"has left out 1 of \d+ pictures, without a word: .*\.png"):
            rekognition_model(aws).fit(parts.train, parts.validation, progress=False)


def test_pictures_that_the_service_has_not_used_are_named(aws: OfflineAws, parts: Parts, tmp_path: Path) -> None:
    """Pictures on S3 are not looked at here: the service trains without those that it does not like."""
    client = aws.session.client("s3")
    frame = parts.train.frame
    for path in frame["path"]:
        client.upload_file(path, aws.bucket, f"{Path(path).parent.name}/{Path(path).name}")
    frame["path"] = [f"s3://{aws.bucket}/{Path(path).parent.name}/{Path(path).name}" for path in frame["path"]]
    bad = frame["path"][0]
    client.put_object(Bucket=aws.bucket, Key=bad.partition(f"{aws.bucket}/")[2], Body=b"no picture")
    model = rekognition_model(aws)
    with pytest.warns(UserWarning, match=rf"has not used all of 1 of the pictures .*{bad}: ERROR_INVALID_IMAGE"):
        model.fit(mm.ImageDataset(frame), parts.validation, progress=False)
    assert [(one.code, one.address) for one in model.problems()] == [("ERROR_INVALID_IMAGE", bad)]


def test_a_dataset_that_failed_is_made_again(aws: OfflineAws, parts: Parts) -> None:
    from mediaml.testing.rekognition import datasets
    from mediaml.testing.rekognition.lines import Taken

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets, "taken", lambda *_: Taken(refusal="ERROR_MANIFEST_SIZE_TOO_LARGE: too large."))
        with pytest.raises(mm.errors.JobFailedError, match="CREATE_FAILED: ERROR_MANIFEST_SIZE_TOO_LARGE"):
            rekognition_model(aws).fit(parts.train, parts.validation, progress=False)
    assert rekognition_model(aws).fit(parts.train, parts.validation, progress=False).status().trained


def test_what_is_being_deleted_is_waited_for(parts: Parts) -> None:
    with offline_aws(clock=SteppedClock()) as aws:
        aws.rekognition.fit = colour_fit
        model = rekognition_model(aws).fit(parts.train, parts.validation, progress=False)
        aws.rekognition.pace = "by clock"
        client = aws.session.client("rekognition")
        client.delete_project_version(ProjectVersionArn=model.arn)
        model.delete(project=True)
        assert client.describe_projects()["ProjectDescriptions"] == []


def test_a_lost_answer_makes_no_second_thing(aws: OfflineAws, parts: Parts) -> None:
    for operation in ("CreateProject", "CreateDataset", "CreateProjectVersion"):
        aws.fail("rekognition", operation, Fault.LOST_AFTER)
    model = rekognition_model(aws).fit(parts.train, parts.validation, progress=False)
    assert (
        len(model.versions()) == 1
        and len(aws.session.client("rekognition").describe_projects()["ProjectDescriptions"]) == 1
    )


def test_many_versions_are_listed_page_by_page(aws: OfflineAws, parts: Parts) -> None:
    model = rekognition_model(aws).fit(parts.train, parts.validation, progress=False)
    client = aws.session.client("rekognition")
    arn = model._project.arn()
    output = {"S3Bucket": aws.bucket, "S3KeyPrefix": "x"}
    for number in range(105):
        aws.rekognition.fail_training("no reason")
        client.create_project_version(ProjectArn=arn, VersionName=f"v{number}", OutputConfig=output)
    assert len(model.versions()) == 106
    assert mm.RekognitionModel.attach("colours", session=aws.session).version == model.version


def test_a_copy_that_failed_is_not_the_version_that_is_attached(aws: OfflineAws, parts: Parts) -> None:
    model = rekognition_model(aws).fit(parts.train, parts.validation, progress=False)
    arn, output = model._project.arn(), {"S3Bucket": aws.bucket, "S3KeyPrefix": "x"}
    aws.clock.sleep(60)
    aws.session.client("rekognition").create_project_version(ProjectArn=arn, VersionName="copy", OutputConfig=output)
    mm.RekognitionModel.attach("colours", "copy", session=aws.session, clock=aws.clock).wait(progress=False)
    aws.rekognition._account.project(arn).versions["copy"].status = "COPYING_FAILED"
    assert list(model.versions()["status"]) == ["COPYING_FAILED", "TRAINING_COMPLETED"]
    assert mm.RekognitionModel.attach("colours", session=aws.session).version == model.version


def test_a_model_is_written_down_and_found_again(aws: OfflineAws, parts: Parts, tmp_path: Path) -> None:
    model = rekognition_model(aws).fit(parts.train, parts.validation, progress=False)
    found = mm.load(model.save(tmp_path / "model"))
    assert isinstance(found, mm.RekognitionModel) and found.version == model.version
    assert found.labels == model.labels and found.bucket == aws.bucket
    with pytest.raises(TypeError, match="attach"):
        pickle.dumps(model)
    with pytest.raises(mm.errors.SavedModelError, match="no model of Rekognition"):
        (tmp_path / "other").mkdir()
        (tmp_path / "other/model.json").write_text('{"format": 3, "kind": "local-audio"}')
        mm.RekognitionModel.load(tmp_path / "other")


def test_several_labels_a_picture(aws: OfflineAws, tmp_path: Path) -> None:
    data = colours(tmp_path / "c", 15)
    frame = data.frame
    frame["label"] = [("any", label) if number % 2 else label for number, label in enumerate(frame["label"])]
    train, validation = mm.ImageDataset(frame).split(0.8, 0.2, seed=3, near_duplicates=False)
    model = rekognition_model(aws).fit(train, validation, progress=False)
    assert model.kind == "multi_label" and "any" in model.labels
    assert isinstance(model.evaluate(), mm.ImageMultiLabelReport)
    with model.deploy() as running:
        assert isinstance(model.evaluate(validation, progress=False), mm.ImageMultiLabelReport)
        assert running.labels == model.labels
    assert mm.RekognitionModel.attach("colours", session=aws.session).kind == "multi_label"


def test_arrays_are_no_training_data(aws: OfflineAws) -> None:
    with pytest.raises(TypeError, match="an ImageDataset is learned from"):
        rekognition_model(aws).fit(np.zeros((3, 64, 64, 3)))  # type: ignore[arg-type]
