"""A version that answers: started and ended, the ledger first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from mediaml._warnings import warn
from mediaml.aws.plan import Charge, Plan
from mediaml.aws.polling import poll
from mediaml.aws.schedules import NOBODY, STARTING, Attendance, Deadline, Stop
from mediaml.aws.undoing import undone
from mediaml.backends.rekognition.names import KEEP
from mediaml.backends.rekognition.service import REFUSALS, RUNNING
from mediaml.backends.rekognition.version import GOING, STARTABLE, Version, VersionStatus, status_of
from mediaml.errors import AwsError, AwsNotFoundError, AwsValidationError, JobFailedError

STARTED_IN, STOPPED_IN = 3600.0, 3600.0  # seconds; it takes 10 to 20 minutes as a rule
LATE = 60.0  # seconds for which the service may still tell how a version did before it was asked to change
MOVING = ("STARTING", "STOPPING")
DOWN = (*STARTABLE, "TRAINING_FAILED", "DEPRECATED", "EXPIRED", GOING)


@dataclass(frozen=True)
class Started:
    """What came of a start.

    Parameters
    ----------
    status
        Of the version, which answers.
    foreign
        It ran before, and this machine's ledger does not have it: somebody else pays attention to it, or nobody.
    keep
        It is to stay.
    """

    status: VersionStatus
    foreign: bool
    keep: bool


class _Asked(NamedTuple):
    """What a version was asked to do, the status that it had before, and when that was."""

    what: str
    before: str
    at: float


@dataclass(frozen=True)
class Running:
    """Brings a version up and down.

    Parameters
    ----------
    version
        Which.
    attendance
        Who ends it, where this process cannot.
    """

    version: Version
    attendance: Attendance = NOBODY

    def _deadline(self, arn: str = "") -> Deadline:
        """Give when AWS itself ends it; without an ARN it can be removed only."""
        service = self.version.service
        stop = Stop("rekognition", "stopProjectVersion", {"ProjectVersionArn": arn})
        return Deadline(service.aws, service.ledger, self.version.short, stop, self.attendance)

    def up(self, units: int, most: int | None, keep: bool, agree: Callable[[VersionStatus], None]) -> Started:
        """Start it, and wait until it answers; where that fails or is interrupted, it is ended again.

        Parameters
        ----------
        units, most
            It is to run with; one that runs already keeps those that it has.
        keep
            It is to stay.
        agree
            Is told how the version does, once it moves no more: it is taken as it runs, or started. What it raises
            leaves everything as it is.

        Raises
        ------
        JobFailedError
            It did not come up, or cannot be started any more.
        AwsError
            The service refused.
        """
        found = self._settle()
        if found.status == "RUNNING":
            agree(found)
            if (found.units or units, found.max_units) != (units, most):
                warn(
                    f"{self.version.short} runs already, with {_units(found.units or units, found.max_units)}: close "
                    f"it first where it is to have {_units(units, most)}"
                )
            return self._taken(found, keep)
        if found.status not in STARTABLE:
            raise JobFailedError(f"{found}: a version in this state cannot be started; train it again")
        agree(found)
        return Started(self._started(found, units, most, keep), foreign=False, keep=keep)

    def _started(self, found: VersionStatus, units: int, most: int | None, keep: bool) -> VersionStatus:
        service = self.version.service
        self._note(found, keep)
        service.ledger.created(service.resource(RUNNING, self.version.short), keep)
        asked: _Asked | None = None
        with undone(f"the version {self.version.short}", lambda: self.down(asked)):
            deadline = self._deadline(found.arn)
            self._attend(deadline, keep, STARTING)  # before it costs anything
            asked = _Asked("start", found.status, service.aws.clock.now())
            try:
                service.start(found.arn, units, most)
            except REFUSALS:
                asked = None  # it was not heard
                raise
            state = self._settle(asked)
            asked = None  # what became of it is known
            if state.status != "RUNNING":
                raise JobFailedError(f"the version did not come up: {state}")
            self._attend(deadline, keep)  # the hours count from now
        return state

    @staticmethod
    def _attend(deadline: Deadline, keep: bool, starting: float = 0.0) -> None:
        if keep:
            deadline.remove()
        else:
            deadline.set(starting)

    def _note(self, found: VersionStatus, keep: bool) -> None:
        """Note at the version whether it is to stay: what was said of an earlier start holds no longer."""
        if keep:
            self.version.service.tag(found.arn, KEEP, "yes")
        elif self._is_kept(found):
            self.version.service.untag(found.arn, KEEP)

    def _taken(self, found: VersionStatus, keep: bool) -> Started:
        """Take a version that answers already."""
        service = self.version.service
        resource = service.resource(RUNNING, self.version.short)
        known = resource in {one.resource for one in service.ledger.standing()}
        if keep:
            service.tag(found.arn, KEEP, "yes")
            service.ledger.created(resource, keep)
        foreign, stays = not known and not keep, keep or self._is_kept(found)
        if not foreign:
            self._attend(self._deadline(found.arn), stays)
        return Started(found, foreign, stays)

    def _is_kept(self, found: VersionStatus) -> bool:
        return KEEP in self.version.service.tags(found.arn)

    def stays(self) -> bool:
        """Tell whether it is marked to stay: by this process or any other."""
        found = self.version.find()
        try:
            return found is not None and self._is_kept(status_of(found))
        except AwsNotFoundError:  # it went since
            return False

    def down(self, asked: _Asked | None = None) -> None:
        """End it, and wait until it costs nothing; what has ended already is no error.

        Parameters
        ----------
        asked
            It may have been started just now: that it does not run is believed a while later.

        Raises
        ------
        AwsError
            It still runs, or may come up yet: it stays in the ledger, and its schedule stays.
        """
        service = self.version.service
        resource = service.resource(RUNNING, self.version.short)
        found = self.version.find()
        if found is not None:
            # one that is starting cannot be ended before it runs
            state = self._settle(asked)
            if state.status == "RUNNING":
                stop = _Asked("stop", state.status, service.aws.clock.now())
                service.stop(state.arn)
                state = self._settle(stop)
            if state.status not in DOWN:
                raise AwsError(f"{state}: it was asked to stop, and has not; call again, or see mediaml aws running")
        service.ledger.gone(resource)
        self._deadline().remove()

    def _settle(self, asked: _Asked | None = None) -> VersionStatus:
        """Wait while it comes up or goes down.

        Parameters
        ----------
        asked
            What it was asked to do. For a while the service may still tell the status from before, and not only once.

        Raises
        ------
        AwsError
            It told no other status.
        """
        clock, moved = self.version.service.aws.clock, False

        def is_over(seen: VersionStatus) -> bool:
            nonlocal moved
            moved = moved or asked is None or seen.status != asked.before
            if seen.status in MOVING:
                return False
            return asked is None or seen.status != asked.before or clock.now() - asked.at > LATE

        state = poll(self.version.status, is_over, clock, f"the version {self.version.short}", STARTED_IN)
        if asked is not None and not moved:
            since = f"{clock.now() - asked.at:.0f} s ago"
            raise AwsError(
                f"{state}: it was asked to {asked.what} {since}, and has not; call again, or see mediaml aws running"
            )
        return state


ITEM = "rekognition custom-labels inference"


def plan_of(version: str, region: str, units: int, most: int | None, max_hours: float | None, keep: bool) -> Plan:
    """Say what a running version costs, and for how long at most.

    Raises
    ------
    AwsValidationError
        It would cost with no end, or the units are none.
    """
    if units < 1 or (most is not None and most < units):
        raise AwsValidationError(
            f"inference_units is 1 or more, and max_inference_units at least as many: {units}, {most}"
        )
    if max_hours is not None and not max_hours > 0:
        raise AwsValidationError(f"max_hours is above 0, not {max_hours!r}")
    if keep:
        end = "stays until you end it: mediaml aws stop"
    elif max_hours is not None:
        hours = "1 hour" if max_hours == 1 else f"{max_hours:g} hours"
        end = f"ends when it is closed, after {hours} at most"
    else:
        raise AwsValidationError(
            "a running version costs by the hour and inference unit, idle or not: give max_hours=, or keep=True for "
            "one that stays"
        )
    told = f"{_units(units, most)}, billed by the hour, idle or not; it {end}"
    charge = Charge(ITEM, units if most is None else most, None if keep else max_hours)
    return Plan(f"the version {version}", region, told, (charge,))


def _units(units: int, most: int | None) -> str:
    number = f"{units}" if most is None else f"{units} to {most}"
    return f"{number} inference {'unit' if number == '1' else 'units'}"
