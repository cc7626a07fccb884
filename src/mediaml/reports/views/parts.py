"""What every view is made of, and the one place where it becomes HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from mediaml.reports.pages import templates


@dataclass(frozen=True, slots=True)
class Medium:
    """A sound or a picture to hear and see.

    Parameters
    ----------
    picture
        A data URI: the picture itself, or the spectrogram of the sound. Empty: there is none.
    described
        The same for those who do not see it.
    sound
        A data URI; empty: there is none.
    note
        Which part this is; or why something is missing.
    stretched
        Whether the picture may be stretched to any width, as a spectrogram may.
    """

    picture: str = ""
    described: str = ""
    sound: str = ""
    note: str = ""
    stretched: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """A row of a list with bars: of one name the share, 0 to 1, and how it is written."""

    name: str
    share: float
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """One thing with all that is worth knowing of it.

    Parameters
    ----------
    title
        What it is.
    why
        Why the title says that nothing is known; empty: it does not.
    lines
        More of it, quietly.
    medium
        To hear and see; None: it has no file.
    shares
        With bars.
    measured
        What the bars show, for those who do not see them.
    sure
        Whether the title is a label that was given, or one that is missing.
    """

    title: str
    why: str = ""
    lines: tuple[str, ...] = ()
    medium: Medium | None = None
    shares: tuple[Share, ...] = ()
    measured: str = "confidence"
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Gallery:
    """Cards beside one another; a single one is drawn large."""

    kind: ClassVar[str] = "gallery"
    cards: tuple[Card, ...]
    heading: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A difference with the interval that it lies in, drawn around zero; all are shares of what is drawn, -1 to 1."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a table; `share`, 0 to 1, is a bar before it, `span` a small drawing."""

    text: str
    share: float | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column; numbers stand to the right, and bars in a column of their own before them."""

    name: str
    number: bool = False
    bar: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; the first cell of each is its head."""

    kind: ClassVar[str] = "table"
    heading: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


Part: TypeAlias = Gallery | Table


@dataclass(frozen=True, slots=True, repr=False)
class View:
    """What a notebook shows; as text its first sentence, and a line for each card.

    Parameters
    ----------
    verdict
        What this is, in a sentence; empty: the parts say it.
    figures
        Names and values that stand out.
    parts
        Tables and galleries.
    remarks
        What should not be overlooked.
    more
        How to get at all of it: words and code by turns.
    """

    verdict: str = ""
    figures: tuple[tuple[str, str], ...] = ()
    parts: tuple[Part, ...] = ()
    remarks: tuple[str, ...] = ()
    more: tuple[tuple[str, str], ...] = ()

    def _repr_html_(self) -> str:
        return templates().get_template("view.html.j2").render(view=self)

    def __str__(self) -> str:
        titles = [card.title for part in self.parts if isinstance(part, Gallery) for card in part.cards]
        return "\n".join([self.verdict, *(f"  {title}" for title in titles)])

    def __repr__(self) -> str:
        return str(self)


def cut(rows: tuple[tuple[Cell, ...], ...], most: int, where: str) -> tuple[tuple[tuple[Cell, ...], ...], str]:
    """Give the first rows of a table, and the note that says where the others are."""
    left = len(rows) - most
    return rows[:most], f"and {left:,} more: {where}" if left > 0 else ""


def lasting(seconds: float) -> tuple[str, str]:
    """Give a length as a figure: in minutes, from two hours on in hours."""
    return ("hours", f"{seconds / 3600:,.1f}") if seconds >= 7200 else ("minutes", f"{seconds / 60:,.1f}")
