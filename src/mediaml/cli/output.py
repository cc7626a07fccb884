"""What commands say: the answer on stdout, all else on stderr, errors in plain words."""

from __future__ import annotations

import io
import json
import math
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from os import PathLike, fspath
from typing import Annotated, Any

import typer

from mediaml.errors import MediamlError

Json = Annotated[bool, typer.Option("--json", help="Answer with one JSON document on stdout.")]
FAILED = 1
INTERRUPTED = 130  # what shells give for a process that Ctrl-C has ended


class Answer:
    """Takes what a command found, for people and for programs; until then there is nothing to say."""

    def __init__(self) -> None:
        self.text = ""
        self.facts: Mapping[str, Any] | None = None
        self.ok = True

    def give(self, text: str, facts: Mapping[str, Any], ok: bool = True) -> None:
        """Answer.

        Parameters
        ----------
        text
            For people.
        facts
            The same for programs.
        ok
            False: the exit code is 1, though there is an answer.
        """
        self.text, self.facts, self.ok = text, facts, ok


@contextmanager
def answering(as_json: bool) -> Iterator[Answer]:
    """Print the answer that is given in the block, and end the command where it failed.

    What anything prints in the block goes to stderr, warnings are sentences there, and errors that mediaml or the
    file system raise are one too, with exit code 1. Ctrl-C ends it with exit code 130, and without an answer.

    Parameters
    ----------
    as_json
        Print exactly one JSON document, an error's too: ``{"error": {"kind": ..., "message": ...}}``.
    """
    answer = Answer()
    try:
        with warnings.catch_warnings(), redirect_stdout(sys.stderr):
            warnings.showwarning = _show_warning
            yield answer
    except KeyboardInterrupt as interrupt:
        raise _interrupted() from interrupt
    except typer.Abort as abort:  # a question that nobody answered: by Ctrl-C, or because nobody is there
        if isinstance(abort.__context__, KeyboardInterrupt):
            raise _interrupted() from abort
        _fail(answer, "NobodyAnswered", "a question was not answered; --yes answers it beforehand")
    except BrokenPipeError:  # nobody reads on: Typer knows what to do
        raise
    except (MediamlError, OSError) as error:
        _fail(answer, type(error).__name__, str(error))
    text = answer.text
    if as_json:
        text = "" if answer.facts is None else json.dumps(plain(answer.facts), indent=2, allow_nan=False)
    if text:
        typer.echo(readable(text))
    if not answer.ok:
        raise typer.Exit(FAILED)


def _fail(answer: Answer, kind: str, message: str) -> None:
    note(f"error: {message}")
    answer.give("", {"error": {"kind": kind, "message": message}}, ok=False)


def _interrupted() -> typer.Exit:
    note("interrupted")
    return typer.Exit(INTERRUPTED)


def note(text: str) -> None:
    """Say something on stderr that is no answer."""
    typer.echo(readable(text), err=True)


def readable(text: str) -> str:
    """Replace what is no text by ``?``: names of files may hold bytes of another encoding."""
    return text.encode("utf-8", "replace").decode("utf-8")


def plain(value: Any) -> Any:
    """Give a value as JSON knows it: a number that is not finite becomes null, a path text, a tuple a list."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, PathLike):
        return fspath(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def tolerant_streams() -> None:
    """Let stdout and stderr write ``?`` where the terminal's encoding lacks a sign, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    note(f"warning: {message}")
