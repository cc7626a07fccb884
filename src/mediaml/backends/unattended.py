"""What bills when idle is started only where something ends it though this process died, or where the user says so."""

from __future__ import annotations

from dataclasses import replace

from mediaml.aws.plan import Plan
from mediaml.aws.schedules import Attendance
from mediaml.aws.session import Aws
from mediaml.aws.stop_role import remembered
from mediaml.errors import UnattendedError


def attending(
    aws: Aws, stop_role: str | None, what: str, allowed: bool, hours: float | None, limited: bool
) -> Attendance:
    """Say with which role AWS itself ends it, and after how many hours; without one, where that is allowed.

    Parameters
    ----------
    aws
        The account.
    stop_role
        That the user has given; None: that of ``mediaml aws setup``, if there is one.
    what
        Is about to be started, for the error.
    allowed
        It may go on without anyone paying attention.
    hours
        After which it is to end.
    limited
        The user has said what it may cost at most. Only a schedule keeps that: where none can be made, nothing starts.

    Raises
    ------
    UnattendedError
        There is none, and that is not allowed.
    """
    role = ending_role(aws, stop_role)
    if role is None and not allowed:
        raise UnattendedError(
            f"{what} bills when idle, and would go on if this process were killed: nothing was started. Run "
            "`mediaml aws setup` once, or give the model stop_role=, so that AWS itself ends it; or say "
            "unattended_ok=True, or keep=True for one that is to stay"
        )
    return Attendance(role, hours, needed=limited or not allowed)


def ending_role(aws: Aws, stop_role: str | None) -> str | None:
    """Give the role with which AWS itself ends things: the user's, or that of ``mediaml aws setup``; None: none."""
    return stop_role or remembered(aws)


def bounded_by(role: str | None, plan: Plan) -> Plan:
    """Give the plan with no bound where there is no such role: a process that is killed ends nothing."""
    if role is not None or all(one.hours is None for one in plan.charges):
        return plan
    told = f"{plan.at_most}; this process alone keeps the hours, as there is no stop role (mediaml aws setup)"
    return replace(plan, at_most=told, charges=tuple(replace(one, hours=None) for one in plan.charges))
