"""The best finds of many files, one after another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from mediaml import _forward
from mediaml.values.media import Media
from mediaml.values.timeline import Event


class Find(BaseModel):
    """An event with the file that it is in.

    Parameters
    ----------
    source
        The file's path or address.
    event
        What is heard or seen there.
    media
        The file's streams; None: nobody looked.
    value
        What it is worth, 0 to 1, where that was asked for.
    parts
        What the value is made of, by name.
    """

    model_config = ConfigDict(frozen=True)

    source: str
    event: Event
    media: Media | None = None
    value: float | None = Field(default=None, ge=0, le=1)
    parts: Mapping[str, float] = Field(default_factory=dict, repr=False)

    def __str__(self) -> str:
        return f"{self.source} {self.event}"

    def _repr_html_(self) -> str:
        html: str = _forward.call("mediaml.reports.views.examples", "find_html", self)
        return html


class Reel(BaseModel):
    """Finds in the order in which an editor sees them; ``reel.save("best.edl")`` cuts them together.

    Parameters
    ----------
    name
        What the sequence is called.
    finds
        One after another.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    finds: tuple[Find, ...]

    def save(self, path: str | Path) -> Path:
        """Write a sequence of all finds, and give the file's path; its ending chooses the kind.

        Parameters
        ----------
        path
            ``.otio``, ``.edl``, ``.fcpxml`` or ``.xml`` (Final Cut Pro 7, which Premiere and Resolve read).

        Raises
        ------
        ValueError
            The path ends otherwise, or there are no finds.
        ExportError
            What was found cannot be written in this format.
        """
        written: Path = _forward.call("mediaml.export.save", "save_reel", self, path)
        return written

    def __len__(self) -> int:
        return len(self.finds)

    def __iter__(self) -> Iterator[Find]:  # type: ignore[override]
        return iter(self.finds)

    def _repr_html_(self) -> str:
        html: str = _forward.call("mediaml.reports.views.finds", "reel_html", self)
        return html
