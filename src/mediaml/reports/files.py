"""Reports as files."""

from __future__ import annotations

import json
from pathlib import Path

from mediaml import _forward
from mediaml.runtime.atomic import write_whole
from mediaml.values.report import Report


def save_report(report: Report, path: str | Path) -> Path:
    """Write a report as ``.html`` for people or ``.json`` for programs, in one step.

    ``AudioReport.model_validate_json(path.read_text())`` reads the JSON back; so do the other kinds of reports.

    Parameters
    ----------
    report
        What an evaluation found.
    path
        Its ending chooses the kind. Folders are made where missing; a file that stands there is replaced.

    Returns
    -------
    The path.

    Raises
    ------
    ValueError
        The path ends otherwise.
    """
    place = Path(path)
    match place.suffix.lower():
        case ".html":
            content: str = _forward.call(report.pages, "report_page", report)
        case ".json":
            # model_dump_json would make null of a loss that is NaN, which does not load, and refuse odd file names
            content = json.dumps(report.model_dump(mode="json"), indent=2) + "\n"
        case other:
            raise ValueError(
                f"a report is saved as .html or .json, not as {other or 'a file without an ending'}: {place}"
            )
    place.parent.mkdir(parents=True, exist_ok=True)
    write_whole(place, content.encode("utf-8", "replace"))
    return place
