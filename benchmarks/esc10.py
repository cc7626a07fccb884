"""ESC-10, official five folds: accuracy, and whether the percentages mean what they say.

    python benchmarks/esc10.py                     # the cnn, from scratch, with the library's defaults
    python benchmarks/esc10.py --network yamnet    # a head on pretrained YAMNet; caches are emptied first

For each fold: `LocalAudioModel(network=...).fit(the other four)`, nothing else said; the test fold is looked at once.
The defaults were chosen by cross-validation inside training folds (docs/decisions/0004, 0005, 0006).

Calibration, pooled over the folds: expected calibration error, less the error that a perfectly calibrated model with
the same confidences would show by chance (`report.expected_calibration_error_by_chance`); negative log-likelihood and
Brier score against the same networks without calibration (temperature 1, no doubt).

Published on the same folds (Piczak 2015, "ESC: Dataset for Environmental Sound Classification" and "Environmental
sound classification with convolutional neural networks"): random forest 72.7 %, CNN 80.2 %, human listeners 95.7 %.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time

import numpy as np

import data
import mediaml as mm
from mediaml.metrics.classification import audio_report


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--network", default="cnn", choices=["cnn", "yamnet"])
    chosen = parser.parse_args()
    csv = data.table("esc10.csv")
    data.say_machine()
    with tempfile.TemporaryDirectory() as empty:
        os.environ["MEDIAML_CACHE_DIR"] = empty
        began = time.perf_counter()
        sounds = mm.AudioDataset.from_table(csv, root=data.ROOT, group_column="freesound_id")
        accuracies, outcomes, plain = [], [], []
        data.head("fold", "accuracy, %", "macro F1", "a label given, %", "ECE", "temperature", "seconds")
        for fold in range(1, 6):
            start = time.perf_counter()
            train, test = sounds.where(fold=[one for one in range(1, 6) if one != fold]), sounds.where(fold=fold)
            model = mm.LocalAudioModel(network=chosen.network, seed=chosen.seed).fit(train, progress=False)
            report = model.evaluate(test, progress=False)
            spent = time.perf_counter() - start
            accuracies.append(report.accuracy)
            outcomes.extend(report.outcomes)
            began_aside = time.perf_counter()
            plain.extend(uncalibrated(model, report))
            began += time.perf_counter() - began_aside
            data.row(
                fold,
                f"{100 * report.accuracy:.2f}",
                f"{report.macro_f1:.3f}",
                f"{100 * report.coverage:.0f}",
                f"{report.expected_calibration_error:.3f}",
                f"{model._fitted.recogniser.temperature:.2f}",
                f"{spent:.0f}",
            )
        total = time.perf_counter() - began
    pooled, without = audio_report(outcomes, sounds.labels), audio_report(plain, sounds.labels)
    print(
        f"mean {100 * np.mean(accuracies):.2f} %, standard deviation over folds {100 * np.std(accuracies):.1f}; "
        f"{total:.0f} s in all, from files, with empty caches"
    )
    data.head("all folds together", "ECE", "by chance", "excess", "NLL", "Brier")
    for name, one in (("calibrated", pooled), ("uncalibrated", without)):
        error, chance = one.expected_calibration_error, one.expected_calibration_error_by_chance
        data.row(
            name,
            f"{error:.4f}",
            f"{chance:.4f}",
            f"{error - chance:+.4f}",
            f"{one.negative_log_likelihood:.4f}",
            f"{one.brier:.4f}",
        )


def uncalibrated(model, report):
    """The same answers with temperature 1 and without doubt."""
    fitted = model._fitted
    model._fitted = fitted._replace(recogniser=fitted.recogniser._replace(temperature=1.0, doubt=0.0))
    clips = [outcome.clip for outcome in report.outcomes]
    answers = model.predict(clips)
    model._fitted = fitted
    return [one.model_copy(update={"prediction": answer}) for one, answer in zip(report.outcomes, answers, strict=True)]


if __name__ == "__main__":
    main()
