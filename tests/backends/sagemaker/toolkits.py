"""Containers that are quick where what is asked is not what they learn or say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mediaml.runtime.inference import model_fn, transform_fn
from mediaml.testing import LocalToolkit
from mediaml.testing.buckets import unpack
from mediaml.testing.toolkit import Answer

JSON = "application/json"


class Silent:
    """A server that says nothing."""

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> Answer:
        return Answer(200, JSON, b"{}")

    def output(self) -> str:
        return ""

    def close(self) -> None:
        pass


class Quick(LocalToolkit):
    """Trains in earnest, and serves at once: what is asked here is not what an endpoint says."""

    def serve(self, base: Path, environment: Mapping[str, str]) -> Silent:  # type: ignore[override]
        return Silent()


class Rehearsed:
    """Hands out the model that one real training made, and serves it in this process.

    Parameters
    ----------
    artifact
        The content of its model.tar.gz.
    """

    def __init__(self, artifact: bytes) -> None:
        self._artifact = artifact
        self._served: Any = None
        self._heard: dict[tuple[object, ...], Answer] = {}

    def train(self, base: Path, environment: Mapping[str, str]) -> Trained:
        unpack(self._artifact, base / "model")
        return Trained()

    def serve(self, base: Path, environment: Mapping[str, str]) -> Answering:
        if self._served is None:
            self._served = model_fn(str(base / "model"))
        return Answering(self._served, self._heard)


class Trained:
    """A training that is over."""

    def poll(self) -> int:
        return 0

    def output(self) -> str:
        return "epoch 1\n"

    def kill(self) -> None:
        pass


class Answering(Silent):
    """A server in this process; what it has heard before it need not hear again."""

    def __init__(self, served: Any, heard: dict[tuple[object, ...], Answer]) -> None:
        self._served, self._heard = served, heard

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> Answer:
        asked = (body, content_type, accept)
        if asked not in self._heard:
            content, answered = transform_fn(self._served, body, content_type, accept or JSON)
            self._heard[asked] = Answer(200, answered, content.encode())
        return self._heard[asked]
