"""Precision over recall: steps whose area is the average precision that the report states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mediaml.reports.curves import confidences_of, label_curves, label_reliability, precision_recall, steps_through
from mediaml.reports.detection_charts import reliability
from mediaml.values.detection_report import DetectionReport
from mediaml.values.multi_label_report import MultiLabelReport
from mediaml.values.report import AudioReport
from tests.reports.kinds import KINDS


def test_the_area_under_the_steps_is_the_average_precision(tmp_path: Path) -> None:
    report = KINDS["several sounds"](tmp_path)
    assert isinstance(report, MultiLabelReport)
    for label in ("bird", "rain"):
        precision, recall = precision_recall(*confidences_of(report, label))
        area = float(np.sum(np.diff(recall, prepend=0.0) * precision))
        assert area == pytest.approx(report.per_label[label].average_precision)


def test_equal_confidences_are_one_step() -> None:
    precision, recall = precision_recall(np.array([0.5, 0.5, 0.9]), np.array([True, False, True]))
    assert precision.tolist() == [1.0, pytest.approx(2 / 3)] and recall.tolist() == [0.5, 1.0]
    corners = steps_through(precision, recall)
    assert corners[0][0] < corners[1][0] == corners[2][0] and corners[-1][1] > corners[-2][1]


def test_labels_that_the_test_has_are_drawn(tmp_path: Path) -> None:
    one, several = KINDS["sounds"](tmp_path), KINDS["several sounds"](tmp_path)
    assert isinstance(one, AudioReport) and isinstance(several, MultiLabelReport)
    assert [chart.title.split(":")[0] for chart in label_curves(one)] == ["hiss", "hum", "whistle"]
    assert [chart.title.split(":")[0] for chart in label_curves(several)] == ["bird", "rain"]
    assert [len(chart.lines) for chart in label_curves(one)] == [1, 1, 1], "what was given is no point of this line"
    assert [len(chart.lines) for chart in label_curves(several)] == [2, 2], "and here it is"
    assert len(label_reliability(several)) == 2
    assert label_curves(one.model_copy(update={"outcomes": ()})) == []


def test_confidences_of_boxes_are_compared_with_truth(tmp_path: Path) -> None:
    report = KINDS["boxes"](tmp_path)
    assert isinstance(report, DetectionReport)
    [chart] = reliability(report)
    assert len(chart.lines[1].points) == 5, "five boxes were found"
    assert reliability(report.model_copy(update={"outcomes": ()})) == []
