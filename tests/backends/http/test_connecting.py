"""Asking a service from Python: what is sent, what comes back, and what goes wrong on the way."""

from __future__ import annotations

import base64
import io
import json
import pickle
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

import mediaml as mm
from mediaml.backends.http.wire import TRIES, Wire
from mediaml.errors import (
    AudioError,
    AwsValidationError,
    NotDeployedError,
    PayloadTooLarge,
    ServiceBusyError,
    ServiceError,
)
from mediaml.runtime import wav
from mediaml.service import ServiceSettings, create_app
from tests.service.running import in_thread
from tests.sounds import RATE, tone


class Clock:
    """Notes how long it was to wait, and does not."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


Answer = tuple[int, dict[str, str], bytes]
FACTS: dict[str, Any] = {
    "kind": "sound",
    "labels": ["hum"],
    "version": "v",
    "limits": {"max_body": 10000, "max_items": 2, "timeout": 1.0},
}
PREDICTION = {"label": "hum", "confidence": 1.0, "alternatives": [{"label": "hum", "confidence": 1.0}]}


@contextmanager
def played(answer: Callable[[str, dict[str, str], int], Answer]) -> Iterator[str]:
    """A service that answers as a test says: by path, headers, and how many requests there were before.

    A status of 0 closes the connection without an answer.
    """
    count = 0

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            nonlocal count
            headers: dict[str, str] = {}
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path.startswith("/v1/model"):
                status, body = 200, json.dumps(FACTS).encode()
            else:
                status, headers, body = answer(self.path, dict(self.headers), count)
                count += 1
            if status == 0:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def predictions(count: int) -> bytes:
    return json.dumps({"model": "v", "predictions": [PREDICTION] * count}).encode()


def test_it_is_the_model_behind_it(address: str, model: mm.LocalAudioModel) -> None:
    with mm.connect(address) as endpoint:
        assert isinstance(endpoint, mm.HttpAudioDeployment)
        assert endpoint.labels == model.labels and len(endpoint.version) == 16
        assert repr(endpoint) == f"<HttpAudioDeployment {address}>"
    assert repr(endpoint) == f"<HttpAudioDeployment {address} closed>"
    with pytest.raises(NotDeployedError):
        endpoint.predict(b"")
    with pytest.raises(TypeError, match="connect"):
        pickle.dumps(endpoint)


def test_many_items_go_in_few_requests_and_come_back_in_order(model: mm.LocalAudioModel) -> None:
    items = [(tone(("hum", "hiss", "whistle")[number % 3], number), RATE) for number in range(20)]
    app = create_app(model, ServiceSettings(max_items=6))
    with in_thread(app) as url, mm.connect(url) as endpoint:
        found = endpoint.predict(items)
    # a request is counted once it is answered: now all are
    asked = [one for one in app.state.house.metrics.told().decode().splitlines() if "v1/predict" in one]
    assert [one.label for one in found] == [one.label for one in model.predict(items)]
    assert {one.label for one in found} >= {"hum", "hiss", "whistle"}
    assert 'mediaml_service_requests_total{path="/v1/predict",status="200"} 4.0' in asked


def test_a_part_of_a_recording_keeps_its_place(address: str, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "day.wav", np.concatenate([tone("hiss", 1, 2.0), tone("hum", 2, 2.0)]), RATE, "FLOAT")
    part = mm.Clip(path=tmp_path / "day.wav", segment=mm.Segment(start=2.5, end=3.5))
    with mm.connect(address) as endpoint:
        (found,) = endpoint.predict([part])
    assert found.label == "hum" and found.source == str(tmp_path / "day.wav")
    assert (found.segment.start, found.segment.end) == (2.5, 3.5)


def test_an_item_that_is_too_large_is_an_error_of_its_own(model: mm.LocalAudioModel) -> None:
    small, large = wav.write(tone("hum", 1), RATE), wav.write(tone("hum", 1, 3.0), RATE)
    with in_thread(create_app(model, ServiceSettings(max_body=50_000))) as url, mm.connect(url) as endpoint:
        found = endpoint.predict([small, large, small], on_error="skip")
        assert [one.label for one in found] == ["hum", None, "hum"]
        assert found[1].error == f"bytes: {len(large)} bytes; the service takes 50000 a request"
        with pytest.raises(AudioError, match="50000"):
            endpoint.predict(large)
        assert endpoint.predict(io.BytesIO(small)).label == "hum"


def test_events(address: str, model: mm.LocalAudioModel, tmp_path: Path) -> None:
    samples = np.concatenate([tone("hum", 60, 3.0), tone("whistle", 61, 3.0)])
    soundfile.write(tmp_path / "day.wav", samples, RATE, "FLOAT")
    (tmp_path / "none.wav").write_bytes(b"no sound")
    with mm.connect(address) as endpoint:
        assert isinstance(endpoint, mm.HttpAudioDeployment)
        found = endpoint.detect(tmp_path / "day.wav", hop=0.5)
        with pytest.raises(AudioError, match=r"none\.wav: libsndfile"):
            endpoint.detect(tmp_path / "none.wav")
    expected = model.detect(tmp_path / "day.wav", hop=0.5, progress=False)
    assert found.source == str(tmp_path / "day.wav") and found.labels == model.labels
    assert [(one.label, one.segment) for one in found] == [(one.label, one.segment) for one in expected] != []


def test_it_waits_as_long_as_it_is_told_and_asks_again() -> None:
    clock = Clock()

    def answer(path: str, headers: dict[str, str], before: int) -> Answer:
        if before < 2:
            return 429, {"Retry-After": "7"}, b"{}"
        return (503, {}, b"{}") if before == 2 else (200, {}, predictions(1))

    with played(answer) as url, mm.connect(url, clock=clock) as endpoint:
        assert endpoint.predict(b"sound").label == "hum"
    assert [7 <= one <= 8.75 for one in clock.slept[:2]] == [True, True]
    assert 1 <= clock.slept[2] <= 1.25 and len(clock.slept) == 3


def test_it_gives_up_after_some_tries() -> None:
    clock = Clock()
    problem = json.dumps({"detail": "32 requests are in the house already"}).encode()
    with (
        played(lambda *_: (429, {"Retry-After": "9999", "X-Request-Id": "r-1"}, problem)) as url,
        mm.connect(url, clock=clock) as endpoint,
        pytest.raises(ServiceBusyError, match="in the house") as caught,
    ):
        endpoint.predict(b"sound")
    assert (caught.value.status, caught.value.request_id) == (429, "r-1")
    assert len(clock.slept) == TRIES - 1 and max(clock.slept) <= 75


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (413, b'{"detail": "10 bytes at most"}', PayloadTooLarge, "10 bytes at most"),
        (500, b'{"detail": "look for it"}', ServiceError, "answered 500: look for it"),
        (401, b"who are you?", ServiceError, "answered 401: who are you"),
        (302, b"", ServiceError, "answered 302: without a reason"),
        (200, b"<html>", ServiceError, "no service of mediaml's"),
        (200, b'{"predictions": [{"label": 7}]}', ServiceError, "no predictions"),
        (200, predictions(2), ServiceError, "no predictions"),
        (200, b'{"answers": []}', ServiceError, "no predictions"),
        (200, b'{"predictions": null}', ServiceError, "no predictions"),
    ],
)
def test_what_a_service_answers_otherwise(status: int, body: bytes, kind: type[Exception], words: str) -> None:
    with (
        played(lambda *_: (status, {"Location": "http://127.0.0.1:9/"}, body)) as url,
        mm.connect(url) as endpoint,
        pytest.raises(kind, match=words),
    ):
        endpoint.predict(b"sound", on_error="skip")


@pytest.mark.parametrize("body", [b"{}", b'{"source": "a", "duration": "long"}', predictions(1)])
def test_what_is_no_timeline(body: bytes, tmp_path: Path) -> None:
    (tmp_path / "day.wav").write_bytes(b"sound")
    with played(lambda *_: (200, {}, body)) as url, mm.connect(url) as endpoint:
        assert isinstance(endpoint, mm.HttpAudioDeployment)
        with pytest.raises(ServiceError, match="no timeline"):
            endpoint.detect(tmp_path / "day.wav")


def test_a_recording_that_is_larger_than_a_request_may_be_is_not_sent(tmp_path: Path) -> None:
    asked: list[str] = []

    def answer(path: str, headers: dict[str, str], before: int) -> Answer:
        asked.append(path)
        return 413, {}, b"{}"

    (tmp_path / "day.wav").write_bytes(bytes(10_000))
    with played(answer) as url, mm.connect(url) as endpoint:
        assert isinstance(endpoint, mm.HttpAudioDeployment)
        with pytest.raises(PayloadTooLarge, match=r"day\.wav: 10000 bytes; the service takes 10000 a request"):
            endpoint.detect(tmp_path / "day.wav")
    assert asked == []


@pytest.mark.parametrize(
    "wrong", [{"kind": []}, {"kind": "smell"}, {"limits": None}, {"limits": {"timeout": "long"}}, {"labels": None}]
)
def test_an_address_that_says_otherwise_what_it_is(wrong: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in wrong.items():
        monkeypatch.setitem(FACTS, name, value)
    with played(lambda *_: (200, {}, b"{}")) as url, pytest.raises(ServiceError, match="no service of mediaml's"):
        mm.connect(url)


def test_a_service_that_does_not_answer_in_time_is_not_asked_for_the_same_work_again() -> None:
    let_go, asked = threading.Event(), []

    def answer(path: str, headers: dict[str, str], before: int) -> Answer:
        asked.append(path)
        let_go.wait(10)
        return 200, {}, predictions(1)

    with played(answer) as url, mm.connect(url, timeout=0.2) as endpoint:
        with pytest.raises(ServiceError, match="cannot be reached, or did not answer in time"):
            endpoint.predict(b"sound")
        let_go.set()
    assert len(asked) == 1


@pytest.mark.parametrize("times", [1, 2])
def test_a_connection_that_is_closed_under_a_request_is_tried_once_more(times: int) -> None:
    asked: list[int] = []

    def answer(path: str, headers: dict[str, str], before: int) -> Answer:
        asked.append(before)
        return (0, {}, b"") if before < times else (200, {}, predictions(1))

    with played(answer) as url, mm.connect(url) as endpoint:
        if times == 1:
            assert endpoint.predict(b"sound").label == "hum"
        else:
            with pytest.raises(ServiceError, match="cannot be reached"):
                endpoint.predict(b"sound")
    assert asked == [0, 1]


def test_nobody_there() -> None:
    with played(lambda *_: (200, {}, b"")) as url:
        pass
    with pytest.raises(ServiceError, match=f"{url} cannot be reached"):
        mm.connect(url)


@pytest.mark.parametrize(
    ("user", "told"),
    [("me:geheim", "me:geheim"), ("m%40e:ge%2Fhe%3Aim", "m@e:ge/he:im"), ("Zoë:пароль", "Zoë:пароль"), ("me", "me:")],
    ids=["plain", "percent-encoded", "not Latin-1", "a name alone"],
)
def test_a_name_and_a_password_are_sent_and_shown_to_nobody(user: str, told: str) -> None:
    seen: list[str] = []

    def answer(path: str, headers: dict[str, str], before: int) -> Answer:
        seen.append(headers.get("authorization", ""))
        return 500, {}, b"{}"

    with played(answer) as url:
        address = url.replace("http://", f"http://{user}@")
        with mm.connect(address) as endpoint, pytest.raises(ServiceError) as caught:
            endpoint.predict(b"sound")
        assert [base64.b64decode(one.removeprefix("Basic ")).decode() for one in seen] == [told]
        assert "geheim" not in f"{caught.value} {endpoint!r} {Wire('http://me:geheim@host', 1.0)!r}"


def test_what_is_of_aws_is_not_of_an_address() -> None:
    with pytest.raises(AwsValidationError, match="of AWS"):
        mm.connect("http://127.0.0.1:9", kind="realtime")
    with pytest.raises(AwsValidationError, match="timeout"):
        mm.connect("an-endpoint", timeout=3.0)
