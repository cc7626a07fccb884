"""What a service does not take: too much, too many, for too long, or nothing that it knows."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from mediaml.service.serving import ServedSounds
from tests.service.conftest import Client, form, sound

HUM = sound("hum")
WAV = {"Content-Type": "audio/wav"}
SOON = 10.0
SECRET = "geheim"


class Held:
    """Holds the model up: whoever asks it waits until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.let_go = threading.Semaphore(0), threading.Event()
        self.seen = 0
        real = ServedSounds.predict

        def held(served: ServedSounds, payloads: Any) -> Any:
            self.seen += len(payloads)
            self.begun.release()
            assert self.let_go.wait(SOON)
            return real(served, payloads)

        monkeypatch.setattr(ServedSounds, "predict", held)

    def working(self, threads: int) -> None:
        """Wait until so many threads are held up."""
        for _ in range(threads):
            assert self.begun.acquire(timeout=SOON)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    made = Held(monkeypatch)
    yield made
    made.let_go.set()


def in_background(client: Any, answers: list[Any]) -> threading.Thread:
    thread = threading.Thread(target=lambda: answers.append(client.post("/v1/predict", files=form(HUM))))
    thread.start()
    return thread


def both_held_up(client: Any, held: Held, answers: list[Any]) -> list[threading.Thread]:
    """Keep both threads of a service busy, one after the other: two requests at once may be one batch."""
    threads = []
    for _ in range(2):
        threads.append(in_background(client, answers))
        held.working(1)
    return threads


@pytest.mark.parametrize("path", ["/invocations", "/v1/predict", "/v1/detect"])
@pytest.mark.parametrize("stated", [True, False], ids=["with its length", "chunked"])
def test_a_body_is_bounded_whether_its_length_is_stated_or_not(serve: Client, path: str, stated: bool) -> None:
    client = serve(max_body=10_000)
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\n'
    headers = {"Content-Type": "audio/wav" if path == "/invocations" else "multipart/form-data; boundary=x"}
    taken = 0

    def chunks() -> Iterator[bytes]:
        nonlocal taken
        yield head
        for _ in range(100):
            taken += 1
            yield bytes(1000)

    answer = client.post(path, content=head + bytes(100_000) if stated else chunks(), headers=headers)
    assert answer.status_code == 413
    assert answer.json()["type"] == "urn:mediaml:problem:too-large"
    assert "10000 bytes" in answer.json()["detail"]
    assert client.app.state.house.queue.taken == 0  # type: ignore[attr-defined]


def test_what_arrives_beyond_the_bound_is_not_kept() -> None:
    from starlette.requests import Request
    from starlette.responses import Response

    from mediaml.service.admission import Admission
    from mediaml.service.asked import Asked
    from mediaml.service.queue import Queue
    from mediaml.service.settings import ServiceSettings

    asked, sent = 0, []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await Response(await Request(scope, receive).body())(scope, receive, send)

    async def receive() -> dict[str, Any]:
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": bytes(400), "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    class Nobody:
        def batch(self, items: int) -> None: ...
        def abandoned(self) -> None: ...

    scope = {"type": "http", "method": "POST", "path": "/x", "headers": [], "state": {"asked": Asked("id")}}
    admission = Admission(app, Queue(1, 1, Nobody()), ServiceSettings(max_body=1000))
    with pytest.raises(Exception, match="1000 bytes"):
        asyncio.run(admission(scope, receive, send))
    assert asked == 3, "an endless body is left after the first byte too many"


def test_beyond_the_queue_everyone_is_told_to_come_back(serve: Client, held: Held) -> None:
    client = serve(max_queue=3)
    answers: list[Any] = []
    threads = [*both_held_up(client, held, answers), in_background(client, answers)]
    while client.app.state.house.queue.taken < 3:  # type: ignore[attr-defined]
        threading.Event().wait(0.01)
    refused = client.post("/v1/predict", files=form(HUM))
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.json()["type"] == "urn:mediaml:problem:busy"
    assert client.get("/ping").status_code == 200, "what has no body needs no place"
    held.let_go.set()
    for thread in threads:
        thread.join(SOON)
    assert [one.status_code for one in answers] == [200, 200, 200]
    assert client.post("/v1/predict", files=form(HUM)).status_code == 200


def test_who_waits_too_long_is_told_and_not_worked_for(serve: Client, held: Held) -> None:
    client = serve(max_queue=8, timeout=2.0)
    queue = client.app.state.house.queue  # type: ignore[attr-defined]
    answers: list[Any] = []
    threads = both_held_up(client, held, answers)
    threads += [in_background(client, answers) for _ in range(3)]
    for thread in threads:
        thread.join(SOON)
    assert (queue.waiting, queue.taken) == (0, 2), "what is worked on keeps its place"
    told = sorted((one.status_code, one.json()["type"].rpartition(":")[2]) for one in answers)
    assert told == [(503, "not-begun")] * 3 + [(504, "timeout")] * 2
    assert all("Retry-After" in one.headers for one in answers if one.status_code == 503)
    held.let_go.set()
    assert client.post("/v1/predict", files=form(HUM)).status_code == 200
    assert held.seen == 3, "two that were begun, and the last one"


