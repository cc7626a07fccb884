"""Timelines and reels as files; the ending chooses the kind."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from mediaml._extras import require
from mediaml.export.edl import edl_of, edl_of_reel
from mediaml.export.fcp7 import xml_of, xml_of_reel
from mediaml.export.fcpxml import fcpxml_of, fcpxml_of_reel
from mediaml.export.otio import otio_of, otio_of_reel
from mediaml.export.subtitles import srt, webvtt
from mediaml.export.tables import audacity_track, csv_table, raven_table
from mediaml.reports.timelines import timeline_page
from mediaml.runtime.atomic import write_whole
from mediaml.values.reel import Reel
from mediaml.values.timeline import Timeline

T = TypeVar("T")


def save_timeline(timeline: Timeline, path: str | Path) -> Path:
    """Write the events of a recording or a video, in one step.

    Times in ``.txt`` files are in seconds, to the microsecond. What a line of text cannot hold (tabs, line ends and
    other control signs in a label) becomes a space there.

    Parameters
    ----------
    timeline
        What was found.
    path
        Its ending chooses the kind. ``.otio``, ``.fcpxml``, ``.xml``: the file as one clip with a marker an event.
        ``.edl``: an edit an event. ``.vtt``, ``.srt``: a cue an event. ``.csv``, ``.parquet``: a row an event
        (`AudioDataset.from_table` reads it back as clips). ``.json``: all that the timeline knows;
        ``Timeline.model_validate(json.loads(path.read_bytes()))`` reads it back. ``.html``: a page.
        ``.selections.txt``: a Raven selection table; any other ``.txt``: an Audacity label track. Folders are made
        where missing; a file that stands there is replaced.

    Returns
    -------
    The path.

    Raises
    ------
    ValueError
        The path ends otherwise.
    ExportError
        What was found cannot be written in this format.
    MissingExtraError
        The extra ``editors``, or ``parquet``, is not installed.
    """
    return _saved(timeline, Path(path), TIMELINES, "a timeline")


def save_reel(reel: Reel, path: str | Path) -> Path:
    """Write finds as one sequence, in one step.

    Raises
    ------
    ValueError, ExportError, MissingExtraError
        As of `save_timeline`.
    """
    return _saved(reel, Path(path), REELS, "a reel")


def _saved(what: T, place: Path, writers: Mapping[str, Callable[[T], str | bytes]], name: str) -> Path:
    ending = next((one for one in writers if place.name.lower().endswith(one)), None)
    if ending is None:
        known = ", ".join(writers)
        raise ValueError(f"{name} is saved as {known}, not as {place.suffix or 'a file without an ending'}: {place}")
    content = writers[ending](what)
    place.parent.mkdir(parents=True, exist_ok=True)
    write_whole(place, content if isinstance(content, bytes) else content.encode("utf-8", "replace"))
    return place


def _json(timeline: Timeline) -> str:
    # model_dump_json would refuse names of files that are no text; so would model_validate_json
    return json.dumps(timeline.model_dump(mode="json"), indent=2) + "\n"


def _parquet(timeline: Timeline) -> bytes:
    require("pyarrow", "parquet", "writing Parquet")
    import pandas as pd

    columns: dict[str, list[str] | list[float]] = {
        "path": [_text(timeline.source)] * len(timeline),
        "start": [event.segment.start for event in timeline],
        "end": [event.segment.end for event in timeline],
        "label": [_text(event.label) for event in timeline],
        "confidence": [event.confidence for event in timeline],
        "model": [_text(event.model) for event in timeline],
    }
    numbers = ("start", "end", "confidence")  # of no events, pandas would not know what they are
    frame = pd.DataFrame(columns).astype({name: "float" if name in numbers else "string" for name in columns})
    file = io.BytesIO()
    frame.to_parquet(file, index=False)
    return file.getvalue()


def _text(text: str) -> str:
    """Replace what is no text: Arrow refuses it."""
    return text.encode("utf-8", "replace").decode()


# the longest endings first
TIMELINES: Mapping[str, Callable[[Timeline], str | bytes]] = {
    ".selections.txt": raven_table,
    ".txt": audacity_track,
    ".csv": csv_table,
    ".json": _json,
    ".parquet": _parquet,
    ".html": timeline_page,
    ".vtt": webvtt,
    ".srt": srt,
    ".otio": otio_of,
    ".edl": edl_of,
    ".fcpxml": fcpxml_of,
    ".xml": xml_of,
}
REELS: Mapping[str, Callable[[Reel], str]] = {
    ".otio": otio_of_reel,
    ".edl": edl_of_reel,
    ".fcpxml": fcpxml_of_reel,
    ".xml": xml_of_reel,
}
