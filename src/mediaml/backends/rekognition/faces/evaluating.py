"""What a collection says of labelled pictures that it does not hold, summed up as for every model of pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mediaml.backends.provenance import describe, known_files, measured_by
from mediaml.data.image import ImageDataset
from mediaml.data.progress import WORTH_A_BAR, bar
from mediaml.errors import DataError, ImageError, LabelError
from mediaml.metrics.classification import label_report
from mediaml.values.face import FaceSearch
from mediaml.values.prediction import Score
from mediaml.values.report import ImageReport, PictureOutcome


def report_on(
    dataset: ImageDataset,
    verdicts: Iterable[FaceSearch | ImageError],
    people: Sequence[str],
    about: Mapping[str, Any],
    held: frozenset[str],
    progress: bool,
) -> ImageReport:
    """Sum up.

    Parameters
    ----------
    dataset
        Pictures with a person each.
    verdicts
        One a picture, in order.
    people
        Of the collection.
    about
        What the report says of it.
    held
        Short hashes of the pictures that it holds.
    progress
        Show a bar.

    Raises
    ------
    LabelError
        There is a person that the collection does not hold.
    DataError
        Nothing could be read.
    """
    unknown = sorted(set(dataset.labels) - set(people))
    if unknown:
        raise LabelError(
            f"the collection knows nobody called {', '.join(unknown)}: index them, or measure the others with "
            "dataset.where(label=list(collection.people()))"
        )
    pictures = list(dataset)
    together, _ = dataset.groups()
    outcomes: list[PictureOutcome] = []
    groups: list[int] = []
    unreadable: list[str] = []
    with bar(len(pictures), "searching", "picture", progress and len(pictures) >= WORTH_A_BAR) as searched:
        for picture, group, said in zip(pictures, together, verdicts, strict=True):
            searched()
            if isinstance(said, ImageError):
                unreadable.append(str(said))
                continue
            truth = picture.labels[0]
            outcomes.append(PictureOutcome(picture=picture, truth=truth, prediction=_completed(said, people, truth)))
            groups.append(group)
    if not outcomes:
        raise DataError(f"none of the {len(pictures)} pictures could be read; the first: {unreadable[0]}")
    made_of = {
        "model": {**about, "measured_with": measured_by("Rekognition")},
        "data": {**describe(dataset), **known_files(dataset, held)},
        "unreadable": tuple(unreadable),
    }
    return label_report(ImageReport, outcomes, people, made_of, groups_of=groups)


def _completed(said: FaceSearch, people: Sequence[str], truth: str) -> FaceSearch:
    """Name all people, those too that the service did not: the true one last, so that no name is right by its place."""
    named = {one.label for one in said.alternatives}
    rest = sorted((one for one in people if one not in named), key=lambda one: (one == truth, one))
    zeros = tuple(Score(label=one, confidence=0.0) for one in rest)
    return said.model_copy(update={"alternatives": said.alternatives + zeros})
