"""Where the real recordings lie, and how a benchmark says what machine it ran on."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from mediaml.runtime.cores import available_cores

ROOT = Path(os.environ.get("MEDIAML_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))


def table(name: str) -> Path:
    """The CSV of a data set; without the data there is nothing to measure."""
    path = ROOT / "audio" / name
    if not path.exists():
        sys.exit(f"{path} is missing: set MEDIAML_TEST_DATA to the folder of recordings")
    return path


def machine() -> str:
    """Cores and load: a figure without them says little."""
    load = ", ".join(f"{one:.2f}" for one in os.getloadavg())
    cores = available_cores()
    return f"{platform.machine()}, {cores} cores, load before the start {load}, Python {platform.python_version()}"


def say_machine() -> None:
    """Say it beside the figures, not among them."""
    print(machine(), file=sys.stderr, flush=True)


def head(*names: str) -> None:
    """Begin a table: Markdown, as the page of the documentation takes it."""
    row(*names)
    row(*["---"] * len(names))


def row(*cells: object) -> None:
    """Print a row of a table."""
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)
