"""What a scan will ask of services that cost, before it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mediaml.archive.entrants import Entrant, Settings
from mediaml.archive.places import Place
from mediaml.aws.plan import Charge, Plan
from mediaml.aws.s3 import location
from mediaml.backends.sagemaker.model import SageMakerAudioModel
from mediaml.backends.sagemaker.serving import INSTANCE
from mediaml.data import video
from mediaml.data.checks.finding import counted
from mediaml.errors import DataError, MissingExtraError


def plan_of(
    due: Mapping[Place, frozenset[str]],
    entrants: Sequence[Entrant],
    settings: Settings,
    engine: str,
    workers: int | None,
) -> Plan:
    """Say how many files there are to examine, and what that may cost.

    A deployment that runs already is billed by the hour whether it is asked or not: the calls are counted, and are no
    charge of the scan.

    Parameters
    ----------
    due
        Files, and the keys of the models that are to examine them.
    entrants, settings, engine, workers
        Of the scan.
    """
    what = f"a scan of {counted(len(due), 'file')} ({sum(one.size for one in due) / 1e6:,.1f} MB)"
    if engine == "sagemaker":
        return _by_transforms(what, due, entrants, workers or 1)
    told = [f"up to {calls} of {name}" for name, calls in _calls(due, entrants, settings)]
    where = "on this machine" if engine == "local" else "on the Ray cluster"
    return Plan(what, where, "; ".join(told) or "costs nothing")


def _by_transforms(what: str, due: Mapping[Place, frozenset[str]], entrants: Sequence[Entrant], machines: int) -> Plan:
    """A transform a model and bucket; each ends with its last file, or when its hours are over."""
    charges: list[Charge] = []
    regions: set[str] = set()
    for one in entrants:
        if isinstance(one.model, SageMakerAudioModel):
            buckets = {location(place.path).bucket for place, keys in due.items() if place.remote and one.key in keys}
            regions.add(one.model.aws.region)
            charges += one.model.plan_transform(instances=machines).charges * len(buckets)
    hours = None if any(one.hours is None for one in charges) else sum(one.count * (one.hours or 0) for one in charges)
    told = counted(len(charges), "batch transform") + (
        "" if hours is None else f", {hours:g} hour{'s' * (hours != 1)} of {INSTANCE} at most"
    )
    return Plan(what, ", ".join(sorted(regions)), told, tuple(charges))


def announce(due: Iterable[Place], entrants: Sequence[Entrant], settings: Settings) -> None:
    """Let models that cost by the picture say how many pictures there are to look at, at most."""
    watchers = [one.model.watcher() for one in entrants if one.kind == "picture"]
    paid = [one for one in watchers if one.paid]
    if not paid:
        return
    total = _pictures(due, settings)
    for one in paid:
        one.announce(total, "the archive")


def _calls(
    due: Mapping[Place, frozenset[str]], entrants: Sequence[Entrant], settings: Settings
) -> list[tuple[str, str]]:
    """Give each model that is asked by calls, and how many there will be, in words."""
    paid = [one for one in entrants if one.kind == "picture" and one.model.watcher().paid]
    found = []
    for one in paid:
        total = _pictures((place for place, keys in due.items() if one.key in keys), settings)
        found.append((one.name, "a call a picture" if total is None else f"{total:,} calls"))
    return found


def _pictures(places: Iterable[Place], settings: Settings) -> int | None:
    """Count the pictures there are to look at, at most; None: nobody knows."""
    counts = [_pictures_in(one, settings) for one in places]
    return None if None in counts else sum(count for count in counts if count is not None)


def _pictures_in(place: Place, settings: Settings) -> int | None:
    if place.kind == "picture":
        return 1
    if place.remote:
        return None  # it is not downloaded to be measured
    try:
        media = video.media_of(place.path)
    except (DataError, MissingExtraError, OSError):
        return 0
    if not media.has_picture:
        return 0
    return settings.sampling.at_most(media.duration, None if media.frame_rate is None else media.frame_rate.fps)
