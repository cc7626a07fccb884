"""What is judged on a review page."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from mediaml.values.geometry import Box
from mediaml.values.judgement import FileName, Kind, Sense


class Candidate(BaseModel):
    """One thing to be judged: a stretch of a recording or a video, or a picture.

    Parameters
    ----------
    source
        The file's path or address.
    kind
        How it is shown.
    sense
        Whether it is heard in the file, or seen: a sound of a video is shown as a video, and heard.
    start, end
        Seconds from the start of the file; 0 and 0 in a still picture, and for the whole of a recording.
    label
        What it may be; None: nobody has said anything.
    confidence
        How sure the model is, 0 to 1; None where there was none.
    value
        How much it is worth to whoever looks for it; the page begins with the highest. None: nobody has said so.
    parts
        What the value is made of, by name.
    model
        What found it; empty where nothing did.
    boxes
        Pixels of the picture as a person sees it. None: none were looked for.
    time
        Of a video's picture that the boxes lie in, in seconds; None: the middle.
    group
        What must stay together in a split; None: the file.
    """

    model_config = ConfigDict(frozen=True)

    source: FileName
    kind: Kind
    sense: Sense
    start: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    end: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    label: str | None = None
    confidence: float | None = Field(default=None, ge=0, le=1)
    value: float | None = Field(default=None, allow_inf_nan=False)
    parts: Mapping[str, float] = Field(default_factory=dict)
    model: str = ""
    boxes: tuple[Box, ...] | None = None
    time: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    group: FileName | None = None

    @property
    def id(self) -> str:
        """The same whenever the page is built again: of file, time, label and model."""
        said = f"{self.source}|{self.start:.3f}|{self.end:.3f}|{self.label}|{self.model}|{self.sense}"
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def shown_at(self) -> float:
        """Seconds: the picture of a video that is looked at."""
        return (self.start + self.end) / 2 if self.time is None else self.time
