"""In which order a person sees what an archive holds: by value, by confidence, at random.

    python benchmarks/value.py

The archive: ESC-10's fold 5 (80 clips) and the hand signs kept for validation (75 pictures), each twice more as old
archives have them: a copy that was coded again (MP3, JPEG), and a spoilt one (20 dB too loud and clipped, or blurred).
Two mixtures of fold 5 with events and the same as films. Meetings, finches and soundscapes, in which nothing of all
that is. Models: sounds of folds 1 to 4 (YAMNet), hand signs of the training part. Counted is, of the first segments
that a person sees, how many show something right that was not seen before (copies of one clip are one thing), and how
many are spoilt.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image, ImageFilter

import archive
import data
import mediaml as mm

FIRST = (25, 50, 100, 200)
SEEDS = 20


def main() -> None:
    data.say_machine()
    with tempfile.TemporaryDirectory(prefix="mediaml-value-") as scratch:
        folder = Path(scratch)
        archive.learn(folder / "models")
        archive.build(folder / "archive")
        for other in ("video", "odd_audio", "odd_images"):
            shutil.rmtree(folder / "archive" / other)
        copies(folder / "archive")
        catalog = archive.scanned(folder / "archive", folder / "catalog.sqlite", folder / "models")
        truth = things(folder / "archive")
        found = catalog.segments(order="value", explain=True)
        print(f"{len(found)} segments, {len(set(truth.values()))} things")
        data.head("right and new, and spoilt", *(f"of the first {count}" for count in FIRST))
        shown("value", found, truth)
        for part in ("rarity", "length", "quality", "novelty"):
            shown(f"value without {part}", catalog.segments(value=mm.Value(**{part: 0})), truth)
        shown("confidence", found.sort_values("confidence", ascending=False, kind="stable"), truth)
        orders = [found.sample(frac=1, random_state=seed) for seed in range(SEEDS)]
        counts = np.array([seen(one, truth) for one in orders])
        mean, spread = counts.mean(axis=0), counts.std(axis=0)
        told = [f"{m[0]:.1f} +- {s[0]:.1f}, {m[1]:.1f}" for m, s in zip(mean, spread, strict=True)]
        data.row(f"random, {SEEDS} seeds", *told)


def copies(folder: Path) -> None:
    """Put copies beside clips and pictures."""
    for path in sorted((folder / "clips").glob("*.ogg")):
        sound, rate = soundfile.read(path, dtype="float32")
        soundfile.write(path.with_name(f"{path.stem}+again.mp3"), sound, rate)
        soundfile.write(path.with_name(f"{path.stem}+spoilt.flac"), np.clip(10 * sound, -1, 1), rate)
    for path in sorted((folder / "signs").iterdir()):
        picture = Image.open(path).convert("RGB")
        picture.save(path.with_name(f"{path.stem}+again.jpg"), quality=70)
        picture.filter(ImageFilter.GaussianBlur(2)).save(path.with_name(f"{path.stem}+spoilt.png"))


def things(folder: Path) -> dict[tuple[str, str, float], str]:
    """Name what is where: by file, label and start; copies of one thing have one name."""
    found = {
        (str(path), path.name.split("__")[0], 0.0): path.stem.split("+")[0]
        for part in ("clips", "signs")
        for path in (folder / part).iterdir()
    }
    mixtures = [path.stem for path in sorted((folder / "mixtures").glob("*.ogg"))]
    numbers = {name: number for number, stem in enumerate(mixtures) for name in (stem, f"film-{number}")}
    for path, label, start, _ in archive.planted(folder):
        if Path(path).parent.name != "clips":
            found[path, label, start] = f"mixture {numbers[Path(path).stem]}: {label} at {start}"
    return found


def seen(found, truth) -> list[tuple[int, int]]:
    known: set[str] = set()
    spoilt, out = 0, []
    for number, row in enumerate(found.head(max(FIRST)).itertuples(), 1):
        thing = shown_by(row, truth)
        known |= {thing} - {None}
        spoilt += "+spoilt" in row.file
        if number in FIRST:
            out.append((len(known), spoilt))
    return out


def shown_by(row, truth) -> str | None:
    """Name the thing that a segment shows: its label lies where one begins, within a second and a half."""
    near = [
        (abs(start - row.start), thing)
        for (file, label, start), thing in truth.items()
        if file == row.file and label == row.label and start - 1.5 <= row.start and row.start < start + 5
    ]
    return min(near)[1] if near else None


def shown(name: str, found, truth) -> None:
    data.row(name, *(f"{right}, {spoilt}" for right, spoilt in seen(found, truth)))


if __name__ == "__main__":
    main()
