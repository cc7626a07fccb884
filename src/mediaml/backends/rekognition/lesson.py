"""What a version is to learn: pictures that were examined, told as entries of datasets."""

from __future__ import annotations

from typing import NamedTuple

from mediaml.backends.rekognition.answers import Kind
from mediaml.backends.rekognition.entries import Addresses, Entry, check_entries, entries_of
from mediaml.backends.rekognition.material import TestBy, material
from mediaml.data.image import ImageDataset
from mediaml.errors import AwsValidationError


class Lesson(NamedTuple):
    """What is learned, and what is tested on.

    Parameters
    ----------
    train, test
        Entries of the two datasets; None: the service takes a random fifth itself.
    kind
        Of the model.
    test_by
        Where the test dataset comes from, as a version's name has it.
    """

    train: tuple[Entry, ...]
    test: tuple[Entry, ...] | None
    kind: Kind
    test_by: str

    @property
    def parts(self) -> tuple[tuple[Entry, ...], ...]:
        """The entries of the datasets that are given."""
        return (self.train,) if self.test is None else (self.train, self.test)


class Divided(NamedTuple):
    """How test pictures are taken out of the training data where none are given: by whom, and our own seed."""

    test_by: TestBy
    seed: int


def lesson(
    train: ImageDataset, validation: ImageDataset | None, divided: Divided, addresses: Addresses, region: str
) -> Lesson:
    """Examine the data, and give it as entries.

    Raises
    ------
    LabelError, DataError, SplitError
        It cannot be learned from, or the service would refuse it.
    """
    data = material(train, validation, divided.test_by, divided.seed)
    learned = entries_of(data.train, addresses)
    tested = None if data.test is None else entries_of(data.test, addresses)
    check_entries(learned, tested, region, None if data.test else "distribute")
    return Lesson(learned, tested, data.kind, data.test_by)


def refuse_background(background: ImageDataset | None) -> None:
    """Refuse pictures of nothing: the service has no place for them.

    Raises
    ------
    AwsValidationError
        There are some.
    """
    if background is not None:
        raise AwsValidationError(
            "background= is not taken: Custom Labels has no place for it. Boxes: pictures in which nothing is may "
            "be in train; labels: give them a label of their own"
        )
