"""What a segment is worth, and what that is made of."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import mediaml as mm
from mediaml.archive.value import Value, parts_of, quality, worth

NAN = float("nan")
WHOLE: dict[str, Any] = {
    "label": "cheer",
    "start": 0.0,
    "end": 5.0,
    "confidence": 0.9,
    "clipped": 0.0,
    "level": -6.0,
    "sharpness": NAN,
    "side": NAN,
    "files_with": 1.0,
}


def segments(*changes: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame([{**WHOLE, **one} for one in changes])


def test_a_long_sure_clean_segment_of_a_label_that_is_nowhere_else_has_all_parts_in_full():
    (parts,) = parts_of(segments({"confidence": 1.0}), Value(), files=10).to_dict("records")

    assert parts == {"relevance": 1, "confidence": 1, "rarity": 1, "length": 1, "quality": 1}


def test_relevance_is_the_weight_of_the_label_against_the_largest():
    found = segments({"label": "cheer"}, {"label": "rain"}, {"label": "speech"})

    parts = parts_of(found, Value(labels={"cheer": 4, "rain": 0}), files=10)

    assert list(parts["relevance"]) == [1, 0, 0.25]


def test_weights_below_one_make_a_label_less_wanted_than_those_that_are_not_named():
    parts = parts_of(segments({"label": "cheer"}, {"label": "rain"}), Value(labels={"rain": 0.2}), files=10)

    assert list(parts["relevance"]) == [1, 0.2]


def test_rarity_is_the_inverse_document_frequency_from_0_to_1():
    parts = parts_of(segments({"files_with": 1}, {"files_with": 10}, {"files_with": 99}), Value(), files=99)

    assert list(parts["rarity"]) == pytest.approx([1, math.log(10) / math.log(100), math.log(100 / 99) / math.log(100)])


def test_length_grows_to_the_wanted_seconds_and_a_still_picture_has_it_in_full():
    found = segments({"end": 1.0}, {"end": 8.0}, {"end": 0.0})

    assert list(parts_of(found, Value(seconds=4), files=10)["length"]) == [0.25, 1, 1]


def test_quality_is_less_where_sound_is_clipped_or_faint_and_pictures_are_blurred_or_small():
    found = segments(
        {},
        {"clipped": 0.01},
        {"level": -40.0},
        {"sharpness": 100.0, "clipped": NAN, "level": NAN},
        {"side": 180, "clipped": NAN, "level": NAN},
        {"clipped": NAN, "level": NAN},
    )

    assert list(quality(found)) == pytest.approx([1, 0.5, 0.5, 0.5, 0.25, 1])


def test_a_part_counts_by_its_weight_and_with_weight_0_not_at_all():
    parts = pd.DataFrame({"relevance": [1.0], "confidence": [0.25], "rarity": [0.04], "novelty": [0.5]})

    assert worth(parts, Value()) == pytest.approx(0.25 * 0.2 * 0.5)
    assert worth(parts, Value(confidence=0.5, rarity=0, novelty=0)) == pytest.approx(0.5)


@given(
    st.fixed_dictionaries(
        {
            "end": st.floats(0, 1e5),
            "confidence": st.floats(0, 1),
            "clipped": st.floats(0, 1) | st.just(NAN),
            "level": st.floats(-200, 20) | st.just(NAN),
            "sharpness": st.floats(0, 1e6) | st.just(NAN),
            "side": st.integers(0, 10_000) | st.just(NAN),
            "files_with": st.integers(1, 50),
        }
    )
)
def test_every_value_is_a_number_from_0_to_1(segment):
    found = worth(parts_of(segments(segment), Value(), files=50), Value())

    assert np.all((found >= 0) & (found <= 1))


@pytest.mark.parametrize("wrong", [{"labels": {"a": -1}}, {"labels": {"a": NAN}}, {"rarity": -1}, {"seconds": 0}])
def test_weights_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ValidationError):
        Value(**wrong)


def test_it_is_public():
    assert mm.Value is Value
