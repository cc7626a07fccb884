"""What ends a version that answers, where it is ours to end."""

from __future__ import annotations

from collections.abc import Callable

from mediaml._notices import notice
from mediaml._warnings import warn
from mediaml.backends.rekognition.running import Running, Started
from mediaml.backends.rekognition.service import RUNNING
from mediaml.backends.watchdog import Watchdog, call_off


def end_of(running: Running, started: Started, max_hours: float | None) -> Callable[[], None] | None:
    """Give what ends a version; None, with a word about it, where someone else does, or nobody.

    Parameters
    ----------
    running
        Brings it down.
    started
        What came of its start.
    max_hours
        After which it is ended, though nobody asks.
    """
    name = running.version.short
    if started.foreign:
        warn(
            f"{name} ran already, and this machine's ledger does not have it: somebody else pays attention to it, "
            f"or nobody. Closing it here does not stop it; mediaml aws stop {name} does"
        )
        return None
    what = running.version.service.resource(RUNNING, name)
    if started.keep:
        call_off(what)
        notice(f"{name} is to stay, and costs: closing it here does not stop it")
        return None

    def end() -> None:
        if running.stays():
            notice(f"{name} is to stay, as was said since it was deployed here, and costs: it is not stopped")
        else:
            running.down()

    watchdog = Watchdog(what, max_hours, end)

    def on_close() -> None:
        end()
        watchdog.stop()

    return on_close
