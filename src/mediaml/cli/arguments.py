"""What commands are told, checked before anything starts."""

from __future__ import annotations

import difflib
import math
import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer

from mediaml.errors import MediamlError

Data = Annotated[
    Path, typer.Argument(help="A folder with a folder per label, or a .csv, .tsv or .parquet with path and label.")
]
Model = Annotated[Path, typer.Argument(help="The folder of a saved model.")]
Separator = Annotated[
    str | None,
    typer.Option("--label-separator", help="What stands between several labels in a cell of a table, such as ';'."),
]
Files = Annotated[list[Path], typer.Argument(help="Recordings.")]


def ending(*endings: str) -> Callable[[Path | None], Path | None]:
    """Make the check of a file that is to be written, by its ending: an hour of work is not lost over a typo."""

    def check(path: Path | None) -> Path | None:
        if path is not None and path.suffix.lower() not in endings:
            raise typer.BadParameter(f"{path} does not end with {' or '.join(endings)}")
        return path

    return check


def finite(number: float | None) -> float | None:
    """Refuse infinity and what is no number, which the range of an option lets through: no work is done with them."""
    if number is not None and not math.isfinite(number):
        raise typer.BadParameter(f"a finite number is expected, not {number}")
    return number


@contextmanager
def understood(option: str) -> Iterator[None]:
    """Make a wrong value of an option out of the ValueError that is raised in the block.

    Raises
    ------
    BadParameter
        The value is out of its range; the message says what was expected.
    """
    try:
        yield
    except MediamlError:
        raise
    except ValueError as error:
        raise typer.BadParameter(_said(error), param_hint=option) from error


def _said(error: ValueError) -> str:
    """Give what is wrong without what only programmers look for: pydantic's kinds, inputs and addresses."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        return str(error)
    faults = [(".".join(map(str, one["loc"])), in_plain_words(one["msg"])) for one in error.errors()]
    return "; ".join(f"{name}: {fault}" if name else fault for name, fault in faults)


def in_plain_words(message: str) -> str:
    """Take pydantic's prefix off a message, and where one of some words was expected, say which may be meant."""
    message = message.removeprefix("Value error, ")
    asked = re.fullmatch(r"'(.*)' is not one of (.*?)\.?", message)
    near = difflib.get_close_matches(asked[1], re.findall(r"'([^']*)'", asked[2]), n=1) if asked else []
    return f"{message.rstrip('.')}; did you mean {near[0]!r}?" if near else message


@contextmanager
def made(folder: Path) -> Iterator[None]:
    """Make a folder before the work for it begins, and take it away again where the work fails and leaves it empty.

    Raises
    ------
    OSError
        It cannot be made: better now than after an hour of training.
    """
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:  # Ctrl-C, too
        with suppress(OSError):  # something is in it by now: it stays
            for one in new:
                one.rmdir()
        raise


def fractions_of(text: str, counts: Collection[int]) -> list[float]:
    """Read shares that are separated by commas.

    Raises
    ------
    BadParameter
        They are no numbers above 0 that add up to 1, or not as many as they may be.
    """
    with understood("--fractions"):
        shares = [float(part) for part in text.split(",")]
        if len(shares) not in counts or not min(shares) > 0 or not abs(sum(shares) - 1) <= 1e-6:
            raise ValueError(f"{' or '.join(map(str, counts))} numbers above 0 that add up to 1 are expected: {text}")
    return shares


def in_folder(files: Sequence[Path], folder: Path | None, kind: str) -> list[Path | None]:
    """Name the file that is written for each recording: below the folder as the recordings lie to each other.

    Raises
    ------
    BadParameter
        Two recordings would be written into one file.
    """
    if folder is None:
        return [None] * len(files)
    whole = [Path(os.path.abspath(file)) for file in files]
    shared = os.path.commonpath([file.parent for file in whole])
    places = [folder / os.path.relpath(file.parent, shared) / f"{file.stem}.{kind}" for file in whole]
    twice = [str(place) for place, count in Counter(places).items() if count > 1]
    if twice:
        raise typer.BadParameter(
            f"two recordings would be written into {twice[0]}: give them in two calls, each with its own --out",
            param_hint="FILES",
        )
    return list(places)
