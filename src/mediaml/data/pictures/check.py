"""What would spoil a training on a dataset of pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

from mediaml.aws.s3 import is_uri
from mediaml.data.checks.check import Check, common_folder
from mediaml.data.checks.finding import counted, in_order
from mediaml.data.checks.parts import Parts
from mediaml.data.pictures import looks, twins
from mediaml.data.pictures.box_rules import check_boxes
from mediaml.data.pictures.problems import PictureFinding
from mediaml.data.pictures.seen import Seen, look_all, rows_of
from mediaml.data.pictures.service import check_service

if TYPE_CHECKING:
    import pandas as pd

SAID_BY_SERVICE = ("boxes_outside", "boxes_over_edge", "boxes_without_area")


@dataclass(frozen=True, slots=True, repr=False)
class ImageCheck(Check):
    """What was found in a dataset. It prints itself, shows itself in a notebook, and ``save("check.html")`` writes it.

    Parameters
    ----------
    found
        Everything that was found, the worst first.
    summary
        Figures: ``pictures`` (rows), ``files``, ``boxes``, ``labels``, ``unlabelled`` (rows), and ``sizes`` (text) and
        ``formats`` with the number of files of each.
    per_label
        Label, pictures and boxes of each label.
    folder
        The folder that all files lie in.
    """

    found: tuple[PictureFinding, ...]
    per_label: tuple[tuple[str, int, int], ...]

    @property
    def counts(self) -> pd.DataFrame:
        """Pictures and boxes by label."""
        import pandas as pd

        table = pd.DataFrame(list(self.per_label), columns=["label", "pictures", "boxes"])
        return table.set_index("label")

    def __repr__(self) -> str:
        return f"<ImageCheck of {counted(self.summary['pictures'], 'picture')}: {self.verdict}>"

    def figures(self) -> str:
        """Give the figures as a line."""
        figures = self.summary
        boxes, formats = figures["boxes"], ", ".join(figures["formats"])
        return (
            f"{counted(figures['pictures'], 'picture')}, {counted(figures['labels'], 'label')}"
            + (f", {boxes:,} box{'' if boxes == 1 else 'es'}" if boxes else "")
            + (f", {figures['unlabelled']:,} unlabelled" if figures["unlabelled"] else "")
            + (f"; {formats}" if formats else "")
        )


def check_pictures(frame: pd.DataFrame, against: Sequence[pd.DataFrame] = (), service: bool = True) -> ImageCheck:
    """Look at every picture of a dataset once, and tell what would spoil a training.

    Parameters
    ----------
    frame
        The rows of a dataset: path, label, boxes, width, height, group.
    against
        The rows of other parts of the same data.
    service
        Hold the data against the documented limits of Rekognition Custom Labels, too.

    Returns
    -------
    What was found. Nothing is raised for bad data, and nothing is changed.
    """
    pictures, *others = look_all([frame, *against])
    divided = Parts(frame)
    said = list(check_service(pictures)) if service else []
    found = chain(
        [] if pictures else [PictureFinding("no_pictures", "0 pictures")],
        said,
        looks.damaged(pictures),
        looks.not_fetched(pictures),
        twins.repeated_rows(pictures),
        twins.same_file(pictures, divided),
        twins.same_file_elsewhere(pictures, others),
        twins.look_alike(pictures, others, divided),
        twins.cut_by_columns(pictures, divided),
        twins.shared_with(pictures, others),
        _boxes(pictures, said),
        looks.unclear(pictures, {one.path for one in said if one.path and one.problem == "service_picture"}),
        looks.mixed_sizes(pictures),
        looks.few(pictures),
        looks.unlabelled(pictures),
    )
    folder = common_folder([picture.path for picture in pictures if not is_uri(picture.path)])
    return ImageCheck(in_order(list(found)), _summary(pictures), _per_label(pictures), folder)


def _boxes(pictures: Sequence[Seen], said: Sequence[PictureFinding]) -> Iterator[PictureFinding]:
    """Find what is wrong with boxes, but for what the service's rules said of them."""
    told = {one.path for one in said if one.problem == "service_boxes" and "TOO_MANY" not in one.detail}
    return (one for one in check_boxes(pictures) if one.problem not in SAID_BY_SERVICE or one.path not in told)


def _summary(pictures: Sequence[Seen]) -> dict[str, Any]:
    rows = rows_of(pictures)
    headers = [picture.measured.header for picture in pictures if picture.measured and picture.measured.header]
    return {
        "pictures": len(rows),
        "files": len(pictures),
        "boxes": sum(len(row.boxes or ()) for row in rows),
        "labels": len({label for row in rows for label in row.labels}),
        "unlabelled": sum(not row.labels and row.boxes is None for row in rows),
        "sizes": dict(Counter(f"{one.width:,} x {one.height:,}" for one in headers).most_common()),
        "formats": dict(Counter(one.format for one in headers).most_common()),
    }


def _per_label(pictures: Sequence[Seen]) -> tuple[tuple[str, int, int], ...]:
    rows = rows_of(pictures)
    seen = Counter(label for row in rows for label in row.labels)
    boxes = Counter(box.label for row in rows for box in row.boxes or ())
    return tuple((label, seen[label], boxes[label]) for label in sorted(seen | boxes))
