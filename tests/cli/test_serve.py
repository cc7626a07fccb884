"""``mediaml serve``: what it is told, and what it makes of it. The service itself: tests/service."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytest.importorskip("fastapi", reason="needs the extra 'service'")

from mediaml.service import running
from mediaml.service.schemas import Limits, ModelFacts
from mediaml.service.settings import ServiceSettings


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """Note what would be run."""
    calls: list[tuple[object, ...]] = []
    monkeypatch.setattr(running, "run", lambda *arguments: calls.append(arguments))
    return calls


def test_it_listens_to_this_machine_only_unless_told_otherwise(run: Run, told: list[tuple[object, ...]]) -> None:
    run("serve", "model")
    run("serve", "model", "--host", "0.0.0.0", "--port", "9000", "--max-queue", "3", "--log-level", "debug")
    assert told == [
        ("model", ServiceSettings(), "127.0.0.1", 8080, None),
        ("model", ServiceSettings(max_queue=3, log_level="debug"), "0.0.0.0", 9000, None),
    ]


def test_options_go_before_the_environment(run: Run, told: list[tuple[object, ...]]) -> None:
    environment = {"MEDIAML_SERVICE_MAX_ITEMS": "5", "MEDIAML_SERVICE_TIMEOUT": "7"}
    run("serve", "model", "--timeout", "9", **environment)
    assert told[0][1] == ServiceSettings(max_items=5, timeout=9.0)


@pytest.mark.parametrize("words", ["--max-queue 0", "--timeout 0", "--timeout nan", "--port 70000", "--log-level loud"])
def test_a_wrong_option_is_not_understood(run: Run, told: list[tuple[object, ...]], words: str) -> None:
    assert "Usage: " in run("serve", "model", *words.split(), code=2).stderr
    assert told == []


def test_a_wrong_environment_is_a_sentence(run: Run, told: list[tuple[object, ...]]) -> None:
    answer = run("serve", "model", code=1, MEDIAML_SERVICE_TIMEOUT="soon")
    assert answer.stderr.startswith("error: MEDIAML_SERVICE_TIMEOUT='soon'")
    assert told == []


def test_json_is_one_line_as_soon_as_requests_are_taken(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(max_body=1, max_items=1, max_seconds=1.0, timeout=1.0)
    model = ModelFacts(
        kind="sound", network="cnn", labels=("hum",), thresholds={"hum": None}, version="1", mediaml="0", limits=limits
    )
    monkeypatch.setattr(running, "run", lambda *given: given[-1]("::1", 9000, model))
    told = json.loads(run("serve", "model", "--json").stdout)
    assert told == {"url": "http://[::1]:9000", "host": "::1", "port": 9000, "model": model.model_dump(mode="json")}


def test_json_tells_why_it_did_not_start(run: Run, tmp_path: Path) -> None:
    told = json.loads(run("serve", tmp_path / "none", "--json", code=1).stdout)
    assert told["error"]["kind"] == "SavedModelError"
