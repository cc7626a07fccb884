"""``mediaml pictures``: look at pictures, divide and convert them; train, measure and use a model."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

import mediaml as mm
from mediaml.cli import picture_data, tables
from mediaml.cli.arguments import Model, Separator, ending, fractions_of, made, understood
from mediaml.cli.output import Json, answering, note
from mediaml.cli.picture_data import Format, Images, PictureData

app = typer.Typer(help="Find things in pictures.", no_args_is_help=True)

PARTS = {2: ("train", "test"), 3: tables.PARTS}
Files = Annotated[list[Path], typer.Argument(help="Pictures.")]
Page = Annotated[Path | None, typer.Option(callback=ending(".html"), help="Write a page for people: a .html file.")]

Accept = Annotated[float | None, typer.Option(min=0, max=1, help="Share of the known that gets a label.")]
TargetPrecision = Annotated[
    float | None, typer.Option(min=0, max=1, help="Instead: share of what is given a label that has it.")
]


class Network(StrEnum):
    """What a model can be made of."""

    LABELS = "efficientnet-lite0"
    BOXES = "ssd"


class Flips(StrEnum):
    """What may be mirrored."""

    NEVER = "never"
    HORIZONTAL = "horizontal"
    BOTH = "both"


class View(StrEnum):
    """What is looked at."""

    CROP = "crop"
    SQUASH = "squash"
    BOTH = "both"


@app.command()
def check(
    data: PictureData,
    images: Images = None,
    report: Page = None,
    service: Annotated[
        bool, typer.Option("--service/--no-service", help="Hold it against the limits of Rekognition Custom Labels.")
    ] = True,
    label_separator: Separator = None,
    as_json: Json = False,
) -> None:
    """Look for what would spoil a training. The exit code is 1 where there are errors."""
    with answering(as_json) as answer:
        found = picture_data.read(data, images, label_separator).check(service=service)
        facts: dict[str, Any] = {
            "ok": found.ok,
            "verdict": found.verdict,
            "summary": found.summary,
            "findings": found.findings.to_dict("records"),
        }
        text = str(found)
        if report is not None:
            facts["report"] = found.save(report)
            text += f"\nreport: {report}"
        answer.give(text, facts, found.ok)


@app.command()
def split(
    data: PictureData,
    out: Annotated[Path, typer.Option(file_okay=False, help="The folder for the parts: .csv, or .json with boxes.")],
    images: Images = None,
    fractions: Annotated[
        str, typer.Option(help="Of train, validation and test; or two numbers: of train and test.")
    ] = "0.7,0.15,0.15",
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another split.")] = 7,
    allow_missing: Annotated[bool, typer.Option("--allow-missing", help="A part may lack a label.")] = False,
    label_separator: Separator = None,
    as_json: Json = False,
) -> None:
    """Divide pictures so that every part has its share of every label, and identical files stay together."""
    shares = fractions_of(fractions, PARTS)
    names = PARTS[len(shares)]
    with answering(as_json) as answer:
        found = picture_data.read(data, images, label_separator)
        parts = dict(zip(names, found.split(*shares, seed=seed, allow_missing=allow_missing), strict=True))
        written = picture_data.write_parts(parts, out, label_separator)
        answer.give(
            "\n".join(f"{written[name]}: {part}" for name, part in parts.items()),
            {
                name: {"file": written[name], "pictures": len(part), "labels": part.labels}
                for name, part in parts.items()
            },
        )


@app.command()
def convert(
    data: PictureData,
    out: Annotated[Path, typer.Argument(help="The file, or for VOC and YOLO the folder.")],
    to: Annotated[Format, typer.Option("--to", help="The format.")],
    images: Images = None,
    bucket: Annotated[str | None, typer.Option(help="Manifest: where the pictures will lie.")] = None,
    prefix: Annotated[str, typer.Option(help="Manifest: what their names begin with in the bucket.")] = "",
    label_separator: Separator = None,
    as_json: Json = False,
) -> None:
    """Write labels and boxes in another format, and name what that has no place for. The pictures stay."""
    with answering(as_json) as answer:
        found = picture_data.read(data, images, label_separator)
        written = picture_data.write(found, out, to, bucket, prefix)
        answer.give(
            str(written),
            {"path": written.path, "pictures": written.pictures, "boxes": written.boxes, "lost": written.lost},
        )


@app.command()
def fit(  # noqa: PLR0913, PLR0917  a command line's options, each on its own
    train: PictureData,
    out: Annotated[Path, typer.Option(file_okay=False, help="The folder that the model is saved in.")],
    images: Images = None,
    validation: Annotated[
        Path | None, typer.Option(help="Data that the thresholds are chosen on; without it, a part of TRAIN.")
    ] = None,
    background: Annotated[Path | None, typer.Option(help="Pictures of what is none of the things.")] = None,
    network: Annotated[
        Network | None, typer.Option(help="efficientnet-lite0: labels; ssd: boxes. By default as the data is.")
    ] = None,
    multi_label: Annotated[bool, typer.Option("--multi-label", help="Several labels can be true, or none.")] = False,
    view: Annotated[View | None, typer.Option(help="What is looked at; by default chosen by cross-validation.")] = None,
    augment: Annotated[int | None, typer.Option(min=0, help="Changed copies of each picture to learn from.")] = None,
    fine_tune: Annotated[bool, typer.Option("--fine-tune", help="Train all layers, not only a head.")] = False,
    side: Annotated[int | None, typer.Option(min=64, help="Boxes: pixels that are looked at; by default 384.")] = None,
    flips: Annotated[Flips, typer.Option(help="Boxes: mirror pictures.")] = Flips.HORIZONTAL,
    epochs: Annotated[int | None, typer.Option(min=1, help="Of a network that is trained.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed and data give the same model.")] = 7,
    accept: Accept = None,
    target_precision: TargetPrecision = None,
    label_separator: Separator = None,
    as_json: Json = False,
) -> None:
    """Train a model and save it."""
    with answering(as_json) as answer:
        learned = picture_data.read(train, images, label_separator)
        chosen = network or (Network.BOXES if learned.has_boxes else Network.LABELS)
        with understood("an option"):
            model = mm.LocalImageModel(
                chosen.value,
                multi_label=multi_label,
                view=None if view is None else view.value,
                augment=augment,
                fine_tune=fine_tune,
                side=side,
                flips=flips.value,
                epochs=epochs,
                accept=accept,
                target_precision=target_precision,
                seed=seed,
            )
        with made(out):
            model.fit(
                learned,
                None if validation is None else picture_data.read(validation, images, label_separator),
                background=None if background is None else mm.ImageDataset.from_folder(background, None),
            )
            place = model.save(out)
        answer.give(*_told(model, place, learned))


def _told(model: mm.LocalImageModel, place: Path, learned: mm.ImageDataset) -> tuple[str, dict[str, Any]]:
    count = len(learned.labelled)
    return f"{model.network} learned {', '.join(model.labels)} from {count} pictures\nsaved in {place}", {
        "model": place,
        "network": model.network,
        "labels": model.labels,
        "pictures": count,
        "thresholds": {str(label): float(value) for label, value in model.thresholds["threshold"].items()},
        "history": model.history,
        "training": model.training,
    }


@app.command()
def evaluate(
    model: Model,
    test: PictureData,
    images: Images = None,
    report: Annotated[
        Path | None,
        typer.Option(callback=ending(".html", ".md", ".json"), help="Write all of it: a .html page, .md, or .json."),
    ] = None,
    label_separator: Separator = None,
    as_json: Json = False,
) -> None:
    """Measure a model on labelled pictures that nothing was chosen on."""
    with answering(as_json) as answer:
        found = mm.LocalImageModel.load(model).evaluate(picture_data.read(test, images, label_separator))
        facts = found.model_dump(mode="json", exclude={"outcomes", "history"})
        text = str(found)
        if report is not None:
            facts["report"] = found.save(report)
            text += f"\nreport: {report}"
        answer.give(text, facts)


@app.command()
def predict(model: Model, files: Files, as_json: Json = False) -> None:
    """Tell what is to be seen in each picture. Those that cannot be read are named, and the exit code is 1."""
    with answering(as_json) as answer:
        predictions = mm.LocalImageModel.load(model).predict(files, on_error="skip")
        failed = [one.error for one in predictions if one.error is not None]
        for error in failed:
            note(f"error: {error}")
        answer.give(
            "\n".join(f"{one.source}: {one}" for one in predictions if one.error is None),
            {"predictions": [one.model_dump(mode="json") for one in predictions], "failed": len(failed)},
            ok=not failed,
        )
