"""Files are examined by actors on a Ray cluster; each loads the models once, and its files are redone if it is lost."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediaml._extras import require
from mediaml.archive.entrants import Entrant, Settings
from mediaml.archive.examined import Examined
from mediaml.archive.examining import Unit, examine
from mediaml.archive.places import Place
from mediaml.backends.rekognition.deployment import RekognitionDeployment
from mediaml.backends.rekognition.model import RekognitionModel
from mediaml.errors import BackendError
from mediaml.models.base import Deployment

if TYPE_CHECKING:
    import boto3

REDONE = 3  # times, before a file is thought to kill whoever examines it


@dataclass(frozen=True)
class Packed:
    """A model on its way to a worker: a saved folder as bytes, or where to connect to.

    Parameters
    ----------
    files
        Of a saved model, by name.
    arn, thresholds
        Of a version of a Custom Labels project that runs.
    """

    files: Mapping[str, bytes]
    arn: str = ""
    thresholds: Mapping[str, float] | None = None


def check(places: Iterable[Place], entrants: Sequence[Entrant], session: boto3.Session | None) -> None:
    """Refuse what cannot be sent to a cluster.

    Raises
    ------
    ValueError
        A session was given.
    """
    if session is not None:
        raise ValueError("credentials are not sent to a cluster: its workers use their own. Leave session out")


def run(
    units: Iterable[Unit],
    entrants: Sequence[Entrant],
    settings: Settings,
    workers: int | None = None,
    session: boto3.Session | None = None,
) -> Iterator[Examined]:
    """Examine files on the cluster that this process is connected to; where there is none, Ray starts one here.

    All workers see the files under the same paths, or on S3, for which each has credentials of its own.

    Parameters
    ----------
    units, entrants, settings
        As of `engines.local.run`.
    workers
        Actors, a core each; None: one a core of the cluster.
    session
        None: credentials are not sent to a cluster.

    Raises
    ------
    MissingExtraError
        The extra ``ray`` is not installed.
    BackendError
        A file ended several workers, one after another; what was found before is in the store.
    """
    ray = require("ray", "ray", "scanning on a cluster")
    if not ray.is_initialized():
        ray.init(log_to_driver=False, include_dashboard=False)
    packed = ray.put([(replace(one, model=None), pack(one.model)) for one in entrants])
    count = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
    crew = _Crew(ray, packed, settings, count)
    try:
        yield from crew.results(iter(units))
    finally:
        crew.end()


class _Crew:
    """Actors, what each is doing, and units that were lost with one."""

    def __init__(self, ray: Any, packed: Any, settings: Settings, count: int) -> None:
        self._ray, self._packed, self._settings = ray, packed, settings
        self._actor = ray.remote(max_restarts=0, num_cpus=1)(Worker)
        self._idle = [self._new() for _ in range(count)]
        self._under_way: dict[Any, tuple[Any, Unit, int]] = {}
        self._again: list[tuple[Unit, int]] = []

    def _new(self) -> Any:
        return self._actor.remote(self._packed, self._settings)

    def results(self, units: Iterator[Unit]) -> Iterator[Examined]:
        """Give what comes, until all is done."""
        while True:
            while self._idle and (next_one := self._next(units)) is not None:
                worker, (unit, tries) = self._idle.pop(), next_one
                self._under_way[worker.examine.remote(unit)] = worker, unit, tries
            if not self._under_way:
                return
            (done,), _ = self._ray.wait(list(self._under_way), num_returns=1)
            yield from self._taken(done)

    def _next(self, units: Iterator[Unit]) -> tuple[Unit, int] | None:
        if self._again:
            return self._again.pop()
        unit = next(units, None)
        return None if unit is None else (unit, 1)

    def _taken(self, done: Any) -> list[Examined]:
        """Take a result; where its worker was lost, another one gets the files."""
        worker, unit, tries = self._under_way.pop(done)
        try:
            found: list[Examined] = self._ray.get(done)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause if isinstance(error.cause, Exception) else error from error
        except (self._ray.exceptions.RayActorError, self._ray.exceptions.ObjectLostError) as error:
            if tries >= REDONE:
                named = ", ".join(one.path for one in unit.places[:3])
                raise BackendError(f"{tries} workers were lost, one after another, over {named}: {error}") from error
            self._again.append((unit, tries + 1))
            self._idle.append(self._new())
            return []
        self._idle.append(worker)
        return found

    def end(self) -> None:
        """Let the actors go."""
        for worker in (*self._idle, *(worker for worker, _, _ in self._under_way.values())):
            self._ray.kill(worker)


class Worker:
    """What runs on the cluster."""

    def __init__(self, packed: Sequence[tuple[Entrant, Packed]], settings: Settings) -> None:
        self._entrants = [replace(entrant, model=unpack(one)) for entrant, one in packed]
        self._settings = settings

    def examine(self, unit: Unit) -> list[Examined]:
        """Examine files."""
        return examine(unit, self._entrants, self._settings)

    def process(self) -> int:
        """Give the number of the process that it runs in."""
        return os.getpid()


def pack(model: Any) -> Packed:
    """Make a model something that can be sent; no code is.

    Raises
    ------
    TypeError
        It is a deployment of a model on this machine.
    """
    if isinstance(model, RekognitionModel):
        model = model.running
    if isinstance(model, RekognitionDeployment):
        return Packed({}, model.arn, model.thresholds)
    if isinstance(model, Deployment):
        raise TypeError(f"{model!r} works in this process only: give the scan the model itself")
    with tempfile.TemporaryDirectory(prefix="mediaml-model-") as folder:
        model.save(folder)
        files = (path for path in Path(folder).rglob("*") if path.is_file())
        return Packed({path.relative_to(folder).as_posix(): path.read_bytes() for path in files})


def unpack(packed: Packed) -> Any:
    """Bring a model back to life."""
    from mediaml.backends.connecting import connect
    from mediaml.models.load import load

    if packed.arn:
        return connect(packed.arn, thresholds=packed.thresholds)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mediaml-model-")))
        for name, content in packed.files.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        return load(folder)
