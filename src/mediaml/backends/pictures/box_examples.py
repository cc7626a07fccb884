"""Pictures with boxes as a detector learns from them: decoded, the boxes in shares, and kept while memory allows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from mediaml._warnings import warn
from mediaml.backends.examination import report_left_out
from mediaml.data.image import ImageDataset
from mediaml.data.pictures import decode
from mediaml.data.pictures.placing import shares_of
from mediaml.data.progress import bar
from mediaml.errors import ImageError, LabelError
from mediaml.runtime.cores import available_cores
from mediaml.values.detection_report import is_crowd
from mediaml.values.picture import Picture
from mediaml.vision.box_augment import Example

MOST_BYTES = 1 << 30  # of decoded pictures that are kept
NO_PIXELS = np.zeros((0, 0, 3), np.uint8)
LEAST_SHARE = 1e-3  # of the picture's side: boxes that are narrower show nothing


class BoxExamples:
    """Examples by number; the first ones are kept in memory, the rest is decoded each time it is asked for.

    Parameters
    ----------
    dataset
        Pictures with boxes; those that cannot be read are left out, saying so.
    labels
        In the order of the network's outputs.
    side
        Pixels that the shorter side of a large JPEG must keep.
    progress
        Show a bar.
    """

    def __init__(self, dataset: ImageDataset, labels: Sequence[str], side: int, progress: bool) -> None:
        self._side = side
        self._numbers = {label: number for number, label in enumerate(labels)}
        self._kept: dict[int, Example] = {}
        self._boxes: list[Example] = []
        self.pictures: list[Picture] = []
        failed = self._take(list(dataset), progress)
        report_left_out(len(dataset), bool(self.pictures), failed, "picture")

    def _take(self, pictures: Sequence[Picture], progress: bool) -> list[str]:
        """Read all pictures once, and give why some cannot be read."""
        failed: list[str] = []
        size = 0
        with (
            bar(len(pictures), "reading", "picture", progress) as read,
            ThreadPoolExecutor(available_cores(), "mediaml-boxes") as pool,
        ):
            for picture, example in zip(pictures, pool.map(self._read, pictures), strict=True):
                read()
                if isinstance(example, ImageError):
                    failed.append(str(example))
                    continue
                size += example.pixels.nbytes
                if size <= MOST_BYTES:
                    self._kept[len(self.pictures)] = example
                self.pictures.append(picture)
                self._boxes.append(example._replace(pixels=NO_PIXELS))
        return failed

    def check(self) -> None:
        """Warn of boxes that nothing can be learned from.

        Raises
        ------
        LabelError
            None is left of a label.
        """
        drawn = Counter(box.label for picture in self.pictures for box in picture.boxes or ())
        usable = Counter(int(number) for one in self._boxes for number in one.labels)
        why = "they stand for crowds, lie outside of their pictures, or are narrower than a thousandth of them"
        if none := [label for label in drawn if not usable[self._numbers[label]]]:
            raise LabelError(
                f"no box of {', '.join(sorted(none))} can be learned from: {why}. Boxes are in pixels, not in shares "
                f"of the picture"
            )
        if lost := drawn.total() - usable.total():
            warn(f"{lost} of {drawn.total()} boxes are left out: {why}")

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, number: int) -> Example:
        """Give an example.

        Raises
        ------
        ImageError
            It could be read a while ago, and cannot any more.
        """
        if number in self._kept:
            return self._kept[number]
        found = self._read(self.pictures[number])
        if isinstance(found, ImageError):
            raise found
        return found

    @property
    def sizes(self) -> npt.NDArray[np.float32]:
        """Widths and heights of all boxes as shares of their pictures, float32 [boxes, 2]."""
        return np.concatenate([one.corners[:, 2:] - one.corners[:, :2] for one in self._boxes])

    def _read(self, picture: Picture) -> Example | ImageError:
        try:
            turn = decode.header(picture.path).orientation
            found = decode.read_sized(picture.path, self._side)
        except ImageError as error:
            return error
        corners = np.clip(shares_of(picture, found.width, found.height, turn), 0, 1)
        single = [not is_crowd(box) for box in picture.boxes or ()]
        good = np.array(single, bool) & ((corners[:, 2:] - corners[:, :2]) > LEAST_SHARE).all(axis=1)
        labels = np.array([self._numbers[box.label] for box in picture.boxes or ()], np.int64)
        return Example(found.pixels, corners[good], labels[good])
