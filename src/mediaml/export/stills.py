"""Still pictures among sounds and videos: they have no streams and no time, and editors show them for a while."""

from __future__ import annotations

from pathlib import Path

from mediaml.aws.s3 import is_uri
from mediaml.data.formats.folders import AUDIO_SUFFIXES
from mediaml.data.pictures import decode
from mediaml.errors import ImageError
from mediaml.values.media import Media

SECONDS = 5.0  # as Premiere and Resolve show one unless they are told otherwise
SIZE = (1920, 1080)  # of a picture that cannot be read here, and of a sequence in which there is no video


def is_still(source: str, media: Media | None) -> bool:
    """Tell a still picture, of which nobody knows streams; an animation that was watched as a video has some."""
    return media is None and has_ending_of_picture(source)


def has_ending_of_picture(source: str) -> bool:
    """Tell by its ending whether a file is a picture, as a scan of an archive does."""
    return Path(source).suffix.lower() in decode.endings() - AUDIO_SUFFIXES  # Pillow knows the name of MPEG, too


def still_media(source: str) -> Media:
    """Describe a picture as if it were a silent video as long as editors show it, in its own size where it can be read.

    Its size is as a person sees it: turned as its EXIF says.
    """
    width, height = _size(source)
    return Media(duration=SECONDS, width=width, height=height)


def _size(source: str) -> tuple[int, int]:
    if is_uri(source):
        return SIZE
    try:
        found = decode.header(source)
    except ImageError:  # gone, or damaged since: the editor's program will ask for it
        return SIZE
    return found.width, found.height
