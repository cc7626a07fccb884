"""Final Cut Pro 7's XML (xmeml 4), which Premiere and Resolve read; written here.

OpenTimelineIO's adapter (1.0), which reads it back in the tests, counts markers from the file's timecode instead of its
first frame, leaves out their notes, writes drop-frame timecodes as if none were dropped, names no channels of a sound,
and takes 20 s for 10,000 clips; see docs/decisions/0011-archives.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple
from xml.etree import ElementTree as ET

from mediaml.export.cuts import Cut, cuts, in_sequence, sequence_rate, sequence_size, whole
from mediaml.export.notes import address_of, clean, name_of, note, title
from mediaml.export.rates import timecode_of
from mediaml.values.media import FrameRate, Media
from mediaml.values.reel import Reel
from mediaml.values.timeline import Event, Timeline

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n'
PICTURE, SOUND = "video", "audio"
CHANNELS = 8  # of a file, at most: each is a clip of its own, on a track of its own


def xml_of(timeline: Timeline) -> str:
    """Write a file as one clip with a marker an event."""
    cut = whole(timeline)
    return _document(name_of(timeline.source), [cut], cut.clock.start)


def xml_of_reel(reel: Reel) -> str:
    """Write finds as clips, one after another."""
    return _document(clean(reel.name), cuts(reel.finds), 0)


def _document(name: str, some: Sequence[Cut], start: int) -> str:
    rate = sequence_rate(some)
    root = ET.Element("xmeml", version="4")
    sequence = ET.SubElement(root, "sequence", id="sequence-1")
    _text(sequence, "name", name)
    _text(sequence, "duration", sum(in_sequence(cut, rate) for cut in some))
    _add_rate(sequence, rate)
    _add_timecode(sequence, start, rate)
    media = ET.SubElement(sequence, "media")
    parts = {kind: ET.SubElement(media, kind) for kind in (PICTURE, SOUND)}
    if any(cut.media.has_picture for cut in some):
        _add_size(ET.SubElement(parts[PICTURE], "format"), sequence_size(some), rate)
    numbers = {PICTURE: 1, SOUND: max(_channels(cut.media) for cut in some)}
    tracks = {kind: [ET.SubElement(part, "track") for _ in range(numbers[kind])] for kind, part in parts.items()}
    _Clips(rate, tracks).add(some)
    ET.indent(root)
    return HEAD + ET.tostring(root, encoding="unicode") + "\n"


class _Placed(NamedTuple):
    """A clip with its place: the kind and the number of its track, and its own number there."""

    element: ET.Element
    kind: str
    track: int
    number: int


class _Clips:
    """Clips on a track of pictures and one a channel of sound; each file is told once, and then referred to."""

    def __init__(self, rate: FrameRate, tracks: dict[str, list[ET.Element]]) -> None:
        self._rate, self._tracks = rate, tracks
        self._files: dict[str, str] = {}
        self._counts: Counter[tuple[str, int]] = Counter()

    def add(self, some: Sequence[Cut]) -> None:
        at = 0
        for cut in some:
            length = in_sequence(cut, self._rate)
            places = [(PICTURE, 1)] if cut.media.has_picture else []
            places += [(SOUND, channel) for channel in range(1, _channels(cut.media) + 1)]
            clips = [self._clip(kind, track, cut, (at, at + length)) for kind, track in places]
            for event in cut.events:
                _add_marker(clips[0].element, cut, event)
            if len(clips) > 1:
                _link(clips)
            at += length

    def _clip(self, kind: str, track: int, cut: Cut, place: tuple[int, int]) -> _Placed:
        self._counts[kind, track] += 1
        number = self._counts[kind, track]
        clip = ET.SubElement(self._tracks[kind][track - 1], "clipitem", id=f"{kind}-{track}-{number}")
        _text(clip, "name", name_of(cut.source) if len(cut.events) != 1 else title(cut.events[0]))
        _text(clip, "duration", cut.clock.length)
        _add_rate(clip, cut.clock.rate)
        for tag, value in (("start", place[0]), ("end", place[1]), ("in", cut.frames.start), ("out", cut.frames.end)):
            _text(clip, tag, value)
        if cut.still:
            _text(clip, "stillframe", "TRUE")
        self._add_file(clip, cut)
        if kind == SOUND:
            channel = ET.SubElement(clip, "sourcetrack")
            _text(channel, "mediatype", SOUND)
            _text(channel, "trackindex", track)
        return _Placed(clip, kind, track, number)

    def _add_file(self, clip: ET.Element, cut: Cut) -> None:
        if cut.source in self._files:
            ET.SubElement(clip, "file", id=self._files[cut.source])
            return
        self._files[cut.source] = f"file-{len(self._files) + 1}"
        file = ET.SubElement(clip, "file", id=self._files[cut.source])
        _text(file, "name", name_of(cut.source))
        _text(file, "pathurl", address_of(cut.source))
        _add_rate(file, cut.clock.rate)
        _text(file, "duration", cut.clock.length)
        _add_timecode(file, cut.clock.start, cut.clock.rate)
        media = ET.SubElement(file, "media")
        if cut.media.has_picture:
            _add_size(ET.SubElement(media, PICTURE), (cut.media.width, cut.media.height), cut.clock.rate)
        if channels := _channels(cut.media):
            sound = ET.SubElement(media, SOUND)
            if cut.media.has_sound:
                _text(ET.SubElement(sound, "samplecharacteristics"), "samplerate", cut.media.sample_rate)
            _text(sound, "channelcount", channels)


def _link(clips: Sequence[_Placed]) -> None:
    """Say that picture and sound of a file belong together."""
    for clip in clips:
        for other in clips:
            link = ET.SubElement(clip.element, "link")
            _text(link, "linkclipref", other.element.get("id", ""))
            _text(link, "mediatype", other.kind)
            _text(link, "trackindex", other.track)
            _text(link, "clipindex", other.number)


def _channels(media: Media) -> int:
    """Give how many channels are cut; what has no picture is taken for a sound."""
    if not media.has_sound and media.has_picture:
        return 0
    return max(1, min(CHANNELS, media.channels))


def _add_marker(clip: ET.Element, cut: Cut, event: Event) -> None:
    frames = cut.clock.frames(event.segment)
    marker = ET.SubElement(clip, "marker")
    for tag, value in (("name", title(event)), ("comment", note(event)), ("in", frames.start), ("out", frames.end)):
        _text(marker, tag, value)


def _add_rate(parent: ET.Element, rate: FrameRate) -> None:
    element = ET.SubElement(parent, "rate")
    _text(element, "timebase", round(rate.fps))
    _text(element, "ntsc", "TRUE" if rate.denominator == 1001 else "FALSE")


def _add_timecode(parent: ET.Element, frame: int, rate: FrameRate) -> None:
    element = ET.SubElement(parent, "timecode")
    _add_rate(element, rate)
    _text(element, "string", timecode_of(frame, rate))
    _text(element, "frame", frame)
    _text(element, "displayformat", "DF" if rate.drop_frame else "NDF")


def _add_size(parent: ET.Element, size: tuple[int, int], rate: FrameRate) -> None:
    element = ET.SubElement(parent, "samplecharacteristics")
    _add_rate(element, rate)
    for tag, value in zip(("width", "height"), size, strict=True):
        _text(element, tag, value)


def _text(parent: ET.Element, tag: str, value: object) -> None:
    ET.SubElement(parent, tag).text = str(value)
