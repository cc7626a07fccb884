"""Labels of pictures: hand signs and faces, given splits, from files to the report.

    python benchmarks/pictures.py                # hand_signs and faces_orl
    python benchmarks/pictures.py --cross        # cross-validation inside the training data instead: for choices

The cache of what the network saw is off, so that the time is that of a first run.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

import numpy as np

import mediaml as mm
from data import ROOT, head, row, say_machine

TABLES = {"hand_signs": ("images/classification/hand_signs.csv", "val"), "faces_orl": ("images/faces_orl.csv", "test")}
FOLDS, SEEDS = 5, 3


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cross", action="store_true")
    cross = parser.parse_args().cross
    os.environ["MEDIAML_CACHE_BYTES"] = "0"
    say_machine()
    if not cross:
        head("", "to learn from", "to test", "accuracy, %", "a label given, %", "ECE (by chance)", "seconds from files")
    for name, (table, part) in TABLES.items():
        path = ROOT / table
        if not path.exists():
            sys.exit(f"{path} is missing: set MEDIAML_TEST_DATA to the folder of data")
        pictures = mm.ImageDataset.from_table(path, root=ROOT)
        train, test = pictures.where(split="train"), pictures.where(split=part)
        if cross:
            found = [score for seed in range(SEEDS) for score in cross_validated(train, seed)]
            print(
                f"{name}: {100 * np.mean(found):.1f} % +- {100 * np.std(found):.1f} over {len(found)} folds", flush=True
            )
            continue
        began = time.perf_counter()
        model = mm.LocalImageModel().fit(train, progress=False)
        report = model.evaluate(test, progress=False)
        assert isinstance(report, mm.ImageReport)
        by_chance = report.expected_calibration_error_by_chance
        row(
            name,
            len(train),
            report.pictures,
            f"{100 * report.accuracy:.1f}",
            f"{100 * report.coverage:.0f}",
            f"{report.expected_calibration_error:.3f} ({by_chance:.3f})",
            f"{time.perf_counter() - began:.0f}",
        )


def cross_validated(train: mm.ImageDataset, seed: int) -> list[float]:
    """Accuracy of each fold, of models that learned from the others."""
    parts = train.split(*[1 / FOLDS] * FOLDS, seed=seed, near_duplicates=False)
    scores = []
    for number, held_out in enumerate(parts):
        rest = [part for other, part in enumerate(parts) if other != number]
        joined = rest[0]
        for part in rest[1:]:
            joined = joined.union(part)
        report = mm.LocalImageModel().fit(joined, progress=False).evaluate(held_out, progress=False)
        assert isinstance(report, mm.ImageReport)
        scores.append(report.accuracy)
    return scores


if __name__ == "__main__":
    main()
