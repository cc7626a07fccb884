"""``mediaml export-onnx``: a saved model for machines without MXNet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import mediaml as mm
from mediaml.cli.arguments import Model
from mediaml.cli.output import Json, answering
from mediaml.errors import SavedModelError

Folder = Annotated[Path, typer.Argument(file_okay=False, help="The folder that the model is exported to.")]


def export_onnx(model: Model, folder: Folder, as_json: Json = False) -> None:
    """Export a saved model to ONNX: it then predicts where there is no MXNet."""
    with answering(as_json) as answer:
        loaded = mm.load(model)
        if not isinstance(loaded, mm.LocalAudioModel | mm.LocalImageModel):
            raise SavedModelError(f"{model}: a {type(loaded).__name__} works elsewhere; local models are exported")
        place = loaded.export_onnx(folder)
        network = next(iter(place.glob("network-*.onnx")))
        answer.give(
            f"{loaded.network} with {len(loaded.labels)} labels exported to {place}; the graph: {network.name}",
            {"model": place, "network": loaded.network, "labels": loaded.labels, "graph": network},
        )
