"""The tree of commands, as Typer has made it: what is tested of all of them cannot forget one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from mediaml.cli import app


def commands() -> dict[str, Any]:
    """All commands by what is written to call them: ``sounds fit``."""
    return dict(_below(typer.main.get_command(app), ()))


def groups() -> list[str]:
    """The names that commands stand below."""
    return [name for name, one in typer.main.get_command(app).commands.items() if hasattr(one, "commands")]  # type: ignore[attr-defined]


def options(command: Any) -> dict[str, Any]:
    """The options of a command, by how they are written; with a second name, by each."""
    found: dict[str, Any] = {}
    for one in command.params:
        if one.param_type_name == "option":
            found |= dict.fromkeys((*one.opts, *one.secondary_opts), one)
    return found


def _below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield " ".join(words), command
        return
    for name, one in command.commands.items():
        yield from _below(one, (*words, name))
