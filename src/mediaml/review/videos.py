"""Videos for a review page: a small MP4 of the stretch with a second around it, and the picture that is judged."""

from __future__ import annotations

from mediaml.data import decode, video
from mediaml.errors import AudioError, VideoError
from mediaml.export.cutting.encode import encode_video
from mediaml.export.cutting.spans import Span
from mediaml.review.items import Candidate
from mediaml.review.pictures import LARGE, copies
from mediaml.review.prepared import Prepared, Shelf
from mediaml.review.sounds import Part, part_of, spectrogram

SHORTER = 360  # pixels of the shorter side of a clip
BETWEEN = 0.04  # seconds: a picture is shown at least so long


def make(one: Candidate, shelf: Shelf) -> Prepared:
    """Make the files of a stretch of a video.

    Raises
    ------
    DataError
        It cannot be read, or ends before the stretch.
    MissingExtraError
        The extra ``video`` is not installed.
    """
    from PIL import Image

    frame = video.frame_at(one.source, one.shown_at, LARGE)
    if frame.pixels is None:
        raise VideoError(one.source, f"there is no picture at {one.shown_at:.3f} s")
    large, small = copies(Image.fromarray(frame.pixels), shelf)
    part = part_of(_with_length(one), video.media_of(one.source).duration)
    begins: list[float] = []
    span = Span(part.first, part.last)
    clip = shelf.fill(
        ".mp4", lambda place: begins.append(encode_video(one.source, place, span, at_least=SHORTER).begins)
    )
    return Prepared(
        thumb=small,
        picture=large,
        clip=clip,
        spectrogram=_heard(one, part, shelf),
        begins=max(0.0, part.start - begins[0]),
        ends=part.end - begins[0],
        length=part.last - begins[0],
        time=frame.time if one.sense == "seen" else None,
        width=frame.width,
        height=frame.height,
        note=part.note,
    )


def _with_length(one: Candidate) -> Candidate:
    """A single picture is shown for as long as a picture is."""
    return one if one.end > one.start else one.model_copy(update={"end": one.start + BETWEEN})


def _heard(one: Candidate, part: Part, shelf: Shelf) -> str:
    """Draw the sound of what is heard in a video."""
    if one.sense == "seen":
        return ""
    try:
        waveform, rate = decode.read(one.source, *video.heard_in(one.source, part.first, part.last))
    except AudioError as error:
        raise VideoError(one.source, error.reason) from error
    return shelf.write(".png", spectrogram(waveform, rate))
