"""Reports are values: they print, compare, come back from JSON, and know no dataset."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from pydantic import ValidationError

import mediaml as mm
from mediaml.metrics.classification import audio_report
from mediaml.values.geometry import Segment
from mediaml.values.interval import Interval
from mediaml.values.report import AudioReport
from tests.metrics.test_classification import LABELS, OUTCOMES, outcome


@pytest.fixture
def report() -> AudioReport:
    return audio_report(OUTCOMES, LABELS)


def test_an_interval_reads_as_a_person_would_write_it() -> None:
    found = Interval(low=0.9166, high=0.9999)
    assert (found.in_percent, str(found)) == ("92-100 %", "0.917-1.000")
    assert Interval(low=0.92, high=0.998).in_percent == "92-99.8 %"
    assert found.width == pytest.approx(0.0833)


def test_a_report_cannot_be_changed(report: AudioReport) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        report.accuracy = 1.0  # type: ignore[misc]


def test_text_has_every_figure_with_its_interval(report: AudioReport) -> None:
    text = str(report)
    for name in ("macro_f1", "expected_calibration_error", "brier", "negative_log_likelihood"):
        assert f"{getattr(report, name):.3f} ({report.intervals[name]})" in text
    for name in ("accuracy", "coverage", "accepted_accuracy"):
        assert f"({report.intervals[name].in_percent})" in text
    assert text.count("\n! ") == len(report.warnings)


def test_a_report_without_intervals_prints_the_figures_alone(report: AudioReport) -> None:
    assert "accuracy 60 %, macro F1 0.583 on" in str(report.model_copy(update={"intervals": {}}))


def test_values_load_neither_numpy_nor_matplotlib() -> None:
    code = (
        "import sys, mediaml.values.report, mediaml.values.multi_label_report;"
        "assert not {'numpy', 'matplotlib', 'pandas', 'mxnet'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# -- the reliability figure -------------------------------------------------------------------------------------------


def test_the_reliability_figure_explains_itself_and_shows_itself() -> None:
    random = np.random.default_rng(1)
    found = []
    for number in range(300):
        sure = float(random.uniform(0.5, 1))
        found.append(outcome("dog", "dog" if random.random() < sure else "cat", sure, file=f"{number}.wav"))
    report = audio_report(found, LABELS)
    figure = report.plot_reliability()
    assert isinstance(figure, Figure)
    upper, lower = figure.axes
    assert f"{report.expected_calibration_error:.3f}" in upper.get_title()
    assert f"{report.expected_calibration_error_by_chance:.3f}" in upper.get_title()
    assert (lower.get_xlabel(), upper.get_ylabel(), lower.get_ylabel()) == (
        "stated confidence",
        "share that is right",
        "clips",
    )
    assert sum(bar.get_height() for bar in lower.patches) == 300  # type: ignore[attr-defined]
    [bars] = upper.containers
    points = np.asarray(bars.lines[0].get_xydata())  # type: ignore[attr-defined]
    assert points.shape == (10, 2)
    assert np.abs(points[:, 1] - points[:, 0]).mean() == pytest.approx(report.expected_calibration_error)
    band = upper.collections[0].get_paths()[0].get_extents()
    assert 0.5 < band.x0 < 0.6 and band.y0 < 0.5 < band.y1
    legend = upper.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == [
        "perfect",
        "perfectly calibrated, by chance (95 %)",
        "this model (95 % interval)",
    ]
    picture = Image.open(io.BytesIO(figure._repr_png_()))  # type: ignore[attr-defined]
    assert picture.size == (600, 650)


def test_a_single_clip_can_be_drawn_and_none_is_refused(report: AudioReport) -> None:
    assert audio_report(OUTCOMES[:1], LABELS).plot_reliability()._repr_png_()  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="holds no outcomes"):
        report.model_copy(update={"outcomes": ()}).plot_reliability()


def test_wrong_recordings_need_no_file(report: AudioReport) -> None:
    assert [one.path for one in report.wrong_recordings] == [Path("b.wav"), Path("a.wav")]
    assert isinstance(report, mm.AudioReport)


def test_a_list_of_outcomes_is_a_line_each():
    long = outcome("dog", "cat", 0.9, file="a.wav")

    assert repr([long]) == "[<Outcome a.wav: dog; the model: cat 90 %>]"
    part = long.model_copy(update={"clip": long.clip.model_copy(update={"segment": Segment(start=1, end=2.5)})})
    assert str(part) == "a.wav, 1.000-2.500 s: dog; the model: cat 90 %"
