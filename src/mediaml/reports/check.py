"""What `AudioDataset.check` found, as a page for people."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from mediaml.data.checks.finding import PROBLEMS
from mediaml.reports.pages import templates
from mediaml.runtime.atomic import write_whole

if TYPE_CHECKING:
    from mediaml.data.quality import AudioCheck

SHOWN, SHOWN_IN_NOTEBOOK = 200, 20  # findings of each problem: more make a page slow that nobody reads to the end


def check_page(check: AudioCheck) -> str:
    """Write a check as a whole HTML page: no script, no link to elsewhere."""
    return _rendered(check, SHOWN, whole=True)


def check_fragment(check: AudioCheck) -> str:
    """Write it for a notebook's cell, with its own style that touches nothing else."""
    return _rendered(check, SHOWN_IN_NOTEBOOK, whole=False)


def save_check(check: AudioCheck, path: str | Path) -> Path:
    """Write the page in one step, and give its path.

    Parameters
    ----------
    check
        What was found.
    path
        Of a ``.html`` file. Folders are made where missing; a file that stands there is replaced.

    Raises
    ------
    ValueError
        The path ends otherwise.
    """
    place = Path(path)
    if place.suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"a check is saved as .html: {place}; its table is .findings, a DataFrame with a to_csv()")
    place.parent.mkdir(parents=True, exist_ok=True)
    write_whole(place, check_page(check).encode("utf-8"))
    return place


def _rendered(check: AudioCheck, shown: int, *, whole: bool) -> str:
    groups = [
        (name, PROBLEMS[name], list(same)) for name, same in groupby(check.found, key=lambda finding: finding.problem)
    ]
    most = max((clips for _, _, clips, _ in check.per_label), default=1)
    template = templates().get_template("check.html.j2")
    return template.render(check=check, groups=groups, most=most, shown=shown, whole=whole)
