"""Warnings point at the user's line."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

import mediaml as mm
from mediaml._warnings import warn
from tests.pictures import write_shapes

SOURCE = Path(__file__).parents[1] / "src" / "mediaml"
DEEP = """
from contextlib import contextmanager

def shallow(): warn("something")
def deep(): shallow()
def asking(user): return user()

@contextmanager
def block():
    deep()
    yield
"""


@pytest.fixture
def module() -> dict[str, Any]:
    """Functions as they would be in one of mediaml's modules."""
    names: dict[str, Any] = {"__name__": "mediaml.data.base", "warn": warn}
    exec(compile(DEEP, "mediaml/data/base.py", "exec"), names)
    return names


def assert_told_at(work: Callable[[], object], line: int, text: str = "something") -> None:
    """Hold the line that a warning points to against one of a function, counted from its first."""
    with pytest.warns(UserWarning, match=text) as caught:
        work()
    assert (caught[0].filename, caught[0].lineno) == (__file__, inspect.getsourcelines(work)[1] + line)


def test_it_is_the_line_that_called_mediaml_however_deep_it_was_noticed(module: dict[str, Any]) -> None:
    def users() -> None:
        module["deep"]()

    assert_told_at(users, 1)


def test_where_mediaml_calls_the_user_it_is_the_innermost_of_their_lines(module: dict[str, Any]) -> None:
    def users() -> None:
        module["deep"]()

    with pytest.warns(UserWarning, match="something") as caught:
        module["asking"](users)
    assert caught[0].lineno == inspect.getsourcelines(users)[1] + 1


def test_it_is_the_line_of_a_block_that_mediaml_enters(module: dict[str, Any]) -> None:
    def users() -> None:
        entered: AbstractContextManager[None] = module["block"]()
        with entered:
            pass

    assert_told_at(users, 2)


def test_a_split_of_pictures_points_at_the_line_that_divides_them(tmp_path: Path) -> None:
    found = mm.ImageDataset.from_folder(write_shapes(tmp_path, 2))

    def users() -> None:
        found.split(0.5, 0.25, 0.25, allow_missing=True, near_duplicates=False)

    assert_told_at(users, 1, "the other parts lack it")


def test_all_warnings_of_mediaml_are_given_this_way() -> None:
    others = [path.name for path in SOURCE.rglob("*.py") if "warnings.warn(" in path.read_text("utf-8")]
    assert others == ["_warnings.py"]
