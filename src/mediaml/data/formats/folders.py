"""A folder per label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from mediaml.errors import DataError, LabelError

AUDIO_SUFFIXES = frozenset(
    [
        ".wav",
        ".wave",
        ".flac",
        ".ogg",
        ".oga",
        ".opus",
        ".mp3",
        ".mp2",
        ".aif",
        ".aiff",
        ".aifc",
        ".caf",
        ".au",
        ".snd",
        ".w64",
        ".rf64",
        ".voc",
        ".sd2",
        ".avr",
        ".pvf",
        ".mat4",
        ".mat5",
        ".m4a",
        ".m4b",
        ".mp4",
        ".m4v",
        ".mov",
        ".mkv",
        ".mka",
        ".webm",
        ".wma",
        ".wmv",
        ".asf",
        ".aac",
        ".ac3",
        ".amr",
        ".3gp",
        ".avi",
        ".mpg",
        ".mpeg",
        ".ts",
        ".mts",
        ".spx",
        ".ape",
        ".wv",
        ".gsm",
        ".dts",
        ".mxf",
    ]
)


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
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.suffix.lower() in AUDIO_SUFFIXES and path.is_file():
            yield path


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
