"""The review page: a folder that needs nothing but itself, opened by a double click."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePath
from typing import Any, Literal

import jinja2

from mediaml.data.files import printable
from mediaml.data.progress import track
from mediaml.features.hearing import ordered
from mediaml.review import pictures, sounds, videos
from mediaml.review.items import Candidate
from mediaml.review.prepared import MEDIA, Prepared, Shelf, prepared
from mediaml.runtime.atomic import write_whole
from mediaml.runtime.cores import available_cores
from mediaml.values.judgement import Kind

Order = Literal["value", "confidence", "doubt", "file"]
FORMAT = 1  # of items.js
ABOUT = "review.json"
SCRIPTS = ("words.js", "verdicts.js", "player.js", "boxes.js", "list.js", "labels.js", "review.js")
OTHERS = ("review.css", "icon.svg")
MAKERS: Mapping[Kind, Callable[[Candidate, Shelf], Prepared]] = {
    "sound": sounds.make,
    "picture": pictures.make,
    "video": videos.make,
}
AHEAD = 4  # things that are prepared before they are asked for, for each thread
WORTH_A_BAR = 20


def build(
    items: Iterable[Candidate],
    folder: str | Path,
    *,
    title: str = "Review",
    labels: Sequence[str] = (),
    order: Order = "value",
    progress: bool = True,
) -> Path:
    """Make a page on which a person judges things, and give the path of its ``index.html``.

    All that the page shows is copied into the folder, small. Called again, it keeps what is there; verdicts that a
    browser holds stay with the page. What cannot be read is on the page with the reason.

    Parameters
    ----------
    items
        What is to be judged, each once.
    folder
        Made where missing.
    title
        What the page is called.
    labels
        What a person may choose; those of the items, too.
    order
        What the page begins with: the highest value (the surest where there are no values), the surest, the least sure,
        or the first file.
    progress
        Show a bar.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    place = Path(folder)
    (place / MEDIA).mkdir(parents=True, exist_ok=True)
    chosen = list({one.id: one for one in items}.values())
    name = _name_of(place)
    shown = [_shown(one, made) for one, made in zip(chosen, _prepared(chosen, place, progress), strict=True)]
    known = sorted({*labels, *(label for one in chosen for label in _labels_of(one))})
    page = {"format": FORMAT, "id": name, "title": title, "labels": known, "order": order, "items": shown}
    write_whole(place / "items.js", f"const REVIEW = {json.dumps(page, separators=(',', ':'))};\n".encode())
    templates = files("mediaml.review") / "templates"
    for name_of_file in (*SCRIPTS, *OTHERS):
        write_whole(place / name_of_file, (templates / name_of_file).read_bytes())
    html = _templates().get_template("page.html.j2").render(title=title, scripts=SCRIPTS)
    write_whole(place / "index.html", html.encode("utf-8", "replace"))
    return place / "index.html"


def _prepared(chosen: Sequence[Candidate], place: Path, progress: bool) -> Iterator[Prepared]:
    """Make the files of all things, some at a time, in order."""
    threads = available_cores()

    def make(one: Candidate) -> Prepared:
        return prepared(one, place, MAKERS[one.kind])

    with ThreadPoolExecutor(threads, "mediaml-review") as pool:
        made = ordered(pool, make, chosen, AHEAD * threads)
        least = WORTH_A_BAR if progress else len(chosen) + 1
        yield from track(made, len(chosen), "making the page", "item", least)


def _name_of(place: Path) -> str:
    """Give the page's own name; one that was built before keeps its name, and so the verdicts that a browser holds."""
    about = place / ABOUT
    try:
        name = json.loads(about.read_bytes())["review"]
    except (OSError, ValueError, KeyError, TypeError):  # the first time, or it was damaged
        name = None
    if not isinstance(name, str):
        name = secrets.token_hex(8)
        write_whole(about, json.dumps({"format": FORMAT, "review": name}).encode())
    return name


def _shown(one: Candidate, made: Prepared) -> dict[str, Any]:
    """Give what the page's scripts know of a thing; what is empty is left out."""
    boxes = None if one.boxes is None else [box.model_dump(exclude={"attributes"}) for box in one.boxes]
    facts = {
        "id": one.id,
        **one.model_dump(exclude={"boxes", "time", "parts"}),
        "parts": dict(one.parts),
        **made.model_dump(),
        "name": printable(PurePath(one.source).name),
    }
    return {key: value for key, value in facts.items() if value not in (None, "", {})} | (
        {} if boxes is None else {"boxes": boxes}
    )


def _labels_of(one: Candidate) -> tuple[str, ...]:
    own = () if one.label is None else (one.label,)
    return (*own, *(box.label for box in one.boxes or ()))


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("mediaml.review"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
