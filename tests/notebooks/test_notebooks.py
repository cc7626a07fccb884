"""The notebooks run from top to bottom, are kept without outputs, and say what changes on a real account."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.weights import yamnet_weights

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMES = ["1-sounds", "2-sagemaker", "3-pictures", "4-video", "5-archive", "6-service"]
LINE = re.compile(r"^(?=\S)(?!# line)(.*)# line ([12])$", re.MULTILINE)
MAKE_FILES = {
    *("Path", "write_recordings", "signs", "logos", "film", "write", "save", "export_onnx", "export_clips", "review"),
    *("scan", "plan_scan"),
}
GONE = re.compile(r"^# line 1 is gone$", re.MULTILINE)

each_notebook = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.stem)


def cells(notebook: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(notebook.read_text())["cells"]
    return found


def text(notebook: Path, kind: str) -> str:
    return "\n".join("".join(cell["source"]) for cell in cells(notebook) if cell["cell_type"] == kind)


def real_account(notebook: Path) -> str:
    """Give the Markdown from the heading on that says how to work on a real account."""
    return text(notebook, "markdown").partition("## On a real account")[2]


def paths(code: str) -> set[str]:
    """Give the texts that are handed to what makes files or paths, as they stand; ``work / "name"`` is no text."""
    calls = [one for one in ast.walk(ast.parse(code)) if isinstance(one, ast.Call)]
    names = [ast.unparse(one.func).rpartition(".")[2] for one in calls]
    given = [
        value
        for call, name in zip(calls, names, strict=True)
        if name in MAKE_FILES
        for value in (*call.args, *(keyword.value for keyword in call.keywords if keyword.arg != "label"))
    ]
    return {value.value for value in given if isinstance(value, ast.Constant) and isinstance(value.value, str)}


def test_there_are_six_in_order() -> None:
    assert [notebook.stem for notebook in NOTEBOOKS] == NAMES


@pytest.mark.slow
@each_notebook
def test_notebook_runs(notebook: Path) -> None:
    """By nbmake; what comes out is kept for the site, whose build runs nothing again."""
    yamnet_weights()
    command = [sys.executable, "docs/_build/run_notebook.py", notebook.stem]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr[-3000:]
    ran = [cell for cell in cells(Path(answer.stdout.strip())) if cell["cell_type"] == "code"]
    assert all(cell["execution_count"] for cell in ran)
    told = json.dumps([cell["outputs"] for cell in ran])
    assert "Traceback" not in told
    assert "Warning:" not in told, "a newcomer takes a warning for a mistake of their own"


@each_notebook
def test_notebook_is_kept_without_outputs(notebook: Path) -> None:
    assert not [cell for cell in cells(notebook) if cell.get("outputs") or cell.get("execution_count")]
    assert not [cell for cell in cells(notebook) if cell["metadata"]]


@each_notebook
def test_it_begins_with_what_it_needs_and_how_long_it_takes(notebook: Path) -> None:
    first = "".join(cells(notebook)[0]["source"])
    assert first.startswith(f"# {notebook.stem[0]} · ")
    for told in ("**You need**", "**It takes**", "**Two lines**"):
        assert told in first


@each_notebook
def test_two_lines_are_marked_and_what_they_become_is_told(notebook: Path) -> None:
    marked = {number: line.strip() for line, number in LINE.findall(text(notebook, "code"))}
    assert list(marked) == ["1", "2"]
    block = real_account(notebook).partition("```python\n")[2].partition("```")[0]
    become = [ast.unparse(line).partition(" =")[0] for line in ast.parse(block).body]
    names = [line.partition(" =")[0] for line in marked.values()]
    if GONE.search(block):
        assert "offline_aws" in marked["1"]
        names = names[1:]
    assert become == names


@each_notebook
def test_what_a_real_account_costs_is_planned_with_prices_that_are_given(notebook: Path) -> None:
    code = text(notebook, "code")
    assert "**What it costs.**" in real_account(notebook)
    assert re.search(r"\.plan_(fit|deploy|transform)\(", code)
    given = re.findall(r'"(?:sagemaker|rekognition) [^"]+": ([\d.]+)', code)
    assert set(given) == {"1.00"}, "no price stands in the notebooks: 1.00 makes sums read as hours"


@each_notebook
def test_what_it_writes_lies_in_a_folder_of_its_own(notebook: Path) -> None:
    """They are run one after another in one folder: what one leaves there must not be in the way of another."""
    assert paths(text(notebook, "code")) == {f"work/{notebook.stem}"}
    assert f"is in `work/{notebook.stem}`" in "".join(cells(notebook)[0]["source"])


@pytest.mark.parametrize(
    "line",
    [
        'mm.samples.signs("stray")',
        'mm.scan(archive, models, store="stray")',
        'Path("stray").mkdir()',
        'model.save("stray").read_text()',
        'soundfile.write(file="stray", data=samples)',
        'mm.plan_scan(archive, models, "stray")',
    ],
)
def test_a_path_elsewhere_is_seen(line: str) -> None:
    assert paths(f'work = Path("work/1")\nmm.samples.signs(work / "signs", ["bell"])\n{line}') == {"work/1", "stray"}


@each_notebook
def test_the_marks_are_seen_without_scrolling(notebook: Path) -> None:
    assert all(len(line) <= 88 for line in text(notebook, "code").splitlines() if LINE.match(line))
