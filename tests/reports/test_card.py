"""The model card tells what is known, and says what is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import mediaml as mm
from mediaml.features.weights_source import SOURCES
from mediaml.reports.card import card
from mediaml.values.report import Report
from tests.reports.kinds import KINDS


def told(report: Any) -> dict[str, str]:
    return {fact.name: fact.value for section in card(report) for fact in section.facts}


def with_model(folder: Path, **facts: object) -> mm.AudioReport:
    report = KINDS["sounds"](folder)
    assert isinstance(report, mm.AudioReport)
    return report.model_copy(update={"model": {**report.model, **facts}})


def test_what_nobody_recorded_is_not_made_up(tmp_path: Path) -> None:
    report = KINDS["sounds"](tmp_path)
    assert isinstance(report, Report)
    bare = told(report.model_copy(update={"model": {}, "data": {}, "history": ()}))
    unknown = ("held back", "epochs", "time", "machine", "settings", "versions", "calibration", "with")
    assert {bare[name] for name in unknown} == {"not recorded"}
    assert bare["weights"].startswith("Not recorded") and bare["of these in the training"] == "not recorded"


def test_the_training_is_told(tmp_path: Path) -> None:
    facts = told(with_model(tmp_path, seconds=61.4, machine="Linux x86_64, 2 cores"))
    assert facts["epochs"] == "3; the weights of epoch 2 were kept"
    assert (facts["time"], facts["machine"]) == ("61 s", "Linux x86_64, 2 cores")
    assert facts["settings"] == "seed 7, epochs 3"
    assert facts["held back"] == "no part was given for validation: what was held out is of the training part"


def test_what_was_held_back_is_told_as_it_was_recorded(tmp_path: Path) -> None:
    both: dict[str, dict[str, str]] = {"train": {}, "validation": {}}

    def held_back(**facts: object) -> str:
        return told(with_model(tmp_path, **facts))["held back"]

    assert held_back(data=both, validation_given=True) == "the part that was given for validation"
    assert held_back(data=both, validation_given=False).startswith("no part was given for validation")
    assert held_back(data=both).endswith("not recorded"), "reports of before this was recorded"
    nothing = held_back(data={"train": {}}, validation_given=False, calibration={"held_out": 0})
    assert nothing == "nothing: no part was given for validation, and none could be held out"


def test_versions_are_those_of_where_it_was_trained(tmp_path: Path) -> None:
    facts = told(with_model(tmp_path, trained_with={"python": "3.8.10", "mxnet": "1.9.0"}))
    assert facts["versions"] == "python 3.8.10, mxnet 1.9.0"
    assert facts["prepared with"].startswith("mxnet 1.9.1") and "trained with" not in facts


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"held_out": 0}, "none: nothing could be held out"),
        ({"held_out": 1, "temperature": 1.25, "doubt": 0.01}, "1 clip that was held out, and so were the thresholds"),
        ({"held_out": 90, "background_hours": 1.5}, "90 clips that were held out, and 1.5 hours of background"),
        ({"held_out_boxes": 7}, "7 true boxes that were held out"),
        ({"held_out_boxes": 1}, "1 true box that was held out"),
    ],
)
def test_what_confidences_were_fitted_on_is_told(known: dict[str, float], said: str, tmp_path: Path) -> None:
    assert said in told(with_model(tmp_path, calibration=known))["calibration"]


def test_weights_come_with_their_licence(tmp_path: Path) -> None:
    published = told(with_model(tmp_path, network="yamnet", weights=SOURCES["yamnet"].arrays))["weights"]
    assert "AudioSet" in published and "Apache-2.0" in published
    own = told(with_model(tmp_path, network="yamnet", weights="ab" * 16))["weights"]
    assert own.startswith("A file of the user's own") and "Google" not in own and "Apache" not in own
    assert told(with_model(tmp_path, network="yamnet"))["weights"].startswith("Not recorded")
    assert "Apache-2.0" in told(KINDS["boxes"](tmp_path))["weights"]
    assert told(KINDS["sounds"](tmp_path))["weights"].startswith("None from elsewhere")
    service = told(KINDS["several in pictures"](tmp_path))
    assert service["weights"].startswith("The service's own") and "service's" in service["calibration"]


def test_limits_name_the_labels_with_few_recordings_and_those_without(tmp_path: Path) -> None:
    facts = told(KINDS["sounds"](tmp_path))
    assert facts["fewer than 5 recordings"] == "hum" and facts["not tested"] == "none: every label was tested"
    assert facts["warnings"].endswith("at the top of this report")
    assert told(KINDS["several sounds"](tmp_path))["not tested"] == "wind"


def test_notes_stand_where_nothing_was_stated(tmp_path: Path) -> None:
    report = KINDS["pictures"](tmp_path).noted(intended_use="logos in sport", not_for="faces")
    assert told(report)["intended use"] == "logos in sport"
    assert told(report)["not for"].startswith("faces ") and "docs/faces.md" in told(report)["not for"]
    assert report.noted(contact="me").notes == report.notes.model_copy(update={"contact": "me"})
