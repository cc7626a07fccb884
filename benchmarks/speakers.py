"""Who speaks: five speakers of LibriSpeech, five utterances each, by 5-fold cross-validation.

    python benchmarks/speakers.py                 # yamnet
    python benchmarks/speakers.py --network cnn

Each fold tests one utterance of every speaker. The utterances last 2 to 16 s; they are cut to segments of 3 s for
learning and heard whole in the test. `builder=None`: the network's own front end.
"""

from __future__ import annotations

import argparse

import numpy as np

import data
import mediaml as mm

FOLDS = 5
SECONDS = 3.0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--network", default="yamnet", choices=["cnn", "yamnet"])
    chosen = parser.parse_args()
    csv = data.table("librispeech.csv")
    data.say_machine()
    sounds = mm.AudioDataset.from_table(csv, label_column="speaker", root=data.ROOT)
    frame = sounds.frame
    order = frame.groupby("label").cumcount().to_numpy() % FOLDS
    accuracies, right = [], []
    for fold in range(FOLDS):
        train, test = mm.AudioDataset(frame[order != fold]), mm.AudioDataset(frame[order == fold])
        builder = mm.SpectrogramBuilder.for_network(chosen.network, clip_seconds=SECONDS)
        model = mm.LocalAudioModel(builder, network=chosen.network).fit(train.segments(SECONDS), progress=False)
        report = model.evaluate(test, progress=False)
        accuracies.append(report.accuracy)
        right.extend(outcome.correct for outcome in report.outcomes)
        print(f"fold {fold + 1}: {100 * report.accuracy:.0f} % of {report.clips} utterances", flush=True)
    print(
        f"{chosen.network}: {sum(right)} of {len(right)} utterances right, {100 * np.mean(right):.0f} %; standard "
        f"deviation over folds {100 * np.std(accuracies):.0f}"
    )


if __name__ == "__main__":
    main()
