"""The lines of a manifest, one by one: however long a line is, little of it is held."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from mediaml.data.preflight.fault import Said
from mediaml.data.preflight.quotas import LINE_CHARACTERS
from mediaml.errors import AnnotationError

MOST_BYTES = 4 * LINE_CHARACTERS + 2  # a character of UTF-8 has four at most, the end of a line two
MARK = b"\xef\xbb\xbf"
NO_TEXT = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\x1f\x8b": "gzip", b"PK": "ZIP", b"PAR1": "Parquet"}


class RawLine(NamedTuple):
    """A line as it stands in the file.

    Parameters
    ----------
    number
        Counted from 1.
    text
        Without its end; or why it cannot be read.
    bytes
        With its end.
    windows
        Whether it ends as Windows writes it.
    """

    number: int
    text: str | Said
    bytes: int
    windows: bool


def start_of(path: Path) -> bytes:
    """Give the first bytes of a file.

    Raises
    ------
    AnnotationError
        There is no such file, or it may not be read.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(4)
    except OSError as error:
        raise AnnotationError(path, None, f"cannot be read: {error.strerror or error}") from error


def no_text(start: bytes) -> str | None:
    """Name the format of a file that is no text in UTF-8, from its first bytes."""
    return next((name for magic, name in NO_TEXT.items() if start.startswith(magic)), None)


def lines(path: Path) -> Iterator[RawLine]:
    """Read a manifest line by line; a byte order mark is left out."""
    with path.open("rb") as stream:
        stream.seek(len(MARK) if stream.read(len(MARK)) == MARK else 0)
        number = 0
        while raw := stream.readline(MOST_BYTES):
            number += 1
            yield _line(stream, number, raw)


def _line(stream: BinaryIO, number: int, raw: bytes) -> RawLine:
    if len(raw) == MOST_BYTES and not raw.endswith(b"\n"):
        length = len(raw) + _skip(stream)
        return RawLine(number, ("dropped_line_too_long", f"{length:,} bytes"), length, False)
    windows = raw.endswith(b"\r\n")
    try:
        text = raw.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        said = ("ERROR_INVALID_JSON_LINE", f"byte {error.start + 1:,} of the line is not UTF-8")
        return RawLine(number, said, len(raw), windows)
    return RawLine(number, text, len(raw), windows)


def _skip(stream: BinaryIO) -> int:
    """Go to the end of a line, and count the bytes on the way."""
    skipped = 0
    while rest := stream.readline(MOST_BYTES):
        skipped += len(rest)
        if rest.endswith(b"\n"):
            break
    return skipped
