"""How far a scan is: files, hours, times real time, time left."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from mediaml._notices import notice
from mediaml.archive.examined import Examined
from mediaml.archive.places import Listing, Place
from mediaml.data.checks.finding import counted
from mediaml.data.files import printable
from mediaml.data.progress import kind_of_bar

MOST_ENDINGS = 4
MOST_NAMED = 3


def tell_closed(closed: Mapping[str, str]) -> None:
    """Name the folders and files that could not be looked at: what is missing in a catalog is to have a reason.

    Parameters
    ----------
    closed
        Reasons by path.
    """
    if closed:
        named = [printable(f"{path}: {reason}") for path, reason in list(closed.items())[:MOST_NAMED]]
        more = f", and {len(closed) - MOST_NAMED} more" if len(closed) > MOST_NAMED else ""
        told = f"out of reach, and left as they were: {', '.join(named)}{more}"
        notice(f"mediaml: {told}", logging.WARNING)


class Told:
    """A bar over the bytes of the files that are examined, and a line at the end, on the error stream."""

    def __init__(self, due: Iterable[Place], shown: bool) -> None:
        places = list(due)
        self._shown = shown
        self._files, self._done, self._seconds = len(places), 0, 0.0
        self._unread = 0
        self._named: list[str] = []  # the first ones: an archive may hold millions
        self._begun = time.monotonic()
        self._bar = kind_of_bar()(
            total=sum(one.size for one in places),
            desc="sifting",
            unit="B",
            unit_scale=True,
            disable=None if shown and places else True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()

    def take(self, one: Examined) -> None:
        """A file is done."""
        self._done += 1
        if one.error is not None:
            self._unread += 1
            if len(self._named) < MOST_NAMED:
                self._named.append(printable(f"{Path(one.place.path).name}: {one.error}"))
        self._seconds += one.seconds
        self._bar.set_postfix_str(f"{self._done}/{self._files} files, {self._pace()}", refresh=False)
        self._bar.update(one.place.size)

    def _pace(self) -> str:
        speed = self._seconds / max(1e-9, time.monotonic() - self._begun)
        return f"{self._seconds / 3600:.1f} h, {speed:.0f} times real time"

    def end(self, found: Listing, gone: int) -> None:
        """Sum up."""
        if not self._shown:
            return
        self._bar.close()
        files = counted(len(found.places), "file")
        parts = [f"{self._done} of {files} examined ({self._pace()})" if self._done else "nothing new"]
        if self._unread:
            more = self._unread - len(self._named)
            named = ", ".join(self._named) + (f", and {more} more" if more else "")
            parts.append(f"{self._unread} could not be read ({named})")
        if gone:
            parts.append("1 is gone" if gone == 1 else f"{gone} are gone")
        if found.others:
            most = ", ".join(f"{ending} {count}" for ending, count in found.others.most_common(MOST_ENDINGS))
            count = found.others.total()
            parts.append(f"{'1 other is' if count == 1 else f'{count} others are'} no media ({most})")
        sys.stderr.write("mediaml: " + "; ".join(parts) + "\n")
