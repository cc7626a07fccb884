"""The service's evaluation files, as AWS's guide shows them, and the report that comes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mediaml as mm
from mediaml.backends.rekognition.answers import Rule, prediction
from mediaml.backends.rekognition.bodies import Body
from mediaml.backends.rekognition.evaluation import parsed_snapshot, parsed_summary
from mediaml.backends.rekognition.problems import line_problems, summary_problems
from mediaml.backends.rekognition.reports import own_report, report_on
from tests.colours import boxed, colours

OVERALL = {"F1Score": 0.9726959470546408, "Precision": 0.9719115848331294, "Recall": 0.9735042735042735}
CONFUSION = [
    {"GroundTruthLabel": "CAP", "PredictedLabel": "CAP", "Value": 0.9948717948717949},
    {"GroundTruthLabel": "CAP", "PredictedLabel": "WATCH", "Value": 0.008547008547008548},
]
REST = {
    "Version": 1,
    "EvaluationDetails": {
        "EvaluationEndTimestamp": "2019-11-21T07:30:23.910943",
        "Labels": ["CAP", "WATCH"],
        "NumberOfTestingImages": 624,
        "NumberOfTrainingImages": 5216,
        "ProjectVersionArn": "arn:aws:rekognition:us-east-1:123456789012:project/my-project/version/v0/1574317227432",
    },
    "LabelEvaluationResults": [
        {
            "Label": "CAP",
            "Metrics": {"F1Score": 0.97, "Precision": 0.98, "Recall": 0.96, "Threshold": 0.9879502058029175},
            "NumberOfTestingImages": 390,
        },
        {"Label": "WATCH", "Metrics": {"Threshold": 0.014450683258473873}, "NumberOfTestingImages": 234},
    ],
}
FLAT = {**REST, "AggregatedEvaluationResults": {**OVERALL, "ConfusionMatrix": CONFUSION}}
"""The example file (im-summary-file-api)."""
NESTED = {**REST, "AggregatedEvaluationResults": {"Metrics": {**OVERALL, "ConfusionMatrix": CONFUSION}}}
"""The reference (im-summary-file)."""


@pytest.mark.parametrize("document", [FLAT, NESTED], ids=["the example", "the reference"])
def test_both_shapes_of_the_summary_say_the_same(document: dict[str, Any]) -> None:
    found = parsed_summary(json.dumps(document).encode(), "s3://b/summary.json")
    assert (found.f1, found.precision, found.recall) == tuple(OVERALL.values())
    assert found.labels == ("CAP", "WATCH") and (found.training_pictures, found.test_pictures) == (5216, 624)
    assert found.confusion["CAP"]["WATCH"] == 0.008547008547008548 and not found.finds_boxes
    assert found.thresholds == {"CAP": 0.9879502058029175, "WATCH": 0.014450683258473873}
    assert found.per_label["WATCH"].f1 is None and found.per_label["CAP"].pictures == 390
    assert "threshold 0.99 F1 0.97 precision 0.98 recall 0.96" in str(found)


def test_a_localisation_summary_has_mean_precision() -> None:
    overall = {**OVERALL, "AveragePrecision": 0.7, "AverageRecall": 0.8}
    found = parsed_summary(json.dumps({**REST, "AggregatedEvaluationResults": overall}).encode(), "x")
    assert found.finds_boxes and found.average_recall == 0.8 and "mean average precision 0.700" in str(found)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"AggregatedEvaluationResults": {}}', b"\xff"])
def test_what_is_no_summary_is_named(content: bytes) -> None:
    with pytest.raises(mm.errors.AwsError, match=r"s3://b/summary\.json: this is no summary"):
        parsed_summary(content, "s3://b/summary.json")


def details(**true: bool) -> dict[str, Any]:
    names = ("is-true-positive", "is-true-negative", "is-false-positive", "is-false-negative")
    said = {name: true.get(name.replace("-", "_"), False) for name in names}
    return {"version": 1, "ground-truth-labelling-jobs": ["rekognition-custom-labels-training-job"], **said}


def label_line(truth: str, said: dict[str, tuple[float, dict[str, Any]]]) -> str:
    """A line as AWS's guide has it for image classification."""
    common = {
        "job-name": "x",
        "creation-date": "2019-09-06T00:07:25.488243",
        "type": "groundtruth/image-classification",
    }
    line: dict[str, Any] = {
        "source-ref": f"s3://test-bucket/dataset/{truth}.jpeg",
        "rekognition-custom-labels-training-0": 1,
        "rekognition-custom-labels-training-0-metadata": {"confidence": 1.0, "class-name": truth, **common},
    }
    for number, (label, (confidence, about)) in enumerate(said.items()):
        line[f"rekognition-custom-labels-evaluation-{number}"] = 1
        line[f"rekognition-custom-labels-evaluation-{number}-metadata"] = {
            "confidence": confidence,
            "class-name": label,
            "rekognition-custom-labels-evaluation-details": about,
            **common,
        }
    return json.dumps(line)


