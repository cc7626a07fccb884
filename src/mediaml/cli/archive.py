"""``mediaml scan``, ``segments``, ``export`` and ``review``: an archive sifted, what was found, and who looks at it."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

import mediaml as mm
from mediaml.aws.prices import Prices
from mediaml.cli.arguments import ending, finite, understood
from mediaml.cli.detect import Alone, Every, Hop, Scenes, Similar, known, sampled
from mediaml.cli.output import Json, answering
from mediaml.data.checks.finding import counted

MOST_SHOWN = 50

Store = Annotated[Path, typer.Argument(help="The store of a scan: catalog.sqlite.")]
Labels = Annotated[list[str] | None, typer.Option("--label", help="Only this one; may be given several times.")]
Least = Annotated[float, typer.Option(min=0, max=1, help="The lowest confidence.")]
Top = Annotated[int | None, typer.Option(min=1, help="Only so many, the surest.")]
Of = Annotated[str | None, typer.Option("--file", help="Of one file: its path, or the end of it.")]
MaxCost = Annotated[
    float | None, typer.Option(min=0, callback=finite, help="SageMaker: start nothing that may cost more than this.")
]


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
    max_cost: MaxCost = None,
    price: Annotated[
        list[str] | None,
        typer.Option(
            help="Of an hour, in USD: 'sagemaker transform ml.m5.large=0.12'; else AWS's Price List is asked."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Sift an archive. Called again, it goes on, and examines what is new or has changed."""
    prices = prices_of(price or [], asked=max_cost is not None)
    with answering(as_json) as answer:
        from mediaml.archive.entrants import Settings
        from mediaml.archive.scan import Scan
        from mediaml.data.sampling import Sampling

        models = models_of(model, prices)
        with understood("an option"):
            sampling = Sampling(*sampled(every, scenes, only_scenes), skip_similar)
            asked = Scan(source, models, Settings(sampling, hop, max_cost), engine.value)
        catalog = asked.into(store, workers, progress=True)
        files = catalog.files
        facts = {
            "store": str(store),
            "files": len(files),
            "states": {str(state): int(count) for state, count in files["state"].value_counts().items()},
            "labels": catalog.labels.to_dict("records"),
            "not_read": files.loc[files["state"] == "not read", ["file", "reason"]].to_dict("records"),
        }
        answer.give(str(catalog), facts)


def prices_of(given: list[str], asked: bool) -> Prices | None:
    """Give what knows prices: a table of what was given, or AWS's Price List where prices are asked for.

    Raises
    ------
    BadParameter
        One is no price.
    """
    if not given:
        return mm.AwsPriceList() if asked else None
    with understood("--price"):
        table = {item.strip(): float(amount) for item, _, amount in (one.rpartition("=") for one in given)}
        return mm.PriceTable(table, as_of=datetime.now(UTC).date().isoformat())


