"""CMX 3600 edit decision lists: an edit an event, for conforming; what they cannot hold stands in comments.

The layout is the one that OpenTimelineIO's adapter (1.0) reads, which is one of the tests' readers. Its writer knows no
sound, says not whether frames are dropped and drops them at 29.97 always, counts markers in the file's timecode where
Avid counts them in the list's (OpenTimelineIO's issues 169 and 345) and writes them in capitals, gives one reel to
files whose names begin alike, and takes ten seconds for ten thousand edits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import count

from mediaml.errors import ExportError
from mediaml.export.cuts import Cut, cuts, events_of, in_sequence, sequence_rate, whole
from mediaml.export.notes import address_of, clean, colours, name_of, note, title
from mediaml.export.rates import timecode_of
from mediaml.values.media import FrameRate
from mediaml.values.reel import Reel
from mediaml.values.timeline import Timeline

REEL = 8  # characters of a reel's name


def edl_of(timeline: Timeline) -> str:
    """Write an edit an event of one file, by time; only the title where nothing was found: a night's work goes on.

    Raises
    ------
    ExportError
        A timecode passes midnight.
    """
    some = events_of(timeline)
    if not some:
        return _head(name_of(timeline.source), whole(timeline).clock.rate)
    return _written(name_of(timeline.source), some, timeline.labels)


def edl_of_reel(reel: Reel) -> str:
    """Write an edit a find.

    Raises
    ------
    ExportError
        There are no finds, a timecode passes midnight, or files have timecodes of several rates.
    """
    return _written(clean(reel.name), cuts(reel.finds), [find.event.label for find in reel])


def _written(name: str, some: Sequence[Cut], labels: Sequence[str]) -> str:
    rate, paint, reels = sequence_rate(some), colours(labels), _reels(some)
    name = name or "mediaml"
    lines: list[str] = []
    mode, at = _mode(rate), 0
    for number, one in enumerate(some, 1):
        cut = _at(one, rate)
        if _mode(cut.clock.rate) != mode:
            mode = _mode(cut.clock.rate)
            lines.append(mode)
        length = in_sequence(cut, rate)
        begin, end = (timecode_of(frame, rate, name) for frame in (at, at + length))
        lines.append(f"{number:03d}  {reels[cut.source]:8} {_channels(cut):5} C        {_times(cut)} {begin} {end}")
        lines += _comments(cut, begin, paint)
        at += length
    return _head(name, rate) + "".join(f"{line}\n" for line in lines)


def _head(name: str, rate: FrameRate) -> str:
    return f"TITLE: {name or 'mediaml'}\n{_mode(rate)}\n\n"


def _mode(rate: FrameRate) -> str:
    """Say how frames are counted from here on: those of the list at its head, those of a file before its edit."""
    return f"FCM: {'DROP FRAME' if rate.drop_frame else 'NON-DROP FRAME'}"


def _times(cut: Cut) -> str:
    return " ".join(cut.clock.timecode(frame, cut.source) for frame in (cut.frames.start, cut.frames.end))


def _comments(cut: Cut, at: str, paint: dict[str, str]) -> Iterator[str]:
    event = cut.events[0]
    yield f"* FROM CLIP NAME:  {name_of(cut.source)}"
    yield f"* FROM CLIP: {address_of(cut.source)}"
    yield f"* LOC: {at} {paint[event.label]:7} {title(event)}"
    yield f"* COMMENT: {note(event)}"


def _at(cut: Cut, rate: FrameRate) -> Cut:
    """Count a cut in frames of the list's own rate: it has only one.

    Raises
    ------
    ExportError
        The file has a timecode of another rate.
    """
    if cut.clock.rate.fraction == rate.fraction:
        return cut
    if cut.clock.start:
        raise ExportError(
            f"{cut.source}: its timecode counts {cut.clock.rate} frames a second, and an edit list has one rate, here "
            f"{rate}; write one a rate, or .otio, .fcpxml or .xml"
        )
    length = max(1, round(cut.clock.length * rate.fps / cut.clock.rate.fps))
    clock = cut.clock._replace(rate=rate, length=length)
    return cut._replace(clock=clock, frames=clock.frames(cut.events[0].segment))


def _channels(cut: Cut) -> str:
    if not cut.media.has_picture:
        return "AA" if cut.media.channels > 1 else "A"
    if not cut.media.has_sound:
        return "V"
    return "AA/V" if cut.media.channels > 1 else "B"


def _reels(some: Sequence[Cut]) -> dict[str, str]:
    """Give each file a reel's name of its own, as old machines took them: eight letters and digits of the file's name.

    Files whose names begin alike, or have no such letters, are numbered: programs tell tapes apart by reels.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for number, source in enumerate(dict.fromkeys(cut.source for cut in some), 1):
        letters = re.sub(r"[^A-Za-z0-9_]", "", name_of(source).rsplit(".", 1)[0].replace("-", "_")).upper()
        name, spare = letters[:REEL], count(number)
        while not name or name in taken:
            digits = f"{next(spare):03d}"
            name = f"{letters[: REEL - len(digits)] or 'R'}{digits}"
        taken.add(name)
        names[source] = name
    return names
