"""More pictures for a project: which of its datasets they go to, and what came of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mediaml._warnings import warn
from mediaml.backends.rekognition.answers import Kind
from mediaml.backends.rekognition.datasets import Datasets
from mediaml.backends.rekognition.entries import (
    Addresses,
    Entry,
    address_of,
    check_entries,
    entries_by_path,
    entries_of,
)
from mediaml.backends.rekognition.evaluation import Seen
from mediaml.backends.rekognition.material import TEST_SHARE, kind_of, usable
from mediaml.backends.rekognition.reports import own_report
from mediaml.backends.rekognition.service import TEST, TRAIN
from mediaml.backends.rekognition.trained import Trained
from mediaml.data.base import Dataset
from mediaml.data.formats.manifest import GROUP
from mediaml.data.image import ImageDataset
from mediaml.errors import DataError, LabelError
from mediaml.metrics.comparison import compare
from mediaml.values.comparison import Comparison
from mediaml.values.report import Report


class Held(NamedTuple):
    """What the datasets of a project hold: entries by the picture's address."""

    train: Mapping[str, Entry]
    test: Mapping[str, Entry]

    @property
    def parts(self) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
        """What is learned from, and what is tested on."""
        return tuple(self.train.values()), tuple(self.test.values())

    def with_more(self, more: More) -> Held:
        """Add entries, or replace those of the same pictures."""
        return Held({**self.train, **_by_address(more.train)}, {**self.test, **_by_address(more.test)})


class More(NamedTuple):
    """Entries for each of the two datasets."""

    train: Sequence[Entry]
    test: Sequence[Entry]


def _by_address(entries: Sequence[Entry]) -> dict[str, Entry]:
    return {one.address: one for one in entries}


def held(datasets: Datasets) -> Held:
    """Read what the datasets of a project hold.

    Raises
    ------
    DataError
        It has none.
    """
    lines = {kind: datasets.lines(kind) for kind in (TRAIN, TEST)}
    empty = [kind for kind in lines if not lines[kind]]
    if empty:
        raise DataError(
            f"the project {datasets.project} has no {' and no '.join(empty)} dataset that pictures could be added to: "
            f"fit(train, validation) makes them"
        )
    entries = {kind: [Entry(address_of(line), line, address_of(line)) for line in lines[kind]] for kind in lines}
    return Held(_by_address(entries[TRAIN]), _by_address(entries[TEST]))


class Known(NamedTuple):
    """Which pictures there were before.

    Parameters
    ----------
    before
        Addresses of those that the version that is improved was trained and tested on: an attempt that was interrupted
        does not change them.
    now
        What the datasets hold.
    """

    before: frozenset[str]
    now: Held


def divided(
    more: ImageDataset, entries: Mapping[str, Entry], known: Known, kept_for_test: Sequence[Entry] | None, seed: int
) -> More:
    """Tell which dataset each picture goes to.

    A picture that one of them has stays in it, with its new labels: none may be in both. Of new ones a fifth, by
    groups, goes to the test dataset, unless pictures for it are given. What an attempt that was interrupted has added
    already counts as new here: so each of the others goes where it would have gone.

    Parameters
    ----------
    more
        New pictures, and known ones with other labels.
    entries
        Theirs, by path.
    known
        What there was before.
    kept_for_test
        Entries that are to go to the test dataset; None: a fifth of the new ones.
    seed
        Of the division.

    Raises
    ------
    DataError
        A picture that is to go to the test dataset is in the training dataset.
    """
    now = known.now
    train = [one for one in entries.values() if one.address in now.train]
    test = [one for one in entries.values() if one.address in now.test]
    placed = {one.address for one in (*train, *test)}
    if kept_for_test is not None:
        _check_apart(kept_for_test, now)
        placed |= {one.address for one in kept_for_test}
        others = [one for one in entries.values() if one.address not in placed]
        return More(_once([*train, *others]), _once([*test, *kept_for_test]))
    new = more._with(more._frame[[entries[path].address not in known.before for path in more._frame["path"]]])
    if len(new):
        parts = Dataset.split(new, 1 - TEST_SHARE, TEST_SHARE, seed=seed, allow_missing=True)
        for part, chosen in zip((train, test), parts, strict=True):
            part += [entries[path] for path in chosen._frame["path"] if entries[path].address not in placed]
    return More(_once(train), _once(test))


