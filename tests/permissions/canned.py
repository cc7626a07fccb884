"""A toolkit that trains in earnest and answers at once: what is asked here is not what an endpoint hears."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import mediaml as mm
from mediaml.backends.sagemaker.bodies import EVENTS
from mediaml.testing import LocalToolkit
from mediaml.testing.local_toolkit import LocalServer, LocalTraining
from mediaml.testing.toolkit import Answer
from tests.sounds import RATE, SPEC

LABELS = ["hiss", "hum", "whistle"]
BROKEN = b"no sound"


def heard() -> bytes:
    """An answer to whoever asks for an impression."""
    told: dict[str, Any] = {
        "seconds": 1.0,
        "level": -20.0,
        "probabilities": [0.1, 0.8, 0.1],
        "familiarity": 0.9,
        "windows": 1,
        "labels": LABELS,
        "rule": {"objective": "single_label", "thresholds": [0.5] * 3, "typical": 0.5},
        "spectrogram": mm.SpectrogramBuilder(**SPEC).spec.to_dict(),
        "model": "0123456789abcdef",
    }
    return json.dumps(told).encode()


def events(body: bytes) -> bytes:
    """An answer to whoever asks for events."""
    return json.dumps(
        {
            "events": [["hum", 0.0, 0.5, 0.9]],
            "problems": [],
            "error": None,
            "duration": 1.0,
            "sample_rate": RATE,
            "channels": 1,
            "digest": hashlib.sha256(body).hexdigest(),
        }
    ).encode()


class Server:
    """Answers without hearing, once it may."""

    def __init__(self, open_: threading.Event) -> None:
        self.open = open_

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> Answer:
        self.open.wait(60)
        if body == BROKEN:
            return Answer(400, "text/plain", b"this is no WAV file")
        return Answer(200, "application/json", events(body) if str(accept).startswith(EVENTS) else heard())

    def output(self) -> str:
        return ""

    def close(self) -> None:
        pass


class Played:
    """A training that is over at once, or goes on until it is ended."""

    def __init__(self, base: Path, code: int | None) -> None:
        self.code = code
        (base / "model/nothing").write_bytes(b"learned")

    def poll(self) -> int | None:
        return self.code

    def output(self) -> str:
        return ""

    def kill(self) -> None:
        self.code = -9


class Canned(LocalToolkit):
    """See above; where a test wants it, nothing is learned, servers do not come up, or keep their answers back."""

    def __init__(self) -> None:
        super().__init__()
        self.broken = False
        self.trains: Literal["in earnest", "at once", "for ever"] = "in earnest"
        self.open = threading.Event()
        self.open.set()

    def train(self, base: Path, environment: Mapping[str, str]) -> LocalTraining:
        if self.trains == "in earnest":
            return super().train(base, environment)
        return Played(base, 0 if self.trains == "at once" else None)  # type: ignore[return-value]

    def serve(self, base: Path, environment: Mapping[str, str]) -> LocalServer:
        if self.broken:
            raise RuntimeError("it does not come up")
        return Server(self.open)  # type: ignore[return-value]
