"""Something in an account that may cost, whichever service has it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """Something in an account.

    Parameters
    ----------
    kind, name
        What.
    status
        As the service says it.
    bills
        Whether it may cost now.
    known
        Whether this machine's ledger has it: else another machine made it.
    keep
        Whether it is to stay.
    ours
        Whether mediaml made it, here or elsewhere: else it was made by other means, and is only told of.
    """

    kind: str
    name: str
    status: str
    bills: bool
    known: bool
    keep: bool
    ours: bool = True
