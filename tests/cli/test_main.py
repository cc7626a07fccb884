"""What holds for every command: help, exit codes, one document on stdout, and plain sentences on stderr."""

from __future__ import annotations

import io
import json
import math
import os
import signal
import subprocess
import sys
import time
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
from tests.cli import tree
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]
HEAVY = ("mxnet", "pandas", "matplotlib", "scipy", "soundfile", "numpy", "boto3", "onnxruntime", "PIL", "rich")
ALL_HELP = f"""
import sys, mediaml.cli
for words in [one.split() for one in sys.argv[1:]]:
    sys.argv = ["mediaml", *words]
    try:
        mediaml.cli.main()
    except SystemExit as end:
        assert not end.code, words
    assert not [one for one in {HEAVY!r} if one in sys.modules], words
"""
WHAT_THE_ISSUE_NAMES = (
    *(f"{kind} {verb}" for kind in ("sounds", "pictures") for verb in ("check", "split", "fit", "evaluate", "predict")),
    *("demo", "detect", "scan", "segments", "export", "review", "serve", "export-onnx"),
    *("weights fetch", "weights list", "aws doctor", "aws running", "aws stop"),
)


def test_no_command_was_lost() -> None:
    assert set(WHAT_THE_ISSUE_NAMES) <= set(tree.commands())


@pytest.mark.parametrize(("words", "command"), tree.commands().items(), ids=tree.commands())
def test_every_command_has_json_and_says_what_it_and_its_options_do(words: str, command: Any, run: Run) -> None:
    shown = run(*words.split(), "--help").stdout
    assert shown.startswith((f"Usage: mediaml {words} ", f"Usage: root {words} "))
    assert "--json" in tree.options(command)
    assert command.help
    assert [one.name for one in command.params if not one.help] == []


def test_help_loads_nothing_heavy() -> None:
    """Of every command; one process for all, which holds what any of them has loaded."""
    words = ["--help", *(f"{one} --help" for one in (*tree.groups(), *tree.commands())), "--version"]
    answer = subprocess.run([sys.executable, "-c", ALL_HELP, *words], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.count("Usage: ") == len(words) - 1


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


def test_a_typo_is_answered_with_what_may_be_meant_and_in_plain_words(run: Run) -> None:
    told = run("sounds", "fit", ".", "--out", "model", "--network", "yamnett", code=2).stderr
    assert "'yamnett' is not one of 'cnn', 'yamnet'; did you mean 'yamnet'?" in " ".join(told.split())
    assert "Value error" not in told
    told = run("serve", "model", "--timeout", "-1", code=2).stderr
    assert "timeout: Input should be greater than 0" in told
    assert "pydantic" not in told and "validation error" not in told


def test_json_changes_nothing_of_that(run: Run) -> None:
    """Whether --json was meant is not known of a line that is not understood."""
    for words in ("sounds check --json", "sounds unknown --json", "sounds fit . --out model --epochs 0 --json"):
        assert run(*words.split(), code=2).stdout == ""


HEARS_CTRL_C = """
import signal
from mediaml.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""
"""The command line; what a shell starts in the background ignores Ctrl-C, and so do the children of such tests."""


def test_ctrl_c_ends_a_command_with_130_and_no_answer(tmp_path: Path) -> None:
    """A process that waits for ever: its table is a pipe that nobody writes to."""
    os.mkfifo(tmp_path / "data.csv")
    command = [sys.executable, "-c", HEARS_CTRL_C, "sounds", "check", str(tmp_path / "data.csv"), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            writer = _opened(tmp_path / "data.csv", process)
            process.send_signal(signal.SIGINT)
            told = process.communicate(timeout=60)
            os.close(writer)
        finally:
            process.kill()  # where it does not end, the test fails and does not wait with it
    assert (process.returncode, *told) == (130, "", "interrupted\n")


def _opened(pipe: Path, process: subprocess.Popen[str]) -> int:
    """Open a pipe to write to it, once the process has begun to read from it."""
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # nobody reads yet
            time.sleep(0.02)
    raise AssertionError(process.communicate()[1])


@pytest.mark.parametrize(
    ("cause", "code", "error"),
    [
        (KeyboardInterrupt, 130, None),
        (
            EOFError,
            1,
            {"kind": "NobodyAnswered", "message": "a question was not answered; --yes answers it beforehand"},
        ),
    ],
)
def test_a_question_that_is_not_answered(
    cause: type[BaseException],
    code: int,
    error: object,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Nobody(io.StringIO):
        def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
            raise cause

    monkeypatch.setattr(sys, "stdin", Nobody())
    with pytest.raises(typer.Exit) as ended, answering(as_json=True):
        typer.confirm("Make it?", err=True)
    assert ended.value.exit_code == code
    out = capsys.readouterr().out
    assert (json.loads(out)["error"] if out else None) == error


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
