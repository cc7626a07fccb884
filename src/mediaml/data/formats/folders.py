"""A folder per label."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from mediaml._warnings import warn
from mediaml.errors import DataError, LabelError

_SNDFILE = "wav wave flac ogg oga opus mp3 mp2 aif aiff aifc caf au snd w64 rf64 voc sd2 avr pvf mat4 mat5 sph nist"
_FFMPEG = (
    "m4a m4b mp4 m4v mov mkv mka webm wma wmv asf aac ac3 amr 3gp avi mpg mpeg mpga ts mts m2ts spx ape wv gsm dts"
)
_VIDEO = "mxf flv vob ogv"
_TEXT = "txt csv tsv json jsonl xml yaml yml md rst pdf html parquet xlsx py ipynb rttm textgrid ini log cfg"
_OTHER = "svg zip gz tar db params npy npz manifest"
_PICTURES = "jpg jpeg jpe jfif png webp gif bmp dib tif tiff pgm ppm pbm pnm avif jp2 j2k tga ico"


def _endings(*names: str) -> frozenset[str]:
    return frozenset(f".{ending}" for line in names for ending in line.split())


AUDIO_SUFFIXES = _endings(_SNDFILE, _FFMPEG, _VIDEO)
PICTURE_SUFFIXES = _endings(_PICTURES)
NO_MEDIA_NAMES = frozenset(("README", "LICENSE", "COPYING", "Makefile"))


class Kind(NamedTuple):
    """What is looked for in a folder: its name, endings, endings that are passed over in silence, and an example."""

    name: str
    suffixes: frozenset[str]
    others: frozenset[str]
    such_as: str


SOUNDS = Kind("recording", AUDIO_SUFFIXES, _endings(_TEXT, _OTHER, _PICTURES), ".wav, .flac, .mp3 ...")
PICTURES = Kind("picture", PICTURE_SUFFIXES, _endings(_TEXT, _OTHER) | AUDIO_SUFFIXES, ".jpg, .png, .webp ...")


def audio_files(folder: Path) -> list[Path]:
    """Find the recordings below a folder; see `media_files`."""
    return media_files(folder, SOUNDS)


def media_files(folder: Path, kind: Kind) -> list[Path]:
    """Find files of a kind below a folder by their endings, sorted; hidden files and folders are passed over.

    Raises
    ------
    DataError
        The folder does not exist, or there is none in it.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder")
    files = sorted(_below(folder, kind), key=lambda path: path.relative_to(folder).parts)
    if not files:
        raise DataError(f"{folder}: there is no {kind.name} below this folder ({kind.such_as})")
    return files


def _below(folder: Path, kind: Kind) -> Iterator[Path]:
    """Walk through folders, linked ones too, each once; say which files are passed over."""
    passed_over: Counter[str] = Counter()
    seen: set[str] = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:  # a link back to a folder above
            folders.clear()
            continue
        seen.add(real)
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            suffix = Path(name).suffix.lower()
            if suffix in kind.suffixes and not name.startswith("."):
                yield Path(place) / name
            elif suffix not in kind.others and name not in NO_MEDIA_NAMES and not name.startswith("."):
                passed_over[suffix or "no ending"] += 1
    if passed_over:
        kinds = ", ".join(f"{suffix} ({count})" for suffix, count in passed_over.most_common(8))
        warn(f"{folder}: files with unknown endings are passed over: {kinds}")


def read_folder(folder: Path, labels: str | Sequence[str] | None, kind: Kind = SOUNDS) -> list[tuple[Path, str | None]]:
    """Pair each recording or picture with the name of the first folder below `folder` that it lies in.

    Parameters
    ----------
    folder
        Of folders.
    labels
        ``"folders"``: every folder is a label. Some names: only these folders. None: no labels at all.
    kind
        What is looked for.

    Returns
    -------
    Path and label of each file; those right in `folder` have no label.

    Raises
    ------
    DataError
        There is none.
    LabelError
        A folder that was named does not exist.
    """
    files = media_files(folder, kind)
    if labels is None:
        return [(path, None) for path in files]
    named = [(path, parts[0] if len(parts := path.relative_to(folder).parts) > 1 else None) for path in files]
    if labels == "folders":
        return named
    wanted = {labels} if isinstance(labels, str) else set(labels)
    missing = sorted(wanted - {label for _, label in named if label is not None})
    if missing:
        raise LabelError(f"{folder}: there are no {kind.name}s in folders named {', '.join(map(repr, missing))}")
    return [(path, label) for path, label in named if label in wanted]
