"""Parts of the training data to choose on: no recording on both sides, every label on each where it can be."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mediaml as mm
from mediaml.data.hold_back import FOLDS, folds, hold_back
from mediaml.errors import SplitError


def dataset(folder: Path, recordings: dict[str, int], rows: int = 1) -> mm.AudioDataset:
    """So many recordings of each label, each with so many rows of a second; no file needs to be heard for a split."""
    table = []
    for label, count in recordings.items():
        for number in range(count):
            path = folder / f"{label}-{number}.wav"
            path.write_bytes(f"{label} {number}".encode())
            table += [{"path": str(path), "label": label, "start": row, "end": row + 1} for row in range(rows)]
    return mm.AudioDataset.from_table(pd.DataFrame(table))


def some(found: npt.NDArray[np.int64] | None) -> npt.NDArray[np.int64]:
    assert found is not None
    return found


def assert_grouped(sounds: mm.AudioDataset, found: npt.NDArray[np.int64], column: str = "path") -> None:
    for name, rows in sounds.frame.assign(fold=found).groupby(column)["fold"]:
        assert rows.nunique() == 1, f"{name} is in several folds"


class TestFolds:
    @pytest.fixture
    def sounds(self, tmp_path: Path) -> mm.AudioDataset:
        return dataset(tmp_path, {"hiss": 10, "hum": 7, "whistle": 5}, rows=3)

    def test_a_fold_a_row(self, sounds: mm.AudioDataset) -> None:
        found = some(folds(sounds, 7))
        assert found.shape == (len(sounds),)
        assert found.dtype.name == "int64"
        assert set(found) == set(range(FOLDS))

    def test_rows_of_one_recording_are_in_one_fold(self, sounds: mm.AudioDataset) -> None:
        assert_grouped(sounds, some(folds(sounds, 7)))

    def test_rows_of_one_group_are_in_one_fold(self, sounds: mm.AudioDataset) -> None:
        frame = sounds.frame
        frame["group"] = [f"{Path(path).stem[-1]}" for path in frame["path"]]  # the same day for all three labels
        days = mm.AudioDataset(frame)
        assert_grouped(days, some(folds(days, 7)), "group")

    def test_identical_files_are_in_one_fold(self, sounds: mm.AudioDataset) -> None:
        paths = sorted(set(sounds.frame["path"]))
        twins = [Path(path) for path in paths if "hiss" in path][:6]
        for twin in twins:
            twin.write_bytes(b"the same")
        found = some(folds(sounds, 7))
        of_twins = {fold for path, fold in zip(sounds.frame["path"], found, strict=True) if Path(path) in twins}
        assert len(of_twins) == 1

    def test_every_fold_has_its_share_of_every_label(self, sounds: mm.AudioDataset) -> None:
        counts = Counter(zip(sounds.frame["label"], some(folds(sounds, 7)), strict=True))
        for label, recordings in {"hiss": 10, "hum": 7, "whistle": 5}.items():
            for fold in range(FOLDS):
                assert abs(counts[label, fold] / 3 - recordings / FOLDS) < 1, f"{label} in fold {fold}"

    @pytest.mark.parametrize(
        ("recordings", "count"),
        [
            ({"hum": 2, "whistle": 9}, 2),
            ({"hum": 3, "whistle": 9}, 3),
            ({"hum": 5, "whistle": 5}, 5),
            ({"hum": 60, "whistle": 50}, 5),
            ({"hum": 1, "whistle": 4}, 4),
        ],
    )
    def test_there_are_no_more_folds_than_recordings_of_a_label_that_has_several(
        self, tmp_path: Path, recordings: dict[str, int], count: int
    ) -> None:
        assert len(np.unique(some(folds(dataset(tmp_path, recordings), 7)))) == count

    def test_where_no_label_has_two_recordings_there_are_none(self, tmp_path: Path) -> None:
        assert folds(dataset(tmp_path, {"hiss": 1, "hum": 1, "whistle": 1}, rows=9), 7) is None

    def test_two_copies_of_a_file_are_one_recording(self, tmp_path: Path) -> None:
        sounds = dataset(tmp_path, {"hum": 2, "whistle": 1})
        for path in sounds.where(label="hum").frame["path"]:
            Path(path).write_bytes(b"the same")
        assert folds(sounds, 7) is None

    def test_the_same_seed_gives_the_same_folds_another_one_others(self, sounds: mm.AudioDataset) -> None:
        first = some(folds(sounds, 7))
        assert np.array_equal(first, some(folds(sounds, 7)))
        assert any(not np.array_equal(first, some(folds(sounds, seed))) for seed in range(3))

    def test_the_order_of_the_rows_does_not_matter(self, sounds: mm.AudioDataset) -> None:
        first = some(folds(sounds, 7))
        order = np.random.RandomState(0).permutation(len(sounds))
        assert np.array_equal(some(folds(mm.AudioDataset(sounds.frame.iloc[order]), 7)), first[order])

    def test_rows_with_several_labels(self, sounds: mm.AudioDataset) -> None:
        frame = sounds.frame
        several = ("hiss", "hum")
        frame["label"] = [several if label == "hum" else label for label in frame["label"]]
        mixed = mm.AudioDataset(frame)
        found = some(folds(mixed, 7))
        assert_grouped(mixed, found)
        assert {fold for label, fold in zip(frame["label"], found, strict=True) if label == several} == set(
            range(FOLDS)
        )

    @settings(max_examples=25, deadline=None)
    @given(
        recordings=st.lists(st.integers(1, 12), min_size=2, max_size=4), rows=st.integers(1, 3), seed=st.integers(0, 99)
    )
    def test_whatever_there_is(
        self, tmp_path_factory: pytest.TempPathFactory, recordings: list[int], rows: int, seed: int
    ) -> None:
        names = dict(zip(("a", "b", "c", "d"), recordings, strict=False))
        sounds = dataset(tmp_path_factory.mktemp("sounds"), names, rows)
        found = folds(sounds, seed)
        if max(recordings) == 1:
            assert found is None
            return
        found = some(found)
        assert_grouped(sounds, found)
        several = {label for label, count in names.items() if count > 1}
        for label in several:
            held = set(found[sounds.frame["label"] == label])
            assert len(held) >= 2, f"{label} is in one fold only: nothing could be learned of it there"


class TestHoldBack:
    def test_a_tenth_that_shares_no_recording(self, tmp_path: Path) -> None:
        sounds = dataset(tmp_path, {"hum": 20, "whistle": 20}, rows=2)
        kept, held_back = hold_back(sounds, 7)
        assert len(kept) + len(held_back) == len(sounds)
        assert len(held_back) == len(sounds) / 10
        assert not set(kept.frame["path"]) & set(held_back.frame["path"])
        assert set(held_back.labels) == {"hum", "whistle"}

    def test_the_same_seed_gives_the_same(self, tmp_path: Path) -> None:
        sounds = dataset(tmp_path, {"hum": 20, "whistle": 20})
        one, other = (hold_back(sounds, 7)[1].content_hash() for _ in range(2))
        assert one == other

    def test_where_nothing_can_be_held_back_it_is_an_error_that_tells_what_to_do(self, tmp_path: Path) -> None:
        sounds = dataset(tmp_path, {"hum": 1, "whistle": 1}, rows=5)
        with (
            pytest.warns(UserWarning, match="exists in only 1 recording"),
            pytest.raises(SplitError, match="validation="),
        ):
            hold_back(sounds, 7)
