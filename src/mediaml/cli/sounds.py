"""``mediaml sounds``: look at recordings and divide them; train, measure and use a model."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

import mediaml as mm
from mediaml.cli import tables
from mediaml.cli.arguments import Data, Files, Model, Separator, ending, finite, fractions_of, in_folder, understood
from mediaml.cli.detect import Found
from mediaml.cli.fitting import fit
from mediaml.cli.output import Json, answering, note
from mediaml.errors import MediamlError

app = typer.Typer(help="Find sounds in recordings.", no_args_is_help=True)

PARTS = {2: ("train", "test"), 3: tables.PARTS}


class Format(StrEnum):
    """What timelines are saved as."""

    CSV = "csv"
    AUDACITY = "txt"
    RAVEN = "selections.txt"
    JSON = "json"


@app.command()
def check(
    data: Data,
    report: Annotated[
        Path | None, typer.Option(callback=ending(".html"), help="Write a page for people: a .html file.")
    ] = None,
    label_separator: Separator = None,
    as_json: Json = False,
) -> None:
    """Look for what would spoil a training. The exit code is 1 where there are errors."""
    with answering(as_json) as answer:
        found = tables.read(data, separator=label_separator).check()
        facts: dict[str, Any] = {
            "ok": found.ok,
            "verdict": found.verdict,
            "summary": found.summary,
            "findings": [{**asdict(one), "severity": one.severity, "remedy": one.remedy} for one in found.found],
        }
        text = str(found)
        if report is not None:
            facts["report"] = found.save(report)
            text += f"\nreport: {report}"
        answer.give(text, facts, found.ok)


@app.command()
def split(
    data: Data,
    out: Annotated[Path, typer.Option(file_okay=False, help="The folder for train.csv, validation.csv and test.csv.")],
    fractions: Annotated[
        str, typer.Option(help="Of train, validation and test; or two numbers: of train and test.")
    ] = "0.7,0.15,0.15",
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another split.")] = 7,
    allow_missing: Annotated[bool, typer.Option("--allow-missing", help="A part may lack a label.")] = False,
    label_separator: Separator = None,
    as_json: Json = False,
) -> None:
    """Divide recordings so that every part has its share of every label, and none is in two parts."""
    shares = fractions_of(fractions, PARTS)
    names = PARTS[len(shares)]
    with answering(as_json) as answer:
        sounds = tables.read(data, separator=label_separator)
        parts = dict(zip(names, sounds.split(*shares, seed=seed, allow_missing=allow_missing), strict=True))
        written = tables.write_parts(parts, out, label_separator)
        answer.give(
            "\n".join(f"{written[name]}: {part}" for name, part in parts.items()),
            {name: {"table": written[name], "clips": len(part), "labels": part.labels} for name, part in parts.items()},
        )


app.command()(fit)


@app.command()
def evaluate(
    model: Model,
    test: Data,
    report: Annotated[
        Path | None,
        typer.Option(callback=ending(".html", ".md", ".json"), help="Write all of it: a .html page, .md, or .json."),
    ] = None,
    label_separator: Separator = None,
    as_json: Json = False,
) -> None:
    """Measure a model on labelled data that nothing was chosen on."""
    with answering(as_json) as answer:
        found = mm.LocalAudioModel.load(model).evaluate(tables.read(test, separator=label_separator))
        facts = found.model_dump(mode="json", exclude={"outcomes", "history"})
        text = str(found)
        if report is not None:
            facts["report"] = found.save(report)
            text += f"\nreport: {report}"
        answer.give(text, facts)


@app.command()
def predict(model: Model, files: Files, as_json: Json = False) -> None:
    """Tell what is to be heard in each file. Those that cannot be read are named, and the exit code is 1."""
    with answering(as_json) as answer:
        predictions = mm.load(model).predict(files, on_error="skip")
        failed = [one.error for one in predictions if one.error is not None]
        for error in failed:
            note(f"error: {error}")
        answer.give(
            "\n".join(f"{one.source}: {one}" for one in predictions if one.error is None),
            {"predictions": [one.model_dump(mode="json") for one in predictions], "failed": len(failed)},
            ok=not failed,
        )


@app.command()
def detect(
    model: Model,
    files: Files,
    hop: Annotated[
        float | None,
        typer.Option(min=0, callback=finite, help="Seconds from one window to the next; by default a quarter of one."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="A folder for one file a recording; without it, they are shown."),
    ] = None,
    kind: Annotated[
        Format, typer.Option("--format", help="Of the files: .txt is Audacity's, .selections.txt Raven's.")
    ] = Format.CSV,
    as_json: Json = False,
) -> None:
    """Find the sounds in long recordings, and where they begin and end."""
    places = in_folder(files, out, kind.value)
    with answering(as_json) as answer:
        found = Found()
        loaded = mm.LocalAudioModel.load(model)
        for file, place in zip(files, places, strict=True):
            try:
                with understood("--hop") if hop is not None else nullcontext():
                    found.add(loaded.detect(file, hop), place)
            except MediamlError as error:
                found.miss(file, error)
        answer.give("\n".join(found.lines), {"timelines": found.timelines, "failed": found.failed}, not found.failed)
