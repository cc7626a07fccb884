"""docs/dependencies.md: what it says of packages is what they say of themselves, and no library is forgotten."""

from __future__ import annotations

import platform
import re
import runpy
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
HERE = (sys.platform, platform.machine(), sys.version_info[:2])
pytestmark = pytest.mark.skipif(HERE != ("linux", "x86_64", (3, 11)), reason="the page is of Python 3.11, x86_64 Linux")
ASKS = re.compile(r"GPL|OpenSSL")
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


def test_an_extra_that_is_not_here_joins_no_table_where_somebody_has_it(
    packages: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(packages["packages"].__globals__, "_closure", set)  # as if all that is asked for were here
    found = packages["packages"]()
    assert "av>=14" in found
    assert not [one for one in found if one.startswith(("sagemaker", "jupyterlab"))]
    assert [name for name in packages["NOT_HERE"] if f"extra `{name}`" not in PAGE] == []


def test_libraries_that_ask_something_are_said_in_words_with_the_package_they_are_in(packages: dict[str, Any]) -> None:
    said = PAGE.partition("## What asks something of you")[2].partition("## On newer")[0]
    found = packages["libraries"].libraries(packages["packages"]())
    asking = {(project, one) for (project, licence), many in found.items() if ASKS.search(licence) for one in many}
    assert {("libquadmath", "numpy"), ("x264", "av"), ("GnuTLS", "av"), ("libgomp", "numkong")} <= asking
    named = [line.lower() for line in said.splitlines()]
    assert [one for one in asking if not any(all(word.lower() in line for word in one) for line in named)] == []


def test_mxnet_brings_no_libquadmath(packages: dict[str, Any]) -> None:
    found = packages["libraries"].libraries(["mxnet"])
    assert {project for project, _ in found} == {"MXNet", "OpenBLAS", "libgfortran"}


def test_what_is_linked_into_libsndfile_is_in_it() -> None:
    soundfile = pytest.importorskip("_soundfile_data")
    library = next(Path(soundfile.__path__[0]).glob("libsndfile*.so")).read_bytes()
    assert b"mpg123" in library
    assert b"LAME" in library
    assert "in it, mpg123 and LAME" in PAGE


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("libgfortran-040039e1-0352e75f.so.5.0.0", {"gfortran"}),
        ("libopenblas64_p-r0-0cf96a72.3.23.dev.so", {"openblas64_p-r0"}),
        ("libsndfile_x86_64.so", {"sndfile"}),
        ("libgfortran.so.3", {"gfortran"}),
        ("libopus.0.dylib", {"opus"}),
        ("lib.cpython-311-x86_64-linux-gnu.so", set()),
        ("library.py", set()),
    ],
)
def test_names_of_libraries(packages: dict[str, Any], file: str, name: set[str]) -> None:
    assert packages["libraries"].names([file]) == name


def test_a_library_whose_licence_nobody_has_read_is_an_error(packages: dict[str, Any]) -> None:
    with pytest.raises(LookupError, match="av brings the library new: read its licence"):
        packages["libraries"].known("new", "av")


def test_make_install_brings_every_extra_but_those_that_are_told_of(packages: dict[str, Any]) -> None:
    made = re.search(r"'\.\[([\w,]+dev)\]'", (ROOT / "Makefile").read_text())
    extras = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"])
    assert made
    assert extras - set(made[1].split(",")) == packages["NOT_HERE"]
    told = f"every extra but {' and '.join(sorted(packages['NOT_HERE']))}"
    assert told in (ROOT / "Makefile").read_text()
    assert told in (ROOT / "CONTRIBUTING.md").read_text()


def test_jupyterlab_is_pinned_though_make_install_leaves_it_out() -> None:
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["notebooks"]
    pinned = {line.partition("==")[0] for line in (ROOT / "constraints.txt").read_text().splitlines()}
    assert {re.split(r"\W", one)[0] for one in stated} <= pinned
