"""A folder per label."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from mediaml.errors import DataError, LabelError

_SNDFILE = "wav wave flac ogg oga opus mp3 mp2 aif aiff aifc caf au snd w64 rf64 voc sd2 avr pvf mat4 mat5 sph nist"
_FFMPEG = (
    "m4a m4b mp4 m4v mov mkv mka webm wma wmv asf aac ac3 amr 3gp avi mpg mpeg mpga ts mts m2ts spx ape wv gsm dts"
)
_VIDEO = "mxf flv vob ogv"
_TEXT = "txt csv tsv json jsonl xml yaml yml md rst pdf html parquet xlsx py ipynb rttm textgrid ini log cfg"
_OTHER = "png jpg jpeg gif svg zip gz tar db params npy npz"


def _endings(*names: str) -> frozenset[str]:
    return frozenset(f".{ending}" for line in names for ending in line.split())


AUDIO_SUFFIXES = _endings(_SNDFILE, _FFMPEG, _VIDEO)
NO_SOUND = _endings(_TEXT, _OTHER)
NO_SOUND_NAMES = frozenset(("README", "LICENSE", "COPYING", "Makefile"))


def audio_files(folder: Path) -> list[Path]:
    """Find the recordings below a folder by their endings, sorted; hidden files and folders are passed over.

    Raises
    ------
    DataError
        The folder does not exist, or there is no recording in it.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder")
    files = sorted(_below(folder), key=lambda path: path.relative_to(folder).parts)
    if not files:
        raise DataError(f"{folder}: there is no recording below this folder (.wav, .flac, .mp3 ...)")
    return files


def _below(folder: Path) -> Iterator[Path]:
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
            if suffix in AUDIO_SUFFIXES and not name.startswith("."):
                yield Path(place) / name
            elif suffix not in NO_SOUND and name not in NO_SOUND_NAMES and not name.startswith("."):
                passed_over[suffix or "no ending"] += 1
    if passed_over:
        kinds = ", ".join(f"{suffix} ({count})" for suffix, count in passed_over.most_common(8))
        warnings.warn(f"{folder}: files with unknown endings are passed over: {kinds}", stacklevel=6)


def read_folder(folder: Path, labels: str | Sequence[str] | None) -> list[tuple[Path, str | None]]:
    """Pair each recording with the name of the first folder below `folder` that it lies in.

    Parameters
    ----------
    folder
        Of folders.
    labels
        ``"folders"``: every folder is a label. Some names: only these folders. None: no labels at all.

    Returns
    -------
    Path and label of each recording; recordings right in `folder` have no label.

    Raises
    ------
    DataError
        There is no recording.
    LabelError
        A folder that was named does not exist.
    """
    files = audio_files(folder)
    if labels is None:
        return [(path, None) for path in files]
    named = [(path, parts[0] if len(parts := path.relative_to(folder).parts) > 1 else None) for path in files]
    if labels == "folders":
        return named
    wanted = {labels} if isinstance(labels, str) else set(labels)
    missing = sorted(wanted - {label for _, label in named if label is not None})
    if missing:
        raise LabelError(f"{folder}: there are no recordings in folders named {', '.join(map(repr, missing))}")
    return [(path, label) for path, label in named if label in wanted]
