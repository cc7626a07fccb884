"""One row of a dataset of pictures."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from mediaml import _forward
from mediaml.values.geometry import Box


class Picture(BaseModel):
    """A picture with what is known to be in it.

    Parameters
    ----------
    path
        The file, or its address on S3 (``s3://bucket/key``).
    labels
        None, one or several. Where there are boxes, theirs, each once.
    boxes
        Where the things are. None: nobody drew boxes. Empty: somebody looked, and there is nothing.
    width, height
        Pixels, as the annotation states them; None where it does not.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    labels: tuple[str, ...] = ()
    boxes: tuple[Box, ...] | None = None
    width: int | None = None
    height: int | None = None

    def _repr_html_(self) -> str:
        html: str = _forward.call("mediaml.reports.views.examples", "picture_html", self)
        return html

    def __str__(self) -> str:
        if self.boxes is not None:
            return f"{self.path}: {len(self.boxes)} boxes"
        return f"{self.path}: {', '.join(self.labels) or 'no label'}"
