"""Pictures that look alike are found, whatever their order; a split that parts them is warned of."""

from __future__ import annotations

import shutil
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaml import ImageDataset
from mediaml.data.pictures.likeness import DISTANCE, families, warn_of_families
from tests.data.pictures.drawn import picture, saved
from tests.shared_data import shared

words = st.integers(0, 2**64 - 1)


def flipped(value: int, *bits: int) -> int:
    for bit in bits:
        value ^= 1 << bit
    return value


@st.composite
def hashes(draw):
    """Some far from each other, some near to one before them, some unknown."""
    found: list[int | None] = draw(st.lists(st.none() | words, min_size=1, max_size=6))
    for _ in range(draw(st.integers(0, 10))):
        near = draw(st.sampled_from(found))
        bits = draw(st.lists(st.integers(0, 63), max_size=6, unique=True))
        found.append(None if near is None else flipped(near, *bits))
    return found


def by_hand(values: list[int | None]) -> set[frozenset[int]]:
    """Compare all with all."""
    groups = [{place} for place, value in enumerate(values) if value is not None]
    for one, first in enumerate(values):
        for other, second in enumerate(values):
            if first is not None and second is not None and (first ^ second).bit_count() <= DISTANCE:
                joined = [group for group in groups if one in group or other in group]
                groups = [group for group in groups if group not in joined] + [set().union(*joined)]
    return {frozenset(group) for group in groups if len(group) > 1}


@given(hashes())
def test_families_are_what_comparing_all_with_all_gives(values):
    assert {frozenset(family) for family in families(values)} == by_hand(values)


@given(hashes(), st.randoms())
def test_the_order_of_pictures_does_not_matter(values, random):
    order = list(range(len(values)))
    random.shuffle(order)
    again = families([values[place] for place in order])
    assert {frozenset(order[place] for place in family) for family in again} == set(map(frozenset, families(values)))


def test_families_come_by_their_first_member():
    assert families([1 << 60, 0xFFFF, None, 0xFFFE, 1 << 60]) == [(0, 4), (1, 3)]


@pytest.mark.parametrize(("bits", "alike"), [(4, True), (5, False)])
def test_four_bits_are_alike_and_five_are_not(bits, alike):
    assert bool(families([0, flipped(0, *range(0, 13 * bits, 13))])) == alike


def test_a_hundred_thousand_pictures_take_seconds():
    random = np.random.default_rng(0)
    scenes = [int.from_bytes(random.bytes(8), "big") for _ in range(50_000)]
    values = [flipped(scene, *random.choice(64, 2, replace=False).tolist()) for scene in scenes for _ in range(2)]
    start = time.perf_counter()
    found = families(values)
    assert time.perf_counter() - start < 20
    assert len(found) == len(scenes)


# --- the warning at a split -----------------------------------------------------------------------------------------


@pytest.fixture
def burst(tmp_path: Path) -> tuple[list[str], list[str]]:
    """Two parts: a picture of the one is in the other too, saved with less quality."""
    parts = []
    for number, quality in enumerate((95, 60)):
        paths = [saved(tmp_path / f"{number}" / "same.jpg", picture(1), quality)]
        paths += [saved(tmp_path / f"{number}" / f"{seed}.jpg", picture(10 * number + seed)) for seed in (2, 3)]
        parts.append([str(path) for path in paths])
    return parts[0], parts[1]


def test_it_says_how_many_look_alike_and_what_to_do(burst):
    with pytest.warns(UserWarning, match=r"1 family of pictures that look alike \(2 pictures\) stands in more") as told:
        warn_of_families(burst)
    text = str(told[0].message)
    assert "0/same.jpg and 1/same.jpg" in text
    assert "group_column" in text
    assert "They need not be copies" in text


def test_the_largest_families_are_named_first(tmp_path, burst):
    first, second = burst
    for quality in (50, 70):
        first.append(str(saved(tmp_path / f"more{quality}.jpg", picture(2), quality)))
    second.append(str(saved(tmp_path / "other.jpg", picture(2), 80)))
    with pytest.warns(UserWarning, match=r"2 families of pictures that look alike \(4, 2 pictures\) stand"):
        warn_of_families([first, second])


def test_nothing_is_said_where_nothing_is_apart(tmp_path, burst):
    first, second = burst
    wall = [str(saved(tmp_path / f"wall{grey}.png", picture(1).point([grey] * 768))) for grey in (50, 51)]
    (tmp_path / "text.jpg").write_text("no picture")
    copy = shutil.copy(first[1], tmp_path / "copy.jpg")
    warn_of_families([[*first, second[0]], second[1:]])  # together
    warn_of_families([[first[1]], [str(copy)]])  # the same bytes: split() keeps them together, and check() tells
    warn_of_families([[wall[0]], [wall[1]]])  # nothing to be seen
    warn_of_families([[str(tmp_path / "text.jpg"), str(tmp_path / "gone.jpg")], ["s3://bucket/a.jpg", first[0]]])
    warn_of_families([[], first])
    warn_of_families([])


def test_a_split_names_the_line_of_its_caller(tmp_path):
    for seed in range(10):
        for quality in (95, 70):
            saved(tmp_path / f"{'ab'[seed % 2]}" / f"{seed}-{quality}.jpg", picture(seed), quality)
    pictures = ImageDataset.from_folder(tmp_path)
    with pytest.warns(UserWarning, match="look alike") as told:
        pictures.split(0.5, 0.5, seed=1)
    assert told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pictures.split(0.5, 0.5, seed=1, near_duplicates=False)


def test_of_real_pictures_only_those_of_one_label_are_alike():
    for folder in ("classification/hand_signs/train", "faces_orl"):
        found = ImageDataset.from_folder(shared("images", *folder.split("/"))).check()
        problems = set(found.findings["problem"])
        assert "look_alike" in problems
        assert "look_alike_across_labels" not in problems


@pytest.mark.parametrize("folder", ["detection/bccd/images", "detection/coco/images", "aws_logo_sample"])
def test_different_real_pictures_are_not_alike(folder):
    found = ImageDataset.from_folder(shared("images", *folder.split("/")), labels=None).check(service=False)
    assert not found.findings["problem"].str.startswith("look_alike").any()
