"""One row of a dataset of sounds."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from mediaml import _forward
from mediaml.values.geometry import Segment


class Clip(BaseModel):
    """A stretch of a recording with what is known to be heard in it.

    Parameters
    ----------
    path
        The recording.
    segment
        Which part of it; None: all of it.
    labels
        None or several at once.
    """

    model_config = ConfigDict(frozen=True)

    path: Path
    segment: Segment | None = None
    labels: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        html: str = _forward.call("mediaml.reports.views.examples", "clip_html", self)
        return html
