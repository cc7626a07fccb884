"""How the head on YAMNet and the score that refuses unknown sounds were chosen: inside ESC-10's folds 1 to 4.

    python benchmarks/choose_rejection.py

The head: each of the folds 1 to 4 is asked of one that learned from the three others.

The score: leave-classes-out. Learned: 8 of the 10 labels in three of the folds; known: the same labels in the fourth;
unknown: the two other labels, in all four (20 rounds). Fold 5 and all other recordings are not touched. What came out
stands in docs/decisions/0006-few-clips-and-nothing-recognised.md.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
from nothing_recognised import auroc

import data
import mediaml as mm
from mediaml.backends import mxnet_thread
from mediaml.backends.materials import Hearing
from mediaml.features import weights
from mediaml.runtime import familiarity
from mediaml.runtime.calibration import softmax
from mediaml.runtime.head import fit_head
from mediaml.runtime.network import Network
from mediaml.runtime.networks import yamnet

TEMPERATURE = 0.65  # what calibration finds for this head (choose_calibration.py prints the cnn's)
PAIRS = ((0, 5), (1, 6), (2, 7), (3, 8), (4, 9))
FOLDS = (1, 2, 3, 4)


def main() -> None:
    csv = data.table("esc10.csv")
    data.say_machine()
    sounds = mm.AudioDataset.from_table(csv, root=data.ROOT, group_column="freesound_id")
    network = mxnet_thread.run(lambda: Network("yamnet", yamnet.SPEC, len(sounds.labels), 7))
    known = weights.load("yamnet")
    mxnet_thread.run(lambda: network.set_body(known.arrays))
    hearing = Hearing(network, 32, known.digest, False)
    heard = hearing.materials([sounds], sounds.labels)[0]
    noise = hearing.negatives(None).noise
    folds = np.array(sounds.frame["fold"])[heard.clips]
    heads(heard.embeddings, heard.truth, folds)
    scores(heard.embeddings, heard.truth, folds, noise)


# -- the head ---------------------------------------------------------------------------------------------------------


def heads(embeddings: np.ndarray, truth: np.ndarray, folds: np.ndarray) -> None:
    half = yamnet.HEARD
    kinds = {"mean": embeddings[:, :half], "maximum": embeddings[:, half:], "both": embeddings}
    for name, penalty in product(kinds, (0.001, 0.01, 0.03, 0.1, 1.0)):
        rows = kinds[name]
        logits = np.zeros(truth.shape)
        for fold in FOLDS:
            train = np.isin(folds, FOLDS) & (folds != fold)
            logits[folds == fold] = fit_head(rows[train], truth[train], penalty=penalty).logits(rows[folds == fold])
        asked = np.isin(folds, FOLDS)
        likely = (softmax(logits[asked], TEMPERATURE) * truth[asked]).sum(axis=1)
        right = (logits[asked].argmax(axis=1) == truth[asked].argmax(axis=1)).mean()
        print(f"head on {name:8} penalty {penalty:<6g} accuracy {100 * right:.2f} %, NLL {-np.log(likely).mean():.3f}")


# -- the score --------------------------------------------------------------------------------------------------------


def scores(embeddings: np.ndarray, truth: np.ndarray, folds: np.ndarray, noise: np.ndarray) -> None:
    def measure(score: Callable[[np.ndarray, np.ndarray], np.ndarray], **changed: float) -> float:
        return leave_classes_out(embeddings, truth, folds, noise, score, changed)

    print("\nmean AUROC of 20 rounds, known against unknown:")
    print(f"probability                                {measure(lambda p, f: p):.4f}")
    plain = {"SHRINKAGE": 1.0}  # all directions alike: nothing is whitened
    for exponent in (1.0, 0.5, 0.0):
        unwhitened = measure(lambda p, f, e=exponent: p**e * f, **plain)
        whitened = measure(lambda p, f, e=exponent: p**e * f)
        print(f"probability^{exponent:<4g} * similarity             {unwhitened:.4f}, whitened {whitened:.4f}")
    for name, values in {
        "SHRINKAGE": (0.5, 0.6, 0.7, 0.9, 0.95),
        "DIRECTIONS": (16, 32, 128, 400),
        "NEAREST": (1, 2, 5, 8),
        "MARGIN": (0.0, 1.0, 2.0, 5.0),
    }.items():
        for value in values:
            print(f"{name:10} {value:<6g} instead of {getattr(familiarity, name):<5g}   ", end="")
            print(f"{measure(lambda p, f: np.sqrt(p) * f, **{name: value}):.4f}", flush=True)


def leave_classes_out(embeddings, truth, folds, noise, score, changed) -> float:
    before = {name: getattr(familiarity, name) for name in changed}
    for name, value in changed.items():
        setattr(familiarity, name, value)
    label, areas = truth.argmax(axis=1), []
    for fold, pair in product(FOLDS, PAIRS):
        inside, left_out = np.isin(folds, FOLDS), np.isin(label, pair)
        train = inside & (folds != fold) & ~left_out
        columns = [number for number in range(truth.shape[1]) if number not in pair]
        own = truth[train][:, columns]
        head = fit_head(embeddings[train], own)
        likeness = familiarity.fit_familiarity(embeddings[train], own, yamnet.SIMILAR).with_background(noise)
        sides = [(folds == fold) & ~left_out, inside & left_out]
        areas.append(
            auroc(
                *(
                    score(
                        softmax(head.logits(embeddings[rows]), TEMPERATURE).max(axis=1),
                        likeness.measure(embeddings[rows]),
                    )
                    for rows in sides
                )
            )
        )
    for name, value in before.items():
        setattr(familiarity, name, value)
    return float(np.mean(areas))


if __name__ == "__main__":
    main()
