"""The state of a detector's training after each epoch: killed at any instant, it goes on from there."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mediaml.backends.pictures.stored import named, under
from mediaml.errors import CheckpointError
from mediaml.runtime import store
from mediaml.runtime.faults import StoreFault
from mediaml.vision.detector_training import DetectorTrainer

NAME = "checkpoint"


@dataclass(frozen=True)
class Checkpoint:
    """Where a training's state is kept, and which training it is. To be used on MXNet's thread.

    Parameters
    ----------
    folder
        Made where missing; None: nothing is kept.
    training
        All that the training depends on, as text: data, labels, settings.
    """

    folder: str | None
    training: str

    def load(self, trainer: DetectorTrainer) -> list[Mapping[str, float]]:
        """Take up what was kept, and give what each epoch so far measured.

        Raises
        ------
        CheckpointError
            The folder holds the state of another training, or a damaged one.
        """
        if self.folder is None or not (Path(self.folder) / f"{NAME}.json").exists():
            return []
        try:
            facts, arrays = store.read(self.folder, NAME)
        except StoreFault as fault:
            raise CheckpointError(f"{fault} Delete the folder to start anew.") from fault
        if facts.get("training") != self._digest:
            raise CheckpointError(
                f"{self.folder}: holds the state of another training (other data or settings); give another folder, or "
                f"delete it"
            )
        try:
            trainer.restore(int(facts["steps"]), {part: under(f"{part}/", arrays) for part in trainer.state()})
            return list(facts["history"])
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(
                f"{self.folder}: the checkpoint is damaged ({error!r}). Delete it to start anew."
            ) from error

    def save(self, trainer: DetectorTrainer, history: list[Mapping[str, float]]) -> None:
        """Keep the state, in place of the one before."""
        if self.folder is None:
            return
        arrays: dict[str, Any] = {}
        for part, own in trainer.state().items():
            arrays.update(named(f"{part}/", own))
        facts = {"training": self._digest, "steps": trainer.optimiser.steps, "history": history}
        store.write(os.fspath(self.folder), NAME, facts, arrays)

    @property
    def _digest(self) -> str:
        return hashlib.sha256(self.training.encode()).hexdigest()
