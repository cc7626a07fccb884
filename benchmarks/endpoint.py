"""How long an endpoint takes over a 5 s sound: AWS's real model server, beside the network's own time in the same run.

The server is AWS's multi-model-server with sagemaker-mxnet-inference on Python 3.8, as in AWS's image, on this machine
and without a network in between: what is measured is our code and theirs, not AWS's hardware.
"""

from __future__ import annotations

import argparse
import http.client
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.conformance.aws_toolkit import AwsServer, AwsToolkit
from tests.conformance.environments import toolkits

import data
import mediaml as mm
from mediaml.backends import mxnet_thread
from mediaml.runtime import wav
from mediaml.runtime.dsp import log_mel
from mediaml.testing import offline_aws


def asked(port: int, body: bytes, times: int) -> list[float]:
    """Ask over one connection that is kept open, as boto3 does."""
    connection, taken = http.client.HTTPConnection("127.0.0.1", port), []
    headers = {"Content-Type": "audio/wav", "Accept": "application/json"}
    for _ in range(times):
        begun = time.perf_counter()
        connection.request("POST", "/invocations", body, headers)
        answer = connection.getresponse()
        answer.read()
        taken.append(time.perf_counter() - begun)
        assert answer.status == 200
    connection.close()
    return taken


def timed(function: object, times: int) -> list[float]:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        function()  # type: ignore[operator]
        taken.append(time.perf_counter() - begun)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="cnn", choices=["cnn", "yamnet"])
    parser.add_argument("--times", type=int, default=300)
    asked_for = parser.parse_args()
    data.say_machine()
    toolkit = AwsToolkit(toolkits("3.8"))
    folder = mm.samples.write_recordings(tempfile.mkdtemp(), per_label=6, labels=["siren", "bell"], seconds=(5.0, 5.5))
    sounds = mm.AudioDataset.from_folder(folder)
    train, validation = sounds.split(0.5, 0.5, seed=1)
    with offline_aws(toolkit=toolkit) as aws:
        model = mm.SageMakerAudioModel(network=asked_for.network, epochs=1, **aws.settings)
        model.fit(train, validation, progress=False)
        local = model.to_local()
        assert isinstance(local, mm.LocalAudioModel) and local._fitted is not None
        fitted = local._fitted
        sound = np.random.RandomState(1).uniform(-0.3, 0.3, fitted.spec.clip_samples).astype(np.float32)
        pcm = b"".join([wav_header(len(sound), fitted.spec.sample_rate), (sound * 32767).astype("<i2").tobytes()])
        spectrogram = log_mel(sound, fitted.spec)[None]
        with model.deploy(kind="realtime", max_hours=1) as endpoint:
            server = aws._endpoints.endpoints[endpoint.name].server
            assert isinstance(server, AwsServer)
            asked(server.port, pcm, 30)
            mxnet_thread.run(lambda: timed(lambda: fitted.network.embed(spectrogram, 1), 30))
            rounds = []
            for _ in range(3):  # in turns: the machine is not the same all the time
                forward = mxnet_thread.run(lambda: timed(lambda: fitted.network.embed(spectrogram, 1), asked_for.times))
                front = timed(lambda: log_mel(sound, fitted.spec), asked_for.times)
                through = asked(server.port, pcm, asked_for.times)
                as_floats = asked(server.port, wav.write(sound, fitted.spec.sample_rate), asked_for.times)
                rounds.append((forward, front, through, as_floats))
            names = ("network forward", "spectrogram", "server, 16-bit wav", "server, float wav")
            joined = [[seconds for one in rounds for seconds in one[n]] for n in range(4)]
            data.head(asked_for.network, "p50, ms", "p90, ms", "p99, ms")
            for name, seconds in zip(names, joined, strict=True):
                data.row(name, *(f"{1000 * one:.2f}" for one in np.percentile(seconds, [50, 90, 99])))
            overhead = 1000 * (np.median(joined[2]) - np.median(joined[0]))
            front = 1000 * np.median(joined[1])
            print(f"overhead at p50: {overhead:.2f} ms, of which the spectrogram {front:.2f} ms")


def wav_header(samples: int, rate: int) -> bytes:
    import struct

    size = 2 * samples
    return b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + struct.pack(
        "<IHHIIHH", 16, 1, 1, rate, 2 * rate, 2, 16
    ) + b"data" + struct.pack("<I", size)  # fmt: skip


if __name__ == "__main__":
    main()
