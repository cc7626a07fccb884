"""What stands in for AWS's containers: something that trains a job, and something that serves a model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, Protocol


class Answer(NamedTuple):
    """What a model server answers to a request."""

    status: int
    content_type: str
    body: bytes


class Training(Protocol):
    """A training container at work."""

    def poll(self) -> int | None:
        """Give the exit code, or None while it runs."""

    def output(self) -> str:
        """Give what it has printed so far."""

    def kill(self) -> None:
        """End it at once, with all that it started, and wait until it is gone."""


class Server(Protocol):
    """A serving container at work."""

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> Answer:
        """POST to /invocations."""

    def output(self) -> str:
        """Give what it has printed so far."""

    def close(self) -> None:
        """End it. Twice does no harm."""


class Toolkit(Protocol):
    """Runs containers."""

    def train(self, base: Path, environment: Mapping[str, str]) -> Training:
        """Start a training; `base` plays /opt/ml.

        `base` holds ``input/config/{hyperparameters,inputdataconfig,resourceconfig}.json``, ``input/data/<channel>/``
        and the empty folders ``model``, ``output``, ``output/data``, ``code`` and ``checkpoints``. The source comes by
        the hyperparameter ``sagemaker_submit_directory``: a path to a local tar.gz, which whoever calls has fetched.
        """

    def serve(self, base: Path, environment: Mapping[str, str]) -> Server:
        """Start to serve ``base/model``, the content of a model.tar.gz; gives the server once it answers.

        Raises
        ------
        RuntimeError
            It does not come up; the message holds the end of its log.
        """
