"""Log-mel of 5 s at 22.05 kHz, n_fft 1024, hop 512, 128 bands, one thread: mediaml against librosa, torch and scipy.

    python benchmarks/logmel.py                  # librosa; --rivals librosa torch for more

Each rival runs in an environment of its own (made once under .cache/rivals) and in turn with mediaml, round by round,
so that a noisy machine is noisy for both. All process the same waveform; the mean of their numbers is printed as a
checksum (torch uses a random filter bank: its time counts, its numbers do not).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from data import head, row, say_machine

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parent / ".cache" / "rivals"
REQUIREMENTS = {"librosa": ["librosa"], "torch": ["torch==2.13.0", "numpy"]}
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
ROUNDS = 7


def environment(rival: str) -> Path:
    """The Python of a rival's environment."""
    if rival == "mediaml":
        return Path(sys.executable)
    python = ENVIRONMENTS / rival / "bin" / "python"
    if not (ENVIRONMENTS / rival / "ready").exists():
        print(f"making an environment for {rival} ...", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENTS / rival)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *REQUIREMENTS[rival]], check=True)
        (ENVIRONMENTS / rival / "ready").touch()
    return python


def measure(rival: str) -> dict[str, object]:
    """One round of one rival, in its own process."""
    answer = subprocess.run(
        [str(environment(rival)), str(HERE / "logmel_rivals.py"), rival],
        env={**os.environ, **ONE_THREAD},
        capture_output=True,
        text=True,
        check=True,
    )
    result: dict[str, object] = json.loads(answer.stdout.splitlines()[-1])
    return result


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rivals", nargs="*", default=["librosa"], choices=sorted(REQUIREMENTS))
    rivals = ["mediaml", *parser.parse_args().rivals]
    say_machine()
    for rival in rivals:
        environment(rival)
    rounds = [{rival: measure(rival) for rival in rivals} for _ in range(ROUNDS)]
    head("log-mel of 5 s, one thread", "version", "median, ms", "lowest, ms", "against mediaml, times", "checksum, dB")
    for rival in rivals:
        times = [float(str(one[rival]["milliseconds"])) for one in rounds]
        ratios = [float(str(one[rival]["milliseconds"])) / float(str(one["mediaml"]["milliseconds"])) for one in rounds]
        row(
            rival,
            rounds[0][rival]["version"],
            f"{statistics.median(times):.2f}",
            f"{min(times):.2f}",
            f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
            f"{rounds[0][rival]['checksum']:.6f}",
        )


if __name__ == "__main__":
    main()
