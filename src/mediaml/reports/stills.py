"""A picture of each event of a video, with its boxes, for the page of its timeline."""

from __future__ import annotations

import base64
import io
from typing import NamedTuple

import numpy as np

from mediaml.data import video
from mediaml.errors import DataError, MissingExtraError
from mediaml.reports.thumbnails import QUALITY
from mediaml.values.geometry import Box
from mediaml.values.timeline import Event, Timeline, clock

SIDE = 180  # pixels of the shorter side
TOGETHER = 1e-3  # seconds: boxes of one picture


class Still(NamedTuple):
    """A picture of an event.

    Parameters
    ----------
    event
        The event.
    data
        A data URI.
    time
        As a person would read it.
    width, height
        Pixels of the video; `boxes` are in them.
    boxes
        What was found in this very picture.
    """

    event: Event
    data: str
    time: str
    width: int
    height: int
    boxes: tuple[Box, ...]


def stills(timeline: Timeline, most: int) -> list[Still]:
    """Take a picture out of each event of a video, up to so many; none where there is no picture, or no file."""
    if timeline.media is None or not timeline.media.has_picture:
        return []
    found = []
    for event in timeline.events[:most]:
        try:
            found.append(_still(timeline.source, event))
        except (DataError, MissingExtraError):
            return []  # the file is not here any more, or cannot be decoded here: the page is none the worse
    return found


def _still(source: str, event: Event) -> Still:
    frame, boxes = moment(source, event, SIDE)
    return Still(event, _jpeg(frame.pixels), clock(frame.time), frame.width, frame.height, boxes)


def moment(source: str, event: Event, at_least: int) -> tuple[video.Frame, tuple[Box, ...]]:
    """Give the picture of an event that shows it best, and the boxes in it.

    It is the picture in which a box is surest, or the one in the middle of the event.

    Raises
    ------
    VideoError
        The file cannot be read, or has no picture.
    MissingExtraError
        The extra ``video`` is not installed.
    """
    sights = [one for track in event.tracks for one in track.sightings]
    surest = max(sights, key=lambda one: one.box.confidence or 0.0, default=None)
    time = (event.segment.start + event.segment.end) / 2 if surest is None else surest.time
    frame = video.frame_at(source, time, at_least)
    boxes = tuple(one.box for one in sights if surest is not None and abs(one.time - surest.time) < TOGETHER)
    return frame, boxes


def _jpeg(pixels: video.Pixels | None) -> str:
    from PIL import Image

    data = io.BytesIO()
    Image.fromarray(np.zeros((1, 1, 3), np.uint8) if pixels is None else pixels).save(
        data, "JPEG", quality=QUALITY, optimize=True
    )
    return "data:image/jpeg;base64," + base64.b64encode(data.getvalue()).decode("ascii")