def models_of(given: list[str], prices: Prices | None = None) -> Any:
    """Load models; ``name=folder`` names one.

    Parameters
    ----------
    given
        As the command line has them.
    prices
        For what a model starts on SageMaker.

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
        return {name: known(place, prices) for name, _, place in named}
    if any(mark for _, mark, _ in named):
        raise typer.BadParameter("name all models, or none: --model logos=models/logos", param_hint="--model")
    return [known(one, prices) for one in given]


class Sorted(StrEnum):
    """What comes first."""

    TIME = "time"
    CONFIDENCE = "confidence"
    VALUE = "value"
    DOUBT = "doubt"


class Compared(StrEnum):
    """What examples are compared by."""

    SOUND = "sound"
    PICTURE = "picture"


def segments(  # noqa: PLR0913, PLR0917  a command line has as many options as it has
    store: Store,
    label: Labels = None,
    min_confidence: Least = 0.0,
    file: Of = None,
    top: Top = None,
    order: Annotated[Sorted | None, typer.Option(help="What comes first; the surest where --top is given.")] = None,
    want: Annotated[
        list[str] | None, typer.Option(help="How much a label is wanted, LABEL=3; orders by value. Several times.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="By value: what it is made of.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="All of them, as a table of commas.")] = False,
    as_json: Json = False,
) -> None:
    """List what a scan found."""
    if want and order not in (None, Sorted.VALUE):
        raise typer.BadParameter(f"--want orders by value, not by {order}", param_hint="--order")
    with answering(as_json) as answer:
        found = mm.Catalog(store).segments(
            label or None,
            min_confidence,
            file=file,
            top=top,
            order=None if order is None else order.value,
            value=mm.Value(labels=_wanted(want)) if want else None,
            explain=explain,
        )
        text = found.to_csv(index=False) if csv else found.head(MOST_SHOWN).to_string(index=False)
        if not csv and len(found) > MOST_SHOWN:
            text += f"\nand {len(found) - MOST_SHOWN} more: --csv lists all"
        answer.give(text.rstrip("\n"), {"segments": found.to_dict("records")})


def _wanted(given: list[str]) -> dict[str, float]:
    """Read ``cheer=3``."""
    found = {}
    for one in given:
        label, mark, weight = one.rpartition("=")
        try:
            found[label] = float(weight)
        except ValueError:
            mark = ""
        if not mark or not 0 <= found[label] < float("inf"):
            raise typer.BadParameter(f"{one!r}: a label and a number of 0 or more, cheer=3", param_hint="--want")
    return found


def similar(
    store: Store,
    example: Annotated[Path, typer.Argument(help="A recording, a picture or a video.")],
    start: Annotated[
        float | None, typer.Option(min=0, callback=finite, help="Of the example: from this second on.")
    ] = None,
    end: Annotated[float | None, typer.Option(min=0, callback=finite, help="Of the example: to this second.")] = None,
    kind: Annotated[Compared | None, typer.Option(help="Of a video: compare its picture or its sound.")] = None,
    by: Annotated[str | None, typer.Option(help="The folder of the scan's model, if it was trained whole.")] = None,
    top: Annotated[int, typer.Option(min=1, help="Only so many, the likest.")] = 20,
    as_json: Json = False,
) -> None:
    """Find what sounds or looks like an example."""
    with answering(as_json) as answer:
        if (start is None) != (end is None):
            raise typer.BadParameter("give both, --start and --end, or none", param_hint="--start")
        with understood("--start"):
            part = None if start is None or end is None else mm.Segment(start=start, end=end)
        if by is not None and by.startswith("arn:"):
            raise typer.BadParameter("a version of Custom Labels keeps nothing to compare by", param_hint="--by")
        model = None if by is None else known(by)
        chosen: Literal["sound", "picture"] | None = None if kind is None else kind.value
        found = mm.Catalog(store).similar(example, part, kind=chosen, by=model, top=top)
        told = found.astype(object).where(found.notna(), None).to_dict("records")
        answer.give(found.to_string(index=False, na_rep="-"), {"similar": told})


def export(
    store: Store,
    out: Annotated[
        Path, typer.Argument(help="A file for an editor (.otio .edl .fcpxml .xml ...), or a folder for clips.")
    ],
    file: Of = None,
    label: Labels = None,
    min_confidence: Least = 0.0,
    top: Top = None,
    margin: Annotated[float, typer.Option(min=0, callback=finite, help="Clips: seconds more at both sides.")] = 0.0,
    as_json: Json = False,
) -> None:
    """Write what was found for an editor: all of one file (--file), a reel of the finds, or the clips themselves."""
    with answering(as_json) as answer:
        _check_export(out, file, top, margin)
        catalog = mm.Catalog(store)
        if file is not None:
            chosen = catalog.timeline(file).where(label or None, min_confidence)
            answer.give(f"{chosen.save(out)}: {counted(len(chosen), 'event')}", {"file": out, "events": len(chosen)})
        elif out.suffix:
            reel = catalog.reel(label or None, min_confidence, top=top)
            answer.give(f"{reel.save(out)}: {counted(len(reel), 'find')}", {"file": out, "finds": len(reel)})
        else:
            cut = catalog.export_clips(out, top=top, label=label or None, min_confidence=min_confidence, margin=margin)
            failed = [one for one in cut if one.error is not None]
            lines = [f"{out}: {counted(len(cut) - len(failed), 'clip')}"]
            lines += [f"not cut: {one.find}: {one.error}" for one in failed]
            facts = {"folder": out, "clips": len(cut) - len(failed), "failed": [str(one.find) for one in failed]}
            answer.give("\n".join(lines), facts, not failed)


def _check_export(out: Path, file: str | None, top: int | None, margin: float) -> None:
    """Refuse what would not be written, or would not count, before anything is asked of the catalog."""
    from mediaml.export.save import REELS, TIMELINES

    if file is not None:
        ending(*TIMELINES)(out)
    elif out.suffix:
        ending(*REELS)(out)
    if file is not None and top is not None:
        raise typer.BadParameter("--file writes all that was found in one file", param_hint="--top")
    if margin and (file is not None or out.suffix):
        raise typer.BadParameter("clips have a margin: give a folder for them", param_hint="--margin")


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
