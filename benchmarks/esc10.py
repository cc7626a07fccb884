"""ESC-10, official five folds, with the library's defaults.

    python benchmarks/esc10.py

For each fold: `LocalAudioModel().fit(the other four)`, nothing else said; the test fold is looked at once. The defaults
were chosen by cross-validation inside training folds (docs/decisions/0004-the-cnn.md). Published on the same folds
(Piczak 2015, "ESC: Dataset for Environmental Sound Classification" and "Environmental sound classification with
convolutional neural networks"): random forest 72.7 %, CNN 80.2 %, human listeners 95.7 %.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import data
import mediaml as mm
from mediaml.runtime.calibration import expected_calibration_error


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    csv = data.table("esc10.csv")
    print(data.machine(), flush=True)
    began = time.perf_counter()
    sounds = mm.AudioDataset.from_table(csv, root=data.ROOT, group_column="freesound_id")
    accuracies, outcomes = [], []
    for fold in range(1, 6):
        start = time.perf_counter()
        train, test = sounds.where(fold=[one for one in range(1, 6) if one != fold]), sounds.where(fold=fold)
        model = mm.LocalAudioModel(seed=chosen.seed).fit(train, progress=False)
        report = model.evaluate(test)
        accuracies.append(report.accuracy)
        outcomes.extend(report.outcomes)
        print(
            f"fold {fold}: {100 * report.accuracy:.1f} %  macro F1 {report.macro_f1:.3f}  coverage "
            f"{100 * report.coverage:.0f} %  ECE {report.expected_calibration_error:.3f}  "
            f"{time.perf_counter() - start:.0f} s  ({len(model.history)} epochs)",
            flush=True,
        )
    confidence = np.array([one.prediction.confidence for one in outcomes])
    correct = np.array([one.correct for one in outcomes])
    print(
        f"mean {100 * np.mean(accuracies):.2f} %  spread (standard deviation over folds) {100 * np.std(accuracies):.1f}"
        f"  pooled ECE {expected_calibration_error(confidence, correct):.3f}  total {time.perf_counter() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
