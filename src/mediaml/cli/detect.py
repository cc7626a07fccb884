"""``mediaml detect``: what is in videos and recordings, and when."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

import mediaml as mm
from mediaml.aws.prices import Prices
from mediaml.cli.arguments import Files, finite, in_folder, understood
from mediaml.cli.output import Json, answering, note
from mediaml.errors import MediamlError


class Format(StrEnum):
    """What timelines are saved as."""

    CSV = "csv"
    JSON = "json"
    HTML = "html"
    OTIO = "otio"
    EDL = "edl"
    FCPXML = "fcpxml"
    XML = "xml"
    VTT = "vtt"
    SRT = "srt"
    PARQUET = "parquet"
    AUDACITY = "txt"
    RAVEN = "selections.txt"


JOB = "sagemaker:"

Known = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="The folder of a saved model, the ARN of a version that runs, or sagemaker:NAME of a training job.",
    ),
]
Every = Annotated[
    float | None,
    typer.Option(min=0, callback=finite, help="Videos: seconds from one picture to the next; 0: all.  [default: 1.0]"),
]
Scenes = Annotated[bool, typer.Option("--scenes", help="Videos: the first picture after each cut, too.")]
Alone = Annotated[bool, typer.Option("--only-scenes", help="Videos: the first picture after each cut, and no other.")]
Similar = Annotated[bool, typer.Option("--skip-similar", help="Videos: do not look again at nearly the same picture.")]
Hop = Annotated[
    float | None,
    typer.Option(min=0, callback=finite, help="Sounds: seconds from one window to the next; usually a quarter of one."),
]


def detect(  # noqa: PLR0913, PLR0917  a command line has as many options as it has
    model: Known,
    files: Files,
    every: Every = None,
    scenes: Scenes = False,
    only_scenes: Alone = False,
    skip_similar: Similar = False,
    hop: Hop = None,
    out: Annotated[
        Path | None, typer.Option(file_okay=False, help="A folder for one file each; without it, they are shown.")
    ] = None,
    kind: Annotated[
        Format, typer.Option("--format", help="Of the files: .txt is Audacity's, .selections.txt Raven's.")
    ] = Format.CSV,
    as_json: Json = False,
) -> None:
    """Find what a model knows in videos and recordings, and when it comes and goes."""
    places = in_folder(files, out, kind.value)
    with answering(as_json) as answer:
        found = Found()
        loaded = known(model)
        for file, place in zip(files, places, strict=True):
            try:
                with understood("--hop") if hop is not None else nullcontext():
                    found.add(_timeline(loaded, file, sampled(every, scenes, only_scenes), skip_similar, hop), place)
            except MediamlError as error:
                found.miss(file, error)
        answer.give("\n".join(found.lines), {"timelines": found.timelines, "failed": found.failed}, not found.failed)


def known(model: str, prices: Prices | None = None) -> Any:
    """Load a saved model, connect to a version that runs, or take what a training on SageMaker learned.

    Parameters
    ----------
    model
        Which.
    prices
        For what a model starts on SageMaker.

    Raises
    ------
    AwsValidationError
        It is an ARN, and not of a version: an endpoint's finds nothing in recordings or videos.
    """
    if model.startswith(JOB):
        return mm.SageMakerAudioModel.attach(model.removeprefix(JOB), prices=prices)
    if not model.startswith("arn:"):
        return mm.load(model)
    from mediaml.backends.rekognition.names import version_name

    return mm.connect(version_name(model).arn)


def sampled(every: float | None, scenes: bool, only_scenes: bool) -> tuple[float | None, bool]:
    """Give `every` and `scenes`."""
    if only_scenes:
        return None, True
    return (1.0 if every is None else every), scenes


def _timeline(
    model: Any, file: Path, sampling: tuple[float | None, bool], skip_similar: bool, hop: float | None
) -> mm.Timeline:
    if hasattr(model, "watcher"):
        every, scenes = sampling
        seen: mm.Timeline = model.detect(file, every, scenes=scenes, skip_similar=skip_similar)
        return seen
    heard: mm.Timeline = model.detect(file, hop)
    return heard


class Found:
    """What was found in the files so far, and which could not be read."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.timelines: list[Mapping[str, Any]] = []
        self.failed: list[Mapping[str, str]] = []

    def add(self, timeline: mm.Timeline, place: Path | None) -> None:
        """Take the events of a file, and save them where they have a place."""
        if place is None:
            self.lines.append(str(timeline))
        else:
            self.lines.append(f"{timeline.save(place)}: {len(timeline)} event{'s' * (len(timeline) != 1)}")
        for problem in timeline.problems:
            note(f"warning: {timeline.source}, not read: {problem}")
        self.timelines.append({**timeline.model_dump(mode="json"), "file": place})

    def miss(self, file: Path, error: MediamlError) -> None:
        """Name a file that could not be read."""
        note(f"error: {error}")
        self.failed.append({"source": str(file), "error": str(error)})
