"""What holds for every command: help, exit codes, one document on stdout, and plain sentences on stderr."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tomllib
import warnings
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

import mediaml as mm
from mediaml.cli.output import answering, plain
from mediaml.errors import DataError
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]
COMMANDS = {
    "sounds": ("check", "split", "fit", "evaluate", "predict", "detect"),
    "weights": ("fetch", "list", "remove"),
    "cache": ("info", "clear"),
    "aws": ("doctor", "running", "stop", "setup"),
}
EACH = [(group, command) for group, commands in COMMANDS.items() for command in commands]


def test_help_names_the_groups_and_their_commands(run: Run) -> None:
    for group, commands in COMMANDS.items():
        assert group in run("--help").stdout
        shown = run(group, "--help").stdout.partition("Commands:")[2]
        assert [line.split()[0] for line in shown.splitlines() if line.startswith("  ") and line[2] != " "] == [
            *commands
        ]


@pytest.mark.parametrize(("group", "command"), EACH)
def test_every_command_has_help_and_json(group: str, command: str, run: Run) -> None:
    assert "--json" in run(group, command, "--help").stdout


def test_help_loads_nothing_heavy() -> None:
    heavy = ("mxnet", "pandas", "matplotlib", "scipy", "soundfile", "numpy")  # pydantic Typer loads itself
    program = (
        "import sys, mediaml.cli\n"
        "try:\n    mediaml.cli.main()\n"
        f"finally:\n    print([one for one in {heavy!r} if one in sys.modules], file=sys.stderr)"
    )
    for words in (["--help"], ["sounds", "--help"], ["sounds", "fit", "--help"], ["--version"]):
        answer = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=True)
        assert answer.stdout
        assert answer.stderr.strip() == "[]", words


def test_version(run: Run) -> None:
    assert run("--version").stdout.strip() == mm.__version__


def test_the_entry_point_leads_to_a_function() -> None:
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert stated == {"mediaml": "mediaml.cli:main"}
    module, name = stated["mediaml"].split(":")
    assert callable(getattr(import_module(module), name))
    assert {one.value for one in entry_points(group="console_scripts", name="mediaml")} == {stated["mediaml"]}


def test_a_process_of_its_own(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mediaml.cli", "sounds", "check", str(tmp_path / "nowhere"), "--json"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    message = f"{tmp_path / 'nowhere'}: there is no such folder or table"
    assert json.loads(answer.stdout) == {"error": {"kind": "DataError", "message": message}}
    assert answer.stderr == f"error: {message}\n"


@pytest.mark.parametrize(
    "words",
    [
        "unknown",
        "sounds unknown",
        "sounds check",
        "sounds check . --report page.txt",
        "sounds split . --out parts --fractions 0.5,0.6",
        "sounds split . --out parts --fractions 0.5,half",
        "sounds split . --out parts --fractions 1",
        "sounds split . --out parts --fractions 0.5,0.5,0",
        "sounds split . --out parts --fractions 0.5,nan,0.5",
        "sounds fit .",
        "sounds fit . --out model --network yamn",
        "sounds fit . --out model --epochs 0",
        "sounds fit . --out model --accept 1.1",
        "sounds fit . --out model --accept nan",
        "sounds evaluate model . --report page.pdf",
        "sounds predict model",
        "sounds detect model a.wav --format mp3 --out .",
        "sounds detect model a.wav a.flac --out .",
    ],
)
def test_what_is_not_understood_has_exit_code_2_and_no_answer(words: str, run: Run) -> None:
    result = run(*words.split(), code=2)
    assert result.stdout == ""
    assert "Usage: " in result.stderr


def test_what_anything_prints_meanwhile_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with answering(as_json=True) as answer:
        sys.stdout.write("a library that talks\n")
        answer.give("well", {"well": True})
    told = capsys.readouterr()
    assert json.loads(told.out) == {"well": True}
    assert told.err == "a library that talks\n"


@pytest.mark.filterwarnings("default")
def test_warnings_are_sentences_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with answering(as_json=False) as answer:
        warnings.warn("two files are passed over", stacklevel=1)
        answer.give("well", {})
    told = capsys.readouterr()
    assert (told.out, told.err) == ("well\n", "warning: two files are passed over\n")


@pytest.mark.parametrize("error", [DataError("x.csv: no rows"), PermissionError(13, "Permission denied", "x.csv")])
@pytest.mark.parametrize("as_json", [False, True])
def test_errors_are_a_sentence_and_exit_code_1(
    error: Exception, as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended, answering(as_json):
        raise error
    assert ended.value.exit_code == 1
    told = capsys.readouterr()
    assert told.err == f"error: {error}\n"
    expected = {"error": {"kind": type(error).__name__, "message": str(error)}}
    assert (json.loads(told.out) if as_json else told.out) == (expected if as_json else "")


def test_a_mistake_of_ours_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), answering(as_json=True):
        1 / 0  # noqa: B018


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.builds(Path, st.just("a/b.wav")),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
)


@given(ANYTHING)
def test_every_answer_is_strict_json(value: Any) -> None:
    assert json.loads(json.dumps(plain(value), allow_nan=False)) == plain(value)


def test_numbers_that_are_not_finite_are_null() -> None:
    assert plain({"losses": (1.0, math.nan, math.inf)}) == {"losses": [1.0, None, None]}
