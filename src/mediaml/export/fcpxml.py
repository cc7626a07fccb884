"""Final Cut Pro's FCPXML 1.8, which Resolve reads, too; written here.

OpenTimelineIO's adapter (1.0) writes no frame rate for 23.976, 29.97 and 59.94 pictures a second or stops there, has no
notes at markers, turns red and green ones into tasks to be done, says no timecode of the sequence, and stops at sounds
without a picture and at a quote in a clip's name; see docs/decisions/0011-archives.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from mediaml.export.cuts import Cut, cuts, in_sequence, sequence_rate, sequence_size, whole
from mediaml.export.notes import address_of, clean, name_of, note, title
from mediaml.values.media import FrameRate
from mediaml.values.reel import Reel
from mediaml.values.timeline import Timeline

VERSION = "1.8"
NO_RATE, NO_TIME = "FFVideoFormatRateUndefined", "0s"  # of a still picture, as Final Cut writes them
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n'


def fcpxml_of(timeline: Timeline) -> str:
    """Write a file as one clip with a marker an event."""
    cut = whole(timeline)
    return _document(name_of(timeline.source), [cut], cut.clock.start)


def fcpxml_of_reel(reel: Reel) -> str:
    """Write finds as clips, one after another."""
    return _document(clean(reel.name), cuts(reel.finds), 0)


def _document(name: str, some: Sequence[Cut], start: int) -> str:
    rate = sequence_rate(some)
    root = ET.Element("fcpxml", version=VERSION)
    resources = _Resources(ET.SubElement(root, "resources"))
    project = ET.SubElement(
        ET.SubElement(ET.SubElement(root, "library"), "event", name="mediaml"), "project", name=name
    )
    total = sum(in_sequence(cut, rate) for cut in some)
    sequence = ET.SubElement(
        project,
        "sequence",
        format=resources.format(rate, sequence_size(some)),  # of sounds, too: Final Cut has none without a picture
        duration=time(total, rate),
        tcStart=time(start, rate),
        tcFormat="DF" if rate.drop_frame else "NDF",
    )
    spine = ET.SubElement(sequence, "spine")
    offset = start
    for cut in some:
        clip = _add_clip(spine, cut, resources.asset(cut), time(offset, rate), time(in_sequence(cut, rate), rate))
        if cut.media.has_picture and cut.clock.rate.fraction != rate.fraction:
            # else Final Cut slows 25 pictures a second down to 24, and the cut ends elsewhere
            ET.SubElement(clip, "conform-rate", scaleEnabled="0", srcFrameRate=f"{cut.clock.rate.fps:.4g}")
        _add_markers(clip, cut)
        offset += in_sequence(cut, rate)
    ET.indent(root)
    return HEAD + ET.tostring(root, encoding="unicode") + "\n"


def _add_clip(spine: ET.Element, cut: Cut, asset: str, offset: str, duration: str) -> ET.Element:
    clock = cut.clock
    facts = {
        "ref": asset,
        "name": name_of(cut.source) if len(cut.events) != 1 else title(cut.events[0]),
        "offset": offset,
        "start": time(clock.start + cut.frames.start, clock.rate),
        "duration": duration,
    }
    if cut.still:  # as Final Cut writes pictures; others report that an asset-clip of one ends it
        return ET.SubElement(spine, "video", facts)
    return ET.SubElement(spine, "asset-clip", {**facts, "tcFormat": "DF" if clock.rate.drop_frame else "NDF"})


def _add_markers(clip: ET.Element, cut: Cut) -> None:
    for event in cut.events:
        frames = cut.clock.frames(event.segment)
        ET.SubElement(
            clip,
            "marker",
            start=time(cut.clock.start + frames.start, cut.clock.rate),
            duration=time(frames.length, cut.clock.rate),
            value=title(event),
            note=note(event),
        )


class _Resources:
    """The formats and files that clips refer to, each once."""

    def __init__(self, element: ET.Element) -> None:
        self._element = element
        self._known: dict[object, str] = {}

    def format(self, rate: FrameRate | None, size: tuple[int, int]) -> str:
        """Give the name of a format; a still picture's has no rate."""
        timing = {"name": NO_RATE} if rate is None else {"frameDuration": f"{rate.denominator}/{rate.numerator}s"}
        pixels = {"width": str(size[0]), "height": str(size[1])}
        return self._named(("format", *timing.values(), *size), "format", {**timing, **pixels})

    def asset(self, cut: Cut) -> str:
        media, clock = cut.media, cut.clock
        facts = {
            "name": name_of(cut.source),
            "src": address_of(cut.source),
            "start": time(clock.start, clock.rate),
            "duration": NO_TIME if cut.still else time(clock.length, clock.rate),
        }
        if media.has_picture:
            rate = None if cut.still else clock.rate
            facts |= {"hasVideo": "1", "format": self.format(rate, (media.width, media.height))}
        if media.has_sound or not media.has_picture:
            facts |= {"hasAudio": "1", "audioSources": "1", "audioChannels": str(max(1, media.channels))}
            if media.has_sound:
                facts["audioRate"] = str(media.sample_rate)
        return self._named(("asset", cut.source), "asset", facts)

    def _named(self, key: object, tag: str, facts: dict[str, str]) -> str:
        if key not in self._known:
            self._known[key] = f"r{len(self._known) + 1}"
            ET.SubElement(self._element, tag, {"id": self._known[key], **facts})
        return self._known[key]


def time(frames: int, rate: FrameRate) -> str:
    """Write frames as FCPXML wants seconds: a fraction, a whole number of frames."""
    return f"{frames * rate.denominator}/{rate.numerator}s"
