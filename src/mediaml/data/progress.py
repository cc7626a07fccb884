"""A bar for work that takes a while."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

from mediaml._notices import notice

T = TypeVar("T")
WORTH_A_BAR = 200


def kind_of_bar() -> Any:
    """Give the tqdm that suits this place; a notebook without ipywidgets has none, and no warning of it either."""
    from tqdm import TqdmWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TqdmWarning)
        from tqdm.auto import tqdm
    return tqdm


def track(items: Iterable[T], total: int, what: str, unit: str = "file", least: int = WORTH_A_BAR) -> Iterator[T]:
    """Pass items on and show how far the work is, on a terminal or in a notebook; few items show nothing.

    Parameters
    ----------
    items
        Passed on in order.
    total
        How many there will be.
    what
        What is being done.
    unit
        What an item is.
    least
        From how many items on a bar is shown.
    """
    tqdm = kind_of_bar()
    return iter(tqdm(items, total=total, desc=what, unit=unit, leave=False, disable=None if total >= least else True))


@contextmanager
def bar(total: int, what: str, unit: str, shown: bool = True) -> Iterator[Callable[..., None]]:
    """Show a bar, and give the function that moves it on, by one or `step`; a text for it stands behind the bar.

    A `line` is written where there is no bar because nobody sits at a terminal: a log should tell that work goes on.
    """
    with kind_of_bar()(total=total, desc=what, unit=unit, disable=None if shown else True) as shown_bar:

        def move(note: str = "", step: int = 1, line: str = "") -> None:
            if note:
                shown_bar.set_postfix_str(note, refresh=False)
            shown_bar.update(step)
            if line and shown and shown_bar.disable:
                notice(f"{what}: {line}")

        yield move


@contextmanager
def late_bar(total: int, what: str, unit: str, shown: bool = True) -> Iterator[Callable[..., None]]:
    """Show a bar from its first step on: other work, with bars of its own, may come before."""
    with ExitStack() as stack:
        begun: list[Callable[..., None]] = []

        def move(note: str = "", step: int = 1, line: str = "") -> None:
            if not begun:
                begun.append(stack.enter_context(bar(total, what, unit, shown)))
            begun[0](note, step, line)

        yield move
