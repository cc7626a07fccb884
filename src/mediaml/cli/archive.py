"""``mediaml scan``, ``segments``, ``export`` and ``review``: an archive sifted, what was found, and who looks at it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

import mediaml as mm
from mediaml.cli.detect import Alone, Every, Hop, Scenes, Similar, known, sampled
from mediaml.cli.output import Json, answering

MOST_SHOWN = 50

Store = Annotated[Path, typer.Argument(help="The store of a scan: catalog.sqlite.")]
Labels = Annotated[list[str] | None, typer.Option("--label", help="Only this one; may be given several times.")]
Least = Annotated[float, typer.Option(min=0, max=1, help="The lowest confidence.")]
Top = Annotated[int | None, typer.Option(min=1, help="Only so many, the surest.")]
Of = Annotated[str | None, typer.Option("--file", help="Of one file: its path, or the end of it.")]


class Engine(StrEnum):
    """Where files are examined."""

    LOCAL = "local"
    RAY = "ray"
    SAGEMAKER = "sagemaker"


def scan(  # noqa: PLR0913, PLR0917  a command line has as many options as it has
    source: Annotated[list[str], typer.Argument(help="Folders, files, or s3://bucket/prefix/.")],
    model: Annotated[
        list[str],
        typer.Option(help="A folder, an ARN or sagemaker:NAME, as of detect; name=folder names it."),
    ],
    store: Annotated[Path, typer.Option(dir_okay=False, help="Where the catalog is kept.")] = Path("catalog.sqlite"),
    every: Every = None,
    scenes: Scenes = False,
    only_scenes: Alone = False,
    skip_similar: Similar = False,
    hop: Hop = None,
    engine: Annotated[
        Engine, typer.Option(help="Where: in this process, on a Ray cluster, by SageMaker.")
    ] = Engine.LOCAL,
    workers: Annotated[int | None, typer.Option(min=1, help="Files at once.")] = None,
    as_json: Json = False,
) -> None:
    """Sift an archive. Called again, it goes on, and examines what is new or has changed."""
    with answering(as_json) as answer:
        step, cuts = sampled(every, scenes, only_scenes)
        catalog = mm.scan(
            source,
            models_of(model),
            store,
            every=step,
            scenes=cuts,
            skip_similar=skip_similar,
            hop=hop,
            engine=engine.value,
            workers=workers,
        )
        files = catalog.files
        facts = {
            "store": str(store),
            "files": len(files),
            "states": {str(state): int(count) for state, count in files["state"].value_counts().items()},
            "labels": catalog.labels.to_dict("records"),
            "not_read": files.loc[files["state"] == "not read", ["file", "reason"]].to_dict("records"),
        }
        answer.give(str(catalog), facts)


def models_of(given: list[str]) -> Any:
    """Load models; ``name=folder`` names one.

    Raises
    ------
    BadParameter
        Some have names, and others have none; or two have the same.
    """
    named = [one.partition("=") for one in given]
    if all(mark for _, mark, _ in named):
        names = [name for name, _, _ in named]
        if len(set(names)) < len(names):
            raise typer.BadParameter("two models have the same name", param_hint="--model")
        return {name: known(place) for name, _, place in named}
    if any(mark for _, mark, _ in named):
        raise typer.BadParameter("name all models, or none: --model logos=models/logos", param_hint="--model")
    return [known(one) for one in given]


def segments(
    store: Store,
    label: Labels = None,
    min_confidence: Least = 0.0,
    file: Of = None,
    top: Top = None,
    csv: Annotated[bool, typer.Option("--csv", help="All of them, as a table of commas.")] = False,
    as_json: Json = False,
) -> None:
    """List what a scan found."""
    with answering(as_json) as answer:
        found = mm.Catalog(store).segments(label or None, min_confidence, file=file, top=top)
        text = found.to_csv(index=False) if csv else found.head(MOST_SHOWN).to_string(index=False)
        if not csv and len(found) > MOST_SHOWN:
            text += f"\nand {len(found) - MOST_SHOWN} more: --csv lists all"
        answer.give(text.rstrip("\n"), {"segments": found.to_dict("records")})


def export(
    store: Store,
    out: Annotated[
        Path, typer.Argument(help="A file for an editor (.otio .edl .fcpxml .xml ...), or a folder for clips.")
    ],
    file: Of = None,
    label: Labels = None,
    min_confidence: Least = 0.0,
    top: Top = None,
    margin: Annotated[float, typer.Option(min=0, help="Clips: seconds more at both sides.")] = 0.0,
    as_json: Json = False,
) -> None:
    """Write what was found for an editor: all of one file (--file), a reel of the finds, or the clips themselves."""
    with answering(as_json) as answer:
        catalog = mm.Catalog(store)
        if file is not None:
            chosen = catalog.timeline(file).where(label or None, min_confidence)
            answer.give(f"{chosen.save(out)}: {len(chosen)} events", {"file": out, "events": len(chosen)})
        elif out.suffix:
            reel = catalog.reel(label or None, min_confidence, top=top)
            answer.give(f"{reel.save(out)}: {len(reel)} finds", {"file": out, "finds": len(reel)})
        else:
            cut = catalog.export_clips(out, top=top, label=label or None, min_confidence=min_confidence, margin=margin)
            failed = [one for one in cut if one.error is not None]
            lines = [f"{out}: {len(cut) - len(failed)} clips"]
            lines += [f"not cut: {one.find}: {one.error}" for one in failed]
            facts = {"folder": out, "clips": len(cut) - len(failed), "failed": [str(one.find) for one in failed]}
            answer.give("\n".join(lines), facts, not failed)


def review(
    store: Store,
    out: Annotated[Path, typer.Argument(file_okay=False, help="A folder for the page; made where missing.")],
    label: Labels = None,
    min_confidence: Least = 0.0,
    top: Top = None,
    as_json: Json = False,
) -> None:
    """Make a page on which a person judges what was found; what it saves is training data."""
    with answering(as_json) as answer:
        catalog = mm.Catalog(store)
        page = catalog.review(out, label=label or None, min_confidence=min_confidence, top=top)
        answer.give(f"{page}: open it in a browser", {"page": page})
