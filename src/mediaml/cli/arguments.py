"""What commands are told, checked before anything starts."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
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
        raise typer.BadParameter(str(error), param_hint=option) from error


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
