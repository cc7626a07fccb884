"""What was found, as files of its own: each find cut out of its recording or video."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from mediaml._extras import require
from mediaml.data.progress import bar
from mediaml.errors import MediamlError
from mediaml.export.cutting.listing import Listing
from mediaml.export.cutting.names import clip_name
from mediaml.export.cutting.spans import Clipped, span_of
from mediaml.export.cutting.ways import Way, needs_pyav, ways_of
from mediaml.values.reel import Find

__all__ = ["Clipped", "export_clips"]


def export_clips(
    finds: Sequence[Find], folder: str | Path, *, margin: float = 0.0, progress: bool = True
) -> list[Clipped]:
    """Cut finds out of their files, one file a find, copied where that can be, and list them in ``clips.csv``.

    PCM and FLAC are cut to the sample, all channels, with the same bits. Of other sounds and of videos packets are
    copied: MP4, MOV and M4A get an edit list, so that players begin at the picture on the screen at the start, or at
    the sample; elsewhere a clip begins at a key picture or packet before (see `Clipped.start`). No clip ends before
    its find does, but for the end of its file. Where packets cannot be copied, a clip is MKV instead, or encoded anew:
    video as MP4, sound as FLAC. Pictures are copied byte by byte.

    A file of the folder is replaced only where its ``clips.csv`` says that it is this find's clip; others stay.

    Parameters
    ----------
    finds
        What is cut, in the order of the numbers in the files' names.
    folder
        Where to; made where it is missing.
    margin
        Seconds more at both sides, within the file, 0 or more. A find without length in a sound or a video gets half a
        second at both sides at least.
    progress
        Whether to show a bar.

    Returns
    -------
    What became of each find, in their order. A find that cannot be cut has an error here.

    Raises
    ------
    ValueError
        The margin is below 0, or not finite.
    OSError
        The folder cannot be made or written.
    MissingExtraError
        A video is among the sources, and the extra ``video`` is not installed; nothing was written then.
    """
    if not 0 <= margin < float("inf"):
        raise ValueError(f"the margin is 0 seconds or more, not {margin}")
    sources = {find.source: find.media for find in finds}
    if any(needs_pyav(source, media) for source, media in sources.items()):
        require("av", "video", "cutting videos")
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    _check_writable(place)
    listing = Listing.read(place)
    done: dict[int, Clipped] = {}
    try:
        with bar(len(finds), "cutting", "clip", progress) as move:
            for index, clipped in _all(finds, listing, margin):
                done[index] = clipped
                listing.add(index, clipped)
                move()
    finally:
        listing.write()
    return [done[index] for index in range(len(finds))]


def _all(finds: Sequence[Find], listing: Listing, margin: float) -> Iterator[tuple[int, Clipped]]:
    """Cut file by file, so that each is opened once."""
    groups: dict[str, list[int]] = {}
    for index, find in enumerate(finds):
        groups.setdefault(find.source, []).append(index)
    for source, indexes in groups.items():
        waiting = iter(indexes)
        try:
            with ways_of(source, finds[indexes[0]].media) as ways:
                for index in waiting:
                    yield index, _one(finds[index], (index + 1, len(finds)), ways, listing, margin)
        except MediamlError as error:
            for index in waiting:
                yield index, Clipped(finds[index], None, False, _reason(error))


def _one(find: Find, number: tuple[int, int], ways: Sequence[Way], listing: Listing, margin: float) -> Clipped:
    """Try one way after another."""
    reason = "it cannot be cut"
    for way in ways:
        temporary = _temporary(listing.folder)
        try:
            cut = way.cut(temporary, span_of(find.event.segment, margin))
            place = listing.place_for(clip_name(*number, find, way.suffix), find)
            temporary.chmod(0o644)
            temporary.replace(place)
            return Clipped(find, place, cut.copied, None, cut.begins)
        except MediamlError as error:  # the file itself is wrong: no other way leads to a clip
            return Clipped(find, None, False, _reason(error))
        except Exception as error:  # whatever a damaged file leads FFmpeg and libsndfile to
            reason = _reason(error)
        finally:
            temporary.unlink(missing_ok=True)
    return Clipped(find, None, False, reason)


def _temporary(folder: Path) -> Path:
    """Make an empty file in the folder."""
    handle, name = tempfile.mkstemp(prefix=".clip-", suffix=".tmp", dir=folder)
    os.close(handle)
    return Path(name)


def _check_writable(folder: Path) -> None:
    _temporary(folder).unlink()


def _reason(error: Exception) -> str:
    """Say in a line why there is no clip."""
    said = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(said).split())
