"""``mediaml demo``: the whole job once, on data that is made for it or on the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mediaml.cli.output import Json, answering

SOUNDS, PICTURES = Path("demo-output"), Path("demo-output/pictures")


def demo(
    data: Annotated[
        Path | None, typer.Argument(help="A folder with a folder per label; without it, data is made.")
    ] = None,
    pictures: Annotated[bool, typer.Option("--pictures", help="With pictures; else with sounds.")] = False,
    out: Annotated[
        Path | None,
        typer.Option(file_okay=False, help=f"The folder for all that is made.  [default: {SOUNDS}, or {PICTURES}]"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Do the whole job once: check, split, learn, measure, answer. It tells what it does, and writes a report."""
    with answering(as_json) as answer:
        if pictures:
            from mediaml.demo_pictures import run
        else:
            from mediaml.demo import run
        folder = out or (PICTURES if pictures else SOUNDS)
        made = {"report": run(data, folder), "model": (folder / "model").resolve()}
        if not pictures:
            made |= {"timeline": (folder / "long.html").resolve(), "picture": (folder / "long.png").resolve()}
        answer.give("\n".join(f"{what}: {place}" for what, place in made.items()), made)
