"""The page on numbers names every number that a report prints."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

import mediaml as mm
from mediaml.reports import detection, multi_label
from mediaml.values.comparison import Difference
from mediaml.values.detection_report import DetectionScore
from mediaml.values.event_report import EventCounts, EventScore
from mediaml.values.multi_label_report import MultiLabelScore
from mediaml.values.report import LabelScore
from mediaml.values.service_evaluation import ServiceLabel

PAGE = (Path(__file__).parents[2] / "docs" / "numbers.md").read_text()
REPORTS: list[type[BaseModel]] = [
    mm.AudioReport,
    mm.ImageReport,
    mm.MultiLabelReport,
    mm.ImageMultiLabelReport,
    mm.DetectionReport,
    mm.EventReport,
    mm.Interval,
    mm.ServiceEvaluation,
]
PARTS: list[type[BaseModel]] = [
    LabelScore,
    MultiLabelScore,
    DetectionScore,
    EventScore,
    EventCounts,
    ServiceLabel,
    Difference,
]
WORDS = re.compile(r"\*\*([^*]+)\*\*")


def numbers(kind: type[BaseModel]) -> list[str]:
    return [name for name, field in kind.model_fields.items() if is_number(field.annotation)]


def is_number(annotation: Any) -> bool:
    return bool({int, float} & {annotation, *get_args(annotation)}) and not hasattr(annotation, "__origin__")


@pytest.mark.parametrize("kind", [*REPORTS, *PARTS], ids=lambda kind: kind.__name__)
def test_every_number_of_a_report_is_on_the_page(kind: type[BaseModel]) -> None:
    assert len(numbers(kind)) >= 2
    assert [name for name in numbers(kind) if f"`{name}`" not in PAGE] == []


@pytest.mark.parametrize("names", [detection.NAMES, multi_label.NAMES], ids=["boxes", "several labels"])
def test_so_are_the_names_that_a_page_shows_them_under(names: dict[str, str]) -> None:
    bold = [word.rstrip(",:") for word in WORDS.findall(PAGE)]
    assert [name for name in names.values() if name not in bold] == []


def test_so_are_the_columns_of_the_threshold_explorer() -> None:
    from mediaml.reports.explorer import COLUMNS, HOURLY

    assert [name for name in (*COLUMNS, HOURLY) if f"**{name}**" not in PAGE] == []


def test_so_are_those_of_a_report_on_one_label(label_report: mm.AudioReport) -> None:
    from mediaml.reports.words import figures

    shown = [figure.name for figure in figures(label_report)]
    assert len(shown) >= 7
    assert [name for name in shown if f"**{name}**" not in PAGE] == []


@pytest.fixture
def label_report() -> mm.AudioReport:
    from mediaml.metrics.classification import audio_report
    from mediaml.values.report import Outcome

    heard = (mm.Score(label="bell", confidence=0.9), mm.Score(label="siren", confidence=0.1))
    said = mm.AudioPrediction(
        label="bell", labels=("bell",), confidence=0.9, alternatives=heard, score=0.9, familiarity=1.0
    )
    clip = mm.Clip(path=Path("bell.wav"), label="bell")
    return audio_report([Outcome(clip=clip, truth="bell", prediction=said)], ["bell", "siren"])
