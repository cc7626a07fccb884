"""What `AudioDataset.check` or `ImageDataset.check` found, as a page for people."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from mediaml.aws.s3 import is_uri
from mediaml.data.checks.check import Check
from mediaml.data.checks.finding import Finding, counted
from mediaml.data.pictures.check import ImageCheck
from mediaml.data.pictures.problems import PictureFinding
from mediaml.reports.pages import templates
from mediaml.reports.thumbnails import thumbnails
from mediaml.runtime.atomic import write_whole

SHOWN, SHOWN_IN_NOTEBOOK = 200, 20  # findings of each problem: more make a page slow that nobody reads to the end
DRAWN, DRAWN_IN_NOTEBOOK = 6, 3  # pictures of each problem, each with its twin
SIDE = 96  # pixels of their longer side
SIZES = 12  # sizes of pictures that are listed


def check_page(check: Check) -> str:
    """Write a check as a whole HTML page: no script, no link to elsewhere."""
    return _rendered(check, SHOWN, whole=True)


def check_fragment(check: Check) -> str:
    """Write it for a notebook's cell, with its own style that touches nothing else."""
    return _rendered(check, SHOWN_IN_NOTEBOOK, whole=False)


def save_check(check: Check, path: str | Path) -> Path:
    """Write the page in one step, and give its path.

    Parameters
    ----------
    check
        What was found.
    path
        Of a ``.html`` file. Folders are made where missing; a file that stands there is replaced.

    Raises
    ------
    ValueError
        The path ends otherwise.
    """
    place = Path(path)
    if place.suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"a check is saved as .html: {place}; its table is .findings, a DataFrame with a to_csv()")
    place.parent.mkdir(parents=True, exist_ok=True)
    write_whole(place, check_page(check).encode("utf-8"))
    return place


def _rendered(check: Check, shown: int, *, whole: bool) -> str:
    groups = [list(same) for _, same in groupby(check.found, key=lambda finding: finding.problem)]
    page = _of_pictures(check) if isinstance(check, ImageCheck) else _of_sounds(check)
    drawn = _drawn(groups, DRAWN if whole else DRAWN_IN_NOTEBOOK) if isinstance(check, ImageCheck) else {}
    template = templates().get_template("check.html.j2")
    return template.render(check=check, groups=groups, shown=shown, whole=whole, page=page, drawn=drawn)


def _of_sounds(check: Check) -> dict[str, Any]:
    """Give what is said of sounds alone."""
    figures = check.summary
    without = [("clips without a label", f"{figures['unlabelled']:,}")] if figures["unlabelled"] else []
    return {
        "heading": "Check of recordings",
        "figures": [
            ("recordings", f"{figures['recordings']:,}"),
            ("clips", f"{figures['clips']:,}"),
            ("hours of clips", f"{figures['hours']:,.2f}"),
            ("labels", figures["labels"]),
            *without,
        ],
        "columns": ("recordings", "clips", "minutes"),
        "bar": 1,
        "labels": [
            (label, (f"{recordings:,}", f"{clips:,}", f"{minutes:,.1f}"), clips)
            for label, recordings, clips, minutes in check.per_label
        ],
        "files": [
            ("sample rate", "recordings", {f"{rate:,} Hz": count for rate, count in figures["sample_rates"].items()}),
            ("format", "recordings", figures["formats"]),
        ],
        "footer": "Every recording was decoded from beginning to end. Nothing was changed.",
    }


def _of_pictures(check: ImageCheck) -> dict[str, Any]:
    """Give what is said of pictures alone."""
    figures = check.summary
    without = [("pictures without a label", f"{figures['unlabelled']:,}")] if figures["unlabelled"] else []
    sizes = dict(list(figures["sizes"].items())[:SIZES])
    more = sum(figures["sizes"].values()) - sum(sizes.values())
    others = {counted(len(figures["sizes"]) - SIZES, "other size"): more} if more else {}
    return {
        "heading": "Check of pictures",
        "figures": [
            ("pictures", f"{figures['pictures']:,}"),
            ("labels", figures["labels"]),
            *([("boxes", f"{figures['boxes']:,}")] if figures["boxes"] else []),
            *without,
        ],
        "columns": ("pictures", "boxes") if figures["boxes"] else ("pictures",),
        "bar": 0,
        "labels": [
            (label, (f"{pictures:,}", f"{boxes:,}") if figures["boxes"] else (f"{pictures:,}",), pictures)
            for label, pictures, boxes in check.per_label
        ],
        "files": [("size", "pictures", {**sizes, **others}), ("format", "pictures", figures["formats"])],
        "footer": "Every picture on this machine was opened. Nothing was changed.",
    }


def _drawn(groups: Sequence[Sequence[Finding]], most: int) -> dict[str, str]:
    """Draw the first pictures of each problem, and those that they are like, as data URIs by their paths."""
    first = [finding for same in groups for finding in same[:most] if isinstance(finding, PictureFinding)]
    wanted = dict.fromkeys(path for one in first for path in (one.path, one.twin) if path and not is_uri(path))
    made = thumbnails(list(wanted), SIDE)
    return {path: one.data for path, one in zip(wanted, made, strict=True) if one.data}
