"""What a Custom Labels model is trained and tested on: its parts, and what kind of model comes of them."""

from __future__ import annotations

from typing import Literal, NamedTuple

from mediaml.backends.examination import boxed, check_apart, check_labels, labelled
from mediaml.backends.rekognition.answers import Kind
from mediaml.data.base import Dataset
from mediaml.data.image import ImageDataset
from mediaml.data.labels import labels_of
from mediaml.errors import LabelError, SplitError

TEST_SHARE = 0.2
TestBy = Literal["groups", "service"]
"""Who takes a test dataset out of the training data: we, by groups, or the service, at random."""


class Material(NamedTuple):
    """What a version is trained and tested on.

    Parameters
    ----------
    train
        For the training dataset.
    test
        For the test dataset, on which the service chooses its thresholds; None: it takes a random fifth itself.
    kind
        Of the model.
    """

    train: ImageDataset
    test: ImageDataset | None
    kind: Kind

    @property
    def test_by(self) -> str:
        """Where the test dataset comes from, as a version's name has it."""
        return "service" if self.test is None else "given"


def material(train: ImageDataset, validation: ImageDataset | None, test_by: TestBy, seed: int) -> Material:
    """Examine the data, and divide it where no test data is given.

    Raises
    ------
    LabelError
        There is nothing to tell apart, or `validation` has labels that `train` lacks.
    SplitError
        Nothing can be held back for the test dataset.
    """
    kind = kind_of(train)
    train = usable(train, "the training data", kind)
    validation = None if validation is None else usable(validation, "validation", kind)
    check_labels(train.labels, validation, kind != "single_label")
    check_apart(train, validation)
    if validation is not None or test_by == "service":
        return Material(train, validation, kind)
    # the rows alone: what looks alike is told of where the user divides the data
    kept, held_back = Dataset.split(train, 1 - TEST_SHARE, TEST_SHARE, seed=seed, allow_missing=True)
    if len(held_back) == 0:
        raise SplitError(
            "no label has two groups of pictures, so none can be held back for the test dataset: add some, or give "
            "validation="
        )
    return Material(kept, held_back, kind)


def kind_of(dataset: ImageDataset) -> Kind:
    """Tell what kind of model pictures make: one that finds boxes, where there are boxes."""
    if not isinstance(dataset, ImageDataset):
        raise TypeError(f"an ImageDataset is learned from (from_folder, from_manifest ...), not {type(dataset)}")
    if dataset.has_boxes:
        return "boxes"
    several = any(len(labels_of(label)) > 1 for label in dataset.frame["label"])
    return "multi_label" if several else "single_label"


def usable(dataset: ImageDataset, what: str, kind: Kind) -> ImageDataset:
    """Leave out pictures of which nothing is said, saying so.

    Raises
    ------
    LabelError
        There are no others, or they do not suit the model.
    """
    if not isinstance(dataset, ImageDataset):
        raise TypeError(f"{what} is an ImageDataset (from_folder, from_manifest ...), not {type(dataset).__name__}")
    if kind == "boxes":
        return boxed(dataset, what)
    if dataset.has_boxes:
        raise LabelError(
            f"{what} has boxes, and the model gives labels of whole pictures: relabel it, or train another project"
        )
    return labelled(dataset, what, kind == "multi_label")
