"""What a service takes under load: requests a second beside the model's own forward time of the same clips, waiting
times, and what becomes of those for whom there is no place.

The service is a process of its own (`mediaml serve`), with one thread for numbers, so that it works on one core and the
clients have the other. The model alone is measured beside it, by the clock and by the processor's time: the network's
forward pass, and the whole answer as AWS's container works it out.

Clients ask over connections that stay open, as fast as they are answered. Whoever is refused (429) asks again after
`--backoff` seconds, far less than Retry-After says, so that the queue stays full. A request without an answer is lost.
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
from typing import NamedTuple

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.service.running import Process

import data
import mediaml as mm
from mediaml.data import decode
from mediaml.runtime import wav

FORWARD = """
import sys, time, numpy as np, mediaml as mm
from mediaml.backends import mxnet_thread
from mediaml.runtime import inference, wav
from mediaml.runtime.dsp import log_mel
model, seconds = mm.load(sys.argv[1]), float(sys.argv[2])
fitted = model.deploy().hearer()
served = inference.Served(fitted, "")
bodies = [open(one, "rb").read() for one in sys.argv[3:]]
clips = np.stack([log_mel(wav.read(one)[0], fitted.spec) for one in bodies])
def rate(function, count):
    function(0)
    begun, cpu, done = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - begun < seconds:
        function(done)
        done += count
    return done / (time.perf_counter() - begun), 1000 * (time.process_time() - cpu) / done
def run():
    return [
        rate(lambda done: fitted.network.embed(clips[done % 8 : done % 8 + 1], 1), 1),
        rate(lambda done: fitted.network.embed(clips, 8), 8),
        rate(lambda done: inference.transform_fn(served, bodies[done % 8], "audio/wav", None), 1),
    ]
print(*[number for pair in mxnet_thread.run(run) for number in pair])
"""
ONE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


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
    data.say_machine()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        sounds = mm.samples.write_recordings(base / "r", per_label=8, labels=["siren", "bell"], seconds=(5.0, 5.0))
        model = mm.LocalAudioModel(network=asked.network, epochs=2)
        data_set = mm.AudioDataset.from_folder(sounds)
        model.fit(data_set, progress=False).save(base / "model")
        files = [str(path) for path in data_set.frame["path"]][:8]
        measured(base, files, asked)


class Own(NamedTuple):
    """The model without a service, in the same run, on one core: a second, and milliseconds of the processor each."""

    forward: float
    forward_cpu: float
    eights: float
    eights_cpu: float
    whole: float
    whole_cpu: float


def measured(base: Path, files: list[str], asked: argparse.Namespace) -> None:
    os.environ.update(ONE)
    model = mm.load(base / "model")
    assert isinstance(model, mm.LocalAudioModel)
    rate = model.builder.spec.sample_rate
    bodies = [wav.write(decode.read(one, sample_rate=rate)[0][: 5 * rate], rate) for one in files]
    sent = [base / f"{number}.wav" for number in range(len(bodies))]
    for path, body in zip(sent, bodies, strict=True):
        path.write_bytes(body)
    for places in asked.queues:
        command = [sys.executable, "-c", FORWARD, str(base / "model"), str(asked.seconds / 4), *map(str, sent)]
        own = Own(*map(float, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()))
        with Process(base / "model", base / "log", "--max-queue", str(places)) as service:
            Load(service.url, bodies, asked.backoff).run(2, 1.0)  # the first ones take longer
            load, process = Load(service.url, bodies, asked.backoff), psutil.Process(service.process.pid)
            before = process.cpu_times()
            took = load.run(asked.clients, asked.seconds)
            after = process.cpu_times()
        show(places, load, took, own, after.user + after.system - before.user - before.system)


def show(places: int, load: Load, took: float, own: Own, cpu: float) -> None:
    statuses = Counter(status for status, _ in load.answers)
    times = [1000 * seconds for status, seconds in load.answers if status == 200]
    p50, p99 = np.percentile(times, [50, 99])
    rate = statuses[200] / took
    others = {status: count for status, count in statuses.items() if status not in (200, 429)}
    print(f"queue of {places}, load average {os.getloadavg()[0]:.1f}")
    print(f"  forward alone   {own.forward:7.1f}/s, in eights {own.eights:7.1f}/s, whole answer {own.whole:7.1f}/s")
    print(
        f"  processor       {own.forward_cpu:.2f} ms,   in eights {own.eights_cpu:.2f} ms, whole {own.whole_cpu:.2f} ms"
    )
    print(
        f"  service         {rate:7.1f} requests/s, {1000 * cpu / max(1, statuses[200]):.2f} ms of the processor each"
    )
    shares = (rate / own.forward, rate / own.eights, rate / own.whole)
    print("  of forward {:.2f}, of eights {:.2f}, of the whole answer {:.2f}".format(*shares))
    print(f"  p50 {p50:.1f} ms, p99 {p99:.1f} ms")
    lost = load.sent - len(load.answers)
    print(f"  sent {load.sent}: 200 {statuses[200]}, 429 {statuses[429]}, others {others}, lost {lost}", flush=True)


if __name__ == "__main__":
    main()
