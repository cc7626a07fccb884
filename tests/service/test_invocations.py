"""SageMaker's contract: what AWS's container answers, and nothing else."""

from __future__ import annotations

import io
import json
import threading
from typing import Any

import numpy as np
import pytest

import mediaml as mm
from mediaml.runtime import inference, wav
from mediaml.service.invocations import Invocation
from tests.service.conftest import Client, sound
from tests.sounds import RATE, tone

EVENTS = "application/json; detail=events; hop=0.5"


def npy(samples: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, samples)
    return out.getvalue()


@pytest.fixture(scope="module")
def container(saved) -> inference.Served:
    """What AWS's container has loaded."""
    return inference.model_fn(str(saved))


LONG = np.concatenate([tone("hum", 60, 4.0), tone("whistle", 61, 3.3)])
BODIES = [
    (sound("hum"), "audio/wav", "application/json"),
    (sound("whistle", seconds=2.7), "Audio/X-WAV; codecs=1", "*/*"),
    (sound("hiss"), "audio/wav", "application/json; detail=impression"),
    (wav.write(LONG, RATE), "audio/wav", EVENTS),
    (b"RIFF and then nothing", "audio/wav", EVENTS),
    (npy(tone("hum", 51)), "application/x-npy", None),
    (npy(tone("hum", 51)), f"application/x-npy; rate={2 * RATE}", "application/json"),
    (json.dumps({"samples": [0.0] * 100, "sample_rate": 8000}).encode(), "application/json", "application/json"),
    (json.dumps({"samples": [0.5] * 99, "sample_rate": 8000}).encode(), "application/json; a=b", "application/*"),
    (wav.write(np.zeros(RATE, np.float32), 22050), "audio/wav", "application/json"),
    # refused
    (b"no sound", "audio/wav", "application/json"),
    (b"", None, None),
    (b"\x00\xff", "application/x-npy", None),
    (b"\xff\xfe{", "application/json", "application/json"),
    (b"ID3", "audio/mpeg", "application/json"),
    (sound(), "audio/wav", "text/csv"),
    (sound(), "audio/wav", "application/json; detail=events; hop=9"),
    (wav.write(np.zeros(3601, np.float32), 1), "audio/wav", "application/json"),
]


