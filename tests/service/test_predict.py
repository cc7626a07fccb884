"""Files in, predictions out: the local model's, over HTTP."""

from __future__ import annotations

import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import soundfile

import mediaml as mm
from mediaml.backends.detection import Listening
from mediaml.runtime import wav
from mediaml.service import ServiceSettings
from tests.service.conftest import Client, form, sound
from tests.sounds import RATE, tone

HUM, HISS = sound("hum"), sound("hiss")


def test_one_file_and_several(serve: Client, model: mm.LocalAudioModel) -> None:
    client = serve()
    expected = model.predict([HUM, HISS])
    for files in ([HUM], [HUM, HISS]):
        answer = client.post("/v1/predict", files=form(*files))
        assert answer.status_code == 200
        told = answer.json()
        found = [mm.AudioPrediction.model_validate(one) for one in told["predictions"]]
        assert [one.source for one in found] == ["0.wav", "1.wav"][: len(files)]
        for one, other in zip(found, expected, strict=False):
            assert (one.label, one.reason, one.segment) == (other.label, other.reason, other.segment)
            assert one.confidence == pytest.approx(other.confidence, abs=1e-5)
    assert told["model"] == client.get("/v1/model").json()["version"]


def test_a_file_that_cannot_be_read_is_an_error_of_its_own(serve: Client) -> None:
    predictions = serve().post("/v1/predict", files=form(HUM, b"no sound", b"", HUM)).json()["predictions"]
    assert [one["error"] is None for one in predictions] == [True, False, False, True]
    assert predictions[1]["error"].startswith("1.wav: ") and predictions[1]["source"] == "1.wav"
    assert predictions[2]["error"] == "2.wav: empty: it has no bytes"
    assert predictions[0]["alternatives"] == predictions[3]["alternatives"]


def test_a_sound_that_is_too_long_once_decoded_is_not_heard(serve: Client) -> None:
    answer = serve(max_seconds=2.0).post("/v1/predict", files=form(sound(seconds=3.0), HUM))
    long, short = answer.json()["predictions"]
    assert long["error"] == "0.wav: 3 s are more than the 2 s that this service takes"
    assert short["error"] is None


def test_more_files_than_a_request_may_hold_are_refused(serve: Client) -> None:
    answer = serve(max_items=2).post("/v1/predict", files=form(HUM, HUM, HUM))
    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:mediaml:problem:too-large"


def test_what_waits_from_several_requests_is_heard_together(serve: Client) -> None:
    client = serve(max_queue=32)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: client.post("/v1/predict", files=form(HUM)), range(48)))
    assert {one.status_code for one in answers} == {200}
    assert len({one.json()["predictions"][0]["label"] for one in answers}) == 1
    numbers = dict(line.rsplit(" ", 1) for line in client.get("/metrics").text.splitlines() if not line.startswith("#"))
    assert float(numbers["mediaml_service_batch_items_sum"]) == 48
    assert float(numbers["mediaml_service_batch_items_count"]) < 48, "some were answered together"
    assert float(numbers['mediaml_service_requests_total{path="/v1/predict",status="200"}']) == 48
    assert float(numbers['mediaml_service_items_total{outcome="answered"}']) == 48
    assert float(numbers["mediaml_service_taken_places"]) == 0


def test_events_of_a_recording(serve: Client, model: mm.LocalAudioModel, tmp_path) -> None:
    samples = np.concatenate([tone("hum", 60, 3.0), tone("whistle", 61, 3.0)])
    soundfile.write(tmp_path / "day.wav", samples, RATE, "FLOAT")
    expected = model.detect(tmp_path / "day.wav", hop=0.5, progress=False)
    client = serve(max_seconds=10.0)
    content = (tmp_path / "day.wav").read_bytes()
    answer = client.post("/v1/detect", params={"hop": 0.5}, files={"file": ("day.wav", content)})
    assert answer.status_code == 200, answer.text
    found = mm.Timeline.model_validate(answer.json())
    assert found.source == "day.wav" and len(found) == len(expected) >= 1
    assert [(one.label, one.segment) for one in found] == [(one.label, one.segment) for one in expected]


@pytest.mark.parametrize(
    ("content", "hop", "status", "kind"),
    [
        (b"no sound", None, 400, "unreadable-sound"),
        (sound(seconds=3.0), None, 413, "too-large"),
        (HUM, 5.0, 400, "unusable-data"),
        (HUM, -1.0, 422, "malformed"),
    ],
    ids=["no sound", "too long", "a hop longer than a window", "a hop that is none"],
)
def test_a_recording_that_is_refused(serve: Client, content: bytes, hop: float | None, status: int, kind: str) -> None:
    params = {} if hop is None else {"hop": hop}
    answer = serve(max_seconds=2.0).post("/v1/detect", params=params, files={"file": ("day.wav", content)})
    assert answer.status_code == status
    told = answer.json()
    assert told["type"] == f"urn:mediaml:problem:{kind}"
    assert "mediaml-service-" not in answer.text, "the name of our own copy is nobody's business"


