"""The last, linear layer fitted by itself: logistic regression on embeddings, to its optimum."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from .objective import SingleLabel

PENALTY = 0.03
"""Of the squared weights, relative to the mean loss: from 0.001 to 0.3 accuracy hardly differs, see
docs/decisions/0006-few-clips-and-nothing-recognised.md."""

ITERATIONS = 300


class Head(NamedTuple):
    """Weights float32 [labels, numbers in an embedding] and biases float32 [labels]."""

    weight: np.ndarray
    bias: np.ndarray

    def logits(self, embeddings: np.ndarray) -> np.ndarray:
        """Give float32 [n, labels] for embeddings [n, numbers]."""
        return np.dot(embeddings, self.weight.T) + self.bias


def fit_head(embeddings: np.ndarray, truth: np.ndarray, objective: Any = SingleLabel, penalty: float = PENALTY) -> Head:
    """Fit a linear layer to embeddings that are scaled to unit spread, with a penalty on the squared weights.

    A penalty on the squares does not care how the axes lie, so the embeddings are turned onto those that the examples
    span, where there are fewer examples than numbers: a small fraction of all. The scale and the turn are folded into
    the weights afterwards.
    scipy is needed (AWS's containers have it).

    Parameters
    ----------
    embeddings
        float32 [n, numbers].
    truth
        Zeros and ones [n, labels].
    objective
        `SingleLabel` or `MultiLabel`.
    penalty
        Half of it times the sum of the squared weights is added to the mean loss.
    """
    from scipy.optimize import minimize

    middle, spread = embeddings.mean(axis=0, dtype=np.float64), embeddings.std(axis=0, dtype=np.float64)
    spread = np.maximum(spread, 1e-3 * spread.max() + 1e-8)  # numbers that hardly move must not be blown up
    places, axes = _turned((embeddings - middle) / spread)
    targets = objective.targets(truth).astype(np.float64)
    count, labels = truth.shape

    def loss(flat: np.ndarray) -> Any:
        weight, bias = flat[:-labels].reshape(labels, -1), flat[-labels:]
        value, by_logits = objective.gradient(places.dot(weight.T) + bias, targets)
        by_weight = by_logits.T.dot(places) / count + penalty * weight
        return value / count + penalty / 2 * (weight**2).sum(), np.append(by_weight, by_logits.sum(axis=0) / count)

    found = minimize(
        loss, np.zeros((axes.shape[0] + 1) * labels), jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS}
    ).x
    weight = found[:-labels].reshape(labels, -1).dot(axes) / spread
    return Head(weight.astype(np.float32), (found[-labels:] - weight.dot(middle)).astype(np.float32))


def _turned(rows: np.ndarray) -> Any:
    """Give rows [n, numbers] as places [n, axes] on the axes [axes, numbers] that they span."""
    if len(rows) >= rows.shape[1]:  # they span all of the axes: nothing is won
        return rows, np.eye(rows.shape[1])
    left, sizes, axes = np.linalg.svd(rows, full_matrices=False)
    used = sizes > 1e-6 * max(float(sizes.max()), 1e-12)
    return left[:, used] * sizes[used], axes[used]
