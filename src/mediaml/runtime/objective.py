"""What a model with one label a clip and one with several want: their losses, probabilities and calibration."""

from __future__ import annotations

from typing import Any, Dict, Tuple

import numpy as np

from .calibration import fit_scale, log_softmax, softmax

PRIOR_TEMPERATURE, PRIOR_SPREAD = 0.9, 0.25  # of a log-normal prior


class SingleLabel:
    """Exactly one label is true: softmax, cross-entropy. Every label has the same weight, however many examples."""

    name = "single_label"

    @staticmethod
    def targets(truth: np.ndarray) -> np.ndarray:
        """Scale one-hot rows float32 [n, labels] so that every label has the same weight in the loss."""
        present = truth.sum(axis=0)
        weights = len(truth) / (max(1, np.count_nonzero(present)) * np.maximum(present, 1))
        return (truth * weights).astype(np.float32)

    @staticmethod
    def probabilities(logits: np.ndarray, temperature: float = 1.0, doubt: float = 0.0) -> np.ndarray:
        """Probabilities float64 [n, labels]; rows add up to 1. The doubt is shared out among all labels."""
        return (1.0 - doubt) * softmax(logits, temperature) + doubt / logits.shape[-1]

    @staticmethod
    def log_likelihood(logits: np.ndarray, truth: np.ndarray, temperature: float = 1.0) -> np.ndarray:
        """Natural logarithm of the probability of what is true, float64 [n]."""
        return (truth * log_softmax(logits, temperature)).sum(axis=1)

    @staticmethod
    def gradient(logits: np.ndarray, targets: np.ndarray) -> Tuple[float, np.ndarray]:
        """Sum of the loss over float64 [n, labels], and its gradient by the logits."""
        logs = log_softmax(logits)
        return float(-(targets * logs).sum()), np.exp(logs) * targets.sum(axis=1, keepdims=True) - targets

    @staticmethod
    def recorded_loss(mx: Any, logits: Any, targets: Any) -> Any:
        """Mean loss of a batch, for MXNet to differentiate."""
        return -(mx.nd.log_softmax(logits, axis=-1) * targets).sum(axis=1).mean()

    @staticmethod
    def accuracy(logits: np.ndarray, truth: np.ndarray) -> float:
        """Share of the examples whose highest logit is the true label's."""
        return float((logits.argmax(axis=1) == truth.argmax(axis=1)).mean())


class MultiLabel:
    """Any number of labels is true at once: a sigmoid and a binary cross-entropy a label."""

    name = "multi_label"

    @staticmethod
    def targets(truth: np.ndarray) -> np.ndarray:
        """Give the rows as they are: rare labels have rare positives, and probabilities should say so."""
        return truth.astype(np.float32)

    @staticmethod
    def probabilities(logits: np.ndarray, temperature: float = 1.0, doubt: float = 0.0) -> np.ndarray:
        """Probabilities float64 [n, labels], each for itself. Half of the doubt is for yes, half for no."""
        certain = np.exp(-np.logaddexp(0.0, -np.asarray(logits, np.float64) / temperature))
        return (1.0 - doubt) * certain + doubt / 2.0

    @staticmethod
    def log_likelihood(logits: np.ndarray, truth: np.ndarray, temperature: float = 1.0) -> np.ndarray:
        """Natural logarithm of the probability of what is true of every label, mean over labels, float64 [n]."""
        scaled = np.asarray(logits, np.float64) / temperature
        return -np.logaddexp(0.0, np.where(truth > 0, -scaled, scaled)).mean(axis=1)

    @staticmethod
    def gradient(logits: np.ndarray, targets: np.ndarray) -> Tuple[float, np.ndarray]:
        """Sum of the loss over float64 [n, labels], and its gradient by the logits."""
        probability = MultiLabel.probabilities(logits)
        return float((np.logaddexp(0.0, logits) - targets * logits).sum()), probability - targets

    @staticmethod
    def recorded_loss(mx: Any, logits: Any, targets: Any) -> Any:
        """Mean loss of a batch, for MXNet to differentiate."""
        return (mx.nd.Activation(logits, act_type="softrelu") - targets * logits).sum(axis=1).mean()

    @staticmethod
    def accuracy(logits: np.ndarray, truth: np.ndarray) -> float:
        """Share of all answers, one a label, that are right at a probability of one half."""
        return float(((logits > 0) == (truth > 0)).mean())


OBJECTIVES: Dict[str, Any] = {one.name: one for one in (SingleLabel, MultiLabel)}


def fit_temperature(objective: Any, logits: np.ndarray, truth: np.ndarray) -> float:
    """Find the temperature (Guo et al. 2017) that is likeliest after a look at held-out examples.

    A few dozen examples, most of them right, say little about how sure one may be: the likelihood alone then gives
    temperatures near zero, and every confidence 100 %. So the temperature has a log-normal prior, whose centre and
    spread were measured by cross-validation inside training folds (docs/decisions/0005-calibration.md).

    Parameters
    ----------
    objective
        `SingleLabel` or `MultiLabel`.
    logits
        [n, labels] of examples that the network was not trained on.
    truth
        Zeros and ones, [n, labels].

    Returns
    -------
    A temperature from 0.05 to 20; above 1 the network was too sure of itself.
    """
    logits = np.asarray(logits, np.float64)

    def loss(temperature: float) -> float:
        doubt = (np.log(temperature) - np.log(PRIOR_TEMPERATURE)) / PRIOR_SPREAD
        likelihood = objective.log_likelihood(logits, truth, temperature).sum()
        return float(0.5 * doubt**2 - likelihood)

    return fit_scale(loss)


def doubt_after(examples: int) -> float:
    """Give the share of doubt that is left in every answer after so many held-out examples.

    Even if all of them were right, the next one need not be: Jeffreys' estimate of the rate of an error that was not
    seen in n trials is 0.5 / (n + 1). 30 clips allow a confidence of 98 %, 300 of 99.8 %.
    """
    return 0.5 / (examples + 1.0)
