"""EfficientNet-Lite0 forward at 224 px, batch 1 and 32: mediaml's fused MXNet beside torch, eager, channels_last.

    python benchmarks/lite0.py

torch runs in an environment of its own (made once under .cache/rivals), in turn with mediaml, round by round. Both have
the same weights; the mean of the embeddings of one input is printed as a checksum.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
from pathlib import Path

from logmel import environment

from data import head, row, say_machine
from mediaml.runtime.cores import available_cores
from mediaml.vision import checkpoint

ROUNDS = 5
RIVALS = ("mediaml", "torch")


def measure(rival: str) -> dict[str, float]:
    """One round of one rival, in its own process, on all cores."""
    cores = str(available_cores())
    answer = subprocess.run(
        [str(environment(rival)), str(Path(__file__).with_name("lite0_rivals.py")), rival, str(checkpoint.find())],
        env={**os.environ, "OMP_NUM_THREADS": cores},
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return found


def main() -> None:
    say_machine()
    for rival in RIVALS:
        environment(rival)
    rounds = [{rival: measure(rival) for rival in RIVALS} for _ in range(ROUNDS)]
    head("pictures a second", "mediaml (MXNet, fused)", "torch", "ratio")
    for batch in ("1", "32"):
        own = statistics.median(one["mediaml"][batch] for one in rounds)  # type: ignore[index]
        theirs = statistics.median(one["torch"][batch] for one in rounds)  # type: ignore[index]
        ratios = sorted(one["mediaml"][batch] / one["torch"][batch] for one in rounds)  # type: ignore[index]
        ratio = f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        row(f"batch {batch}", f"{own:.0f}", f"{theirs:.0f}", ratio)
    print("checksums:", {rival: round(rounds[0][rival]["checksum"], 5) for rival in RIVALS})  # type: ignore[index]


if __name__ == "__main__":
    main()
