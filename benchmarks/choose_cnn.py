"""How the defaults of the cnn were chosen: cross-validation inside the training folds of ESC-10.

    python benchmarks/choose_cnn.py                                       # the defaults
    python benchmarks/choose_cnn.py '{"least_steps": 8, "epochs": 60}'    # other settings of runtime.settings.Settings
    python benchmarks/choose_cnn.py '{"widths": [24, 48, 96, 192], "spectrogram": {"hop_length": 512}}'

For each official fold k, the network learns from three of the four others and is measured on fold k + 1; fold k itself
is not touched. What came out stands in docs/decisions/0004-the-cnn.md.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import time

import numpy as np

import data
import mediaml as mm
from mediaml.features.examples import load_examples
from mediaml.runtime import loop
from mediaml.runtime.network import Network
from mediaml.runtime.networks import cnn, default_spec
from mediaml.runtime.settings import Examples, Settings


def main() -> None:
    changed = json.loads(sys.argv[1]) if len(sys.argv) > 1 else {}
    cnn.WIDTHS = tuple(changed.pop("widths", cnn.WIDTHS))
    spec = dataclasses.replace(default_spec("cnn"), **changed.pop("spectrogram", {}))
    # every epoch is looked at here, so none may end the training
    settings = dataclasses.replace(Settings(**changed), patience=10**6)
    csv = data.table("esc10.csv")
    data.say_machine()
    sounds = mm.AudioDataset.from_table(csv, root=data.ROOT, group_column="freesound_id")
    heard = load_examples(list(sounds), sounds.labels, spec)
    folds = np.array(sounds.frame["fold"])[heard.clips]
    last, kept, losses, seconds = [], [], [], []
    for fold in range(1, 6):
        held_out = fold % 5 + 1
        training = _rows(heard.examples, (folds != fold) & (folds != held_out))
        validation = _rows(heard.examples, folds == held_out)
        start = time.process_time()
        network = Network("cnn", spec, len(sounds.labels), settings.seed)
        result = loop.train(network, training, validation, settings)
        seconds.append(time.process_time() - start)
        last.append(result.history[-1]["validation_accuracy"])
        kept.append(result.history[result.best_epoch - 1]["validation_accuracy"])
        losses.append(result.history[-1]["validation_loss"])
        print(f"without fold {fold}, on fold {held_out}: last epoch {last[-1]:.3f}, kept {kept[-1]:.3f}", flush=True)
    print(
        f"last epoch {100 * np.mean(last):.2f} %, kept epoch {100 * np.mean(kept):.2f} %, calibrated NLL "
        f"{np.mean(losses):.3f}, CPU {np.mean(seconds):.0f} s a round"
    )


def _rows(examples: Examples, chosen: np.ndarray) -> Examples:
    return Examples(examples.inputs[chosen], examples.truth[chosen])


if __name__ == "__main__":
    main()
