"""The same model by AWS's own programs: trained by sagemaker-training, served by multi-model-server, on real clips.

What is proven here is that our source obeys the contracts of these programs, on the Python of AWS's image and on ours.
The services around them, and AWS's image itself, are played: docs/sagemaker.md says what was proven how.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import soundfile

import mediaml as mm
from mediaml.data import decode
from mediaml.runtime import wav
from mediaml.testing import OfflineAws, offline_aws
from mediaml.testing.toolkit import Server
from tests.conformance.aws_toolkit import AwsToolkit
from tests.shared_data import shared

pytestmark = pytest.mark.slow
CLOSE = 1e-3
LABELS = ["dog_bark", "rain", "baby_cry", "rooster"]


class Life(NamedTuple):
    """A model that AWS's toolkit has trained, an endpoint of AWS's server, and the clips that neither has heard."""

    aws: OfflineAws
    model: mm.SageMakerAudioModel
    endpoint: mm.SageMakerEndpoint
    test: mm.AudioDataset


@pytest.fixture(scope="module")
def clips() -> mm.AudioDataset:
    table = shared("audio", "esc10.csv")
    return mm.AudioDataset.from_table(table, root=table.parents[1]).where(label=LABELS)


@pytest.fixture(scope="module")
def life(aws_toolkit: AwsToolkit, clips: mm.AudioDataset) -> Iterator[Life]:
    train, test = clips.where(fold=[1, 2]), clips.where(fold=3)
    with offline_aws(toolkit=aws_toolkit) as aws:
        model = mm.SageMakerAudioModel(epochs=4, **aws.settings)
        model.fit(train, validation=clips.where(fold=4), progress=False)
        with model.deploy(kind="realtime", max_hours=1) as endpoint:
            yield Life(aws, model, endpoint, test)
        assert aws.running() == []


def test_the_endpoint_says_what_the_local_model_says(life: Life) -> None:
    local = life.model.to_local()
    said, expected = life.endpoint.predict(life.test), local.predict(life.test)
    assert len(said) == len(life.test) == 32
    for one, other in zip(said, expected, strict=True):
        assert (one.label, one.labels, one.reason) == (other.label, other.labels, other.reason)
        assert one.confidence == pytest.approx(other.confidence, abs=CLOSE)
        assert one.score == pytest.approx(other.score, abs=CLOSE)
    assert mm.connect(life.endpoint.name, session=life.aws.session).predict(life.test) == said


def test_a_batch_transform_says_the_same(life: Life) -> None:
    local, by_transform = life.model.to_local().evaluate(life.test), life.model.evaluate(life.test, progress=False)
    assert isinstance(local, mm.AudioReport) and isinstance(by_transform, mm.AudioReport)
    assert by_transform.confusion == local.confusion
    assert by_transform.brier == pytest.approx(local.brier, abs=CLOSE)


def test_events_by_a_batch_transform_are_the_local_models(life: Life, tmp_path: Path) -> None:
    """A file larger than AWS's server takes without being told, and one that is no sound: neither ends it."""
    local = life.model.to_local()
    assert isinstance(local, mm.LocalAudioModel)
    rate = local.builder.spec.sample_rate
    clips = np.concatenate([decode.read(clip.path, sample_rate=rate)[0] for clip in life.test])
    recordings = {"day": clips[: 40 * rate], "long": clips[: 100 * rate], "two sides": clips[: 20 * rate]}
    client, root = life.aws.session.client("s3"), f"s3://{life.aws.bucket}/"
    for name, samples in recordings.items():
        content = np.stack([samples, 0.5 * samples], axis=1) if name == "two sides" else samples
        soundfile.write(tmp_path / f"{name}.wav", content, rate, "FLOAT")
        client.upload_file(str(tmp_path / f"{name}.wav"), life.aws.bucket, f"days/{name}.wav")
    assert (tmp_path / "long.wav").stat().st_size > 6553500
    client.put_object(Bucket=life.aws.bucket, Key="days/bad.wav", Body=b"RIFF and then nothing")
    found = life.model.transform(f"{root}days/", f"{root}days-out/", events=True, hop=0.5)
    for name in recordings:
        expected = local.detect(tmp_path / f"{name}.wav", hop=0.5, progress=False)
        rows = found[found["path"] == f"{root}days/{name}.wav"]
        assert list(rows["label"]) == [event.label for event in expected.events] != []
        for column, values in (
            ("start", [event.segment.start for event in expected.events]),
            ("end", [event.segment.end for event in expected.events]),
            ("confidence", [event.confidence for event in expected.events]),
        ):
            np.testing.assert_allclose(rows[column].astype(float), values, atol=CLOSE)
    assert list(found.loc[found["reason"].notna(), "reason"]) == ["this is no WAV file"]