def close(one: object, other: object) -> bool:
    """Compare two answers: texts as they are, numbers to a millionth, since batches are of other sizes."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(close(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(close, one, other))
    return one == pytest.approx(other, abs=1e-6) if isinstance(one, float) else one == other


@pytest.mark.parametrize("number", range(len(BODIES)))
def test_the_same_bytes_have_the_same_answer_as_in_awss_container(
    serve: Client, container: inference.Served, saved, number: int
) -> None:
    from starlette.testclient import TestClient

    from mediaml.runtime.learned import version
    from mediaml.service import create_app

    body, kind, accept = BODIES[number]
    headers = {"Accept": "" if accept is None else accept} | ({} if kind is None else {"Content-Type": kind})
    with TestClient(create_app(mm.load(saved), version=version(str(saved)))) as client:
        answer = client.post("/invocations", content=body, headers=headers)
    try:
        expected, told = inference.transform_fn(container, bytearray(body), kind, accept)
    except inference.Refusal as refusal:
        assert (answer.status_code, answer.text) == (refusal.status_code, refusal.message)
        assert answer.headers["Content-Type"].startswith("text/plain")
    else:
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, told)
        assert close(answer.json(), json.loads(expected)), (answer.json(), expected)


class TestItsBoundsAreThoseOfTheService:
    """A container takes what AWS sends it; a service that anybody may ask says how long one request may hold it."""

    RECORDING = wav.write(LONG, RATE)

    def answer(self, client: Any, accept: str, body: bytes = RECORDING) -> Any:
        return client.post("/invocations", content=body, headers={"Content-Type": "audio/wav", "Accept": accept})

    def test_a_sound_is_no_longer_than_it_may_be(self, serve: Client) -> None:
        client = serve(max_seconds=5)
        refused = self.answer(client, "application/json")
        assert (refused.status_code, refused.text) == (413, "the sound is longer than 5 s: send it in pieces")
        assert self.answer(client, EVENTS).json()["error"] == "7.3 s are more than 5 s"

    def test_a_hop_makes_no_more_windows_than_there_may_be(self, serve: Client) -> None:
        client = serve(max_windows=50)
        assert self.answer(client, EVENTS).json()["error"] is None
        assert "windows are more than 50" in self.answer(client, EVENTS.replace("0.5", "0.05")).json()["error"]

    def test_who_no_longer_waits_is_not_worked_for(self, model: mm.LocalAudioModel) -> None:
        from mediaml.service.serving import served
        from mediaml.service.settings import ServiceSettings

        asked = Invocation(self.RECORDING, "audio/wav", EVENTS, threading.Event())
        asked.given_up.set()
        house = served(model, None, ServiceSettings())
        [answer] = house.invoke([asked])
        house.close()
        assert isinstance(answer, inference.Refusal) and "nobody waits" in str(answer.message)

    def test_a_recording_is_gone_through_beside_others_and_not_before_them(self) -> None:
        assert Invocation(b"", "audio/wav", EVENTS, threading.Event()).takes_long
        assert not Invocation(b"", "audio/wav", "application/json", threading.Event()).takes_long


def test_many_at_once_have_the_answers_of_each_alone(serve: Client) -> None:
    from concurrent.futures import ThreadPoolExecutor

    client = serve(max_queue=64)
    bodies = [sound(("hum", "hiss", "whistle")[number % 3], 70 + number, 1.0 + number % 4) for number in range(24)]

    def asked(body: bytes) -> dict:
        return client.post("/invocations", content=body, headers={"Content-Type": "audio/wav"}).json()

    alone = [asked(body) for body in bodies]
    with ThreadPoolExecutor(12) as pool:
        together = list(pool.map(asked, bodies))
    assert all(map(close, together, alone))
    assert len({one["label"] for one in alone}) > 1


def test_boto3_and_the_sdk_ask_it_as_an_endpoint(model: mm.LocalAudioModel) -> None:
    """Whoever asked SageMaker changes one address, and no code."""
    import boto3
    from botocore.exceptions import ClientError

    from mediaml.service import create_app
    from tests.service.running import in_thread

    with in_thread(create_app(model)) as url:
        secrets = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "eu-west-1"}
        client = boto3.client("sagemaker-runtime", endpoint_url=url, **secrets)
        answer = client.invoke_endpoint(EndpointName="any", Body=sound("hiss"), ContentType="audio/wav")
        assert answer["ContentType"] == "application/json"
        assert json.loads(answer["Body"].read())["label"] == "hiss"
        with pytest.raises(ClientError) as caught:
            client.invoke_endpoint(EndpointName="any", Body=b"ID3", ContentType="audio/mpeg")
        told = caught.value.response
        assert told["Error"]["Code"] == "ModelError" and told["OriginalStatusCode"] == 415
        assert told["OriginalMessage"].startswith("send audio/wav")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", url)
            endpoint = mm.connect("any", session=boto3.Session(**secrets))
            found = endpoint.predict([sound("hum"), b"no sound", sound("hiss")], on_error="skip")
            assert [one.label for one in found] == ["hum", None, "hiss"]


def test_the_networks_failure_is_an_answer_for_each_and_the_service_goes_on(serve: Client, monkeypatch) -> None:
    from mediaml.runtime.network import Network

    client = serve()
    headers = {"Content-Type": "audio/wav"}
    with monkeypatch.context() as patch:
        patch.setattr(Network, "embed", lambda *_: (_ for _ in ()).throw(ValueError("out of tune")))
        refused = client.post("/invocations", content=sound(), headers=headers)
    assert refused.status_code == 500
    assert "out of tune" not in refused.text, "what nobody expected stands in the log"
    assert client.post("/invocations", content=sound(), headers=headers).status_code == 200
