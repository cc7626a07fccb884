"""Boxes: blood cells (BCCD, test = every fifth file by name) and generated brand marks, from files to the report.

python benchmarks/cells.py                   # both; --only cells or logos
python benchmarks/cells.py --fold 1          # a fifth of the training data held out instead: for choices
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import mediaml as mm
from data import ROOT, say_machine

EVERY = 5
LOGOS = {"pictures": 160, "size": (480, 360), "seed": 7}
LOGO_SIDE = 256


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=("cells", "logos"))
    parser.add_argument("--fold", type=int, choices=range(EVERY))
    parser.add_argument("--report", type=Path, help="a folder for the pages")
    chosen = parser.parse_args()
    say_machine()
    if chosen.only != "logos":
        measure("cells", *cells(chosen.fold), chosen.report, flips="both")
    if chosen.only != "cells" and chosen.fold is None:
        with tempfile.TemporaryDirectory() as folder:
            found = mm.samples.logos(folder, progress=False, **LOGOS)  # type: ignore[arg-type]
            train, test = found.split(0.8, 0.2, seed=7, near_duplicates=False)
            measure("logos", train, test, chosen.report, flips="never", side=LOGO_SIDE)


def cells(fold: int | None) -> tuple[mm.ImageDataset, mm.ImageDataset]:
    """Training and test data; with a fold, both inside the training data."""
    place = ROOT / "images" / "detection" / "bccd"
    if not place.exists():
        sys.exit(f"{place} is missing: set MEDIAML_TEST_DATA to the folder of data")
    frame = mm.ImageDataset.from_voc(place).sorted_by("path").frame
    held_out = frame.index % EVERY == EVERY - 1
    if fold is not None:
        frame = frame[~held_out].reset_index(drop=True)
        held_out = frame.index % EVERY == fold
    return mm.ImageDataset(frame[~held_out]), mm.ImageDataset(frame[held_out])


def measure(
    name: str,
    train: mm.ImageDataset,
    test: mm.ImageDataset,
    pages: Path | None,
    *,
    flips: str,
    side: int | None = None,
) -> None:
    """Train and measure, and say how long each took."""
    began = time.perf_counter()
    model = mm.LocalImageModel("ssd", flips=flips, side=side).fit(train, progress=False)
    trained = time.perf_counter()
    report = model.evaluate(test, progress=False)
    assert isinstance(report, mm.DetectionReport)
    taken = time.perf_counter() - trained
    print(
        f"{name}: trained on {len(train)} pictures in {trained - began:.0f} s; {len(test)} in {taken:.1f} s\n{report}"
    )
    if pages is not None:
        pages.mkdir(parents=True, exist_ok=True)
        print(report.save(pages / f"{name}.html"), flush=True)


if __name__ == "__main__":
    main()
