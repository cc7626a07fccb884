"""Connecting to a service by its address."""

from __future__ import annotations

from mediaml.aws.clock import Clock, RealClock
from mediaml.backends.http.audio import HttpAudioDeployment
from mediaml.backends.http.image import HttpImageDeployment
from mediaml.backends.http.wire import REACHED_IN, Wire
from mediaml.errors import ServiceError

KINDS: dict[str, type[HttpAudioDeployment | HttpImageDeployment]] = {
    "sound": HttpAudioDeployment,
    "picture": HttpImageDeployment,
}
TRAVEL = 10.0  # seconds that a request and its answer may be on the way


def connect(
    url: str, timeout: float | None = None, clock: Clock | None = None
) -> HttpAudioDeployment | HttpImageDeployment:
    """Connect to a service that ``mediaml serve`` runs.

    Parameters
    ----------
    url
        Its address.
    timeout
        Seconds that one request may take; None: as long as the service gives itself, and some for the way.
    clock
        For tests.

    Raises
    ------
    ServiceError
        There is none, or it is none of mediaml's.
    """
    asked = Wire(url, REACHED_IN if timeout is None else timeout, clock or RealClock())
    facts = asked.get("/v1/model")
    try:
        kind, own = KINDS[facts["kind"]], float(facts["limits"]["timeout"]) + TRAVEL
    except (KeyError, TypeError, ValueError) as error:
        raise ServiceError(f"{asked.name} is no service of mediaml's: /v1/model says {str(facts)[:100]}") from error
    finally:
        asked.close()
    return kind(Wire(url, own if timeout is None else timeout, clock or RealClock()), facts)
