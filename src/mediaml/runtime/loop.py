"""Training: epochs over spectrograms, chosen on validation, resumable from the last epoch.

An epoch depends on the state it starts from and on (seed, number of the epoch) alone. So a training that was killed and
goes on from its checkpoint ends with the weights of one that was never interrupted.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional

import numpy as np

from . import store
from .faults import CheckpointFault, StoreFault
from .network import Network
from .settings import Examples, Settings
from .trainer import Execute, Trainer

CHECKPOINT = "checkpoint"


class Trained(NamedTuple):
    """The weights of the best epoch and what each epoch measured."""

    arrays: Dict[str, np.ndarray]
    history: List[Dict[str, float]]
    best_epoch: int


OnEpoch = Callable[[Mapping[str, float]], object]


def here(function: Callable[[], Any]) -> Any:
    """Run a function in this thread."""
    return function()


@dataclass(frozen=True)
class Surroundings:
    """Where a training runs.

    Parameters
    ----------
    checkpoint
        A folder. The state is kept there after every epoch, and a training that finds its own state there goes on.
    fingerprint
        Of the data; a checkpoint of another one is refused.
    on_epoch
        Called after each epoch with what it measured; also for the epochs that a checkpoint brings back.
    execute
        Runs a function where MXNet may be used.
    """

    checkpoint: Optional[str] = None
    fingerprint: str = ""
    on_epoch: OnEpoch = dict
    execute: Execute = here


def train(
    network: Network,
    training: Examples,
    validation: Examples,
    settings: Settings,
    surroundings: Surroundings = Surroundings(),
) -> Trained:
    """Train a network and give the weights of the epoch that was best on `validation`.

    Parameters
    ----------
    network
        With its first weights; it is changed.
    training, validation
        The examples. Labels are weighted so that each counts the same, however many examples it has.
    settings
        How.
    surroundings
        Where.

    Raises
    ------
    CheckpointFault
        The folder holds the state of another training, or a damaged one.
    """
    execute, checkpoint = surroundings.execute, surroundings.checkpoint
    identity = json.dumps(
        [surroundings.fingerprint, network.name, network.spec.digest, asdict(settings)], sort_keys=True
    )
    trainer = execute(partial(Trainer, network, training, settings, execute))
    if store.exists(checkpoint, CHECKPOINT):
        execute(partial(_restore, trainer, str(checkpoint), identity))
    for measured in trainer.history:
        surroundings.on_epoch(measured)
    while len(trainer.history) < settings.epochs and not trainer.is_stale():
        trainer.epoch(training, validation)
        if checkpoint is not None:
            execute(partial(_keep, trainer, checkpoint, identity))
        surroundings.on_epoch(trainer.history[-1])
    execute(partial(network.set_arrays, trainer.best))
    return Trained(trainer.best, trainer.history, trainer.best_epoch)


def _keep(trainer: Trainer, folder: str, identity: str) -> None:
    facts, arrays = trainer.state()
    store.write(folder, CHECKPOINT, dict(facts, identity=identity), arrays)


def _restore(trainer: Trainer, folder: str, identity: str) -> None:
    try:
        facts, arrays = store.read(folder, CHECKPOINT)
    except StoreFault as fault:
        raise CheckpointFault("{} Delete the folder to start anew.".format(fault))
    if facts.get("identity") != identity:
        raise CheckpointFault(
            "{}: this checkpoint belongs to a training with other data, settings or another network. Give another "
            "folder, or delete this one to start anew.".format(folder)
        )
    try:
        trainer.restore(facts, arrays)
    except (KeyError, TypeError) as error:
        raise CheckpointFault("{}: the checkpoint is damaged ({!r}). Delete it to start anew.".format(folder, error))
