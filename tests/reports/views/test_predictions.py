"""Predictions in a notebook: the verdict, the alternatives, and why nothing was recognised."""

from __future__ import annotations

from pathlib import Path

import pytest

import mediaml as mm
from mediaml.reports.views.predictions import ALTERNATIVES, ALTERNATIVES_IN_GALLERY
from tests.reports.views.page import view
from tests.reports.views.values import face, find, heard, picture, seen, sound

MANY = tuple(mm.Score(label=f"label {number}", confidence=0.5**number / 2) for number in range(9))


def test_the_verdict_and_its_percentage_come_first() -> None:
    shown = view(heard("array", "owl", alternatives=(mm.Score(label="owl", confidence=0.83),)))
    assert shown.text.startswith("owl 83")
    assert "given as an array" in shown.text
    assert "familiarity 0.40" in shown.text


def test_alternatives_have_bars_as_long_as_they_are_sure() -> None:
    shown = view(heard("array", alternatives=MANY, label="label 0"))
    assert shown.bars == pytest.approx([one.confidence for one in MANY[:ALTERNATIVES]], abs=6e-4)
    assert "and 3 less likely" in shown.text
    small = view(mm.show([heard("array", alternatives=MANY, label="label 0")] * 2))
    assert len(small.bars) == 2 * ALTERNATIVES_IN_GALLERY


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("silence", "louder than -60 dB"),
        ("too_short", "too short: it is shorter than one analysis window"),
        ("low_confidence", "low confidence: no label reaches its threshold"),
        ("unlike_training_data", "unlike training data"),
    ],
)
def test_nothing_recognised_says_why(reason: str, told: str) -> None:
    shown = view(heard("bytes", None, reason=reason))
    assert shown.text.startswith("Nothing recognised")
    assert told in shown.text.replace("\u00a0", " ")


def test_what_could_not_be_read_says_why() -> None:
    shown = view(mm.AudioPrediction(error="is no sound", source="/x/broken.wav"))
    assert shown.text == "Not readable is no sound broken.wav"


def test_similarity_of_faces_is_not_called_confidence() -> None:
    shown = view(face())
    assert "how similar they are is no probability" in shown.text
    assert "Similarity" in shown.text and "onfidence" not in shown.text
    assert "face 2: like nobody in the collection" in shown.text


# -- lists ------------------------------------------------------------------------------------------------------------


def test_a_list_is_shown_side_by_side_with_a_sentence(tmp_path: Path) -> None:
    path = str(sound(tmp_path))
    unread = mm.AudioPrediction(error="is no sound", source="/x.wav")
    shown = view(mm.show([heard(path), heard(path), heard(path, None), unread]))
    assert shown.text.startswith(
        "4 predictions: 2 recognised, in 1 nothing recognised (unlike training data), 1 not readable."
    )
    assert len(shown.sounds) == 3


def test_a_long_list_is_cut_and_the_sentence_counts_all() -> None:
    shown = view(mm.show([heard("array")] * 30, most=5))
    assert "30 predictions: 30 recognised" in shown.text
    assert "The first 5 of 30." in shown.text
    assert len([one for one in shown.all("li") if one.get("class") == "card"]) == 5


def test_all_that_has_a_place_in_a_file_can_be_shown(tmp_path: Path) -> None:
    recording, still = str(sound(tmp_path)), str(picture(tmp_path))
    values = [mm.Clip(path=Path(recording)), mm.Picture(path=still), find(recording), find(still), seen(still)]
    shown = view(mm.show(values))
    assert "1 prediction: 1 recognised. 1 clip. 1 picture. 2 finds." in shown.text
    assert len(shown.pictures) == 5 and len(shown.sounds) == 2
    assert str(mm.show(values)).splitlines()[0].startswith("1 prediction")


def test_one_alone_and_a_dataset_can_be_shown(tmp_path: Path) -> None:
    clips = mm.AudioDataset.from_folder(sound(tmp_path).parent, None)
    assert "1 clip." in view(mm.show(clips)).text
    assert "1 prediction" in view(mm.show(heard("array"))).text
    assert view(mm.show([])).text == "Nothing to show."


def test_anything_else_is_refused() -> None:
    for other in ([1.0], 3, [mm.Clip(path=Path("a.wav")), "a.wav"]):
        with pytest.raises(TypeError, match="predictions, clips, pictures or finds"):
            mm.show(other)
