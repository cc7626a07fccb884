"""What a person says of what was found, or of what nobody has labelled yet: the verdicts of a review page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, model_validator

from mediaml.values.geometry import Box

Kind = Literal["sound", "picture", "video"]
Sense = Literal["heard", "seen"]
Verdict = Literal["accepted", "rejected", "relabelled"]


def _named(value: Any) -> str:
    """Take a name that pydantic's own text does not: one of a file may hold bytes of another encoding."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"a name was expected, not {value!r}")
    return value


FileName = Annotated[str, PlainValidator(_named)]
"""A path or an address, as Python has it."""


class Judgement(BaseModel):
    """A verdict on one thing.

    Parameters
    ----------
    id
        Of the thing, in its page.
    source
        The file's path or address.
    sense
        Whether it is heard in the file, or seen.
    kind
        How it was shown: times of a video are those of its pictures, others those of the sound. None: the page was
        made by an older mediaml.
    start, end
        Seconds from the start of the file; 0 and 0 in a still picture.
    time
        Of the picture of a video that was looked at, in seconds from the first one; None: it is no video, or
        the page had no picture of it.
    label
        What was proposed; None: nothing.
    judged
        What it is; None: it is not what was proposed, or its boxes say what it is.
    verdict
        ``accepted``, ``rejected`` or ``relabelled``.
    boxes
        In pixels of the picture as a person sees it. None: nobody asked for boxes. Empty: there is nothing.
    width, height
        Pixels of the picture; None where there is none.
    group
        What must stay together in a split; None: the file.
    when
        It was judged.
    """

    model_config = ConfigDict(frozen=True)

    id: str = Field(min_length=1)
    source: FileName
    sense: Sense
    kind: Kind | None = None
    start: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    end: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    time: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    label: str | None = None
    judged: str | None = Field(default=None, min_length=1)
    verdict: Verdict
    boxes: tuple[Box, ...] | None = None
    width: int | None = Field(default=None, ge=1)
    height: int | None = Field(default=None, ge=1)
    group: FileName | None = None
    when: datetime | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"it cannot end ({self.end:g} s) before it starts ({self.start:g} s)")
        if self.verdict == "rejected" and self.judged is not None:
            raise ValueError("what was rejected has no label")
        if self.verdict != "rejected" and self.judged is None and self.boxes is None:
            raise ValueError(f"what was {self.verdict} has a label, or boxes")
        return self


class Judgements(BaseModel):
    """The verdicts of a page, as it saves them.

    Parameters
    ----------
    format
        Of the file; 1.
    review
        The page's own name, which stays when it is built again.
    title
        What the page is called.
    items
        What was judged; the rest is left out.
    """

    model_config = ConfigDict(frozen=True)

    format: Literal[1]
    review: str
    title: str = ""
    items: tuple[Judgement, ...]
