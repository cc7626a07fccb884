"""The best of several models on validation, and the table of all."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np
import pytest

import mediaml as mm
from mediaml.metrics.classification import audio_report
from mediaml.models.base import Deployment
from mediaml.values.report import AudioReport, Outcome
from tests.sounds import small_model, write_tones

LABELS = ("hiss", "hum", "whistle")


class Guesser(mm.Model):
    """Is right in the first so many clips."""

    def __init__(self, right: int, confidence: float = 0.9) -> None:
        self.right = right
        self.confidence = confidence
        self.seen: list[mm.AudioDataset] = []

    def fit(
        self,
        train: mm.AudioDataset,
        validation: mm.AudioDataset | None = None,
        *,
        background: mm.AudioDataset | None = None,
    ) -> Self:
        assert validation is not None
        self.seen = [train, validation]
        return self

    def evaluate(self, dataset: mm.AudioDataset) -> AudioReport:
        self.seen.append(dataset)
        return audio_report([self.outcome(number, clip) for number, clip in enumerate(dataset)], LABELS)

    def outcome(self, number: int, clip: mm.Clip) -> Outcome:
        truth = clip.labels[0]
        order = sorted(LABELS, key=lambda label: (label != truth) == (number < self.right))
        scores = (self.confidence, *[(1 - self.confidence) / 2] * 2)
        alternatives = tuple(mm.Score(label=one, confidence=score) for one, score in zip(order, scores, strict=True))
        said = mm.AudioPrediction(label=order[0], confidence=self.confidence, alternatives=alternatives)
        return Outcome(clip=clip, truth=truth, prediction=said)

    def predict(self, items: object, *, on_error: str = "raise") -> mm.AudioPrediction:  # type: ignore[override]
        raise AssertionError("nobody asked")

    def deploy(self) -> Deployment:
        raise AssertionError("nobody asked")

    def save(self, folder: str | Path) -> Path:
        raise AssertionError("nobody asked")

    @property
    def labels(self) -> tuple[str, ...]:
        return LABELS


@pytest.fixture
def sounds(tmp_path: Path) -> mm.AudioDataset:
    return mm.AudioDataset.from_folder(write_tones(tmp_path / "tones", per_label=6))


def test_the_highest_metric_on_validation_wins_and_the_table_says_why(sounds: mm.AudioDataset) -> None:
    train, validation = sounds.split(0.5, 0.5, seed=1)
    models = [Guesser(3), Guesser(8), Guesser(5)]
    best = mm.select(models, train, validation=validation)
    assert best is models[1]
    assert best.selection is not None
    assert list(best.selection["accuracy"]) == pytest.approx([8 / 9, 5 / 9, 3 / 9])
    assert all(model.seen == [train, validation, validation] for model in models), "nothing else is looked at"


def test_of_equals_the_better_calibrated_then_the_first(sounds: mm.AudioDataset) -> None:
    train, validation = sounds.split(0.5, 0.5, seed=1)
    timid, right, twin = Guesser(9, confidence=0.6), Guesser(9, confidence=0.95), Guesser(9, confidence=0.95)
    assert mm.select([timid, right, twin], train, validation=validation) is right


def test_without_validation_all_get_the_same_part_of_train(sounds: mm.AudioDataset) -> None:
    models = [Guesser(1), Guesser(2)]
    mm.select(models, sounds, metric="macro_f1")
    train, validation = models[0].seen[:2]
    assert models[1].seen[:2] == [train, validation]
    assert len(train) + len(validation) == len(sounds)
    assert not set(train.frame["path"]) & set(validation.frame["path"])


def test_nothing_to_choose_from_is_an_error(sounds: mm.AudioDataset) -> None:
    with pytest.raises(ValueError, match="at least one model"):
        mm.select([], sounds)
    with pytest.raises(ValueError, match="macro_f1"):
        mm.select([Guesser(1)], sounds, metric="beauty")  # type: ignore[arg-type]


def test_a_metric_that_the_reports_lack_is_named_beside_those_that_they_have(sounds: mm.AudioDataset) -> None:
    with pytest.raises(ValueError, match="no mean_average_precision; it has accuracy, macro_f1"):
        mm.select([Guesser(1)], sounds, metric="mean_average_precision")


@pytest.mark.slow
def test_models_of_several_labels_are_chosen_by_their_mean_average_precision(sounds: mm.AudioDataset) -> None:
    train, validation = sounds.split(1 / 2, 1 / 2, seed=1)
    several = [small_model(epochs=epochs, multi_label=True) for epochs in (1, 2)]
    best = mm.select(several, train, validation=validation)
    assert best.selection is not None
    assert np.all(np.diff(best.selection["mean_average_precision"]) <= 0)


def test_real_models(sounds: mm.AudioDataset) -> None:
    train, validation, test = sounds.split(1 / 3, 1 / 3, 1 / 3, seed=1)
    best = mm.select([small_model(epochs=1), small_model(epochs=2)], train, validation=validation)
    assert best.evaluate(test).clips == len(test)
    assert best.selection is not None
    assert np.all(np.diff(best.selection["accuracy"]) <= 0)
