"""From embeddings to verdicts: calibrated probabilities, familiarity, and a label or a reason why there is none."""

from __future__ import annotations

from typing import Dict, Mapping, NamedTuple, Optional, Tuple

import numpy as np

from .familiarity import Familiarity, score
from .faults import MXNetFault, StoreFault
from .head import Head
from .objective import OBJECTIVES

UNLIKE = "unlike_training_data"
UNSURE = "low_confidence"


class Rule(NamedTuple):
    """What decides between labels and nothing; see `Recogniser`."""

    objective: str
    thresholds: np.ndarray
    typical: float

    def decide(self, probabilities: np.ndarray, familiarity: float) -> Tuple[Tuple[int, ...], Optional[str]]:
        """Give the numbers of the labels that are recognised, the surest first, or none and the reason."""
        reached = score(probabilities, np.asarray(familiarity)) >= self.thresholds
        typical = score(probabilities, np.asarray(self.typical)) >= self.thresholds
        order = np.argsort(-probabilities, kind="stable")
        if self.objective == "single_label":
            order = order[:1]
        given = tuple(int(number) for number in order if reached[number])
        if given:
            return given, None
        return (), UNLIKE if typical[order].any() else UNSURE


class Recogniser(NamedTuple):
    """All that turns an embedding into a verdict.

    Parameters
    ----------
    objective
        ``"single_label"`` or ``"multi_label"``.
    head
        From embeddings to logits.
    temperature, doubt
        Calibration: the logits are divided by the one, and the other is a share that no label is given for certain.
    familiarity
        How much a sound is like the training clips.
    thresholds
        float64 [labels]: a label is given where its score, sqrt(probability) * familiarity, reaches this.
    typical
        The median familiarity of known sounds that were held out: a sound that would have been recognised with it is
        refused as unlike the training data, and not for want of confidence.
    """

    objective: str
    head: Head
    temperature: float
    doubt: float
    familiarity: Familiarity
    thresholds: np.ndarray
    typical: float

    def hear(self, embeddings: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
        """Give calibrated probabilities float64 [n, labels] and the familiarity float64 [n] of embeddings.

        Raises
        ------
        MXNetFault
            They are no numbers: the weights are damaged, or too large.
        """
        probabilities = OBJECTIVES[self.objective].probabilities(
            self.head.logits(embeddings), self.temperature, self.doubt
        )
        familiarity = self.familiarity.measure(embeddings)
        if not (np.isfinite(probabilities).all() and np.isfinite(familiarity).all()):
            raise MXNetFault("the network's answers are no numbers: the model is damaged, or did not learn")
        return probabilities, familiarity

    def check(self, labels: int, numbers: int) -> None:
        """Refuse what a file said where it does not fit together.

        Parameters
        ----------
        labels
            How many there are.
        numbers
            In an embedding.

        Raises
        ------
        StoreFault
            Numbers are out of their range, or arrays do not fit.
        """
        own = self.familiarity
        compared = own.axes.shape[1] if own.axes.ndim == 2 else 0
        shapes = {
            "thresholds": (self.thresholds, (labels,)),
            "weights": (self.head.weight, (labels, numbers)),
            "biases": (self.head.bias, (labels,)),
            "axes": (own.axes, (len(own.axes), compared)),
            "shrink": (own.shrink, (len(own.axes),)),
            "references": (own.references, (len(own.references), compared)),
            "background": (own.background, (len(own.background), compared)),
        }
        for name, (array, wanted) in shapes.items():
            if array.shape != wanted or (name != "thresholds" and not np.isfinite(array).all()):
                raise StoreFault("{} {} for {} labels and {} numbers".format(array.shape, name, labels, numbers))
        if not 0 < compared <= numbers or not len(own.references) or not (self.thresholds >= 0).all():
            raise StoreFault("what sounds and pictures are compared with is damaged")
        if not (0 < self.temperature < np.inf and 0 <= self.doubt < 1 and 0 <= self.typical <= 1):
            raise StoreFault(
                "temperature={}, doubt={}, typical_familiarity={}".format(self.temperature, self.doubt, self.typical)
            )

    @property
    def rule(self) -> Rule:
        """What verdicts are taken by."""
        return Rule(self.objective, self.thresholds, self.typical)

    def arrays(self) -> Dict[str, np.ndarray]:
        """Give its arrays by name, but for the head's, which are the network's."""
        arrays = {"familiarity/" + name: array for name, array in self.familiarity.arrays().items()}
        return dict(arrays, thresholds=np.asarray(self.thresholds, np.float64))


def familiarity_from(arrays: Mapping[str, np.ndarray]) -> Familiarity:
    """Rebuild the familiarity from `Recogniser.arrays`."""
    prefix = "familiarity/"
    return Familiarity.from_arrays({name[len(prefix) :]: a for name, a in arrays.items() if name.startswith(prefix)})
