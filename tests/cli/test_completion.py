"""Completion by the Tab key: what shells are given, and what a real bash makes of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli import tree
from tests.cli.test_main import HEAVY

LIGHT = [one for one in HEAVY if one != "rich"]  # Typer's own, for what zsh and fish show beside each word
PROGRAM = f"""
import sys, mediaml.cli
try:
    mediaml.cli.main()
finally:
    assert not [one for one in {LIGHT!r} if one in sys.modules]
"""


def completed(shell: str, line: str) -> list[str]:
    """What a shell is told when Tab is pressed at the end of a line."""
    environment = {
        **os.environ,
        "_MEDIAML_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "COMP_WORDS": line,
        "COMP_CWORD": str(line.count(" ")),
    }
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False
    )
    assert answer.stderr == ""
    return [one for one in answer.stdout.splitlines() if one]


def test_commands_options_and_values_without_anything_heavy() -> None:
    assert {one.split()[0] for one in tree.commands()} == set(completed("bash", "mediaml "))
    assert completed("bash", "mediaml sounds f") == ["fit"]
    assert completed("bash", "mediaml sounds fit --net") == ["--network"]
    assert completed("bash", "mediaml sounds fit --network ") == ["cnn", "yamnet"]


def test_where_a_file_belongs_the_shell_completes_files() -> None:
    assert completed("bash", "mediaml sounds check re") == []
    assert completed("zsh", "mediaml sounds check re") == ["_files"]


def test_zsh_and_fish_show_what_a_command_does() -> None:
    assert "".join(completed("zsh", "mediaml sounds ev")).startswith('_arguments \'*: :(("evaluate":"Measure a model')
    assert "".join(completed("fish", "mediaml sounds ev")).startswith("evaluate\tMeasure a model")


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_a_real_bash(tmp_path: Path) -> None:
    program = tmp_path / "mediaml"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mediaml.cli "$@"\n')
    program.chmod(0o755)
    script = """
    PATH="$1:$PATH"
    eval "$(_MEDIAML_COMPLETE=source_bash mediaml)"
    complete -p mediaml
    COMP_WORDS=(mediaml pictures con) COMP_CWORD=2
    _mediaml_completion mediaml
    echo "${COMPREPLY[@]}"
    """
    answer = subprocess.run(["bash", "-c", script, "-", tmp_path], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines() == ["complete -o default -F _mediaml_completion mediaml", "convert"]
