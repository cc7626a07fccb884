"""What the offline AWS refuses, in the words of the services."""

from __future__ import annotations


class RefusalError(Exception):
    """An error answer.

    Parameters
    ----------
    code
        As AWS names it.
    message
        What it says.
    status
        Of HTTP.
    members
        What else the answer holds.
    """

    def __init__(self, code: str, message: str, status: int = 400, members: dict[str, object] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members or {}


def missing(kind: str, arn: str) -> RefusalError:
    """Say that there is no such thing, as SageMaker does."""
    return RefusalError("ValidationException", f'Could not find {kind} "{arn}".')


def taken(kind: str, arn: str) -> RefusalError:
    """Say that a name is taken."""
    return RefusalError("ValidationException", f'Cannot create already existing {kind} "{arn}".')
