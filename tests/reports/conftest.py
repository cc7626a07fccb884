"""A small evaluation of generated tones, without a network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import soundfile

import mediaml as mm
from mediaml.metrics.classification import audio_report
from mediaml.values.report import AudioReport, Outcome
from tests.sounds import RATE, SPEC, tone

LABELS = ("hiss", "hum", "whistle")
Guess = tuple[str, str, float]
"""True label, label heard, confidence; below 0.5 no label is given."""

GUESSES: tuple[Guess, ...] = (
    *[("hiss", "hiss", 0.91 + 0.01 * number) for number in range(6)],
    *[("hum", "hum", 0.83), ("hum", "hum", 0.44), ("hum", "whistle", 0.62), ("hum", "hiss", 0.97)],
    *[("whistle", "whistle", 0.71)] * 5,
)


def outcome(path: Path, guess: Guess, labels: Sequence[str] = LABELS, segment: mm.Segment | None = None) -> Outcome:
    truth, heard, confidence = guess
    rest = (1 - confidence) / (len(labels) - 1)
    others = tuple(mm.Score(label=label, confidence=rest) for label in labels if label != heard)
    given = confidence >= 0.5
    prediction = mm.AudioPrediction(
        label=heard if given else None,
        reason=None if given else "low_confidence",
        confidence=confidence,
        alternatives=(mm.Score(label=heard, confidence=confidence), *others),
        score=confidence,
        segment=segment or mm.Segment(start=0, end=1),
        source=str(path),
    )
    return Outcome(clip=mm.Clip(path=path, segment=segment, labels=(truth,)), truth=truth, prediction=prediction)


def report_of(
    outcomes: Sequence[Outcome], labels: Sequence[str] = LABELS, unreadable: Sequence[str] = ()
) -> AudioReport:
    described = {
        "clips": 40,
        "recordings": 38,
        "labels": list(labels),
        "origin": [{"split": [0.8, 0.2], "seed": 11, "part": 0}],
    }
    return audio_report(
        outcomes,
        labels,
        unreadable,
        model={
            "model": "LocalAudioModel",
            "network": "cnn",
            "data": {"train": {**described, "content": "aaaa1111"}},
            "best_epoch": 2,
            "versions": {"mxnet": "1.9.1", "date": "2026-11-22T09:56:03+00:00"},
            "settings": {"seed": 7, "epochs": 3},
        },
        data={**described, "clips": len(outcomes), "content": "bbbb2222"},
        history=[
            {
                "epoch": epoch,
                "training_loss": 2.0 / epoch,
                "validation_loss": abs(2 - epoch) + 0.5,
                "validation_accuracy": 0.3 * epoch,
            }
            for epoch in (1, 2, 3)
        ],
        spectrogram=mm.SpectrogramBuilder(**SPEC).to_dict(),
    )


@pytest.fixture
def outcomes(tmp_path: Path) -> list[Outcome]:
    found = []
    for number, guess in enumerate(GUESSES):
        path = tmp_path / f"{number:02d} {guess[0]}.wav"
        soundfile.write(path, tone(guess[0], number), RATE)
        found.append(outcome(path, guess))
    return found


@pytest.fixture
def report(outcomes: list[Outcome]) -> AudioReport:
    return report_of(outcomes, unreadable=["/x/broken.wav: no such file"])
