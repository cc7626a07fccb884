"""docs/command-line.md: its commands run, and it leaves out none of the commands and options that there are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

import mediaml as mm
from mediaml import cli
from tests.cli import tree
from tests.cli.conftest import Run
from tests.pictures import pretrained, write_shapes

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "command-line.md").read_text(encoding="utf-8")


def commands(page: str) -> list[list[str]]:
    """The lines of the page's console blocks, as words."""
    blocks = re.findall(r"```console\n(.*?)```", page, flags=re.DOTALL)
    return [
        shlex.split(line[2:], comments=True) for block in blocks for line in block.splitlines() if line.startswith("$ ")
    ]


def examples() -> list[str]:
    """All that is written to be copied, on any page: the lines of console blocks, and of blocks without a language."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in DOCS.rglob("*.md"))
    blocks = re.findall(r"^```(.*?)\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    lines = [line for language, block in blocks if language in {"", "console"} for line in block.splitlines()]
    return [line.removeprefix("$ ") for line in lines]


def test_kinds_of_errors_that_are_no_class_are_told_of() -> None:
    code = "\n".join(one.read_text(encoding="utf-8") for one in Path(cli.__file__).parent.glob("*.py"))
    kinds = re.findall(r'_fail\(\w+, "(\w+)"', code)
    assert kinds == ["NobodyAnswered"]
    assert [one for one in kinds if f"`{one}`" not in TEXT] == []


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_the_commands_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    monkeypatch.chdir(tmp_path)
    pretrained()
    pytest.importorskip("av", reason="needs the extra 'video'")
    pytest.importorskip("opentimelineio", reason="needs the extra 'editors'")
    mm.samples.write_recordings("recordings", per_label=6, labels=["bell", "engine", "siren"], seed=7)
    write_shapes(Path("shapes"), 10)
    Path("archive").mkdir()
    mm.samples.film("archive/match.mp4", [("siren", 4.0), (None, 3.0), ("bell", 4.0)])
    lines = commands(TEXT)
    assert len(lines) >= 10
    for program, *words in lines:
        assert program == "mediaml"
        run(*words)
    for written in (
        "check.html",
        "report.html",
        "model/model.json",
        "onnx-model/model.json",
        "shape-report.html",
        "shapes.manifest",
        "events/siren-00.selections.txt",
        "timelines/match.fcpxml",
        "match.otio",
        "best.edl",
        "best",
        "review/index.html",
    ):
        assert (tmp_path / written).exists(), written


@pytest.mark.parametrize("words", tree.commands())
def test_every_command_has_an_example(words: str) -> None:
    assert [one for one in examples() if re.match(rf"mediaml {words}( |$)", one)]


@pytest.mark.parametrize(("words", "command"), tree.commands().items(), ids=tree.commands())
def test_every_command_and_option_is_told_of(words: str, command: Any) -> None:
    assert f"mediaml {words}" in TEXT
    assert [one for one in tree.options(command) if not re.search(rf"{one}(?![a-z-])", TEXT)] == []


def test_no_example_names_a_command_or_an_option_that_there_is_not() -> None:
    known = tree.commands()
    for line in [one for one in examples() if one.startswith("mediaml ") and not one.startswith("mediaml --")]:
        name = max((one for one in known if f"{line} ".startswith(f"mediaml {one} ")), key=len, default=None)
        assert name is not None, line
        written = re.findall(r"(?<= )--[a-z-]+", line.partition(" #")[0])
        assert [one for one in written if one not in {*tree.options(known[name]), "--help"}] == [], line
