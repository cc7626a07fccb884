"""From logits to probabilities that mean what they say, and the threshold that keeps a stated share."""

from __future__ import annotations

from typing import Tuple

import numpy as np

TEMPERATURES = (0.05, 20.0)
GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Probabilities [n, labels], float64, of logits [n, labels] divided by a temperature."""
    return np.exp(log_softmax(logits, temperature))


def log_softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """Natural logarithms of `softmax`, without rounding to minus infinity."""
    scaled = np.asarray(logits, np.float64) / temperature
    scaled -= scaled.max(axis=-1, keepdims=True)
    return scaled - np.log(np.exp(scaled).sum(axis=-1, keepdims=True))


def negative_log_likelihood(logits: np.ndarray, labels: np.ndarray, temperature: float = 1.0) -> float:
    """Mean of minus the natural logarithm of the true label's probability."""
    return float(-log_softmax(logits, temperature)[np.arange(len(labels)), labels].mean())


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """Find the temperature with the lowest cross-entropy (Guo et al. 2017) to smoothed labels (Platt 1999).

    Few examples that are all recognised do not prove that the next one will be: without smoothing they would make
    every confidence 100 %. As in Platt's scaling, n examples count as if one more had been another label
    (1 / (n + 2) of each): 30 clips, all right, give about 97 %, not 100.

    Parameters
    ----------
    logits
        [n, labels] of examples that the network was not trained on.
    labels
        The number of each example's true label, int [n].

    Returns
    -------
    A temperature from 0.05 to 20; above 1 the network was too sure of itself.
    """
    count, kinds = logits.shape
    share = 1.0 / (count + 2.0)
    targets = np.full((count, kinds), share / max(1, kinds - 1))
    targets[np.arange(count), labels] = 1.0 - share

    def loss(logarithm: float) -> float:
        return float(-(targets * log_softmax(logits, np.exp(logarithm))).sum())

    low, high = np.log(TEMPERATURES[0]), np.log(TEMPERATURES[1])
    while high - low > 1e-4:  # the loss has one minimum in the logarithm of the temperature: golden section
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        if loss(left) <= loss(right):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def threshold_keeping(scores: np.ndarray, share: float) -> float:
    """Find a threshold at which at least `share` of the scores are kept (score >= threshold), and few more.

    It lies halfway to the next lower score, or just below the lowest, so that rounding does not lose what it was
    chosen to keep.

    Parameters
    ----------
    scores
        [n], of examples that the network was not trained on.
    share
        From 0 to 1.
    """
    ordered = np.sort(np.asarray(scores, np.float64))
    lost = min(int(np.floor((1.0 - share) * len(ordered) + 1e-9)), len(ordered) - 1)
    below = ordered[lost - 1] if lost > 0 else ordered[0] * (1 - 1e-4)
    return float((below + ordered[lost]) / 2)


def reliability(confidences: np.ndarray, correct: np.ndarray, bins: int = 10) -> Tuple[np.ndarray, ...]:
    """Compare confidence with accuracy in bins that hold about equally many examples.

    Returns
    -------
    Mean confidence, accuracy and share of the examples, each float64 [bins used].
    """
    order = np.argsort(confidences, kind="stable")
    parts = [part for part in np.array_split(order, min(bins, max(1, len(order)))) if len(part)]
    confidence = np.array([np.mean(confidences[part]) for part in parts])
    accuracy = np.array([np.mean(correct[part]) for part in parts])
    share = np.array([len(part) / float(len(order)) for part in parts])
    return confidence, accuracy, share


def expected_calibration_error(confidences: np.ndarray, correct: np.ndarray, bins: int = 10) -> float:
    """Mean distance of confidence from accuracy over bins of equal counts (Nguyen & O'Connor 2015)."""
    if len(confidences) == 0:
        return float("nan")
    confidence, accuracy, share = reliability(np.asarray(confidences), np.asarray(correct, np.float64), bins)
    return float(np.sum(share * np.abs(confidence - accuracy)))
