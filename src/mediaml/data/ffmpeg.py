"""Files that may be anyone's, opened by FFmpeg (PyAV, extra ``video``): nothing but the file, and no giants."""

from __future__ import annotations

from functools import cache
from typing import Any, BinaryIO

from mediaml._extras import require

# These read other files, or addresses, that the file names, or a device: a "recording" could be a list of the user's
# other files.
ELSEWHERE = frozenset(
    [
        *("concat", "dash", "hls", "image2", "imf", "smoothstreaming", "webm_dash_manifest"),
        *("rtp", "rtsp", "sap", "sdp", "whip"),
        *("alsa", "avfoundation", "dshow", "fbdev", "gdigrab", "jack", "kmsgrab", "openal", "oss", "pulse", "sndio"),
        *("video4linux2,v4l2", "x11grab", "xcbgrab", "avisynth", "lavfi", "vapoursynth"),
    ]
)
MOST_PIXELS = 1 << 27  # of one picture of a video: 16K has as many


def open_media(source: str | BinaryIO, purpose: str) -> Any:
    """Open a container for reading, as ``av.open`` does.

    Parameters
    ----------
    source
        An absolute path, or a binary file.
    purpose
        What the extra is needed for.
    """
    av = require("av", "video", purpose)
    container = av.open(source, metadata_errors="ignore", options={"format_whitelist": _formats()})
    for stream in container.streams.video:
        if stream.codec_context is not None:  # of an unknown codec there is none
            stream.codec_context.options = {"max_pixels": str(MOST_PIXELS)}
    return container


@cache
def _formats() -> str:
    import av

    return ",".join(sorted(name for name in av.formats_available if name not in ELSEWHERE))
