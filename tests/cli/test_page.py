"""docs/command-line.md: its commands run, and it leaves out none of the commands and options that there are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import mediaml as mm
from tests.cli.conftest import Run
from tests.cli.test_main import EACH
from tests.pictures import pretrained, write_shapes

PAGES = [Path(__file__).parents[2] / "docs" / name for name in ("command-line.md", "pretrained.md", "sagemaker.md")]
TEXT = PAGES[0].read_text(encoding="utf-8")
SAID = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


def commands(page: str) -> list[list[str]]:
    """The lines of the page's console blocks, as words."""
    blocks = re.findall(r"```console\n(.*?)```", page, flags=re.DOTALL)
    return [
        shlex.split(line[2:], comments=True) for block in blocks for line in block.splitlines() if line.startswith("$ ")
    ]


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


def test_every_command_is_told_of() -> None:
    for group, command in EACH:
        assert f"mediaml {group} {command}" in SAID or f"- `{command}` " in SAID, (group, command)


def test_every_option_is_told_of(run: Run) -> None:
    for group, command in EACH:
        for option in re.findall(r"^  (--[a-z-]+)", run(group, command, "--help").stdout, flags=re.MULTILINE):
            assert option == "--help" or option in TEXT, (group, command, option)