def test_hits_and_misses_of_labels(tmp_path: Path) -> None:
    lines = [
        label_line(
            "CAP", {"CAP": (0.99, details(is_true_positive=True)), "WATCH": (0.01, details(is_true_negative=True))}
        ),
        label_line(
            "WATCH", {"CAP": (0.6, details(is_false_positive=True)), "WATCH": (0.4, details(is_true_positive=True))}
        ),
        label_line(
            "WATCH", {"CAP": (0.5, details(is_true_negative=True)), "WATCH": (0.0, details(is_false_negative=True))}
        ),
    ]
    seen = list(parsed_snapshot(lines, "s3://b/test.manifest"))
    assert [one.picture.labels for one in seen] == [("CAP",), ("WATCH",), ("WATCH",)]
    assert [one.given for one in seen] == [("CAP",), ("CAP", "WATCH"), ()]
    evaluation = parsed_summary(json.dumps(FLAT).encode(), "x")
    report = own_report(seen, evaluation, "single_label", {"project": "x"})
    assert isinstance(report, mm.ImageReport) and report.service == evaluation
    assert [(one.truth, one.prediction.label) for one in report.outcomes] == [
        ("CAP", "CAP"),
        ("WATCH", "CAP"),
        ("WATCH", None),
    ]
    assert report.accuracy == pytest.approx(1 / 3) and report.coverage == pytest.approx(2 / 3)
    page = report.save(tmp_path / "report.html").read_text()
    assert "As the service measured it" in page and "0.99" in page and "not told" in page
    assert "the test dataset of x" in page and "gallery whole" in page, "pictures keep their shape"
    assert "As the service measured it" in report._repr_html_()
    several = own_report(seen, evaluation, "multi_label", {})
    assert isinstance(several, mm.ImageMultiLabelReport)
    assert [one.prediction.labels for one in several.outcomes] == [("CAP",), ("CAP", "WATCH"), ()]


def test_hits_and_misses_of_boxes() -> None:
    def placed(left: int) -> dict[str, Any]:
        return {"class_id": 0, "width": 39, "top": 409, "height": 63, "left": left}

    size = [{"width": 1024, "depth": 3, "height": 768}]
    common = {"class-map": {"0": "Cap"}, "type": "groundtruth/object-detection"}
    objects = [
        {"confidence": 0.95, "rekognition-custom-labels-evaluation-details": details(is_true_positive=True)},
        {"confidence": 0.15, "rekognition-custom-labels-evaluation-details": details(is_true_negative=True)},
    ]
    line = {
        "source-ref": "s3://test-bucket/dataset/beckham.jpeg",
        "rekognition-custom-labels-training-0": {"annotations": [placed(712)], "image_size": size},
        "rekognition-custom-labels-training-0-metadata": {"objects": [{"confidence": 1.0}], **common},
        "rekognition-custom-labels-evaluation": {"annotations": [placed(710), placed(10)], "image_size": size},
        "rekognition-custom-labels-evaluation-metadata": {"objects": objects, **common},
    }
    (one,) = parsed_snapshot([json.dumps(line), ""], "x")
    assert (one.picture.width, one.picture.height) == (1024, 768) and one.picture.labels == ("Cap",)
    assert [box.confidence for box in one.boxes] == [0.95, 0.15] and len(one.given_boxes) == 1
    overall = {**OVERALL, "AveragePrecision": 1.0, "AverageRecall": 1.0}
    details_ = {**REST["EvaluationDetails"], "Labels": ["Cap"]}  # type: ignore[dict-item]
    document = {**REST, "EvaluationDetails": details_, "AggregatedEvaluationResults": overall}
    document["LabelEvaluationResults"] = [{"Label": "Cap", "Metrics": {"Threshold": 0.5}}]
    report = own_report([one], parsed_summary(json.dumps(document).encode(), "x"), "boxes", {})
    assert isinstance(report, mm.DetectionReport) and report.mean_average_precision == pytest.approx(1.0)
    assert report.per_label["Cap"].precision == 1.0


