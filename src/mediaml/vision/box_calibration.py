"""From a detector's scores to confidences: how often a box with this score is right (Platt 1999)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

PRIOR = 2.0  # how strongly the slope is held at 1 where there is little to go by


class BoxCalibration(NamedTuple):
    """Confidence = sigmoid(slope * score + shift), the same for all labels: the order of boxes stays."""

    slope: float
    shift: float

    def confidence(self, scores: npt.ArrayLike) -> Floats:
        """Give confidences, 0 to 1, of scores (logits)."""
        return np.asarray(1 / (1 + np.exp(-(self.slope * np.asarray(scores, np.float64) + self.shift))), np.float64)


AS_IT_IS = BoxCalibration(1.0, 0.0)


def fit_calibration(scores: Floats, right: npt.NDArray[np.bool_]) -> BoxCalibration:
    """Fit slope and shift to boxes of pictures that were held out.

    Parameters
    ----------
    scores
        Logits [boxes].
    right
        Whether each is a true one, [boxes].
    """
    from scipy.optimize import minimize

    if len(scores) == 0 or right.all() or not right.any():
        return AS_IT_IS  # nothing to tell the two apart by

    def loss(both: Floats) -> float:
        logits = np.exp(both[0]) * scores + both[1]
        return float(np.logaddexp(0.0, np.where(right, -logits, logits)).sum() + PRIOR * both[0] ** 2 / 2)

    found = minimize(loss, np.zeros(2), method="L-BFGS-B", bounds=[(-3, 3), (-20, 20)]).x
    return BoxCalibration(float(np.exp(found[0])), float(found[1]))
