"""What bills when idle is started only where something ends it though this process died, or where the user says so."""

from __future__ import annotations

from mediaml.aws.schedules import Attendance
from mediaml.aws.session import Aws
from mediaml.aws.stop_role import remembered
from mediaml.errors import UnattendedError


def attending(aws: Aws, stop_role: str | None, what: str, allowed: bool, hours: float | None) -> Attendance:
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

    Raises
    ------
    UnattendedError
        There is none, and that is not allowed.
    """
    role = stop_role or remembered(aws)
    if role is None and not allowed:
        raise UnattendedError(
            f"{what} bills when idle, and would go on if this process were killed: nothing was started. Run "
            "`mediaml aws setup` once, or give the model stop_role=, so that AWS itself ends it; or say "
            "unattended_ok=True, or keep=True for one that is to stay"
        )
    return Attendance(role, hours, needed=not allowed)
