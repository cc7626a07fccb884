"""A service in a process of its own: it comes up, tells, and ends without losing what it has taken."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mediaml as mm
from mediaml.errors import ServiceError
from mediaml.runtime import wav
from tests.service.conftest import sound
from tests.service.running import ENDED_IN, READY_IN, Process
from tests.sounds import RATE

pytestmark = pytest.mark.slow
LONG = wav.write(np.random.RandomState(1).uniform(-0.5, 0.5, 100 * RATE).astype(np.float32), RATE)


def asked(url: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    request = urllib.request.Request(url + path, body, {"Content-Type": "audio/wav"})
    try:
        with urllib.request.urlopen(request, timeout=ENDED_IN) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def refused(url: str) -> bool:
    host, port = url.removeprefix("http://").split(":")
    with socket.socket() as one:
        return one.connect_ex((host, int(port))) != 0


def test_all_it_writes_is_lines_of_json_and_it_ends_well(saved: Path, tmp_path: Path) -> None:
    with Process(saved, tmp_path / "log") as service:
        with mm.connect(service.url) as endpoint:
            assert endpoint.predict(sound("hum")).label == "hum"
        assert asked(service.url, "/ping") == (200, b'{"status":"healthy"}')
        service.terminate()
        assert service.process.wait(ENDED_IN) == 0
        events = [line["event"] for line in service.lines]
        assert {"ready", "listening", "request", "ending", "ended"} <= set(events)
        assert [line["path"] for line in service.told("request")] == ["/v1/model", "/v1/predict"]
        assert "hum" not in (tmp_path / "log").read_text(), "what was heard is nobody's business"
    with pytest.raises(ServiceError):
        mm.connect(service.url)


def test_what_it_has_taken_is_answered_before_it_ends(saved: Path, tmp_path: Path) -> None:
    """Told to end in the middle of the work: it refuses what is new, says so, and finishes what it has."""
    options = ("--max-queue", "8", "--timeout", "100", "--drain-seconds", "100")
    with Process(saved, tmp_path / "log", *options) as service, ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(asked, service.url, "/invocations", LONG) for _ in range(6)]
        until = time.monotonic() + READY_IN
        while b"taken_places 6.0" not in asked(service.url, "/metrics")[1] and time.monotonic() < until:
            time.sleep(0.01)
        service.terminate()
        while not service.told("ending") and time.monotonic() < until:
            time.sleep(0.01)
        assert service.told("ending")[0]["requests"] > 0, "there is something to finish"
        assert asked(service.url, "/ping") == (503, b'{"status":"ending"}')
        status, body = asked(service.url, "/invocations", LONG)
        assert (status, json.loads(body)["type"]) == (503, "urn:mediaml:problem:ending")
        assert [one.result(ENDED_IN)[0] for one in answers] == [200] * 6
        assert service.process.wait(ENDED_IN) == 0
        assert service.told("ended")[0]["left"] == 0
        assert refused(service.url)


@pytest.mark.parametrize("signals", [1, 2], ids=["its time is over", "a second signal"])
def test_it_does_not_wait_for_ever(saved: Path, tmp_path: Path, signals: int) -> None:
    """Whoever is not answered when the time is over, or a second signal comes, is told so: nobody is lost."""
    options = ("--drain-seconds", "0.2" if signals == 1 else "60", "--timeout", "60", "--max-batch", "1")
    with Process(saved, tmp_path / "log", *options) as service, ThreadPoolExecutor(16) as pool:
        answers: list[Any] = [pool.submit(asked, service.url, "/invocations", LONG) for _ in range(16)]
        until = time.monotonic() + READY_IN
        while b"taken_places 16.0" not in asked(service.url, "/metrics")[1] and time.monotonic() < until:
            time.sleep(0.01)
        for _ in range(signals):
            service.terminate()
            time.sleep(0.1)
        assert service.process.wait(ENDED_IN) == 0
        statuses = [one.result(ENDED_IN)[0] for one in answers]
        assert set(statuses) <= {200, 503} and 503 in statuses, statuses


def test_a_second_signal_ends_it_at_once_whatever_is_worked_on(saved: Path, tmp_path: Path) -> None:
    hours = wav.write(np.random.RandomState(1).uniform(-0.5, 0.5, 3500 * RATE).astype(np.float32), RATE)
    options = ("--drain-seconds", "60", "--timeout", "60", "--max-body", str(1 << 30))
    with Process(saved, tmp_path / "log", *options) as service, ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(asked, service.url, "/invocations", hours) for _ in range(3)]
        until = time.monotonic() + READY_IN
        while b"taken_places 3.0" not in asked(service.url, "/metrics")[1] and time.monotonic() < until:
            time.sleep(0.01)
        while b"waiting_requests 0.0" not in asked(service.url, "/metrics")[1] and time.monotonic() < until:
            time.sleep(0.01)
        service.terminate()
        time.sleep(0.3)
        service.terminate()
        assert service.process.wait(ENDED_IN) == 0, "long before the drain's minute is over"
        statuses = [one.result(ENDED_IN)[0] for one in answers]
        assert set(statuses) <= {200, 503} and 503 in statuses, statuses  # on a slow machine some are answered before
        assert service.told("ended"), "its lines are all written"


GUNICORN = "gunicorn mediaml.service:from_environment() -k uvicorn_worker.UvicornWorker --workers 2 --bind 127.0.0.1:{}"
UVICORN = "uvicorn --factory mediaml.service:from_environment --port {} --no-access-log"


@pytest.mark.parametrize("words", [GUNICORN, UVICORN], ids=["gunicorn", "uvicorn"])
def test_behind_another_server(saved: Path, tmp_path: Path, words: str) -> None:
    """As docs/service.md shows it: settings by the environment, the factory by its name."""
    pytest.importorskip("uvicorn_worker", reason="needs uvicorn-worker")
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    service = {"MEDIAML_SERVICE_MODEL": str(saved), "MEDIAML_SERVICE_MAX_ITEMS": "3"}
    environment = {**os.environ, **service, "HOME": str(tmp_path)}  # gunicorn leaves a socket at home
    with (tmp_path / "log").open("wb") as log:
        command = [sys.executable, "-m", *words.format(port).split()]
        server = subprocess.Popen(command, env=environment, stderr=log, stdout=log, cwd=tmp_path)
    url, until = f"http://127.0.0.1:{port}", time.monotonic() + READY_IN
    try:
        while refused(url) and time.monotonic() < until:
            time.sleep(0.1)
        with mm.connect(url) as endpoint:
            assert endpoint.predict(sound("hiss")).label == "hiss"
        assert json.loads(asked(url, "/v1/model")[1])["limits"]["max_items"] == 3
        server.terminate()
        # uvicorn ends by the signal that it was sent
        assert server.wait(ENDED_IN) in (0, -signal.SIGTERM), (tmp_path / "log").read_text()[-2000:]
        assert '"event": "ended", "left": 0' in (tmp_path / "log").read_text()
    finally:
        server.kill()
        server.wait()


def test_a_folder_that_holds_no_model_is_a_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mediaml.cli", "serve", str(tmp_path)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=READY_IN)
    assert answer.returncode == 1 and answer.stdout == ""
    assert answer.stderr.startswith("error: ") and "Traceback" not in answer.stderr


def test_json_tells_whoever_started_it_where_it_listens_or_why_it_does_not(saved: Path, tmp_path: Path) -> None:
    with Process(saved, tmp_path / "log", "--json") as service:
        assert service.process.stdout is not None
        told = json.loads(service.process.stdout.readline())
        assert told["url"] == service.url
        assert told["model"] == json.loads(asked(service.url, "/v1/model")[1])
        again = [sys.executable, "-m", "mediaml.cli", "serve", str(saved), "--port", str(told["port"]), "--json"]
        answer = subprocess.run(again, capture_output=True, text=True, check=False, timeout=READY_IN)
        assert answer.returncode == 1
        assert json.loads(answer.stdout)["error"]["kind"] == "OSError"
        assert "address already in use" in json.loads(answer.stdout)["error"]["message"]
        service.process.send_signal(signal.SIGINT)
        assert service.process.wait(ENDED_IN) == 0
        assert service.process.stdout.read() == b"", "one document"
