"""A whole life on Custom Labels, without AWS: from an AWS manifest and generated logos to an empty account."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import mediaml as mm
from mediaml import samples
from mediaml.aws.ledger import Ledger
from mediaml.testing import OfflineAws
from tests.backends.rekognition.conftest import divided, on_s3, rekognition_model
from tests.colours import boxed
from tests.pictures import pretrained, write_shapes

MANIFEST = {
    "source-ref": "",
    "testdataset-classification_Sunrise": 1,
    "testdataset-classification_Sunrise-metadata": {
        "confidence": 1,
        "job-name": "labeling-job/testdataset-classification_Sunrise",
        "class-name": "",
        "human-annotated": "yes",
        "creation-date": "2020-03-06T17:46:39.176",
        "type": "groundtruth/image-classification",
    },
}
"""The shape of the manifest in AWS's guide (md-create-manifest-file-classification)."""


def aws_manifest(aws: OfflineAws, shapes: Path, out: Path) -> Path:
    """A manifest of pictures on S3 as Ground Truth writes it."""
    lines = []
    for path in sorted(shapes.rglob("*.png")):
        line = json.loads(json.dumps(MANIFEST))
        line["source-ref"] = f"s3://{aws.bucket}/shapes/{path.relative_to(shapes).as_posix()}"
        line["testdataset-classification_Sunrise-metadata"]["class-name"] = path.parent.name
        lines.append(json.dumps(line))
    out.write_text("\n".join(lines) + "\n")
    return out


def test_the_life_of_a_model_of_labels(aws: OfflineAws, tmp_path: Path) -> None:
    """Its pictures lie on S3, and the model that answers has really learned them."""
    pretrained()
    from mediaml.testing.rekognition.learner import usual

    aws.rekognition.fit = usual
    shapes = write_shapes(tmp_path / "shapes", 28)
    on_s3(aws, shapes, "shapes")
    data = mm.ImageDataset.from_manifest(aws_manifest(aws, shapes, tmp_path / "output.manifest"))
    first, second, test = divided(data, 0.5, 0.25, 0.25)
    model = rekognition_model(aws, "shapes", prefix="shapes-project/", tags={"team": "archive"})
    assert model.fit(first, progress=False) is model
    assert model.kind == "single_label" and set(model.labels) == {"circle", "cross", "stripes"}
    own = model.evaluate()
    assert own.service is not None and own.service == model.service_evaluation
    assert "chose its thresholds" in own.warnings[0] and "as the service measured it" in str(own)
    with model.deploy(max_hours=1) as running:
        local = next(path for path in sorted(shapes.rglob("*.png")) if path.parent.name == "cross")
        item = next(iter(test)).path
        assert item.startswith("s3://")
        told = running.predict([local, item, local.read_bytes()])
        assert [one.label for one in told] == ["cross", test.frame["label"][0], "cross"]
        report = model.evaluate(test, progress=False)
        assert isinstance(report, mm.ImageReport) and report.accuracy > 0.9
        assert report.data["known_files"] == 0 and report.service is None
        arn = model.arn
        answer = mm.connect(arn, session=aws.session).predict(local)
        assert answer.label == "cross" and [one.label for one in answer.alternatives] == ["cross"]
    assert aws.running() == []
    better = model.improve(second, progress=False)
    assert better.old is model and isinstance(better.new, mm.RekognitionModel)
    assert better.new.version != model.version and len(model.versions()) == 2
    assert better.comparison.overall.old is not None and "accuracy" in str(better)
    assert len(better.old_report.outcomes) == len(better.new_report.outcomes)  # type: ignore[attr-defined]
    model.delete()
    assert list(better.new.versions()["version"]) == [better.new.version]
    better.new.delete(project=True)
    assert len(better.new.versions()) == 0 and aws.running() == []
    assert Ledger(aws.ledger).standing() == []
    with pytest.raises(mm.errors.AwsNotFoundError):
        mm.RekognitionModel.attach("shapes", session=aws.session)


def test_the_life_of_a_model_of_boxes(aws: OfflineAws, tmp_path: Path) -> None:
    data = boxed(tmp_path / "boxes", 66)
    train, validation, test = divided(data, 0.5, 0.3, 0.2)
    model = rekognition_model(aws, "rectangles").fit(train, validation, progress=False)
    assert model.kind == "boxes" and model.service_evaluation.finds_boxes
    own = model.evaluate()
    assert isinstance(own, mm.DetectionReport) and own.mean_average_precision == pytest.approx(1.0)
    with model.deploy() as running:
        report = model.evaluate(test, progress=False)
        assert isinstance(report, mm.DetectionReport) and report.mean_average_precision == pytest.approx(1.0)
        picture = next(iter(test))
        (true,) = picture.boxes or ()
        found = running.predict(picture)
        assert found.label == true.label and found.boxes[0].confidence == pytest.approx(0.9)
        for side in ("left", "top", "width", "height"):
            assert getattr(found.boxes[0], side) == pytest.approx(getattr(true, side), abs=1)
        running.thresholds = {true.label: 0.95}
        nothing = running.predict(picture)
        assert nothing.label is None and nothing.reason == "low_confidence" and nothing.boxes == ()
    more = boxed(tmp_path / "more", 12, first=100)
    better = model.improve(more, progress=False)
    assert better.recommended is better.new
    better.new.delete(project=True)


@pytest.mark.slow
def test_generated_logos_are_found(aws: OfflineAws, tmp_path: Path) -> None:
    """A detector is trained in earnest behind the service's interface."""
    pretrained()
    pytest.importorskip("simpleicons", reason="needs the extra 'logos'")
    from mediaml.backends.local_image import LocalImageModel

    epochs = iter((10, 2))  # what the second model finds is not asked

    def fit(data: mm.ImageDataset, use_case: str) -> LocalImageModel:
        assert use_case == "boxes"
        return LocalImageModel(network="ssd", side=128, epochs=next(epochs)).fit(data, progress=False)

    aws.rekognition.fit = fit
    data = samples.logos(tmp_path / "logos", pictures=120, size=(240, 180), most=2, progress=False)
    train, validation, test, more = divided(data, 0.5, 0.15, 0.15, 0.2)
    model = rekognition_model(aws, "logos").fit(train, validation, progress=False)
    assert model.kind == "boxes" and set(model.labels) == set(train.labels)
    with model.deploy(max_hours=1) as running:
        report = model.evaluate(test, progress=False)
        assert isinstance(report, mm.DetectionReport)
        assert report.mean_average_precision is not None and report.mean_average_precision > 0.2
        assert len(running.predict(test)) == len(test)
    better = model.improve(more, progress=False)
    assert better.comparison.overall.new is not None and "mean average precision" in str(better)
    better.new.delete(project=True)
    assert aws.running() == [] and Ledger(aws.ledger).standing() == []
