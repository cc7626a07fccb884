"""From data to a fitted model: a body that is trained or comes pretrained, a head, calibration and thresholds."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from mediaml._warnings import warn
from mediaml.backends import mxnet_thread
from mediaml.backends.fitted import Fitted
from mediaml.backends.local_sounds import Listening, LocalSounds, Parts
from mediaml.backends.provenance import described, file_hashes, versions
from mediaml.backends.remarks import remarks
from mediaml.data.hold_back import hold_back
from mediaml.data.progress import late_bar
from mediaml.features import weights
from mediaml.runtime.learning import Course, Outcome, learn
from mediaml.runtime.loop import Surroundings
from mediaml.runtime.network import Network
from mediaml.runtime.settings import Settings
from mediaml.runtime.spec import Spec
from mediaml.runtime.took import took


@dataclass(frozen=True)
class Training:
    """All that a training depends on, but for the data.

    Parameters
    ----------
    network
        Its name.
    spec
        The front end.
    settings
        How to train a network.
    criterion
        What the thresholds are chosen for, and its value.
    trains_body
        Whether the whole network is trained, or a head on a pretrained body.
    weights_from
        The user's own file of a pretrained body's weights.
    checkpoint
        A folder for the state after each epoch; None: nothing is kept.
    progress
        Show bars.
    """

    network: str
    spec: Spec
    settings: Settings
    criterion: tuple[str, float]
    trains_body: bool
    weights_from: str | None = None
    checkpoint: str | None = None
    progress: bool = True

    def run(self, parts: Parts) -> Fitted:
        """Learn."""
        began = time.monotonic()
        labels = parts[0].labels
        network, digest, weights_digest = self._network(len(labels))
        given = parts[1] is not None
        if self.trains_body and not given:
            parts = (*hold_back(parts[0], self.settings.seed), parts[2])
        told = described(parts)
        sounds = LocalSounds(network, parts, labels, self._listening(digest))
        with late_bar(self.settings.epochs, "training", "epoch", self.progress) as trained:
            surroundings = Surroundings(
                self.checkpoint,
                "-".join([*(str(one["content"]) for one in told.values()), *labels, *([digest] if digest else [])]),
                lambda measured: trained(*_told(measured, self.settings.epochs)),
                mxnet_thread.run,
            )
            with mxnet_thread.translated():
                found = learn(network, sounds, Course(self.settings, self.criterion, self.trains_body, surroundings))
        self._warn(found, labels)
        record = {
            "data": told,
            "validation_given": given,
            **({} if weights_digest is None else {"weights": weights_digest}),
            **({"best_epoch": found.best_epoch} if found.best_epoch is not None else {}),
            **took(began),
            "versions": versions(),
            "settings": asdict(self.settings) if self.trains_body else {"seed": self.settings.seed},
        }
        learned_from = frozenset().union(*(file_hashes(part) for part in parts[:2] if part is not None))
        known_as = None if self.trains_body else digest
        history = tuple(found.history)
        return Fitted(network, found.recogniser, tuple(labels), found.held_out, known_as, history, record, learned_from)

    def _listening(self, digest: str | None) -> Listening:
        known_as = None if self.trains_body else digest
        return Listening(self.settings.batch_size, self.settings.seed, known_as, self.progress)

    def _network(self, labels: int) -> tuple[Network, str | None, str | None]:
        """Make the network, with the weights of a body that comes pretrained; name the body, and these weights."""
        network = mxnet_thread.run(lambda: Network(self.network, self.spec, labels, self.settings.seed))
        if not network.module.PRETRAINED:
            return network, None, None
        known = weights.load(self.network, self.weights_from)
        mxnet_thread.run(lambda: network.set_body(known.arrays))
        return network, mxnet_thread.run(network.body_digest), known.digest

    def _warn(self, found: Outcome, labels: Sequence[str]) -> None:
        """Tell what the user should know of what was learned."""
        for told in remarks(found.recogniser, found.held_out.hours, found.calibrated, labels, self.criterion):
            warn(told)


def _told(measured: Mapping[str, float], epochs: int) -> tuple[str, int, str]:
    """Tell what an epoch measured: behind a bar, how many epochs that was, and as a line of a log."""
    validation = f"validation {100 * measured['validation_accuracy']:.0f} %"
    return validation, 1, f"epoch {measured['epoch']:.0f} of {epochs} at most, {validation}"
