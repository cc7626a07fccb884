"""``mediaml sounds fit``: train a model and save it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

import mediaml as mm
from mediaml.cli import tables
from mediaml.cli.arguments import Data, Separator, finite, made, understood
from mediaml.cli.output import Json, answering


class Network(StrEnum):
    """What a model can be made of."""

    CNN = "cnn"
    YAMNET = "yamnet"


Out = Annotated[Path, typer.Option(file_okay=False, help="The folder that the model is saved in.")]
Validation = Annotated[
    Path | None, typer.Option(help="Data that the best is chosen on; without it, a part of TRAIN is held out.")
]
Background = Annotated[
    Path | None, typer.Option(help="Recordings of what is none of the sounds; labels do not matter.")
]
Made = Annotated[Network, typer.Option(help="yamnet knows sounds already; cnn learns from scratch.")]
FineTune = Annotated[bool, typer.Option("--fine-tune", help="Train all layers of yamnet, not only a head.")]
WeightsFrom = Annotated[Path | None, typer.Option(help="A file of yamnet's weights, instead of the fetched ones.")]
ClipSeconds = Annotated[
    float | None,
    typer.Option(min=0, callback=finite, help="Seconds that are heard at once; by default the network's own, 5."),
]
MultiLabel = Annotated[bool, typer.Option("--multi-label", help="Several labels can be true of a clip, or none.")]
Epochs = Annotated[int | None, typer.Option(min=1, help="At most; by default the network's own number.")]
Seed = Annotated[int, typer.Option(min=0, help="The same seed and data give the same model.")]
Accept = Annotated[
    float | None, typer.Option(min=0, max=1, help="Share of the known sounds that are to be given a label.")
]
TargetPrecision = Annotated[
    float | None, typer.Option(min=0, max=1, help="Instead: share of what is given a label that has it, each label.")
]
FalseAlarms = Annotated[
    float | None,
    typer.Option(
        "--max-false-alarms-per-hour", min=0, callback=finite, help="Instead: labels given in an hour of --background."
    ),
]


def fit(  # noqa: PLR0913, PLR0917  a command line's options, each on its own
    train: Data,
    out: Out,
    validation: Validation = None,
    background: Background = None,
    network: Made = Network.CNN,
    fine_tune: FineTune = False,
    weights_from: WeightsFrom = None,
    clip_seconds: ClipSeconds = None,
    multi_label: MultiLabel = False,
    epochs: Epochs = None,
    seed: Seed = 7,
    accept: Accept = None,
    target_precision: TargetPrecision = None,
    false_alarms: FalseAlarms = None,
    label_separator: Separator = None,
    as_json: Json = False,
) -> None:
    """Train a model and save it."""
    with answering(as_json) as answer:
        with understood("an option"):
            model = mm.LocalAudioModel(
                mm.SpectrogramBuilder.for_network(network.value, clip_seconds),
                network=network.value,
                fine_tune=fine_tune,
                weights_from=weights_from,
                multi_label=multi_label,
                epochs=epochs,
                accept=accept,
                target_precision=target_precision,
                max_false_alarms_per_hour=false_alarms,
                seed=seed,
            )
            if false_alarms is not None and background is None:
                raise ValueError("--max-false-alarms-per-hour is counted on --background")
        learned = tables.read(train, separator=label_separator)
        with made(out):
            model.fit(
                learned,
                None if validation is None else tables.read(validation, separator=label_separator),
                background=None if background is None else tables.read(background, labelled=False),
            )
            place = model.save(out)
        answer.give(*_told(model, place, learned))


def _told(model: mm.LocalAudioModel, place: Path, learned: mm.AudioDataset) -> tuple[str, dict[str, Any]]:
    clips = len(learned.labelled)
    return f"{model.network} learned {', '.join(model.labels)} from {clips} clips\nsaved in {place}", {
        "model": place,
        "network": model.network,
        "labels": model.labels,
        "clips": clips,
        "thresholds": {str(label): float(value) for label, value in model.thresholds["threshold"].items()},
        "history": model.history,
        "training": model.training,
    }
