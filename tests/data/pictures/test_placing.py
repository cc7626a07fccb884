"""Boxes lie where a person sees them, whichever way the picture was turned or scaled when they were drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaml.data.pictures.placing import shares_of, turned
from mediaml.values.geometry import Box
from mediaml.values.picture import Picture
from tests.data.pictures.test_decode import ORIENTATIONS, stored


def picture(left: float, top: float, width: float, height: float, size: tuple[int, int] | None = None) -> Picture:
    box = Box(label="a", left=left, top=top, width=width, height=height)
    stated = {} if size is None else {"width": size[0], "height": size[1]}
    return Picture(path="a.jpg", labels=("a",), boxes=(box,), **stated)


def test_boxes_are_shares_of_the_picture() -> None:
    assert shares_of(picture(10, 5, 20, 10), 100, 50) == pytest.approx(np.array([[0.1, 0.1, 0.3, 0.3]]))


def test_boxes_of_a_smaller_copy_are_scaled() -> None:
    assert shares_of(picture(10, 5, 20, 10, (50, 25)), 100, 50) == pytest.approx(np.array([[0.2, 0.2, 0.6, 0.6]]))


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_boxes_that_were_drawn_on_the_stored_picture_turn_with_it(orientation: int) -> None:
    from PIL import Image

    upright = np.zeros((30, 60), np.uint8)
    upright[6:12, 40:55] = 255  # where the thing is
    mask = np.asarray(stored(Image.fromarray(upright), orientation))
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    high, wide = mask.shape
    drawn_there = np.array([[columns[0] / wide, rows[0] / high, (columns[-1] + 1) / wide, (rows[-1] + 1) / high]])
    assert turned(drawn_there, orientation) == pytest.approx(np.array([[40 / 60, 6 / 30, 55 / 60, 12 / 30]]))


def test_the_stated_size_says_whether_they_were() -> None:
    sideways = picture(0, 0, 30, 15, (30, 60))
    assert shares_of(sideways, 60, 30, orientation=6) == pytest.approx(np.array([[0.75, 0, 1, 1]]))
    assert shares_of(picture(0, 0, 30, 15, (60, 30)), 60, 30, orientation=6) == pytest.approx(
        np.array([[0, 0, 0.5, 0.5]])
    )


@given(st.sampled_from([2, 3, 4, 5, 7]), st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_most_turns_undo_themselves(orientation: int, places: list[float]) -> None:
    left, right = sorted(places[:2])
    top, bottom = sorted(places[2:])
    corners = np.array([[left, top, right, bottom]])
    assert turned(turned(corners, orientation), orientation) == pytest.approx(corners)
