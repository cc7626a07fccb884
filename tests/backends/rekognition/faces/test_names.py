"""Whose face it is stands in the name that the service keeps, in letters that it takes, and comes back."""

from __future__ import annotations

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaml.backends.rekognition.faces.names import LONGEST, Named, external_id, named
from mediaml.errors import LabelError

KEY = "0123456789abcdef" * 2
TAKEN = re.compile(r"[a-zA-Z0-9_.\-:]{1,255}")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=LONGEST // 12))
def test_every_name_comes_back(person: str) -> None:
    told = external_id(person, KEY)
    assert TAKEN.fullmatch(told)
    assert named(told, "id") == Named(person, KEY)


@given(st.from_regex(TAKEN, fullmatch=True))
def test_whatever_someone_else_has_written_is_a_name(external: str) -> None:
    found = named(external, "id")
    assert found.person and (found.key or found.person == external)
    if found.key:
        assert external_id(*found) == external


def test_a_face_without_a_name_is_known_by_its_id() -> None:
    assert named("", "11111111-2222") == Named("11111111-2222", "")


@pytest.mark.parametrize("person", ["", "x" * (LONGEST + 1), "é" * (LONGEST // 6 + 1)])
def test_names_that_do_not_fit_are_refused(person: str) -> None:
    with pytest.raises(LabelError, match=r"1 to 222 characters"):
        external_id(person, KEY)


def test_a_name_that_is_no_text_is_refused() -> None:
    """Python reads a folder's name that is not UTF-8 with surrogates in it."""
    with pytest.raises(LabelError, match=r"'Zo\\udceb' is no text in UTF-8.*relabel"):
        external_id(os.fsdecode(b"Zo\xeb"), KEY)
