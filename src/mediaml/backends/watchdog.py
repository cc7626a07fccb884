"""What costs by the hour is ended when its time is over, or with this process."""

from __future__ import annotations

import atexit
import logging
import threading
from collections.abc import Callable

from mediaml._notices import notice
from mediaml.aws.ledger import Resource
from mediaml.errors import MediamlError

AGAIN = 60.0  # seconds

_WATCHDOGS: dict[Resource, Watchdog] = {}


def call_off(what: Resource) -> None:
    """Take away the watchdog that this process has set on a deployment, if there is one: it is to stay."""
    if what in _WATCHDOGS:
        _WATCHDOGS[what].stop()


class Watchdog:
    """Ends a deployment when its time is over, or when this process ends, whichever comes first.

    Where that fails, it is tried again every minute. A deployment has one watchdog: the latest.

    Parameters
    ----------
    what
        The deployment: others in other regions and accounts may have its name.
    hours
        None: not before this process ends.
    end
        Ends it.
    """

    def __init__(self, what: Resource, hours: float | None, end: Callable[[], None]) -> None:
        call_off(what)
        _WATCHDOGS[what] = self
        self._what = what
        self._end = end
        self._over = False
        self._timer: threading.Timer | None = None
        atexit.register(self._last)
        if hours is not None:
            self._arm(hours * 3600)

    def _arm(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._bark)
        self._timer.daemon = True
        self._timer.start()

    def _last(self) -> None:
        """End it with the process: there is no other minute."""
        try:
            self._end()
        except MediamlError as error:
            notice(f"mediaml could not end {self._named}; see mediaml aws running: {error}", logging.ERROR)

    def _bark(self) -> None:
        if self._over:
            return
        try:
            self._end()
            self.stop()
        except MediamlError as error:
            notice(f"mediaml could not end {self._named}, and tries again in a minute: {error}", logging.ERROR)
            self._arm(AGAIN)

    @property
    def _named(self) -> str:
        return f"{self._what.name} in {self._what.region}"

    def stop(self) -> None:
        """It was ended."""
        self._over = True
        if _WATCHDOGS.get(self._what) is self:
            del _WATCHDOGS[self._what]
        atexit.unregister(self._last)
        if self._timer is not None:
            self._timer.cancel()