async def hung_up_while_waiting(app: Any) -> None:
    """Send a request, and hang up before its answer."""
    hang_up = asyncio.Event()
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.wav"\r\n\r\n' + HUM + b"\r\n--x--\r\n"

    async def messages() -> AsyncIterator[dict[str, Any]]:
        yield {"type": "http.request", "body": body, "more_body": False}
        await hang_up.wait()
        while True:
            yield {"type": "http.disconnect"}

    stream = messages()
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/predict",
        "raw_path": b"/v1/predict",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"content-type", b"multipart/form-data; boundary=x")],
    }

    async def send(message: dict[str, Any]) -> None:
        raise AssertionError(f"nobody is there to hear {message}")

    asked = asyncio.ensure_future(app(scope, lambda: anext(stream), send))
    while not app.state.house.queue.waiting:
        await asyncio.sleep(0.01)
    hang_up.set()
    await asked


def test_who_hangs_up_is_not_worked_for(serve: Client, held: Held, caplog: pytest.LogCaptureFixture) -> None:
    client = serve()
    answers: list[Any] = []
    threads = both_held_up(client, held, answers)
    with caplog.at_level("INFO", "mediaml.service"):
        asyncio.run(hung_up_while_waiting(client.app))
    house = client.app.state.house  # type: ignore[attr-defined]
    assert (house.queue.waiting, house.queue.taken) == (0, 2), "what was sent is held no longer"
    held.let_go.set()
    for thread in threads:
        thread.join(SOON)
    assert held.seen == 2
    lines = [vars(one)["facts"] for one in caplog.records if one.message == "request"]
    assert lines[0]["status"] == 499
    assert client.app.state.house.queue.taken == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("POST", "/nowhere", 404, "not-found"),
        ("GET", "/invocations", 405, "method-not-allowed"),
        ("POST", "/v1/predict", 422, "malformed"),
        ("GET", "/docs", 404, "not-found"),
        ("GET", "/redoc", 404, "not-found"),
    ],
)
def test_every_refusal_is_a_problem(serve: Client, method: str, path: str, status: int, kind: str) -> None:
    answer = serve().request(method, path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert (told["type"], told["status"]) == (f"urn:mediaml:problem:{kind}", status)
    assert told["request_id"] == answer.headers["X-Request-Id"]


def test_what_is_malformed_is_said_without_what_was_sent(serve: Client) -> None:
    answer = serve().post("/v1/predict", data={"files": "geheim"})
    assert answer.status_code == 422
    assert "files" in answer.json()["errors"][0]
    assert "geheim" not in answer.text
    broken = serve().post("/v1/predict", content=b"geheim", headers={"Content-Type": "multipart/form-data"})
    assert broken.status_code in (400, 422) and "geheim" not in broken.text


def test_an_error_that_nobody_expected_is_a_problem_and_its_trace_is_logged(
    serve: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from mediaml.service.logs import JsonLines

    client = serve()

    def broken(*_: object) -> None:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise RuntimeError(f"{SECRET}.wav: see https://user:{SECRET}@example.org/") from error

    monkeypatch.setattr(ServedSounds, "predict", broken)
    with caplog.at_level("INFO", "mediaml.service"):
        answer = client.post("/v1/predict", files=form(HUM))
    assert answer.status_code == 500
    assert answer.json()["type"] == "urn:mediaml:problem:unexpected"
    (record,) = [one for one in caplog.records if one.message == "request"]
    line = JsonLines().format(record)
    told = json.loads(line)
    assert told["level"] == "error" and told["status"] == 500
    assert told["error"] == "RuntimeError" and told["trace"].endswith("RuntimeError")
    assert "in broken" in told["trace"] and "KeyError" in told["trace"]
    assert SECRET not in line + answer.text and "\n" not in line


def test_a_model_that_works_elsewhere_or_has_learned_nothing_is_refused() -> None:
    import mediaml as mm
    from mediaml.errors import NotFittedError, SavedModelError
    from mediaml.service import create_app

    with pytest.raises(NotFittedError):
        create_app(mm.LocalAudioModel())
    with pytest.raises(SavedModelError, match="SageMakerAudioModel does not work on this machine"):
        create_app(mm.SageMakerAudioModel(bucket="media", role="arn:aws:iam::123456789012:role/r", image_uri="i"))


@pytest.mark.parametrize("size", [3_000_000, 1_900_000], ids=["too large", "no place"])
def test_a_refusal_is_heard_by_who_still_sends(model: Any, size: int) -> None:
    """Whoever wants the connection closed, too: closing it upon them would lose the answer."""
    import http.client

    from mediaml.service import ServiceSettings, create_app
    from tests.service.running import in_thread

    app = create_app(model, ServiceSettings(max_body=2_000_000, max_queue=1))
    with in_thread(app) as url:
        app.state.house.queue.taken += 1
        for _ in range(5):
            connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=SOON)
            connection.request("POST", "/invocations", bytes(size), {**WAV, "Connection": "close"})
            answer = connection.getresponse()
            assert answer.status == (413 if size > 2_000_000 else 429)
            assert json.loads(answer.read())["request_id"] == answer.getheader("X-Request-Id")
            connection.close()
        app.state.house.queue.taken -= 1
