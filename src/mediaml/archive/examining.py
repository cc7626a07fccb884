"""Files and all models that suit them; a file that cannot be read is a result, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mediaml.archive.entrants import Entrant, Settings
from mediaml.archive.examined import Examined, reason_of
from mediaml.archive.pictures import seen_in
from mediaml.archive.places import Place, at_hand
from mediaml.archive.recordings import found_in
from mediaml.data import video
from mediaml.data.grouping import hash_of_bytes
from mediaml.errors import DataError, MissingExtraError

if TYPE_CHECKING:
    import boto3

PICTURES_AT_ONCE = 64


@dataclass(frozen=True)
class Unit:
    """What is examined together: a recording, or some still pictures.

    Parameters
    ----------
    places
        All of one kind.
    keys
        Of the models that are to examine them.
    """

    places: tuple[Place, ...]
    keys: frozenset[str]


def units(due: Mapping[Place, frozenset[str]]) -> Iterator[Unit]:
    """Put still pictures together, recordings each alone, the largest first: then no thread has to wait at the end.

    Parameters
    ----------
    due
        Files, and the keys of the models that have not examined them.
    """
    recordings = [one for one in due if one.kind == "recording"]
    for one in sorted(recordings, key=lambda place: (-place.size, place.path)):
        yield Unit((one,), due[one])
    alike: dict[frozenset[str], list[Place]] = {}
    for one, keys in due.items():
        if one.kind == "picture":
            alike.setdefault(keys, []).append(one)
    for keys, pictures in alike.items():
        for first in range(0, len(pictures), PICTURES_AT_ONCE):
            yield Unit(tuple(pictures[first : first + PICTURES_AT_ONCE]), keys)


def examine(
    unit: Unit, entrants: Sequence[Entrant], settings: Settings, session: boto3.Session | None = None
) -> list[Examined]:
    """Let models find what is in files.

    Raises
    ------
    AwsError, DeploymentError, ModelError
        The fault is not the files'.
    """
    wanted = [one for one in entrants if one.key in unit.keys]
    if unit.places[0].kind == "recording":
        return [_recording(one, wanted, settings, session) for one in unit.places]
    return _pictures(unit.places, wanted, session)


def _recording(
    place: Place, entrants: Sequence[Entrant], settings: Settings, session: boto3.Session | None
) -> Examined:
    try:
        with at_hand(place, session) as path:
            digest = hash_of_bytes(path)
            try:
                media = video.media_of(path)
                return Examined(place, digest, media, found_in(path, media, entrants, settings))
            except (DataError, MissingExtraError) as error:
                return _refused(place, path, digest, reason_of(error))
    except OSError as error:
        return _out_of_reach(place, error)


def _pictures(places: Sequence[Place], entrants: Sequence[Entrant], session: boto3.Session | None) -> list[Examined]:
    done: dict[Place, Examined] = {}
    with ExitStack() as stack:
        here: dict[Place, tuple[str, str]] = {}
        for place in places:
            try:
                path = stack.enter_context(at_hand(place, session))
                here[place] = path, hash_of_bytes(path)
            except OSError as error:
                done[place] = _out_of_reach(place, error)
        seen = seen_in([path for path, _ in here.values()], entrants) if here else []
        for (place, (path, digest)), found in zip(here.items(), seen, strict=True):
            if isinstance(found, DataError):
                done[place] = _refused(place, path, digest, str(found))
            else:
                done[place] = Examined(place, digest, found=found)
    return [done[place] for place in places]


def _refused(place: Place, path: str, digest: str, reason: str) -> Examined:
    """Say why a file could not be read; where it cannot even be opened any more, that is why, and no fault of its."""
    try:
        with Path(path).open("rb"):
            return Examined(place, digest, error=reason)
    except OSError as error:
        return _out_of_reach(place, error)


def _out_of_reach(place: Place, error: OSError) -> Examined:
    """Say that the system did not let a file be read: that tells nothing of the file."""
    return Examined(place, error=f"{reason_of(error)}; the next scan tries again", left_to="the next scan")
