"""WAV files at rest on S3 are heard by batch transforms: nothing is downloaded, and nothing is left running."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from mediaml.archive.entrants import Entrant, Settings
from mediaml.archive.examined import Examined, Found, in_time
from mediaml.archive.examining import Unit
from mediaml.archive.places import Place
from mediaml.backends.sagemaker.batch import MOST_MEGABYTES
from mediaml.backends.sagemaker.bodies import HEADER_BYTES, MEGABYTE
from mediaml.backends.sagemaker.model import SageMakerAudioModel
from mediaml.backends.sagemaker.recording import Recording
from mediaml.backends.sagemaker.sifting import File, Sifting
from mediaml.errors import JobFailedError
from mediaml.values.media import Media

if TYPE_CHECKING:
    import boto3

ENDINGS = (".wav", ".wave")
ELSEWHERE = "engine='local' and engine='ray' read it"
Heard = Mapping[str, Recording]


def check(places: Iterable[Place], entrants: Sequence[Entrant], session: boto3.Session | None) -> None:
    """Refuse what batch transforms cannot hear.

    Raises
    ------
    ValueError
        A model or a file is another one.
    """
    for one in entrants:
        if not isinstance(one.model, SageMakerAudioModel):
            raise ValueError(f"engine='sagemaker' hears with SageMakerAudioModel alone; {one.name} is {one.model!r}")
    for place in places:
        if not place.remote:
            raise ValueError(f"engine='sagemaker' hears files on S3 (s3://bucket/prefix/), not {place.path}")


def run(
    units: Iterable[Unit],
    entrants: Sequence[Entrant],
    settings: Settings,
    workers: int | None = None,
    session: boto3.Session | None = None,
) -> Iterator[Examined]:
    """Have files heard, one transform a model and bucket, and give what was found once the transforms are over.

    A transform that this or another process started for the same files is waited for, and one that is over is not
    started again, until its answers are taken: they lie under ``scans/`` in the models' own buckets.

    Parameters
    ----------
    units, entrants
        As of `engines.local.run`, checked.
    settings
        Of the scan; pictures are not looked at.
    workers
        Machines of a transform; None: one.
    session
        Not used: each model has its own.

    Raises
    ------
    JobFailedError
        A transform failed; what it heard until then was given.
    Detached
        Ctrl-C: the transform goes on, and the next scan waits for it.
    AwsError
        A service refused something.
    """
    due = {place: unit.keys for unit in units for place in unit.places}
    for place in due:
        if (reason := why_not(place)) is not None:
            yield Examined(place, error=reason, left_to="another engine")
    due = {place: keys for place, keys in due.items() if why_not(place) is None}
    needed = frozenset[str]().union(*due.values())
    siftings = {
        one.key: one.model.sifting(one.key, settings.hop, workers or 1, settings.max_cost)
        for one in entrants
        if one.key in needed
    }
    failed = _hear(due, siftings)
    for place, keys in due.items():
        answers = {key: siftings[key].answer(_file(place)) for key in siftings if key in keys}
        heard = {key: answer for key, answer in answers.items() if answer is not None}
        if heard:
            yield _examined(place, heard)
        elif failed is None:
            yield Examined(place, error=f"the batch transform gave no answer; {ELSEWHERE}", left_to="another engine")
    if failed is not None:
        raise failed


def why_not(place: Place) -> str | None:
    """Say why a batch transform cannot take a file; None: it can."""
    if not place.path.lower().endswith(ENDINGS):
        return f"engine='sagemaker' hears WAV files only; {ELSEWHERE}"
    if place.size + HEADER_BYTES > MOST_MEGABYTES * MEGABYTE:
        return (
            f"engine='sagemaker' takes files of up to {MOST_MEGABYTES} MB, not {place.size / MEGABYTE:.0f}; {ELSEWHERE}"
        )
    return None


def _file(place: Place) -> File:
    return File(place.path, place.size, place.modified)


def _hear(due: Mapping[Place, frozenset[str]], siftings: Mapping[str, Sifting]) -> JobFailedError | None:
    """Have each model hear its files, one model after the other; gives what failed last."""
    failed: JobFailedError | None = None
    for key, sifting in siftings.items():
        try:
            sifting.hear(_file(place) for place, keys in due.items() if key in keys)
        except JobFailedError as error:
            failed = error
    return failed


def _examined(place: Place, heard: Heard) -> Examined:
    """Say what came of a file, as `examining` does where it is read here."""
    read = [one for one in heard.values() if one.error is None]
    if not read:
        one = next(iter(heard.values()))
        reason = f"{one.error}; {ELSEWHERE}, if it can be read"
        return Examined(place, one.digest, error=reason, left_to="another engine")
    media = Media(duration=read[0].duration, sample_rate=read[0].sample_rate, channels=read[0].channels)
    return Examined(place, read[0].digest, media, tuple(_found(key, one) for key, one in heard.items()))


def _found(key: str, heard: Recording) -> Found:
    problems = heard.problems if heard.error is None else (heard.error,)
    return Found(key, in_time(heard.events)[0], problems)
