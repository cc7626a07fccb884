"""docs/dependencies.md: what it says of packages is what they say of themselves."""

from __future__ import annotations

import re
import runpy
import tomllib
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from mediaml.runtime import _mx

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
pytestmark = pytest.mark.skipif(not _mx.available(), reason="the page is of Python 3.11, with MXNet")
COPYLEFT = re.compile(r"GPL|MPL|Mozilla|GNU|EUPL|not stated")


@pytest.fixture(scope="module")
def packages() -> dict[str, Any]:
    """The names of the script that writes the table."""
    return runpy.run_path(str(ROOT / "docs" / "_build" / "packages.py"))


def test_the_table_is_written_anew_after_a_change(packages: dict[str, Any]) -> None:
    assert packages["written"](PAGE) == PAGE, "python docs/_build/packages.py"


def test_every_extra_is_told_of(packages: dict[str, Any]) -> None:
    extras = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"])
    assert [one for one in extras - packages["FOR_DEVELOPERS"] if f"| `{one}` |" not in PAGE] == []


def test_what_asks_something_of_those_who_pass_it_on_is_said_in_words(packages: dict[str, Any]) -> None:
    said = PAGE.partition("## What asks something of you")[2].partition("## On newer")[0]
    every = {**packages["packages"](), **packages["packages"](packages["FOR_DEVELOPERS"])}
    asking = [name for name in every if COPYLEFT.search(packages["licence"](distribution(name)))]
    assert {"soxr", "certifi", "pysrt", "hypothesis"} <= set(asking)
    assert [name for name in asking if name not in said] == []
