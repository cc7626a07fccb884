"""How confidences are calibrated: the cnn, inside the training folds of ESC-10.

    python benchmarks/choose_calibration.py

For each official fold k, the cnn learns from three of the four others, less a tenth that is held back, which is what
the temperature is fitted on; it is measured on fold k + 1, and fold k is not touched. ECE over ten bins of equal
counts; "excess" is the ECE less that of a perfectly calibrated model with the same confidences, by simulation. What
came out stands in docs/decisions/0005-calibration.md.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import data
import mediaml as mm
from mediaml.backends import mxnet_thread
from mediaml.data.hold_back import hold_back
from mediaml.features.examples import Heard, load_examples
from mediaml.metrics.calibration import by_chance, errors_by_chance
from mediaml.runtime import objective
from mediaml.runtime.calibration import fit_scale, reliability
from mediaml.runtime.objective import SingleLabel, doubt_after

Logits = tuple[np.ndarray, np.ndarray]


def main() -> None:
    csv = data.table("esc10.csv")
    data.say_machine()
    sounds = mm.AudioDataset.from_table(csv, root=data.ROOT, group_column="freesound_id")
    rounds = []
    for fold in range(1, 6):
        measured = fold % 5 + 1
        train = sounds.where(fold=[one for one in range(1, 6) if one not in (fold, measured)])
        learned, held_back = hold_back(train, 7)
        model = mm.LocalAudioModel(seed=7).fit(learned, validation=held_back, progress=False)
        rounds.append((ask(model, held_back), ask(model, sounds.where(fold=measured))))
        print(f"without fold {fold}: {len(held_back)} clips to calibrate on, measured on fold {measured}", flush=True)
    say("uncalibrated", rounds, lambda logits, truth: 1.0)
    say("likelihood alone", rounds, likeliest)
    for centre in (1.0, 0.9, 0.8):
        for spread in (0.15, 0.25, 0.5):
            say(f"prior, centre {centre:g}, spread {spread:g}", rounds, with_prior(centre, spread))
    say("centre 0.9, spread 0.25, and the doubt", rounds, with_prior(0.9, 0.25), doubtful=True)


def ask(model: mm.LocalAudioModel, part: mm.AudioDataset) -> Logits:
    heard: Heard = load_examples(list(part), model.labels, model.builder.spec)
    network = model._fitted.network  # the logits are no part of the public answer
    return mxnet_thread.run(lambda: network.logits(heard.examples.inputs, 32)), heard.examples.truth


def likeliest(logits: np.ndarray, truth: np.ndarray) -> float:
    return fit_scale(lambda one: -float(SingleLabel.log_likelihood(logits, truth, one).sum()))


def with_prior(centre: float, spread: float) -> Callable[[np.ndarray, np.ndarray], float]:
    def temperature(logits: np.ndarray, truth: np.ndarray) -> float:
        objective.PRIOR_TEMPERATURE, objective.PRIOR_SPREAD = centre, spread
        return objective.fit_temperature(SingleLabel, logits, truth)

    return temperature


def say(what: str, rounds: list[tuple[Logits, Logits]], fit: Callable[..., float], doubtful: bool = False) -> None:
    answers: list[Any] = []
    for (logits, truth), (asked, true) in rounds:
        doubt = doubt_after(len(truth)) if doubtful else 0.0
        answers.append((SingleLabel.probabilities(asked, fit(logits, truth), doubt), true))
    probabilities, truth = (np.concatenate(part) for part in zip(*answers, strict=True))
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth.argmax(axis=1)
    stated, accuracy, share = reliability(sure, right)
    ece = float((np.abs(stated - accuracy) * share).sum())
    likely = (probabilities * truth).sum(axis=1)
    print(
        f"{what:40} ECE {ece:.3f}, excess {ece - errors_by_chance(sure, by_chance(sure)).mean():+.3f}, "
        f"NLL {-np.log(likely).mean():.3f}, Brier {((probabilities - truth) ** 2).sum(axis=1).mean():.3f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
