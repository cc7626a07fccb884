"""What goes wrong between a program and AWS, on demand."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import Enum


class Fault(Enum):
    """A way in which a call goes wrong: the service's code and HTTP status, or a lost connection."""

    THROTTLED = ("ThrottlingException", 400)
    ACCESS_DENIED = ("AccessDeniedException", 403)
    LIMIT_EXCEEDED = ("ResourceLimitExceeded", 400)
    INTERNAL = ("InternalFailure", 500)
    VALIDATION = ("ValidationException", 400)
    NOT_READY = ("ModelNotReadyException", 429)
    """Of `InvokeEndpoint`: a serverless endpoint is still being given machines."""
    LOST_BEFORE = ("", 0)
    """The connection is lost before the service has acted."""
    LOST_AFTER = ("", -1)
    """The connection is lost after the service has acted."""


@dataclass
class _Planned:
    service: str
    operation: str
    what: Fault | BaseException
    times: int
    after: int
    acts: bool


class Faults:
    """The faults that are still to come."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._lock = threading.Lock()

    def plan(
        self, service: str, operation: str, what: Fault | BaseException, times: int, after: int, acts: bool
    ) -> None:
        """Let calls go wrong; see `OfflineAws.fail`."""
        with self._lock:
            self._planned.append(_Planned(service, operation, what, times, after, acts))

    def clear(self) -> None:
        """Let everything go well from now on."""
        with self._lock:
            self._planned.clear()

    def next(self, service: str, operation: str) -> tuple[Fault | BaseException, bool] | None:
        """Give what goes wrong with this call, and whether the service acts before; None: nothing."""
        with self._lock:
            for one in self._planned:
                if one.service == service and one.operation in (operation, "*") and one.times > 0:
                    if one.after > 0:
                        one.after -= 1
                        return None
                    one.times -= 1
                    return one.what, one.acts or one.what is Fault.LOST_AFTER
        return None
