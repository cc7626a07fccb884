"""From logits to probabilities that mean what they say."""

from __future__ import annotations

from typing import Callable, Tuple

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


def fit_scale(loss: Callable[[float], float]) -> float:
    """Find the temperature with the lowest loss, by golden section: the loss has one minimum in its logarithm.

    Parameters
    ----------
    loss
        Of a temperature.

    Returns
    -------
    A temperature from 0.05 to 20.
    """
    low, high = np.log(TEMPERATURES[0]), np.log(TEMPERATURES[1])
    while high - low > 1e-4:
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        if loss(float(np.exp(left))) <= loss(float(np.exp(right))):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


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
