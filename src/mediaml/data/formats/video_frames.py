"""Pictures of videos, kept as files: for people to label, and for models to learn from."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Sequence
from pathlib import Path

from mediaml.data import video
from mediaml.data.formats.pictured import Pictured
from mediaml.data.sampling import Sampling
from mediaml.data.video import Pixels
from mediaml.runtime.atomic import write_whole

QUALITY = 95  # of JPEG


def read_videos(videos: Sequence[str | Path], folder: Path, sampling: Sampling) -> list[Pictured]:
    """Take pictures out of videos and write them into a folder; what stands there under the same name is replaced.

    Parameters
    ----------
    videos
        The files.
    folder
        Made where missing.
    sampling
        Which pictures.

    Returns
    -------
    By video and time, without labels; those of one video are one group.

    Raises
    ------
    VideoError
        A file cannot be read, or has no picture.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for source in videos:
        path = os.path.abspath(source)
        for frame in video.frames(path, sampling):
            if frame.pixels is None:
                continue
            place = folder / _name(path, frame.time)
            write_whole(place, _jpeg(frame.pixels))
            extra = {"video": path, "time": frame.time, "frame": frame.number}
            found.append(
                Pictured(os.path.abspath(place), width=frame.width, height=frame.height, group=path, extra=extra)
            )
    return found


def _name(path: str, time: float) -> str:
    """Name a picture after its video and time; two videos of one name in two folders do not meet."""
    mark = hashlib.sha256(os.fsencode(path)).hexdigest()[:6]
    return f"{Path(path).stem}-{mark}-{time:010.3f}.jpg"


def _jpeg(pixels: Pixels) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()
