"""A very long recording: the memory that `detect` needs, and how many times faster than real time it is.

    python benchmarks/long_recording.py               # 10 minutes and 10 hours, each in a process of its own
    python benchmarks/long_recording.py --hours 2

The recordings are made here: noise with bursts of tones, 16 kHz, written as WAV. Printed: the highest resident memory
of each process from just before `detect` to its end, and the ratio.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import soundfile

import data
import mediaml as mm

RATE = 16000


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--hours", type=float, default=10.0)
    parser.add_argument("--detect", nargs=2, metavar=("MODEL", "RECORDING"), help="one recording, in this process")
    chosen = parser.parse_args()
    if chosen.detect:
        one(*chosen.detect)
        return
    csv = data.table("esc10.csv")
    data.say_machine()
    sounds = mm.AudioDataset.from_table(csv, root=data.ROOT, group_column="freesound_id")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        mm.LocalAudioModel(network="yamnet").fit(sounds.where(fold=[1, 2, 3, 4]), progress=False).save(folder / "model")
        peaks = []
        for name, hours in (("10 minutes", 1 / 6), (f"{chosen.hours:g} hours", chosen.hours)):
            write(folder / "long.wav", hours)
            command = [sys.executable, __file__, "--detect", str(folder / "model"), str(folder / "long.wav")]
            measured = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
            peaks.append(measured["peak"])
            print(
                f"{name}: highest resident memory {measured['peak'] / 2**20:.0f} MiB, {measured['events']} events, "
                f"{hours * 3600 / measured['seconds']:.0f} times real time",
                flush=True,
            )
        print(f"memory ratio {peaks[1] / peaks[0]:.3f}")


def write(path: Path, hours: float) -> None:
    random = np.random.RandomState(0)
    minute = 60 * RATE
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16") as file:
        for _ in range(round(hours * 60)):
            samples = 0.003 * random.standard_normal(minute)
            for start in random.randint(0, minute - 2 * RATE, 4):
                time_ = np.arange(2 * RATE) / RATE
                samples[start : start + 2 * RATE] += 0.2 * np.sin(2 * np.pi * random.uniform(200, 3000) * time_)
            file.write(samples)


def one(model: str, recording: str) -> None:
    loaded, process = mm.load(model), psutil.Process()
    peak, done = [process.memory_info().rss], threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            peak[0] = max(peak[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    timeline = loaded.detect(recording, progress=False)
    spent = time.perf_counter() - began
    done.set()
    watcher.join()
    print(json.dumps({"peak": peak[0], "events": len(timeline), "seconds": spent}))


if __name__ == "__main__":
    main()
