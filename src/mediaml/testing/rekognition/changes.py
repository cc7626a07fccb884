"""States that change with time: at once, a look later, when told, or by a clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from mediaml.aws.clock import Clock

Pace = Literal["at once", "by look", "by hand", "by clock"]
SECONDS = {
    "CREATING": 5.0,
    "CREATE_IN_PROGRESS": 60.0,
    "UPDATE_IN_PROGRESS": 60.0,
    "DELETE_IN_PROGRESS": 30.0,
    "DELETING": 30.0,
    "TRAINING_IN_PROGRESS": 3600.0,
    "COPYING_IN_PROGRESS": 600.0,
    "STARTING": 900.0,
    "STOPPING": 300.0,
}
"""How long a state lasts by the clock, where nobody says otherwise. AWS gives ranges at most."""


@dataclass(eq=False)
class Changing:
    """Something with a state.

    Parameters
    ----------
    status
        As the service names it.
    """

    status: str = ""
    _change: _Change | None = field(default=None, repr=False)

    @property
    def moving(self) -> bool:
        """Whether it is on its way to another state."""
        return self._change is not None


@dataclass(eq=False)
class _Change:
    owner: Changing
    finish: Callable[[], None]
    began: float
    shown: bool = False
    told: bool = False


@dataclass
class Changes:
    """All changes that are under way.

    Parameters
    ----------
    clock
        For those that take time.
    pace
        When a change is over: at once; once the moving state was shown; when `step` says so; by the clock.
    seconds
        How long each moving state lasts by the clock.
    """

    clock: Clock
    pace: Pace = "at once"
    seconds: dict[str, float] = field(default_factory=lambda: dict(SECONDS))
    _open: list[_Change] = field(default_factory=list, repr=False)

    def begin(self, owner: Changing, status: str, finish: Callable[[], None]) -> None:
        """Let something be on its way; `finish` brings it to where it goes, when somebody looks and it is time."""
        owner.status = status
        owner._change = _Change(owner, finish, self.clock.now())
        self._open.append(owner._change)

    def look(self, owner: Changing, *, shows: bool = False) -> None:
        """Bring something up to date; with `shows` its state is about to be shown."""
        change = owner._change
        if change is None:
            return
        if self._over(change):
            self._open.remove(change)
            owner._change = None
            change.finish()
        elif shows:
            change.shown = True

    def _over(self, change: _Change) -> bool:
        if self.pace == "by look":
            return change.shown
        if self.pace == "by hand":
            return change.told
        if self.pace == "by clock":
            return self.clock.now() - change.began >= self.seconds.get(change.owner.status, 0.0)
        return True

    def step(self) -> None:
        """Bring all that is on its way to where it goes."""
        for change in list(self._open):
            change.told = True
            change.shown = True
            if self.pace in ("by look", "by hand"):
                self.look(change.owner)
