"""How far a few clips go: accuracy on ESC-10 after 1, 2, 5, 10 and 20 clips of each label.

    python benchmarks/few_shot.py                 # yamnet; --network cnn takes hours

For each number of clips, draws of that many recordings a label from four of the official folds, measured on the
fifth: two draws for each fold, seeds fixed. Nothing is chosen: `LocalAudioModel(network="yamnet")` as it is.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import warnings

import numpy as np

import data
import mediaml as mm

CLIPS = (1, 2, 5, 10, 20)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--network", default="yamnet", choices=["cnn", "yamnet"])
    parser.add_argument("--draws", type=int, default=2, help="for each of the five test folds")
    chosen = parser.parse_args()
    csv = data.table("esc10.csv")
    data.say_machine()
    sounds = mm.AudioDataset.from_table(csv, root=data.ROOT, group_column="freesound_id")
    with tempfile.TemporaryDirectory() as empty:
        os.environ["MEDIAML_CACHE_DIR"] = empty
        data.head("clips a label", "accuracy, %", "sd over draws", "lowest to highest", "a label given, %")
        for count in CLIPS:
            accuracies, accepted = [], []
            for fold in range(1, 6):
                rest, test = sounds.where(fold=[one for one in range(1, 6) if one != fold]), sounds.where(fold=fold)
                for draw in range(chosen.draws):
                    few = drawn(rest, count, np.random.RandomState([fold, draw, count]))
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore")  # one clip a label: nothing can be held out, and it says so
                        model = mm.LocalAudioModel(network=chosen.network).fit(few, progress=False)
                    report = model.evaluate(test, progress=False)
                    accuracies.append(report.accuracy)
                    accepted.append(report.coverage)
            data.row(
                count,
                f"{100 * np.mean(accuracies):.1f}",
                f"{100 * np.std(accuracies):.1f}",
                f"{100 * min(accuracies):.1f} to {100 * max(accuracies):.1f}",
                f"{100 * np.mean(accepted):.0f}",
            )


def drawn(sounds: mm.AudioDataset, count: int, random: np.random.RandomState) -> mm.AudioDataset:
    """So many recordings of each label, no two of the same origin."""
    frame = sounds.frame.drop_duplicates("group").reset_index(drop=True)
    rows = [
        row for label in sounds.labels for row in random.permutation(np.flatnonzero(frame["label"] == label))[:count]
    ]
    return mm.AudioDataset(frame.iloc[rows])


if __name__ == "__main__":
    main()
