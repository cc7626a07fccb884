"""Write average_precision.json: what scikit-learn says of seeded random cases.

Run it in an environment of its own, which needs nothing of mediaml:

    python -m venv /tmp/sklearn && /tmp/sklearn/bin/pip install scikit-learn==1.9.1
    /tmp/sklearn/bin/python tests/metrics/references/make_average_precision.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import sklearn  # type: ignore[import-not-found]
from sklearn.metrics import (  # type: ignore[import-not-found]
    average_precision_score,
    brier_score_loss,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
)


def several_labels(random: np.random.Generator, clips: int, labels: int, digits: int) -> dict[str, Any]:
    """Make a case; few digits make equal confidences."""
    truth = random.random((clips, labels)) < random.uniform(0.1, 0.7, labels)
    truth[random.integers(clips, size=labels), np.arange(labels)] = True  # every label is tested
    confidence = np.round(np.clip(0.35 * truth + random.random((clips, labels)) * 0.65, 0, 1), digits)
    thresholds = np.round(random.uniform(0.3, 0.7, labels), 2)
    given = confidence >= thresholds
    each = {"average": None, "zero_division": 0}
    return {
        "truth": truth.astype(int).tolist(),
        "confidence": confidence.tolist(),
        "thresholds": thresholds.tolist(),
        "average_precision": average_precision_score(truth, confidence, average=None).tolist(),
        "mean_average_precision": average_precision_score(truth, confidence, average="macro"),
        "precision": precision_score(truth, given, **each).tolist(),
        "recall": recall_score(truth, given, **each).tolist(),
        "f1": f1_score(truth, given, **each).tolist(),
        "micro_precision": precision_score(truth, given, average="micro", zero_division=0),
        "micro_recall": recall_score(truth, given, average="micro"),
        "micro_f1": f1_score(truth, given, average="micro"),
        "subset_accuracy": float((truth == given).all(axis=1).mean()),
        "brier": [brier_score_loss(*pair) for pair in zip(truth.T.astype(int), confidence.T, strict=True)],
    }


def weighted(random: np.random.Generator, clips: int) -> dict[str, Any]:
    """Make a case of clips that count several times or not at all."""
    truth, confidence = random.random(clips) < 0.4, np.round(random.random(clips), 1)
    truth[0] = True
    weights = random.integers(0, 4, clips)
    weights[0] = 1
    return {
        "truth": truth.astype(int).tolist(),
        "confidence": confidence.tolist(),
        "weights": weights.tolist(),
        "average_precision": average_precision_score(truth, confidence, sample_weight=weights),
    }


def one_label(random: np.random.Generator, clips: int, labels: int) -> dict[str, Any]:
    """Make a case where each clip has one label."""
    probabilities = random.dirichlet(np.full(labels, 0.5), clips)
    truth = random.integers(labels, size=clips)
    return {
        "truth": truth.tolist(),
        "probabilities": probabilities.tolist(),
        "log_loss": log_loss(truth, probabilities, labels=range(labels)),
        "brier": brier_score_loss(truth, probabilities, labels=range(labels), scale_by_half=False),
    }


def main() -> None:
    random = np.random.default_rng(20)
    sizes = [(2, 2, 2), (3, 2, 1), (10, 4, 1), (40, 3, 2), (60, 5, 6)] * 3
    cases = {
        "scikit-learn": sklearn.__version__,
        "several_labels": [several_labels(random, *size) for size in sizes],
        "weighted": [weighted(random, clips) for clips in (1, 5, 20, 80)],
        "one_label": [one_label(random, *size) for size in [(1, 2), (8, 3), (50, 6)]],
    }
    Path(__file__).with_name("average_precision.json").write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main()
