"""An archive and models in, a catalog out: only what is new or has changed is examined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mediaml.archive.catalog import Catalog
from mediaml.archive.entrants import Entrant, Settings, entrants
from mediaml.archive.examined import Examined
from mediaml.archive.examining import units
from mediaml.archive.journal import Journal, Known
from mediaml.archive.places import Place, digest_of, listing
from mediaml.archive.told import Told
from mediaml.data import video
from mediaml.data.sampling import Sampling
from mediaml.errors import DataError, MissingExtraError

if TYPE_CHECKING:
    import boto3

Engine = Literal["local", "ray", "sagemaker"]
ENGINES: tuple[Engine, ...] = ("local", "ray", "sagemaker")


def scan(  # noqa: PLR0913  named arguments, each on its own
    source: str | Path | Sequence[str | Path],
    models: object,
    store: str | Path = "catalog.sqlite",
    *,
    every: float | None = 1.0,
    scenes: bool = False,
    skip_similar: bool = False,
    hop: float | None = None,
    engine: Engine = "local",
    workers: int | None = None,
    session: boto3.Session | None = None,
    progress: bool = True,
) -> Catalog:
    """Sift an archive: find all that models know in its videos, sounds and pictures.

    It can be interrupted, or killed, at any instant: called again, it goes on with the files that are left. Called once
    more later, it examines what is new or has changed only (size and date, and then the content), or what a changed
    model has not seen; what could not be read is tried again where the tools that read it are newer.

    Parameters
    ----------
    source
        A folder, a file, an ``s3://bucket/prefix/``, or several of them. Hidden files are left out.
    models
        One, several, or a mapping from names to models: local models and their deployments, a deployed
        `RekognitionModel` or a connection to one, a `SageMakerAudioModel` (which hears on this machine). Sounds are
        heard in recordings and in the sound track of videos, pictures are looked at and videos watched; each file is
        decoded once for all models.
    store
        Where the catalog is kept: one SQLite file, on a disk of this machine (not on a network drive).
    every, scenes, skip_similar
        Which pictures of a video are looked at; see ``model.detect``.
    hop
        Seconds from one window of a sound to the next; None: a quarter of what each network hears at once.
    engine
        ``"local"``: threads of this process. ``"ray"``: a Ray cluster (extra ``ray``); the rows are the same.
        ``"sagemaker"``: a SageMaker batch transform hears all WAV files of up to 100 MB under an ``s3://`` prefix, with
        each `SageMakerAudioModel`; it says so before it starts, and nothing is downloaded. Other files stay unread in
        ``catalog.files`` until another engine reads them.
    workers
        Files at once; None: one a core. Machines of a batch transform; None: one.
    session
        Credentials for S3; None: this machine's.
    progress
        Show a bar: files, hours, times real time, time left.

    Returns
    -------
    The catalog. Files that cannot be read are in ``catalog.files`` with the reason; they end nothing.

    Raises
    ------
    DataError
        There is no such folder.
    NotFittedError, NotDeployedError
        A model is not ready.
    StoreError
        The store is none, or cannot be written.
    AwsError, JobFailedError
        A service cannot be asked, or a batch transform failed.
    Detached
        Ctrl-C while a batch transform works: it goes on, and the next scan waits for it.
    """
    settings = Settings(Sampling(every, scenes, skip_similar), hop)
    taking_part = entrants(models, settings)
    found, tools = listing(source, session), tools_of(engine)
    names = {one.key: one.name for one in taking_part}
    keys = {
        "recording": frozenset(names),
        "picture": frozenset(one.key for one in taking_part if one.kind == "picture"),
    }
    with closing(Journal(store, create=True)) as journal:
        journal.register(taking_part)
        gone = journal.gone(found.roots, frozenset(one.path for one in found.places))
        due = {one: new for one in found.places if (new := keys_due(one, journal, keys[one.kind], tools))}
        announce(due, taking_part, settings)
        with Told(due, progress) as told:
            for one in _run(engine, due, taking_part, settings, workers, session):
                if not (one.left and stands(one.place, journal)):
                    journal.commit(one, names, tools)
                told.take(one)
            told.end(found, gone)
    return Catalog(store)


def keys_due(place: Place, journal: Journal, keys: frozenset[str], tools: str) -> frozenset[str]:
    """Give the keys of the models that are to examine a file by these tools; none where all is as it was."""
    if not keys:
        return keys
    known = journal.known(place.path)
    if known is None:
        return keys
    if (known.size, known.modified) != (place.size, place.modified):
        if not _same_content(place, known):
            return keys
        journal.touch(place.path, place.size, place.modified)
    if known.error is not None:
        return keys if known.tools != tools else frozenset()
    return keys - known.keys


def _same_content(place: Place, known: Known) -> bool:
    if place.remote or known.size != place.size or not known.digest:
        return False
    try:
        return digest_of(place.path) == known.digest
    except DataError:
        return False


def stands(place: Place, journal: Journal) -> bool:
    """Tell whether a file was read before, and has not changed since."""
    known = journal.known(place.path)
    return known is not None and known.error is None and (known.size, known.modified) == (place.size, place.modified)


@cache
def tools_of(engine: Engine) -> str:
    """Name what reads files: what could not be read is tried again with other tools."""
    if engine == "sagemaker":
        return f"mediaml {_version('mediaml')} on SageMaker"
    return " ".join(f"{name} {_version(name)}" for name in ("mediaml", "av", "soundfile", "pillow"))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "-"


def announce(due: Iterable[Place], entrants: Sequence[Entrant], settings: Settings) -> None:
    """Let models that cost by the picture say how many pictures there are to look at, at most."""
    watchers = [one.model.watcher() for one in entrants if one.kind == "picture"]
    paid = [one for one in watchers if one.paid]
    if not paid:
        return
    counts = [_pictures_in(one, settings) for one in due]
    total = None if None in counts else sum(count for count in counts if count is not None)
    for one in paid:
        one.announce(total, "the archive")


def _pictures_in(place: Place, settings: Settings) -> int | None:
    if place.kind == "picture":
        return 1
    if place.remote:
        return None  # it is not downloaded to be measured
    try:
        media = video.media_of(place.path)
    except (DataError, MissingExtraError):
        return 0
    if not media.has_picture:
        return 0
    return settings.sampling.at_most(media.duration, None if media.frame_rate is None else media.frame_rate.fps)


def _run(
    engine: Engine,
    due: Mapping[Place, frozenset[str]],
    entrants: Sequence[Entrant],
    settings: Settings,
    workers: int | None,
    session: boto3.Session | None,
) -> Iterator[Examined]:
    if engine not in ENGINES:
        raise ValueError(f"engine is one of {', '.join(ENGINES)}, not {engine!r}")
    run = import_module(f"mediaml.archive.engines.{engine}").run
    results: Iterator[Examined] = run(units(due), entrants, settings, workers, session)
    return results
