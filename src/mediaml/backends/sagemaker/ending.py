"""What ends an endpoint, where it is ours to end."""

from __future__ import annotations

from collections.abc import Callable

from mediaml._notices import notice
from mediaml._warnings import warn
from mediaml.backends.sagemaker.creating import ENDPOINT
from mediaml.backends.sagemaker.serving import Serving, Up
from mediaml.backends.watchdog import Watchdog


def end_of(serving: Serving, up: Up, name: str, max_hours: float | None, keep: bool) -> Callable[[], None] | None:
    """Give what ends an endpoint; None, with a word about it, where it stays.

    Parameters
    ----------
    serving
        Brings it down.
    up
        What came of its start.
    name
        Its name.
    max_hours
        After which it is ended, though nobody asks.
    keep
        The user has said that it is to stay.
    """
    if up.foreign:
        warn(
            f"{name} was there already, and this machine's ledger does not have it: someone else made it. "
            f"Closing it here does not end it; mediaml aws stop {name} does"
        )
        return None
    if up.stays:
        if not keep:
            notice(f"{name} was there already and is to stay: closing it here does not end it")
        return None
    what = serving.workshop.resource(ENDPOINT, name)
    watchdog = Watchdog(what, max_hours, lambda: serving.down(name))

    def on_close() -> None:
        serving.down(name)
        watchdog.stop()

    return on_close
