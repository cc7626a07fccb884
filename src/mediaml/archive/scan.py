"""An archive and models in, a catalog out: only what is new or has changed is examined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
from mediaml.archive.places import Listing, Place, listing
from mediaml.archive.planning import announce, plan_of
from mediaml.archive.told import Told, tell_closed
from mediaml.aws.plan import Plan, agreed
from mediaml.data.grouping import hash_of_bytes
from mediaml.data.sampling import Sampling

if TYPE_CHECKING:
    import boto3

Engine = Literal["local", "ray", "sagemaker"]
ENGINES: tuple[Engine, ...] = ("local", "ray", "sagemaker")
NO_TOOLS = ""
"""Of a file that was out of reach: any tools are others than these, so that every scan tries it again."""


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
    max_cost: float | None = None,
    session: boto3.Session | None = None,
    progress: bool = True,
) -> Catalog:
    """Sift an archive: find all that models know in its videos, sounds and pictures.

    It can be interrupted, or killed, at any instant: called again, it goes on with the files that are left. Called once
    more later, it examines what is new or has changed only (size and date, and then the content), or what a changed
    model has not seen; what could not be read is tried again where the tools that read it are newer, and what was out
    of reach (a missing right, a network drive that was away) every time.

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
    max_cost
        What batch transforms may cost at most, in the currency of the models' `prices`: the scan is refused above
        this, and where a model has no `stop_role`.
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
        There is no such folder, or it is out of reach.
    ValueError, TypeError
        There is no such engine, `every` or `hop` is out of its range, or these models or files are not for the engine;
        nothing was done yet.
    NotFittedError, NotDeployedError
        A model is not ready.
    StoreError
        The store is none, or cannot be written.
    CostLimitError, PriceUnknownError
        `max_cost` cannot be kept.
    AwsError, JobFailedError
        A service cannot be asked, or a batch transform failed.
    Detached
        Ctrl-C while a batch transform works: it goes on, and the next scan waits for it.
    """
    settings = Settings(Sampling(every, scenes, skip_similar), hop, max_cost)
    return Scan(source, models, settings, engine, session).into(store, workers, progress)


def plan_scan(  # noqa: PLR0913  as of scan
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
) -> Plan:
    """Say what `scan` would examine, and what it may cost; nothing is started, and no store is made.

    Parameters
    ----------
    source, models, store, every, scenes, skip_similar, hop, engine, workers, session
        As of `scan`.

    Raises
    ------
    DataError, ValueError, TypeError, NotFittedError, NotDeployedError, StoreError, AwsError
        As of `scan`.
    """
    settings = Settings(Sampling(every, scenes, skip_similar), hop)
    return Scan(source, models, settings, engine, session).plan(store, workers)


class Scan:
    """What is to be sifted, by what and where; whatever is wrong in what was asked for is refused here.

    Parameters
    ----------
    source, models, engine, session
        As of `scan`.
    settings
        Its other ones.

    Raises
    ------
    ValueError, TypeError, DataError, NotFittedError, NotDeployedError, AwsError
        As of `scan`.
    """

    def __init__(
        self,
        source: str | Path | Sequence[str | Path],
        models: object,
        settings: Settings,
        engine: Engine = "local",
        session: boto3.Session | None = None,
    ) -> None:
        if engine not in ENGINES:
            raise ValueError(f"engine is one of {', '.join(ENGINES)}, not {engine!r}")
        self.settings, self.engine, self.session = settings, engine, session
        self.entrants: tuple[Entrant, ...] = entrants(models, settings)
        self.found: Listing = listing(source, session)
        self.tools = tools_of(engine)
        self._engine = import_module(f"mediaml.archive.engines.{engine}")
        self._engine.check([one for one in self.found.places if self.keys(one)], self.entrants, session)
        tell_closed(self.found.closed)

    def into(self, store: str | Path, workers: int | None, progress: bool) -> Catalog:
        """Examine what is due, and keep what is found in a store; arguments and errors as of `scan`."""
        names = {one.key: one.name for one in self.entrants}
        with closing(Journal(store, create=True)) as journal:
            journal.register(self.entrants)
            there = frozenset(one.path for one in self.found.places)
            gone = journal.gone(self.found.roots, there, self.found.closed)
            due = self.due(journal)
            if self.engine == "sagemaker" and due:
                agreed(plan_of(due, self.entrants, self.settings, self.engine, workers), self.settings.max_cost)
            announce(due, self.entrants, self.settings)
            with Told(due, progress) as told:
                for one in self._examined(due, workers):
                    if not stands(one, journal):
                        journal.commit(one, names, NO_TOOLS if one.left_to == "the next scan" else self.tools)
                    told.take(one)
                told.end(self.found, gone)
        return Catalog(store)

    def plan(self, store: str | Path, workers: int | None) -> Plan:
        """Say what is due, and what it may cost; arguments and errors as of `plan_scan`."""
        if Path(store).exists():
            with closing(Journal(store)) as journal:
                due = self.due(journal)
        else:
            due = {one: keys for one in self.found.places if (keys := self.keys(one))}
        return plan_of(due, self.entrants, self.settings, self.engine, workers)

    def keys(self, place: Place) -> frozenset[str]:
        """Give the keys of the models that suit a file."""
        return frozenset(one.key for one in self.entrants if place.kind == "recording" or one.kind == "picture")

    def due(self, journal: Journal) -> dict[Place, frozenset[str]]:
        """Give the files that are to be examined, with the keys of the models that have not done so."""
        places = self.found.places
        return {one: new for one in places if (new := keys_due(one, journal, self.keys(one), self.tools))}

    def _examined(self, due: Mapping[Place, frozenset[str]], workers: int | None) -> Iterator[Examined]:
        results: Iterator[Examined] = self._engine.run(units(due), self.entrants, self.settings, workers, self.session)
        return results


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
        return hash_of_bytes(place.path) == known.digest
    except OSError:
        return False


def stands(one: Examined, journal: Journal) -> bool:
    """Tell whether what was found in a file before stays: nobody could look at it now.

    One that has changed, and is out of reach, is known to be due by its size and date.
    """
    known = journal.known(one.place.path)
    if one.left_to is None or known is None or known.error is not None:
        return False
    unchanged = (known.size, known.modified) == (one.place.size, one.place.modified)
    return unchanged or one.left_to == "the next scan"


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
