"""Who speaks: three speakers of the free spoken digit data, official split, 1 s at 8 kHz.

    python benchmarks/fsdd.py

Trained on 300 recordings (index 5-14 of each digit), measured on 150 (index 0-4) that nothing was chosen on.
"""

from __future__ import annotations

import time

import numpy as np

import data
import mediaml as mm

SEEDS = (7, 8, 9)


def main() -> None:
    csv = data.table("fsdd.csv")
    data.say_machine()
    voices = mm.AudioDataset.from_table(csv, label_column="speaker", root=data.ROOT)
    train, test = voices.where(official_split="train"), voices.where(official_split="test")
    accuracies = []
    data.head("seed", "accuracy, %", "recordings", "ECE", "seconds")
    for seed in SEEDS:
        start = time.perf_counter()
        builder = mm.SpectrogramBuilder(sample_rate=8000, n_fft=512, hop_length=160, mel_bands=64, clip_seconds=1.0)
        report = mm.LocalAudioModel(builder, seed=seed).fit(train, progress=False).evaluate(test)
        accuracies.append(report.accuracy)
        data.row(
            seed,
            f"{100 * report.accuracy:.1f}",
            report.clips,
            f"{report.expected_calibration_error:.3f}",
            f"{time.perf_counter() - start:.0f}",
        )
    print(f"mean {100 * np.mean(accuracies):.2f} %, lowest {100 * min(accuracies):.1f} %")


if __name__ == "__main__":
    main()