def test_a_report_counts_the_boxes_that_a_prediction_gives(tmp_path: Path) -> None:
    """A label without test pictures has no threshold of the service's; percentages have the precision of float32."""
    pictures = boxed(tmp_path / "boxes", 6)
    rule = Rule("boxes", ("blue", "green", "red"), {"red": 0.7, "green": 0.9})
    everything = rule._replace(thresholds=dict.fromkeys(rule.labels, 0.0))
    place = {"Left": 0.1, "Top": 0.1, "Width": 0.4, "Height": 0.4}
    rows = [
        {"Name": label, "Confidence": confidence, "Geometry": {"BoundingBox": place}}
        for label in rule.labels
        for confidence in (49.9, 51.0, float(np.float32(70)) - 2e-6, 89.0, 95.0)
    ]
    bodies = [Body(one.path, {}, 100, 80) for one in pictures]
    said = [prediction(rows, everything, body) for body in bodies]
    report = report_on(pictures, said, rule, {}, frozenset(), progress=False)
    assert isinstance(report, mm.DetectionReport)
    given = [sorted((box.label, box.confidence) for box in prediction(rows, rule, body).boxes) for body in bodies]
    assert [sorted((box.label, box.confidence) for box in one.given) for one in report.outcomes] == given
    assert [label for label, _ in given[0]] == ["blue"] * 4 + ["green"] + ["red"] * 3
    assert {label: one.threshold for label, one in report.per_label.items()} == {"blue": 0.5, "green": 0.9, "red": 0.7}


def test_a_label_without_a_threshold_is_told_with_the_one_that_predictions_have(tmp_path: Path) -> None:
    pictures = colours(tmp_path / "colours", 2)
    rule = Rule("multi_label", ("blue", "green", "red"), {"red": 0.7, "green": 0.9})
    rows = [{"Name": label, "Confidence": 60.0} for label in rule.labels]
    said = [prediction(rows, rule, Body(one.path, {}, 80, 80)) for one in pictures]
    report = report_on(pictures, said, rule, {}, frozenset(), progress=False)
    assert isinstance(report, mm.ImageMultiLabelReport)
    assert {one.prediction.labels for one in report.outcomes} == {("blue",)}
    assert report.per_label["blue"].threshold == 0.5 and report.per_label["blue"].recall == 1.0


@pytest.mark.parametrize(
    "line", ["no JSON", "[]", '{"source-ref": "s3://a/b", "rekognition-custom-labels-training-0": 1}']
)
def test_a_line_that_is_none_of_a_snapshot_is_named(line: str) -> None:
    with pytest.raises(mm.errors.AwsError, match=r"test\.manifest, line 2: this is no line of a snapshot"):
        list(parsed_snapshot(["", line], "test.manifest"))


def test_problems_are_read_wherever_they_stand() -> None:
    lines = [
        '{"source-ref": "s3://a/1.png"}',
        "broken",
        json.dumps(
            {
                "source-ref": "s3://a/2.png",
                "errors": [{"code": "ERROR_NO_VALID_ANNOTATIONS", "message": "No valid annotations found."}],
                "box": {"annotations": [{"errors": [{"code": "ERROR_INVALID_BOUNDING_BOX", "message": "off"}]}]},
                "box-metadata": {"warnings": [{"code": "WARNING_NO_ANNOTATIONS", "message": "none"}]},
            }
        ),
        '{"errors": [{"code": "ERROR_INVALID_JSON_LINE", "message": "The JSON Line has an invalid format."}]}',
    ]
    found = list(line_problems(lines, "train"))
    assert [(one.code, one.line, one.address) for one in found] == [
        ("ERROR_NO_VALID_ANNOTATIONS", 3, "s3://a/2.png"),
        ("ERROR_INVALID_BOUNDING_BOX", 3, "s3://a/2.png"),
        ("WARNING_NO_ANNOTATIONS", 3, "s3://a/2.png"),
        ("ERROR_INVALID_JSON_LINE", 4, ""),
    ]
    assert str(found[1]).startswith("train, line 3: s3://a/2.png: ERROR_INVALID_BOUNDING_BOX: off: ")


def test_the_example_of_a_manifest_summary_is_read() -> None:
    """From AWS's guide (tm-debugging-summary)."""
    row = {
        "code": "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST",
        "message": "The manifest file contains too many invalid rows.",
    }
    whole = {"code": "ERROR_INSUFFICIENT_LABEL_OVERLAP", "message": "too few"}
    statistics = {"training": {"errors": [row], "error_json_line_indices": [15]}, "testing": {"errors": []}}
    found = list(summary_problems({"errors": [whole], "statistics": statistics}))
    assert [(one.code, one.part) for one in found] == [(whole["code"], ""), (row["code"], "train")]
