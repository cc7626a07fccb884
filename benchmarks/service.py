"""What a service takes under load: requests a second beside the model's own forward time of the same clips, waiting
times, and what becomes of those for whom there is no place.

The service is a process of its own (`mediaml serve`), with one thread for numbers, so that it works on one core and the
clients have the other; they ask over connections that stay open, as fast as they are answered. Whoever is refused
(429) asks again after a moment: `--backoff` seconds, far less than Retry-After says, so that the queue stays full.
A request that ends in no answer is lost.
"""

from __future__ import annotations

import argparse
import http.client
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.service.running import Process

import data
import mediaml as mm
from mediaml.data import decode
from mediaml.runtime import wav

FORWARD = """
import sys, time, numpy as np, mediaml as mm
from mediaml.backends import mxnet_thread
from mediaml.runtime.dsp import log_mel
model, files, seconds = mm.load(sys.argv[1]), sys.argv[3:], float(sys.argv[2])
fitted = model.deploy().hearer()
from mediaml.data import decode
waves = [decode.read(one, sample_rate=fitted.spec.sample_rate)[0] for one in files]
clips = np.stack([log_mel(one[: fitted.spec.clip_samples], fitted.spec) for one in waves])
def rate(batch):
    def run():
        fitted.network.embed(clips[:batch], batch)
        begun, count = time.perf_counter(), 0
        while time.perf_counter() - begun < seconds:
            fitted.network.embed(clips[:batch], batch)
            count += batch
        return count / (time.perf_counter() - begun)
    return mxnet_thread.run(run)
def front():
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        log_mel(waves[count % len(waves)][: fitted.spec.clip_samples], fitted.spec)
        count += 1
    return count / (time.perf_counter() - begun)
print(rate(1), rate(8), front())
"""
ONE = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


class Load:
    """Clients that ask until they are told to stop.

    Parameters
    ----------
    url
        Of the service.
    bodies
        What they send, in turn.
    backoff
        Seconds after a refusal.
    """

    def __init__(self, url: str, bodies: list[bytes], backoff: float) -> None:
        self.url, self.bodies, self.backoff = url, bodies, backoff
        self.answers: list[tuple[int, float]] = []
        self.sent = self.lost = 0
        self._lock, self._over = threading.Lock(), threading.Event()

    def run(self, clients: int, seconds: float) -> float:
        """Ask for so long, and give how long it took until the last one was answered."""
        threads = [threading.Thread(target=self._client, args=(number,)) for number in range(clients)]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        self._over.set()
        for thread in threads:
            thread.join()
        return time.perf_counter() - begun

    def _client(self, number: int) -> None:
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=60)
        while not self._over.is_set():
            body, begun = self.bodies[number % len(self.bodies)], time.perf_counter()
            number += 1
            with self._lock:
                self.sent += 1
            try:
                connection.request("POST", "/invocations", body, {"Content-Type": "audio/wav"})
                answer = connection.getresponse()
                answer.read()
            except OSError:
                with self._lock:
                    self.lost += 1
                connection.close()
                continue
            with self._lock:
                self.answers.append((answer.status, time.perf_counter() - begun))
            if answer.status == 429:
                self._over.wait(self.backoff)
        connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="cnn", choices=["cnn", "yamnet"])
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--backoff", type=float, default=0.05)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--queues", type=int, nargs="+", default=[1, 4, 16, 64])
    asked = parser.parse_args()
    print(data.machine(), "load", *(f"{one:.2f}" for one in os.getloadavg()))
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        sounds = mm.samples.write_recordings(base / "r", per_label=8, labels=["siren", "bell"], seconds=(5.0, 5.0))
        model = mm.LocalAudioModel(network=asked.network, epochs=2)
        model.fit(mm.AudioDataset.from_folder(sounds), progress=False).save(base / "model")
        files = sorted(str(path) for path in sounds.rglob("*.wav"))[:8]
        measured(base, files, asked)


def measured(base: Path, files: list[str], asked: argparse.Namespace) -> None:
    os.environ.update(ONE)
    rate = mm.load(base / "model").builder.spec.sample_rate
    bodies = [wav.write(decode.read(one, sample_rate=rate)[0][: 5 * rate], rate) for one in files]
    for places in asked.queues:
        command = [sys.executable, "-c", FORWARD, str(base / "model"), str(asked.seconds / 4), *files]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        alone, together, front = map(float, told.split())
        with Process(base / "model", base / "log", "--max-queue", str(places)) as service:
            Load(service.url, bodies, asked.backoff).run(2, 1.0)  # the first ones take longer
            load = Load(service.url, bodies, asked.backoff)
            took = load.run(asked.clients, asked.seconds)
        show(places, load, took, (alone, together, front))


def show(places: int, load: Load, took: float, own: tuple[float, float, float]) -> None:
    statuses = Counter(status for status, _ in load.answers)
    times = [1000 * seconds for status, seconds in load.answers if status == 200]
    p50, p99 = np.percentile(times, [50, 99])
    rate = statuses[200] / took
    alone, together, front = own
    both = 1 / (1 / together + 1 / front)
    others = {status: count for status, count in statuses.items() if status not in (200, 429)}
    print(
        f"queue {places:3}: {rate:7.1f} requests/s | forward alone {alone:7.1f} clips/s, in eights {together:7.1f}, "
        f"with the spectrogram {both:7.1f} | of forward {rate / alone:.2f}, of eights {rate / together:.2f}, "
        f"of forward and spectrogram {rate / both:.2f} | p50 {p50:6.1f} p99 {p99:6.1f} ms | 200: {statuses[200]}, "
        f"429: {statuses[429]}, others {others}, lost {load.sent - len(load.answers)} "
        f"of {load.sent} | load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
