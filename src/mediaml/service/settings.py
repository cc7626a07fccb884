"""What a service may take and how long it may last, given by hand or by the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mediaml.errors import EnvironmentSettingError

PREFIX = "MEDIAML_SERVICE_"
MODEL = f"{PREFIX}MODEL"
LogLevel = Literal["debug", "info", "warning", "error"]


class ServiceSettings(BaseModel):
    """The bounds of a service. Each can be given as ``MEDIAML_SERVICE_`` and its name in capitals.

    Parameters
    ----------
    max_body
        Bytes of a request, counted while they arrive.
    max_items
        Files of a request.
    max_seconds
        Of one recording or video, once it is decoded.
    max_windows
        Of one recording, where a request says how far they are apart. As it is usual an hour has 15 000 or fewer; a
        hop of a sample would make millions, and hold the model for hours.
    max_batch
        Files, of several requests, that the model hears or sees together.
    max_queue
        Requests in the house: those that arrive, wait and are worked on. The next one is refused (429). All of them
        together hold at most ``max_queue * max_body`` bytes.
    timeout
        Seconds from the first byte of a request to its answer.
    drain_seconds
        How long the service finishes what is in the house when it is told to end.
    log_level
        ``"debug"`` tells of ``/ping`` and ``/metrics``, too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_body: int = Field(default=16 << 20, ge=1)
    max_items: int = Field(default=64, ge=1)
    max_seconds: float = Field(default=3600.0, gt=0, allow_inf_nan=False)
    max_windows: int = Field(default=250_000, ge=1)
    max_batch: int = Field(default=32, ge=1)
    max_queue: int = Field(default=32, ge=1)
    timeout: float = Field(default=30.0, gt=0, allow_inf_nan=False)
    drain_seconds: float = Field(default=20.0, ge=0, allow_inf_nan=False)
    log_level: LogLevel = "info"


def settings_from(environment: Mapping[str, str] | None = None) -> ServiceSettings:
    """Read settings from the environment; what it does not name has its usual value.

    Parameters
    ----------
    environment
        None: this process's.

    Raises
    ------
    EnvironmentSettingError
        A variable does not hold what it should; the message names it.
    """
    found = os.environ if environment is None else environment
    given = {name: found[variable] for name in ServiceSettings.model_fields if (variable := _variable(name)) in found}
    try:
        return ServiceSettings.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        variable = _variable(str(first["loc"][0]))
        raise EnvironmentSettingError(f"{variable}={found[variable]!r}: {first['msg']}") from error


def _variable(name: str) -> str:
    return PREFIX + name.upper()
