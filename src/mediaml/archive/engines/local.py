"""Files are examined in threads of this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from mediaml.archive.entrants import Entrant, Settings
from mediaml.archive.examined import Examined
from mediaml.archive.examining import Unit, examine
from mediaml.archive.places import Place
from mediaml.runtime.cores import available_cores

if TYPE_CHECKING:
    import boto3


def check(places: Iterable[Place], entrants: Sequence[Entrant], session: boto3.Session | None) -> None:
    """Refuse nothing: all models and files will do."""


def run(
    units: Iterable[Unit],
    entrants: Sequence[Entrant],
    settings: Settings,
    workers: int | None = None,
    session: boto3.Session | None = None,
) -> Iterator[Examined]:
    """Examine files, as many at once as there are cores, and give results as they come; nothing piles up.

    Parameters
    ----------
    units
        Of files.
    entrants
        The models.
    settings
        Of the scan.
    workers
        Files at once; None: a thread a core.
    session
        Credentials for S3; None: this machine's.
    """
    threads = workers or available_cores()
    rest = iter(units)
    under_way: set[Future[list[Examined]]] = set()
    with ThreadPoolExecutor(threads, "mediaml-scan") as pool:
        try:
            while True:
                while len(under_way) < threads and (unit := next(rest, None)) is not None:
                    under_way.add(pool.submit(examine, unit, entrants, settings, session))
                if not under_way:
                    return
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    yield from future.result()
        finally:
            for future in under_way:
                future.cancel()