class Addition(NamedTuple):
    """What is to be added to the datasets, and what they hold then."""

    parts: More
    after: Held


def addition(
    more: ImageDataset, validation: ImageDataset | None, made: Trained, datasets: Datasets, seed: int
) -> Addition:
    """Examine more pictures for the model that is improved, and tell where they go.

    Parameters
    ----------
    more
        New pictures, and known ones with other labels.
    validation
        For the test dataset; None: a fifth of the new ones.
    made
        The model.
    datasets
        Of its project.
    seed
        Of the division.

    Raises
    ------
    DataError
        The project has no datasets, or the pictures cannot be used.
    LabelError
        They are of another kind than the model.
    """
    more = suiting(more, "more", made.kind)
    kept = None if validation is None else suiting(validation, "validation", made.kind)
    now, addresses = held(datasets), Addresses(datasets.storage, datasets.under)
    kept_for_test = None if kept is None else entries_of(kept, addresses)
    known = Known(made.pictures(), now)
    parts = divided(more, entries_by_path(more, addresses), known, kept_for_test, seed)
    after = now.with_more(parts)
    check_entries(*after.parts, datasets.service.aws.region)
    return Addition(parts, after)


def suiting(dataset: ImageDataset, what: str, kind: Kind) -> ImageDataset:
    """Refuse pictures of another kind than a model gives; those of which nothing is said are left out.

    Raises
    ------
    LabelError
        They are of another kind.
    """
    found = kind_of(dataset)
    if found != kind and not (found == "single_label" and kind == "multi_label"):
        raise LabelError(f"{what} is for a model that gives {found}; this one gives {kind}")
    return usable(dataset, what, kind)


def _check_apart(kept_for_test: Sequence[Entry], now: Held) -> None:
    shared = [one.path for one in kept_for_test if one.address in now.train]
    if shared:
        raise DataError(
            f"{len(shared)} pictures of validation are in the training dataset of the project already, the first: "
            f"{shared[0]}: what was learned from cannot be tested on"
        )


def _once(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    return tuple(_by_address(entries).values())


class Compared(NamedTuple):
    """Two versions on the pictures that both were tested on."""

    old: Report
    new: Report
    comparison: Comparison


def compared(old: Trained, new: Trained, now: Held) -> Compared:
    """Compare two versions by what the service said of the same pictures.

    Raises
    ------
    DataError
        There are none that both were tested on.
    """
    before = {one.picture.path: one for one in old.seen()}
    pairs: list[tuple[Seen, Seen]] = []
    unknown = 0
    for one in new.seen():
        earlier = before.get(one.picture.path)
        if earlier is None or one.picture.path not in now.test:
            continue
        if set(one.picture.labels) <= set(old.labels):
            # the truth as it is told now: mistakes may have been mended
            pairs.append((earlier._replace(picture=one.picture), one))
        else:
            unknown += 1
    if not pairs:
        raise DataError("there is no picture that both versions were tested on: they cannot be compared")
    if unknown:
        warn(
            f"{unknown} pictures of the test dataset have a label that only the new version knows: they are not "
            f"compared"
        )
    was = own_report([one for one, _ in pairs], old.evaluation, old.kind, old.about())
    is_now = own_report([one for _, one in pairs], new.evaluation, new.kind, new.about())
    groups = [_group(now.test[one.picture.path]) for _, one in pairs]
    return Compared(was, is_now, compare(was, is_now, groups))


def _group(entry: Entry) -> str:
    told: Any = json.loads(entry.line).get(GROUP)
    return entry.address if told is None else str(told)
