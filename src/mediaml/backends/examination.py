"""Whether data suits a model with one label a clip, and what the data sounds like."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence

from mediaml.data.audio import AudioDataset
from mediaml.data.hold_back import hold_back
from mediaml.errors import DataError, LabelError
from mediaml.features.examples import Heard, load_examples
from mediaml.runtime.spec import Spec

FEWEST_LABELS = 2


def single_label(dataset: AudioDataset, what: str) -> AudioDataset:
    """Leave out what has no label, saying so, and refuse what has several."""
    if not isinstance(dataset, AudioDataset):
        raise TypeError(f"{what} is an AudioDataset (from_folder, from_table ...), not {type(dataset).__name__}")
    labelled = dataset.labelled
    if len(labelled) < len(dataset):
        warnings.warn(f"{len(dataset) - len(labelled)} of {len(dataset)} clips of {what} have no label", stacklevel=2)
    several = next((clip for clip in labelled if len(clip.labels) > 1), None)
    if several is not None:
        raise LabelError(
            f"{several.path} at {several.segment} has {len(several.labels)} labels ({', '.join(several.labels)}); this "
            f"model gives one label a clip. segments(..., several='drop') leaves such clips out"
        )
    if len(labelled) == 0:
        raise LabelError(f"{what} has no labelled clips")
    return labelled


def parts(train: AudioDataset, validation: AudioDataset | None, seed: int) -> tuple[AudioDataset, AudioDataset]:
    """Give what to learn from and what to choose on, held back from the former where it is not given.

    Raises
    ------
    LabelError
        Rows have several labels, there are fewer than two labels, or `validation` has labels that `train` lacks.
    SplitError
        Nothing can be held back.
    """
    train = single_label(train, "train")
    if validation is None:
        train, validation = hold_back(train, seed)
    validation = single_label(validation, "validation")
    _check_labels(train.labels, validation.labels)
    return _in_order(train), _in_order(validation)


def _in_order(dataset: AudioDataset) -> AudioDataset:
    """Sort the rows, so that the same clips in another order give the same model."""
    return dataset.sorted_by("group", "path", "start", "end")


def _check_labels(labels: Sequence[str], validation: Sequence[str]) -> None:
    if len(labels) < FEWEST_LABELS:
        raise LabelError(f"at least two labels are needed to tell something apart; there is only {labels[0]!r}")
    unknown = sorted(set(validation) - set(labels))
    if unknown:
        raise LabelError(f"validation has labels that the training data lacks: {', '.join(unknown)}")


def listen_to(part: AudioDataset, labels: Sequence[str], spec: Spec, listened: Callable[[], None]) -> Heard:
    """Decode a part to examples; what cannot be read is left out, saying so.

    Raises
    ------
    DataError
        Nothing could be read.
    """
    heard = load_examples(list(part), labels, spec, listened)
    if len(heard.examples.inputs) == 0:
        raise DataError(f"none of the {len(part)} clips could be read; the first: {heard.unreadable[0]}")
    if heard.unreadable:
        more = f" and {len(heard.unreadable) - 3} more" if len(heard.unreadable) > 3 else ""
        warnings.warn(
            f"{len(heard.unreadable)} clips cannot be read and are left out: {'; '.join(heard.unreadable[:3])}{more}",
            stacklevel=4,
        )
    return heard
