"""Taking back what was begun."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mediaml.errors import AwsError


@contextmanager
def undone(what: str, undo: Callable[[], None]) -> Iterator[None]:
    """Undo what a block has begun where it fails or is interrupted.

    What went wrong is raised, whatever becomes of the undoing: where that fails too, a note at the error says so.

    Parameters
    ----------
    what
        Was begun.
    undo
        Takes it back.
    """
    try:
        yield
    except BaseException as error:  # Ctrl-C, too: the service may have acted
        try:
            undo()
        except AwsError as left:
            error.add_note(f"{what} could not be taken back; see mediaml aws running. {left}")
        raise
