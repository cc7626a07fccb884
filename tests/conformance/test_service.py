"""``mediaml serve`` beside AWS's own model server: the same bytes to ``/invocations``, the same answer."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mediaml as mm
from mediaml import runtime
from mediaml.data import decode
from mediaml.runtime import wav
from mediaml.runtime.train import SERVED_BY
from tests.conformance.aws_toolkit import AwsServer, AwsToolkit
from tests.service.running import Process
from tests.shared_data import shared

pytest.importorskip("fastapi", reason="needs the extra 'service'")
pytestmark = pytest.mark.slow
CLOSE = 1e-3  # AWS's image has other versions of numpy
LABELS = ["dog_bark", "rain", "baby_cry"]
EVENTS = "application/json; detail=events; hop=0.5"


@pytest.fixture(scope="module")
def clips() -> mm.AudioDataset:
    table = shared("audio", "esc10.csv")
    return mm.AudioDataset.from_table(table, root=table.parents[1]).where(label=LABELS)


@pytest.fixture(scope="module")
def model(clips: mm.AudioDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    fitted = mm.LocalAudioModel(epochs=3).fit(clips.where(fold=[1, 2]), progress=False)
    return fitted.save(tmp_path_factory.mktemp("conformance") / "model")


@pytest.fixture(scope="module")
def awss(aws_toolkit: AwsToolkit, model: Path) -> Iterator[AwsServer]:
    """AWS's server with the model, laid out as a training on SageMaker leaves it."""
    with tempfile.TemporaryDirectory(prefix="ml") as folder:
        base = Path(folder)
        shutil.copytree(model, base / "model")
        here = Path(runtime.__file__).parent
        shutil.copytree(here, base / "model/code" / here.name, ignore=shutil.ignore_patterns("__pycache__"))
        (base / "model/code/inference.py").write_text(SERVED_BY.format(here.name))
        server = aws_toolkit.serve(base, {"SAGEMAKER_PROGRAM": "inference.py"})
        yield server
        server.close()


@pytest.fixture(scope="module")
def ours(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Process(model, tmp_path_factory.mktemp("conformance") / "log") as service:
        yield service.url


def bodies(clips: mm.AudioDataset) -> list[tuple[bytes, str | None, str | None]]:
    """Sounds of all kinds and lengths, and what is none."""
    heard = [decode.read(clip.path) for clip in list(clips.where(fold=3))[:6]]
    samples, rate = heard[0]
    array = io.BytesIO()
    np.save(array, samples)
    long = np.concatenate([waveform for waveform, at in heard if at == rate])
    return [
        *((wav.write(waveform, at), "audio/wav", "application/json") for waveform, at in heard),
        (wav.write(long, rate), "audio/wav", EVENTS),
        (wav.write(samples[: rate // 3], rate), "Audio/X-WAV; charset=binary", None),
        (wav.write(samples, rate), "audio/wav", "application/json; detail=impression"),
        (array.getvalue(), f"application/x-npy; rate={rate}", "*/*"),
        (json.dumps({"samples": samples[:999].tolist(), "sample_rate": rate}).encode(), "application/json", None),
        (json.dumps({"samples": [0.0], "sample_rate": 8000}).encode(), "application/json; charset=utf-8", None),
        (b"RIFF and then nothing", "audio/wav", EVENTS),
        (b"RIFF and then nothing", "audio/wav", "application/json"),
        (b"\x00\xff", "application/x-npy", "application/json"),
        (b"{", "application/json", "application/json"),
        (b"ID3", "audio/mpeg", "application/json"),
        (wav.write(samples, rate), "audio/wav", "text/csv"),
        (wav.write(samples, rate), "audio/wav", "application/json; detail=events; hop=99"),
    ]


def close(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(close(one[n], other[n]) for n in one)
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(close, one, other))
    return bool(one == pytest.approx(other, abs=CLOSE)) if isinstance(one, float) else bool(one == other)


def test_the_same_bytes_have_the_same_answer(awss: AwsServer, ours: str, clips: mm.AudioDataset) -> None:
    import urllib3

    statuses = []
    for body, kind, accept in bodies(clips):
        theirs = awss.invoke(body, kind, accept)
        headers = {name: value for name, value in (("Content-Type", kind), ("Accept", accept)) if value}
        told = urllib3.request("POST", f"{ours}/invocations", body=body, headers=headers, timeout=60.0)
        statuses.append(told.status)
        assert told.status == theirs.status, (kind, accept, told.data, theirs.body)
        if told.status == 200:
            assert told.headers["Content-Type"] == theirs.content_type
            assert close(json.loads(told.data), json.loads(theirs.body)), (kind, accept, told.data, theirs.body)
        else:
            reason = theirs.body.decode().splitlines()[0]  # a traceback follows, which is AWS's own
            assert told.data.decode() == reason
    assert set(statuses) == {200, 400, 406, 415}
