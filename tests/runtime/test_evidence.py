"""What is held out was not learned from: neither a recording nor its neighbours in a fold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from mediaml.runtime.evidence import (
    Evidence,
    Learner,
    Material,
    Negatives,
    by_cross_validation,
    conclude,
)
from mediaml.runtime.familiarity import Familiarity
from mediaml.runtime.head import Head


class _Witness(Learner):
    """Remembers what each head learned from, and what it was asked about: embeddings are numbers of clips here."""

    learned: list[set[int]] = []  # noqa: RUF012  a named tuple has no room of its own
    asked: list[set[int]] = []  # noqa: RUF012

    def fit(self, train: Material, negatives: npt.NDArray[Any]) -> tuple[Head, Familiarity]:
        self.learned.append(set(train.embeddings[:, 0].astype(int)))
        return _Asked(self.asked, train.truth.shape[1]), _Asked(self.asked, 0)  # type: ignore[return-value]


class _Asked:
    """A head and a familiarity that know nothing but who asks."""

    def __init__(self, asked: list[set[int]], labels: int) -> None:
        self.book, self.labels = asked, labels

    def logits(self, embeddings: npt.NDArray[Any]) -> npt.NDArray[Any]:
        self.book.append(set(embeddings[:, 0].astype(int)))
        return np.zeros((len(embeddings), self.labels), np.float32)

    def measure(self, embeddings: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.ones(len(embeddings))


class TestEvidence:
    @pytest.fixture
    def witness(self) -> Iterator[_Witness]:
        witness = _Witness("single_label", 1, None)
        yield witness
        witness.learned.clear()
        witness.asked.clear()

    @staticmethod
    def material(clips: list[int], labels: list[int]) -> Material:
        truth = np.eye(max(labels) + 1, dtype=np.float32)[labels]
        return Material(np.array(clips, np.float32)[:, None], truth, np.array(clips, np.int64))

    @staticmethod
    def negatives(background: list[int]) -> Negatives:
        """Windows of background, numbered from 100, with the recordings that they are of."""
        embeddings = np.array([[100 + number] for number in background], np.float32).reshape(-1, 1)
        return Negatives(np.zeros((0, 1), np.float32), embeddings, np.array(background, np.int64), len(background) / 60)

    def test_nobody_is_asked_about_what_it_learned_from(self, witness: _Witness) -> None:
        clips = [0, 0, 0, 1, 2, 2, 3, 4, 5, 5, 6, 7]  # several windows a clip
        folds = np.array([0, 1, 2, 0, 1, 2, 0, 1])  # clips 0, 3 and 6 are of one recording
        evidence = by_cross_validation(
            witness, self.material(clips, [clip % 2 for clip in clips]), folds, self.negatives([])
        )
        assert evidence is not None
        for learned, asked in zip(witness.learned, witness.asked, strict=True):
            assert not learned & asked
            assert not set(folds[sorted(learned)]) & set(folds[sorted(asked)])
            assert learned | asked == set(range(8))
        assert set().union(*witness.asked) == set(range(8)), "every clip was asked about"
        assert list(evidence.known.clips) == clips
        assert evidence.logits.shape == (len(clips), 2)

    def test_a_label_that_is_in_one_fold_only_is_no_evidence(self, witness: _Witness) -> None:
        evidence = by_cross_validation(
            witness,
            self.material([0, 1, 2, 3, 4, 5], [0, 0, 1, 1, 2, 2]),
            np.array([0, 1, 0, 1, 1, 1]),
            self.negatives([]),
        )
        assert evidence is not None
        assert list(evidence.known.clips) == [0, 1, 2, 3]
        assert not evidence.known.truth[:, 2].any()

    def test_a_single_fold_is_no_evidence(self, witness: _Witness) -> None:
        material = self.material([0, 1], [0, 1])
        assert by_cross_validation(witness, material, np.array([1, 1]), self.negatives([])) is None

    def test_background_is_asked_about_by_those_who_do_not_know_its_recording(self) -> None:
        known: list[set[int]] = []
        asked: list[set[int]] = []

        class Told(_Witness):
            def fit(self, train: Material, negatives: npt.NDArray[Any]) -> tuple[Head, Familiarity]:
                known.append(set(negatives[:, 0].astype(int)))
                return _Asked(asked, train.truth.shape[1]), _Asked(asked, 0)  # type: ignore[return-value]

        recordings = [0, 0, 1, 2, 2, 3, 4, 5, 6]
        evidence = by_cross_validation(
            Told("single_label", 1, None),
            self.material([0, 1, 2, 3], [0, 0, 1, 1]),
            np.array([0, 1, 0, 1]),
            self.negatives(recordings),
        )
        assert evidence is not None
        about_background = [
            (told, about) for told, about in zip(known, asked, strict=True) if about and min(about) >= 100
        ]
        assert len(about_background) == 5
        for told, about in about_background:
            assert not told & about
        assert set().union(*(about for _, about in about_background)) == {100 + number for number in recordings}
        assert len(evidence.background_logits) == len(recordings)
        assert evidence.hours == pytest.approx(len(recordings) / 60)


class TestConclusion:
    @staticmethod
    def temperature(background_logit: float | None) -> float:
        """Held-out sounds that are all right, and background of which the label is said with this logit."""
        random = np.random.RandomState(4)
        train = Material(random.randn(40, 8).astype(np.float32), np.ones((40, 1), np.float32), np.arange(40))
        logits = np.full((0 if background_logit is None else 40, 1), background_logit or 0.0)
        evidence = Evidence(np.full((40, 1), 4.0), np.ones(40), train, logits, np.ones(len(logits)), 1.0)
        noise = random.randn(10, 8).astype(np.float32)
        negatives = Negatives(noise, np.zeros((0, 8), np.float32), np.zeros(0, np.int64), 0.0)
        return conclude(Learner("multi_label", 8, None), train, negatives, evidence, ("best_f1", 1.0))[0].temperature

    def test_where_none_may_be_true_background_calibrates_too(self) -> None:
        assert self.temperature(3.0) > 1.5 * self.temperature(None), "sure of what is not there"
        assert self.temperature(-3.0) < self.temperature(3.0)
