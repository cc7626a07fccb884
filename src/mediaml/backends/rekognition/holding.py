"""Items that wait to be asked about: binary files are read in turn, all else stays as it is."""

from __future__ import annotations

from typing import Any

from mediaml.data.pictures import decode
from mediaml.errors import ImageError
from mediaml.values.picture import Picture


class Named:
    """A binary file that was read."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name, self.content = name, content


def held(item: Any) -> Any:
    """Read a binary file in turn: whoever gives it away may close it right afterwards."""
    if isinstance(item, Picture) or not hasattr(item, "read") or hasattr(item, "getexif"):
        return item
    name = decode.name_of(item)
    try:
        return Named(name, item.read())
    except Exception as error:  # of a download, say
        return ImageError(name, f"{type(error).__name__}: {error}")
