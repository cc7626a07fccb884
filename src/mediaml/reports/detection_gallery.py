"""The pictures that show best what a detector does, with the boxes drawn in."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from mediaml.data.files import printable
from mediaml.data.pictures import decode
from mediaml.errors import ImageError
from mediaml.reports.boxes import drawn
from mediaml.runtime.cores import available_cores
from mediaml.values.detection_report import DetectionOutcome, confidence_of
from mediaml.values.geometry import Box
from mediaml.values.prediction import percentage

if TYPE_CHECKING:
    from PIL.Image import Image

QUALITY = 80


class Shown(NamedTuple):
    """A picture in the gallery.

    Parameters
    ----------
    file, path
        Where it is.
    found
        How many of the true boxes were found.
    missed, false
        What was missed, and what was found in vain, in words; empty for nothing.
    picture
        A data URI; empty where `problem` says why there is none.
    problem
        Why it cannot be shown.
    """

    file: str
    path: str
    found: str
    missed: str
    false: str
    picture: str
    problem: str

    @property
    def described(self) -> str:
        """The same for those who do not see the picture."""
        said = [self.found, self.missed and f"missed: {self.missed}", self.false and f"false: {self.false}"]
        return f"{self.file}: {'; '.join(one for one in said if one)}"


def show(outcomes: Sequence[DetectionOutcome]) -> list[Shown]:
    """Draw pictures; their files are read again, and where one is gone the entry says so."""
    with ThreadPoolExecutor(available_cores(), "mediaml-gallery") as pool:
        return list(pool.map(_show, outcomes))


def _show(outcome: DetectionOutcome) -> Shown:
    try:
        image = _opened(outcome.picture.path)
    except ImageError as error:
        return _shown(outcome, "", str(error))
    data = io.BytesIO()
    drawn(image, outcome.hits, outcome.missed, outcome.false).save(data, "JPEG", quality=QUALITY, optimize=True)
    return _shown(outcome, "data:image/jpeg;base64," + base64.b64encode(data.getvalue()).decode("ascii"), "")


def _opened(path: str) -> Image:
    """Open a picture upright, as its EXIF says."""
    from PIL import Image

    return Image.fromarray(decode.read(path))


def _shown(outcome: DetectionOutcome, picture: str, problem: str) -> Shown:
    true = len(outcome.truths)
    return Shown(
        printable(PurePath(outcome.picture.path).name),
        printable(outcome.picture.path),
        f"{len(outcome.hits)} of {true} found" if true else "nothing is in it",
        _counted(outcome.missed),
        _in_words(outcome.false),
        picture,
        printable(problem),
    )


def _counted(boxes: Sequence[Box]) -> str:
    """Count true boxes by label: ``2 cat, 1 dog``; a confidence that one has is of who drew it, not of the model."""
    counts = Counter(box.label for box in boxes)
    return ", ".join(f"{count} {printable(label)}" for label, count in counts.most_common())


def _in_words(boxes: Sequence[Box]) -> str:
    """Count found boxes by label: ``2 cat, 1 dog (71 %)``, with the confidence of the surest."""
    surest: dict[str, float] = {}
    for box in boxes:
        surest[box.label] = max(surest.get(box.label, 0.0), confidence_of(box))
    counts = Counter(box.label for box in boxes)
    return ", ".join(
        f"{count} {printable(label)}" + _up_to(count, surest[label]) for label, count in counts.most_common()
    )


def _up_to(count: int, confidence: float) -> str:
    return f" ({'up to ' * (count > 1)}{percentage(confidence)})" if confidence else ""