def test_an_async_endpoint_takes_a_sound_of_more_than_six_megabytes_at_once(life: Life) -> None:
    """The server of AWS refuses it without being told by a variable that it reads."""
    local = life.model.to_local()
    assert isinstance(local, mm.LocalAudioModel)
    rate = local.builder.spec.sample_rate
    clips = np.concatenate([decode.read(clip.path, sample_rate=rate)[0] for clip in life.test])[: 100 * rate]
    assert clips.nbytes > 6553500
    expected = local.predict((clips, rate))
    with life.model.deploy(kind="async", max_hours=1) as endpoint:
        said = endpoint.predict((clips, rate))
    assert isinstance(expected, mm.AudioPrediction)
    assert (said.label, said.segment) == (expected.label, expected.segment)
    assert said.confidence == pytest.approx(expected.confidence, abs=CLOSE)


def server_of(life: Life) -> Server:
    server = life.aws._endpoints.endpoints[life.endpoint.name].server
    assert server is not None
    return server


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "status"),
    [
        (wav.write(np.zeros(22050, np.float32), 22050), "audio/wav", "application/json", 200),
        (wav.write(np.zeros(44100, np.float32), 44100), "Audio/X-WAV; charset=binary", None, 200),
        (json.dumps({"samples": [0.0] * 100, "sample_rate": 8000}).encode(), "application/json", "*/*", 200),
        (json.dumps({"samples": [0.0], "sample_rate": 8000}).encode(), "application/json; charset=utf-8", None, 200),
        (b"RIFF and then nothing", "audio/wav", "application/json", 400),
        (b"\x00\xff", "application/x-npy", "application/json", 400),
        (b"{", "application/json", "application/json", 400),
        (b"ID3", "audio/mpeg", "application/json", 415),
        (wav.write(np.zeros(100, np.float32), 8000), "audio/wav", "text/csv", 406),
        (bytes((100 << 20) + 1), "audio/wav", "application/json", 413),
    ],
)
def test_every_status_comes_through_awss_server(
    life: Life, body: bytes, content_type: str, accept: str | None, status: int
) -> None:
    answer = server_of(life).invoke(body, content_type, accept)
    assert answer.status == status, answer.body
    if status == 200:
        assert json.loads(answer.body)["label"] is None
    else:
        assert b"secret" not in answer.body


def test_npy_bodies(life: Life) -> None:
    samples = np.sin(np.arange(22050 * 5) / 9).astype(np.float32)
    content = io.BytesIO()
    np.save(content, samples)
    told = json.loads(server_of(life).invoke(content.getvalue(), "application/x-npy", None).body)
    expected = life.model.to_local().predict((samples, 22050))
    assert isinstance(expected, mm.AudioPrediction)
    assert (told["label"], told["reason"]) == (expected.label, expected.reason)
    assert told["confidence"] == pytest.approx(expected.confidence, abs=CLOSE)


def test_a_refused_sound_is_an_error_of_the_item(life: Life) -> None:
    """AWS's server sends a traceback along; users see the reason."""
    from mediaml.aws.session import aws
    from mediaml.backends.sagemaker.invoking import Direct, RefusedError

    direct = Direct(aws(life.aws.session), life.endpoint.name)
    with pytest.raises(RefusedError, match="this is no WAV file") as caught:
        direct.ask(b"no sound", "audio/wav", "application/json")
    assert caught.value.status == 400
    assert "Traceback" not in str(caught.value)


def test_the_archive_holds_the_model_and_the_code_that_serves_it(life: Life) -> None:
    from mediaml.aws.s3 import Storage
    from mediaml.aws.session import aws
    from mediaml.backends.sagemaker.job import Job

    at = Job(life.model._workshop, life.model.job).artifact()
    content = Storage(aws(life.aws.session)).get(at)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        names = set(archive.getnames())
    assert {"model.json", "code/inference.py", "code/mediaml_runtime/inference.py"} <= names