def test_a_hop_that_makes_too_many_windows_is_refused_at_once(serve: Client) -> None:
    client = serve(max_windows=100)
    file = {"file": ("day.wav", sound(seconds=2.0))}
    assert client.post("/v1/detect", params={"hop": 0.02}, files=file).status_code == 200
    answer = client.post("/v1/detect", params={"hop": 0.0199}, files=file)
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:mediaml:problem:too-large")
    assert "hop=0.0199" in answer.json()["detail"] and "0.02 s or more would do" in answer.json()["detail"]
    usual = ServiceSettings()
    assert usual.max_seconds / 0.0001 > usual.max_windows > usual.max_seconds / 0.0625, "a sample's, and a short clip's"


def test_what_nobody_waits_for_ends_at_the_next_block(serve: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks, ended = 0, threading.Event()
    advance = Listening.advance

    def slow(listening: Listening) -> int:
        nonlocal blocks
        blocks += 1
        threading.Event().wait(0.3)
        return advance(listening)

    close = Listening.close

    def closed(listening: Listening) -> None:
        close(listening)
        ended.set()

    monkeypatch.setattr(Listening, "advance", slow)
    monkeypatch.setattr(Listening, "close", closed)
    client = serve(timeout=1.0)
    answer = client.post("/v1/detect", params={"hop": 0.001}, files={"file": ("day.wav", sound(seconds=9.0))})
    assert answer.json()["type"] == "urn:mediaml:problem:timeout"
    assert ended.wait(10) and 1 <= blocks <= 5, "of some seventy"


def test_what_is_served(serve: Client, model: mm.LocalAudioModel) -> None:
    told = serve(max_items=7).get("/v1/model").json()
    assert (told["kind"], told["network"], tuple(told["labels"])) == ("sound", "cnn", model.labels)
    assert told["thresholds"] == pytest.approx(model.thresholds["threshold"].to_dict())
    assert told["limits"]["max_items"] == 7 and told["mediaml"] == mm.__version__


def test_a_model_that_learns_on_is_served_as_it_was(model: mm.LocalAudioModel, saved, serve: Client) -> None:
    other = mm.load(saved)
    assert isinstance(other, mm.LocalAudioModel)
    from starlette.testclient import TestClient

    from mediaml.service import create_app

    with TestClient(create_app(other)) as client:
        before = client.post("/v1/predict", files=form(HUM)).json()
        other.thresholds = {label: float("inf") for label in other.labels}
        assert client.post("/v1/predict", files=form(HUM)).json() == before


def test_a_request_leaves_one_line(serve: Client, caplog: pytest.LogCaptureFixture) -> None:
    client = serve()
    with caplog.at_level(logging.INFO, "mediaml.service"):
        client.post("/v1/predict?token=geheim", files=form(HUM, HUM), headers={"X-Request-Id": "mine-7"})
        client.get("/ping")
    (line,) = [one for one in caplog.records if one.message == "request"]
    facts = line.facts  # type: ignore[attr-defined]
    assert {name: facts[name] for name in ("request_id", "method", "path", "status", "items")} == {
        "request_id": "mine-7",
        "method": "POST",
        "path": "/v1/predict",
        "status": 200,
        "items": 2,
    }
    assert 0 <= facts["waiting"] <= facts["milliseconds"] and 0 < facts["working"] <= facts["milliseconds"]
    assert "geheim" not in json.dumps(facts)


@pytest.mark.parametrize("given", ["", "with space", "x" * 65, 'quo"te', "-begins"])
def test_a_request_id_that_is_not_plain_is_replaced(serve: Client, given: str) -> None:
    client = serve()
    told = client.get("/nowhere", headers={"X-Request-Id": given})
    assert told.headers["X-Request-Id"] == told.json()["request_id"] != given
    assert client.get("/ping", headers={"X-Request-Id": "a.b_c-9"}).headers["X-Request-Id"] == "a.b_c-9"


def test_silence_is_nothing_recognised(serve: Client) -> None:
    silence = wav.write(np.zeros(RATE, np.float32), RATE)
    (one,) = serve().post("/v1/predict", files=form(silence)).json()["predictions"]
    assert (one["label"], one["reason"], one["error"]) == (None, "silence", None)


def test_threads_end_with_the_service(model: mm.LocalAudioModel) -> None:
    from starlette.testclient import TestClient

    from mediaml.service import create_app

    def ours() -> list[str]:
        return [one.name for one in threading.enumerate() if one.name.startswith("mediaml-service")]

    with TestClient(create_app(model)) as client:
        client.post("/v1/predict", files=form(HUM))
        assert len(ours()) == 2
    assert ours() == []
