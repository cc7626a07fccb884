"""Reports as files, and back."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mediaml import _forward
from mediaml.errors import DataError
from mediaml.reports.card import AnyReport
from mediaml.reports.markdown import report_markdown
from mediaml.runtime.atomic import write_whole
from mediaml.values.detection_report import DetectionReport
from mediaml.values.event_report import EventReport
from mediaml.values.multi_label_report import ImageMultiLabelReport, MultiLabelReport
from mediaml.values.report import AudioReport, ImageReport

FORMAT = 1  # of the JSON; it grows when a reader of the older one would go wrong
KINDS: dict[str, type[AnyReport]] = {
    kind.__name__: kind
    for kind in (AudioReport, ImageReport, MultiLabelReport, ImageMultiLabelReport, DetectionReport, EventReport)
}


def save_report(report: AnyReport, path: str | Path) -> Path:
    """Write a report as ``.html`` or ``.md`` for people, or as ``.json`` for programs, in one step.

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
        case ".md":
            content = report_markdown(report)
        case ".json":
            head = {"format": FORMAT, "kind": type(report).__name__, "mediaml": version("mediaml")}
            # model_dump_json would make null of a loss that is NaN, which does not load, and refuse odd file names
            content = json.dumps({**head, **report.model_dump(mode="json")}, indent=2) + "\n"
        case other:
            raise ValueError(
                f"a report is saved as .html, .md or .json, not as {other or 'a file without an ending'}: {place}"
            )
    place.parent.mkdir(parents=True, exist_ok=True)
    write_whole(place, content.encode("utf-8", "replace"))
    return place


def load_report(path: str | Path) -> AnyReport:
    """Read a report that ``report.save("report.json")`` wrote: of any kind, with all that it knew.

    It says what it said, and can be saved as a page again; pictures and sounds are shown where their files still lie
    where they were. In a pipeline: compare ``mm.load_report("yesterday.json").accuracy`` with today's.

    Parameters
    ----------
    path
        A ``.json`` file.

    Returns
    -------
    An `AudioReport`, `ImageReport`, `MultiLabelReport`, `ImageMultiLabelReport`, `DetectionReport` or `EventReport`.

    Raises
    ------
    DataError
        The file holds no report, a damaged one, or one of a newer mediaml.
    OSError
        It cannot be read.
    """
    place = Path(path)
    fields = _fields(place)
    written, kind = fields.pop("format", None), fields.pop("kind", None)
    fields.pop("mediaml", None)
    if not isinstance(written, int) or not isinstance(kind, str):
        raise DataError(f"{place}: this is no report that report.save wrote")
    if written > FORMAT or kind not in KINDS:
        raise DataError(
            f"{place}: a report of kind {kind!r} in format {written}; this mediaml reads up to {FORMAT}. Install a "
            f"newer mediaml."
        )
    try:
        # not model_validate_json: JSON of pydantic's refuses names of files that are no text, and save writes them
        return KINDS[kind].model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise DataError(f"{place}: the report is damaged: {field}: {first['msg']}") from error


def _fields(place: Path) -> dict[str, Any]:
    """Read the file's JSON object."""
    try:
        fields = json.loads(place.read_bytes())
    except (ValueError, RecursionError) as error:  # not UTF-8 is a ValueError, too
        raise DataError(f"{place}: this is no JSON ({error})") from error
    if not isinstance(fields, dict):
        raise DataError(f"{place}: this is no report that report.save wrote")
    return fields
