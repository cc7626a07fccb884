"""Where to draw the line between a label and nothing, for what the user asked: chosen on sounds that were held out."""

from __future__ import annotations

from typing import NamedTuple, Tuple

import numpy as np

from .faults import EvidenceFault, StoreFault

ACCEPT = "accept"
TARGET_PRECISION = "target_precision"
FALSE_ALARMS = "max_false_alarms_per_hour"
BEST_F1 = "best_f1"


class HeldOut(NamedTuple):
    """What a model says of sounds that it has not learned from.

    Parameters
    ----------
    scores
        float64 [clips, labels]; in a model with one label a clip, 0 for all but the likeliest.
    truth
        Zeros and ones [clips, labels].
    background
        Scores of background, float64 [windows, labels]; may be none.
    hours
        How long the background is.
    """

    scores: np.ndarray
    truth: np.ndarray
    background: np.ndarray
    hours: float

    def check(self, labels: int) -> None:
        """Refuse what a file said where it does not fit together.

        Raises
        ------
        StoreFault
            Arrays do not fit, or the hours are no number.
        """
        for array, rows in ((self.scores, len(self.scores)), (self.truth, len(self.scores)), (self.background, None)):
            if array.ndim != 2 or array.shape != (len(array) if rows is None else rows, labels):
                raise StoreFault("what was held out is {}, for {} labels".format(array.shape, labels))
        if not 0 <= self.hours < np.inf:
            raise StoreFault("{} hours of background".format(self.hours))


def choose(held_out: HeldOut, criterion: str, value: float, objective: str) -> np.ndarray:
    """Choose a threshold a label.

    Parameters
    ----------
    held_out
        What to choose on.
    criterion
        ``accept``: at least this share of the known sounds is given a label (of each label's sounds its own, where
        several can be true). ``target_precision``: of the sounds that are given a label, at least this share has it;
        a label that cannot reach it is never given (infinity). ``max_false_alarms_per_hour``: at most so many
        stretches of background an hour are given any label. ``best_f1``: the highest F1 of each label. Precision and F1
        count the background, too.
    value
        The share, the precision or the number.
    objective
        ``"single_label"`` or ``"multi_label"``. Where several labels can be true, one that was not held out is never
        given.

    Returns
    -------
    float64 [labels].

    Raises
    ------
    EvidenceFault
        False alarms are to be counted, and no background was heard.
    """
    scores, truth = held_out.scores, held_out.truth
    labels = truth.shape[1]
    if criterion == ACCEPT and objective == "single_label":
        return np.full(labels, threshold_keeping(scores.max(axis=1), value))
    if criterion == ACCEPT:
        own = [scores[truth[:, n] > 0, n] for n in range(labels)]
        return np.array([threshold_keeping(one, value) if len(one) else np.inf for one in own])
    if criterion == FALSE_ALARMS:
        quiet = _quiet(held_out.background.max(axis=1), int(value * held_out.hours))
        return np.where((truth > 0).any(axis=0) | (objective == "single_label"), quiet, np.inf)
    both = np.concatenate([scores, held_out.background])
    true = np.concatenate([truth, np.zeros((len(held_out.background), labels))]) > 0
    if criterion == TARGET_PRECISION:
        return np.array([_reaching(both[:, n], true[:, n], value) for n in range(labels)])
    return np.array([_best_f1(both[:, n], true[:, n]) for n in range(labels)])


def threshold_keeping(scores: np.ndarray, share: float) -> float:
    """Find a threshold at which at least `share` of the scores are kept (score >= threshold), and few more.

    It lies halfway to the next lower score, or just below the lowest, so that rounding does not lose what it was
    chosen to keep. Without any scores everything is kept.

    Parameters
    ----------
    scores
        [n], of examples that the network was not trained on.
    share
        From 0 to 1.
    """
    if len(scores) == 0:
        return 0.0
    ordered = np.sort(np.asarray(scores, np.float64))
    lost = min(int(np.floor((1.0 - share) * len(ordered) + 1e-9)), len(ordered) - 1)
    below = ordered[lost - 1] if lost > 0 else ordered[0] * (1 - 1e-4)
    return float((below + ordered[lost]) / 2)


def _ranked(scores: np.ndarray, truth: np.ndarray) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the distinct scores from the highest down, and how many are right and given at each as a threshold."""
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    last = np.append(ordered[1:] != ordered[:-1], True) if len(ordered) else np.zeros(0, bool)
    right, given = np.cumsum(truth[order])[last], np.arange(1, len(order) + 1)[last]
    real = ordered[last] > 0  # a score of 0 is no answer
    return ordered[last][real], right[real], given[real]


def _between(levels: np.ndarray, chosen: int) -> float:
    """Give a threshold halfway from a score to the next lower one, so that rounding changes nothing."""
    below = levels[chosen + 1] if chosen + 1 < len(levels) else 0.0
    return float((levels[chosen] + below) / 2)


def _reaching(scores: np.ndarray, truth: np.ndarray, precision: float) -> float:
    levels, right, given = _ranked(scores, truth)
    (good,) = np.nonzero(right >= precision * given - 1e-9)
    return _between(levels, int(good[-1])) if len(good) else float("inf")


def _best_f1(scores: np.ndarray, truth: np.ndarray) -> float:
    levels, right, given = _ranked(scores, truth)
    if len(levels) == 0 or not truth.any():
        return float("inf")
    return _between(levels, int(np.argmax(2.0 * right / (given + truth.sum()))))


def _quiet(scores: np.ndarray, allowed: int) -> float:
    """Give a threshold that at most so many of the scores reach."""
    if len(scores) == 0:
        raise EvidenceFault(
            "false alarms are counted on a fifth of the background, and nothing of that could be heard: give longer "
            "recordings, or more of them"
        )
    ordered = np.sort(scores)[::-1]
    if allowed >= len(ordered):
        return 0.0
    return float(np.nextafter(ordered[allowed], np.inf))


class Measured(NamedTuple):
    """How a label does at its threshold on the sounds that were held out; NaN where there is nothing to divide by."""

    precision: float
    recall: float
    clips: int
    false_alarms_per_hour: float


def measure(held_out: HeldOut, thresholds: np.ndarray) -> Tuple[Measured, ...]:
    """Measure every label at its threshold."""
    # a score of 0 is no answer
    given = (held_out.scores >= thresholds) & (held_out.scores > 0)
    alarms = (held_out.background >= thresholds) & (held_out.background > 0)
    out = []
    for label in range(len(thresholds)):
        true = held_out.truth[:, label] > 0
        right = int((given[:, label] & true).sum())
        answers = int(given[:, label].sum()) + int(alarms[:, label].sum())
        out.append(
            Measured(
                right / answers if answers else float("nan"),
                right / int(true.sum()) if true.any() else float("nan"),
                int(true.sum()),
                int(alarms[:, label].sum()) / held_out.hours if held_out.hours > 0 else float("nan"),
            )
        )
    return tuple(out)
