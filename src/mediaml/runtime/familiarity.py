"""How much a sound is like those that a model was trained on.

The mean cosine similarity to the three nearest training clips (Sun et al. 2022, "Out-of-distribution detection with
deep nearest neighbors"), in a space in which directions that vary within the labels count less (within-class covariance
normalisation, Hatch et al. 2006). Clips of background, where they are nearer, count against it.
"""

from __future__ import annotations

from typing import Dict, Mapping, NamedTuple

import numpy as np

NEAREST = 3
SHRINKAGE = 0.8  # share of the mean variance in the variance of each direction
DIRECTIONS = 64  # that vary most within the labels; the rest is taken to vary alike
MARGIN = 3.0  # how much each point counts by which background is nearer than training
MOST_REFERENCES = 4000
BLOCK = 256


class Familiarity(NamedTuple):
    """What likeness is measured with.

    Parameters
    ----------
    axes, shrink
        float32 [directions, numbers] and [directions]: how much of each direction is taken away, 0 to 1.
    references
        Training clips, float32 [n, numbers], of length 1.
    background
        Clips of background, float32 [n, numbers], of length 1; may be none.
    """

    axes: np.ndarray
    shrink: np.ndarray
    references: np.ndarray
    background: np.ndarray

    def measure(self, embeddings: np.ndarray) -> np.ndarray:
        """Familiarity float64 [n], 0 to 1, of embeddings [n, at least the numbers compared].

        Embeddings that are too large to be compared, such as a damaged network's, are like nothing: 0.
        """
        out = np.empty(len(embeddings))
        with np.errstate(over="ignore", invalid="ignore"):
            for first in range(0, len(embeddings), BLOCK):
                places = self._places(embeddings[first : first + BLOCK])
                known = _nearest(places, self.references)
                other = _nearest(places, self.background) if len(self.background) else known
                out[first : first + BLOCK] = known - MARGIN * np.maximum(0.0, other - known)
        return np.clip(np.nan_to_num(out, nan=0.0), 0.0, 1.0)

    def _places(self, embeddings: np.ndarray) -> np.ndarray:
        return _unit(_flattened(embeddings[:, : self.axes.shape[1]], self.axes, self.shrink))

    def with_background(self, embeddings: np.ndarray) -> "Familiarity":
        """Count these clips as background, [n, numbers]."""
        return self._replace(background=_thinned(self._places(embeddings), np.zeros(len(embeddings), int)))

    def arrays(self) -> Dict[str, np.ndarray]:
        """Give all of it by name, for a file."""
        return dict(self._asdict())

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "Familiarity":
        """Rebuild it from `arrays`."""
        return cls(*(np.asarray(arrays[name], np.float32) for name in cls._fields))


def fit_familiarity(embeddings: np.ndarray, truth: np.ndarray, similar: int) -> Familiarity:
    """Learn which directions vary within labels, and keep the clips to compare with.

    Parameters
    ----------
    embeddings
        float32 [n, numbers] of the training clips.
    truth
        Zeros and ones [n, labels].
    similar
        How many of the embedding's numbers are compared, from the first on.
    """
    compared = np.asarray(embeddings[:, :similar], np.float32)
    _, kinds = np.unique(truth, axis=0, return_inverse=True)
    kinds = kinds.reshape(-1)  # numpy 2.0 gave it two dimensions
    means = np.stack([compared[kinds == kind].mean(axis=0) for kind in range(kinds.max() + 1)])
    _, sizes, axes = np.linalg.svd(compared - means[kinds], full_matrices=False)
    variance = np.asarray(sizes, np.float64) ** 2 / len(compared)
    floor = SHRINKAGE * variance.sum() / similar
    kept = min(DIRECTIONS, int(np.count_nonzero(variance > 1e-12)))
    shrink = 1.0 - np.sqrt(floor / ((1.0 - SHRINKAGE) * variance[:kept] + floor)) if kept else np.zeros(0)
    axes, shrink = axes[:kept].astype(np.float32), np.asarray(shrink, np.float32)
    places = _unit(_flattened(compared, axes, shrink))
    return Familiarity(axes, shrink, _thinned(places, kinds), np.zeros((0, similar), np.float32))


def score(probabilities: np.ndarray, familiarity: np.ndarray) -> np.ndarray:
    """Join both to the number that verdicts are taken on: sqrt(probability) * familiarity, float64 [n, labels]."""
    return np.sqrt(probabilities) * np.asarray(familiarity)[..., None]


def _flattened(rows: np.ndarray, axes: np.ndarray, shrink: np.ndarray) -> np.ndarray:
    return rows - (rows.dot(axes.T) * shrink).dot(axes)


def _unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)).astype(np.float32)


def _nearest(places: np.ndarray, references: np.ndarray) -> np.ndarray:
    """Mean cosine similarity to the nearest references."""
    similar = places.dot(references.T)
    count = min(NEAREST, len(references))
    return np.partition(similar, len(references) - count, axis=1)[:, -count:].mean(axis=1)


def _thinned(places: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """Keep at most so many, of each kind alike."""
    if len(places) <= MOST_REFERENCES:
        return places
    random = np.random.RandomState(0)
    rank = np.empty(len(places))
    for kind in np.unique(kinds):
        (rows,) = np.nonzero(kinds == kind)
        rank[rows] = random.permutation(len(rows))
    return places[np.sort(np.argsort(rank, kind="stable")[:MOST_REFERENCES])]
