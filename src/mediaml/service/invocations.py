"""Amazon SageMaker's contract, ``/invocations``: answered by the very code that answers in AWS's container."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, cast

from mediaml.backends import mxnet_thread
from mediaml.backends.fitted import Fitted
from mediaml.backends.local_image import LocalImageDeployment
from mediaml.runtime import inference
from mediaml.runtime.hearer import Hearer
from mediaml.runtime.learned import Learned
from mediaml.runtime.recording import Bounds
from mediaml.service.settings import ServiceSettings
from mediaml.service.shared_network import SharedNetwork
from mediaml.service.uploads import Upload

JSON = "application/json"
TAKEN = ("", "*/*", "application/*", JSON)
OCTETS = "application/octet-stream"
# Requests that are decoded at once, and whose spectrograms go through the network together. More gain nothing: what
# eight threads save by larger batches, they lose by waiting for each other (measured on two cores).
TOGETHER = 4


class Invocation(NamedTuple):
    """A request: a body, and what its headers say of it and of the answer."""

    body: bytes
    content_type: str | None
    accept: str | None
    given_up: threading.Event
    """Set when nobody waits for its answer any more."""

    @property
    def takes_long(self) -> bool:
        """Whether a whole recording is to be gone through."""
        return inference.asks_for_events(self.accept)

    def look(self) -> None:
        """Look whether anybody still waits.

        Raises
        ------
        Refusal
            Nobody does.
        """
        if self.given_up.is_set():
            raise refusal(503, "nobody waits for this answer any more", "Service Unavailable")


class SoundInvocations:
    """Answers as ``runtime/inference.py`` does in AWS's container.

    Parameters
    ----------
    fitted
        The model.
    version
        A name for exactly this one.
    batch_size
        Spectrograms at once.
    settings
        How long a recording may be, and how many windows it may have.
    """

    def __init__(self, fitted: Fitted, version: str, batch_size: int, settings: ServiceSettings) -> None:
        shared = cast(Hearer, SharedNetwork(fitted.network, batch_size))
        self._served = inference.Served(Learned(*fitted)._replace(network=shared), version)
        self._settings = settings
        self._pool = ThreadPoolExecutor(TOGETHER, "mediaml-invocations")

    def __call__(self, payloads: Sequence[Invocation]) -> list[str | Exception]:
        """Answer requests, each on a thread of its own."""
        return list(self._pool.map(self._answer, payloads))

    def _answer(self, asked: Invocation) -> str | Exception:
        try:
            bounds = Bounds(self._settings.max_seconds, self._settings.max_windows, asked.look)
            with mxnet_thread.translated():
                return inference.answer(self._served, asked.body, asked.content_type, asked.accept, bounds)
        except Exception as error:
            return error


class PictureInvocations:
    """The same for pictures, which AWS's containers of ours do not serve: ``image/*`` in, a prediction out.

    Parameters
    ----------
    deployment
        Of the model.
    """

    def __init__(self, deployment: LocalImageDeployment) -> None:
        self._deployment = deployment

    def __call__(self, payloads: Sequence[Invocation]) -> list[str | Exception]:
        """Answer requests together."""
        refused = [_checked(asked) for asked in payloads]
        taken = [asked for asked, reason in zip(payloads, refused, strict=True) if reason is None]
        found = iter(self._deployment.predict([Upload(asked.body, "body") for asked in taken], on_error="skip"))
        answers: list[str | Exception] = []
        for reason in refused:
            if reason is not None:
                answers.append(reason)
                continue
            one = next(found)
            answers.append(one.model_dump_json() if one.error is None else refusal(400, one.error, "Bad Request"))
        return answers


def _checked(asked: Invocation) -> Exception | None:
    kind = (asked.content_type or "").split(";")[0].strip().lower()
    if (asked.accept or "").split(";")[0].strip().lower() not in TAKEN:
        return refusal(406, f"answers are {JSON}, not {asked.accept}", "Not Acceptable")
    if not kind.startswith("image/") and kind != OCTETS:
        named = kind or "a body without Content-Type"
        return refusal(415, f"send image/* or {OCTETS}, not {named}", "Unsupported Media Type")
    return None


def refusal(status: int, message: str, phrase: str) -> Exception:
    """Refuse as the runtime does."""
    refused: Exception = inference.Refusal(status, message, phrase)
    return refused
