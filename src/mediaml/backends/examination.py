"""Whether data suits a model, and what the data sounds like."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from mediaml._warnings import warn
from mediaml.data.audio import AudioDataset
from mediaml.data.base import Dataset
from mediaml.data.checks.one_folder import in_one_folder
from mediaml.data.grouping import content_hash
from mediaml.data.image import ImageDataset
from mediaml.data.labels import labels_of
from mediaml.errors import DataError, LabelError
from mediaml.features.examples import Heard, load_examples
from mediaml.runtime.spec import Spec
from mediaml.values.wording import SOUNDS, Wording

DataT = TypeVar("DataT", bound=Dataset)
FEWEST_LABELS = 2


def sounds(dataset: object, what: str) -> AudioDataset:
    """Refuse what is no dataset of sounds."""
    if not isinstance(dataset, AudioDataset):
        raise TypeError(f"{what} is an AudioDataset (from_folder, from_table ...), not {type(dataset).__name__}")
    return dataset


def labelled(dataset: DataT, what: str, multi_label: bool) -> DataT:
    """Leave out what has no label, saying so, and refuse several labels where the model gives one."""
    rows, words = dataset.labelled, dataset.wording
    rows = rows._with(rows._frame[rows._frame["label"].notna()])  # of pictures without a box in them nothing is said
    if len(rows) < len(dataset):
        hint = "; background=dataset.unlabelled makes negatives of them" if what == "train" else ""
        missing = len(dataset) - len(rows)
        warn(f"{missing} of {len(dataset)} {words.example}s of {what} have no label{hint}")
    if not multi_label:
        _refuse_several(rows, words)
    if len(rows) == 0:
        one_folder = in_one_folder(map(str, dataset._frame["path"]))
        raise LabelError(f"{what} has no labelled {words.example}s" + (f": {one_folder}" if one_folder else ""))
    return rows


def boxed(dataset: ImageDataset, what: str) -> ImageDataset:
    """Leave out the pictures that nobody drew boxes in, saying so.

    Raises
    ------
    LabelError
        There are no others.
    """
    frame = dataset.frame
    rows = dataset._with(frame[frame["boxes"].notna()])
    if len(rows) == 0:
        raise LabelError(
            f"{what} has no boxes: this model finds boxes, and learns from pictures in which somebody drew them"
        )
    if len(rows) < len(dataset):
        missing = len(dataset) - len(rows)
        warn(f"{missing} of {len(dataset)} pictures of {what} have no boxes")
    return rows


def _refuse_several(dataset: Dataset, words: Wording) -> None:
    """Refuse rows with several labels."""
    for path, label in dataset.frame[["path", "label"]].itertuples(index=False):
        if len(found := labels_of(label)) > 1:
            way_out = "; segments(..., several='drop') leaves such clips out" if words is SOUNDS else ""
            raise LabelError(
                f"{path} has {len(found)} labels ({', '.join(found)}); this model gives one "
                f"label a {words.example}. multi_label=True gives several{way_out}"
            )


def check_labels(labels: Sequence[str], validation: Dataset | None, multi_label: bool) -> None:
    """Refuse labels that nothing can be learned from.

    Raises
    ------
    LabelError
        There are fewer than two labels in a model with one label a clip, or `validation` has labels that the training
        data lacks.
    """
    if len(labels) < FEWEST_LABELS and not multi_label:
        raise LabelError(
            f"at least two labels are needed to tell something apart; there is only {labels[0]!r}. multi_label=True "
            f"tells one label from background="
        )
    unknown = sorted(set(validation.labels) - set(labels)) if validation is not None else []
    if unknown:
        raise LabelError(f"validation has labels that the training data lacks: {', '.join(unknown)}")


def check_apart(train: Dataset, validation: Dataset | None) -> None:
    """Warn of recordings that are in both: what is chosen on them is chosen on what was learned."""
    if validation is None:
        return
    learned = {content_hash(path) for path in set(train.frame["path"])}
    shared = [path for path in dict.fromkeys(validation.frame["path"]) if content_hash(path) in learned]
    if shared:
        what = "recordings" if validation.wording is SOUNDS else "pictures"
        warn(
            f"{len(shared)} of {validation.frame['path'].nunique()} {what} of validation are in train, too, the first: "
            f" {shared[0]}. Calibration and thresholds that are chosen on them are worth nothing: divide the "
            f"data with split(...)"
        )


def in_order(dataset: AudioDataset) -> AudioDataset:
    """Sort the rows, so that the same clips in another order give the same model."""
    return dataset.sorted_by("group", "path", "start", "end")


def known_labels(dataset: Dataset, labels: Sequence[str]) -> None:
    """Refuse labels that the model does not know.

    Raises
    ------
    LabelError
        There are some.
    """
    unknown = sorted(set(dataset.labels) - set(labels))
    if unknown:
        raise LabelError(
            f"the model does not know {', '.join(unknown)}; it knows {', '.join(labels)}. Leave the other rows "
            f"out; in Python: dataset.only(model.labels)"
        )


def all_heard(labels: Sequence[str], truth: npt.NDArray[np.float32], words: Wording = SOUNDS) -> None:
    """Refuse labels of which nothing could be heard or seen.

    Raises
    ------
    LabelError
        There are some.
    """
    lost = [label for label, clips in zip(labels, truth.sum(axis=0), strict=True) if clips == 0]
    if lost:
        heard = "heard" if words is SOUNDS else "used"
        raise LabelError(f"no {words.example} of {', '.join(lost)} can be {heard}: there is nothing to learn from")


def listen_to(part: AudioDataset, labels: Sequence[str], spec: Spec, listened: Callable[[], None]) -> Heard:
    """Decode a part to examples; what cannot be read, and what is silent, is left out, saying so.

    Raises
    ------
    DataError
        Nothing could be used.
    """
    heard = load_examples(list(part), labels, spec, listened)
    report_left_out(len(part), len(heard.examples.inputs) > 0, heard.left_out)
    return heard


def report_left_out(count: int, some_used: bool, left_out: Sequence[str], what: str = "clip") -> None:
    """Warn of clips or pictures that cannot be used: they cannot be read, or are silent throughout.

    Raises
    ------
    DataError
        None of them can.
    """
    if not some_used:
        first = f"; the first: {left_out[0]}" if left_out else ""
        raise DataError(f"none of the {count} {what}s can be used{first}")
    if left_out:
        more = f" and {len(left_out) - 3} more" if len(left_out) > 3 else ""
        number = f"1 {what} is" if len(left_out) == 1 else f"{len(left_out)} {what}s are"
        warn(f"{number} left out: {'; '.join(left_out[:3])}{more}")
