"""More who ask than there are places: each is answered, rightly or with 429, and nobody is lost."""

from __future__ import annotations

import http.client
import json
import threading
from collections import Counter
from pathlib import Path

import pytest

import mediaml as mm
from tests.service.conftest import sound
from tests.service.running import Process

CLIENTS, EACH, PLACES = 24, 25, 4


@pytest.mark.slow
def test_under_load_every_request_is_answered_and_every_answer_is_right(saved: Path, tmp_path: Path) -> None:
    labels = ("hum", "hiss", "whistle")
    bodies = [sound(labels[number % 3], 200 + number) for number in range(12)]
    local = mm.load(saved)
    expected = [one.label for one in local.predict(bodies)]
    assert len(set(expected)) >= 3, "wrong answers would show"
    found: Counter[int] = Counter()
    wrong, lost, lock = [], [], threading.Lock()

    def client(host: str, bodies: list[bytes]) -> None:
        connection = http.client.HTTPConnection(host, timeout=60)
        for number in range(EACH):
            which = number % len(bodies)
            try:
                connection.request("POST", "/invocations", bodies[which], {"Content-Type": "audio/wav"})
                answer = connection.getresponse()
                told = answer.read()
            except OSError as error:
                lost.append(error)
                continue
            with lock:
                found[answer.status] += 1
                if answer.status == 200 and json.loads(told)["label"] != expected[which]:
                    wrong.append((which, told))
                if answer.status == 429 and not answer.getheader("Retry-After"):
                    wrong.append((which, told))
        connection.close()

    with Process(saved, tmp_path / "log", "--max-queue", str(PLACES)) as service:
        host = service.url.removeprefix("http://")
        threads = [threading.Thread(target=client, args=(host, bodies)) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with mm.connect(service.url) as endpoint:
            assert endpoint.predict(bodies[0]).label == expected[0], "and it goes on"
        told = Counter(line["status"] for line in service.told("request") if line["path"] == "/invocations")
        assert told == found, "the log has every request"
    assert lost == [] and wrong == []
    assert sum(found.values()) == CLIENTS * EACH and set(found) == {200, 429}, found
