"""Options that models of the other kind have: sounds are heard every `hop`, pictures are looked at `every` so often."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def refusing(mistaken: str, instead: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Make a method say which option it has instead of one; Python alone would name a class that nobody knows.

    Parameters
    ----------
    mistaken
        The option that it has not.
    instead
        What to say of it.

    Raises
    ------
    TypeError
        By the method, where it is called with the option.
    """

    def decorated(method: Callable[P, T]) -> Callable[P, T]:
        @wraps(method)
        def called(*args: P.args, **kwargs: P.kwargs) -> T:
            if mistaken in kwargs:
                raise TypeError(instead)
            return method(*args, **kwargs)

        return called

    return decorated


no_every = refusing("every", "a sound model takes hop=, not every=: seconds from one window to the next")
no_hop = refusing("hop", "a picture model takes every=, not hop=: seconds from one picture to the next")
