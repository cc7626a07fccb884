"""The pre-flight check of manifests with boxes: time and memory for 25,000 and for 250,000 lines.

    python benchmarks/preflight.py

A tenth of the lines shows whether memory grows with the file. Each size is checked in a process of its own, with one
thread; no picture is opened, there is none. Peak memory is that of the whole process, with Python and what it imports;
`empty` is a manifest of a single line.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from data import head, row, say_machine

SIZES = (1, 25_000, 250_000)
BOXES = 2
LABELS = [f"label {number}" for number in range(10)]


def write(path: Path, lines: int) -> Path:
    """A manifest as Ground Truth writes it: each class-map has the labels of its own boxes."""
    random.seed(0)
    with path.open("w") as stream:
        for number in range(lines):
            stream.write(json.dumps(line(number)) + "\n")
    return path


def line(number: int) -> dict[str, object]:
    kinds = random.choices(range(len(LABELS)), k=BOXES)
    annotations = [
        {
            "class_id": kind,
            "top": random.randrange(300),
            "left": random.randrange(400),
            "width": random.randrange(20, 200),
            "height": random.randrange(20, 150),
        }
        for kind in kinds
    ]
    return {
        "source-ref": f"s3://pictures-of-the-archive/2024/{number % 97:02d}/{number:09d}.jpg",
        "bounding-box": {"image_size": [{"width": 640, "height": 480, "depth": 3}], "annotations": annotations},
        "bounding-box-metadata": {
            "objects": [{"confidence": 1}] * BOXES,
            "class-map": {str(kind): LABELS[kind] for kind in kinds},
            "type": "groundtruth/object-detection",
            "human-annotated": "yes",
            "creation-date": "2024-11-18T02:53:27.123456",
            "job-name": "labeling-job/archive",
        },
    }


def check(path: Path) -> None:
    """Check one manifest, and print what it took."""
    from mediaml.data.preflight.manifest import check_manifest

    begun = time.perf_counter()
    found = check_manifest(path)
    seconds = time.perf_counter() - begun
    assert found.train.usable == found.train.lines
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    print(json.dumps({"seconds": seconds, "peak": peak, "boxes": found.train.boxes, "ok": found.ok}))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", type=Path, help="check this manifest only")
    wanted = parser.parse_args().check
    if wanted:
        check(wanted)
        return
    say_machine()
    head("lines", "boxes", "MB", "seconds", "lines a second", "peak, MiB")
    with tempfile.TemporaryDirectory() as folder:
        for lines in SIZES:
            path = write(Path(folder) / f"{lines}.manifest", lines)
            told = subprocess.run(
                [sys.executable, __file__, "--check", str(path)], capture_output=True, text=True, check=True
            )
            took = json.loads(told.stdout.splitlines()[-1])
            row(
                f"{lines:,}",
                f"{took['boxes']:,}",
                f"{path.stat().st_size / 1e6:.1f}",
                f"{took['seconds']:.2f}",
                f"{lines / took['seconds']:,.0f}",
                f"{took['peak']:.0f}",
            )
            path.unlink()


if __name__ == "__main__":
    main()
