"""A version of a project: how its training does, waiting for it, and what it left."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mediaml._notices import notice
from mediaml._warnings import warn
from mediaml.aws.polling import poll
from mediaml.aws.s3 import Location, Storage
from mediaml.backends.rekognition.names import version_name
from mediaml.backends.rekognition.problems import Problem, line_problems, summary_problems
from mediaml.backends.rekognition.service import TRAINING, Service
from mediaml.errors import AwsError, AwsNotFoundError, Detached, JobFailedError

IN_TRAINING, FAILED = "TRAINING_IN_PROGRESS", "TRAINING_FAILED"
COPYING = ("COPYING_IN_PROGRESS", "COPYING_FAILED")
STARTABLE = ("TRAINING_COMPLETED", "STOPPED", "COPYING_COMPLETED", "FAILED")
UP = ("STARTING", "RUNNING", "STOPPING")
GOING = "DELETING"
LOST = (FAILED, "COPYING_FAILED", GOING)
TOLD_EVERY, TOLD_EVERY_ON_PAPER = 1.0, 600.0  # seconds
MOST_PROBLEMS = 10
SHOWN = 3


@dataclass(frozen=True)
class VersionStatus:
    """How a version does.

    Parameters
    ----------
    project, name, arn
        Which.
    status
        As the service says it: ``TRAINING_IN_PROGRESS``, ``TRAINING_COMPLETED``, ``RUNNING``, ``STOPPED`` ...
    message
        What it says of it; may be empty.
    created
        When its training was asked for.
    trained_seconds
        What is billed for the training; None while it goes on, and where it failed.
    f1
        As the service has measured it, 0 to 1; None where it has not.
    units, max_units
        Inference units it runs with, at least and at most.
    """

    project: str
    name: str
    arn: str
    status: str
    message: str
    created: datetime | None
    trained_seconds: int | None
    f1: float | None
    units: int | None
    max_units: int | None

    @property
    def over(self) -> bool:
        """Whether the training has ended, one way or the other."""
        return self.status not in (IN_TRAINING, "COPYING_IN_PROGRESS")

    @property
    def trained(self) -> bool:
        """Whether the training has come to a good end, whatever became of the version since."""
        return self.over and self.status not in LOST

    @property
    def bills(self) -> bool:
        """Whether it is billed by the hour now."""
        return self.status in UP

    @property
    def comes_up(self) -> bool:
        """Whether it runs, or is about to: with the units that it has."""
        return self.status in ("STARTING", "RUNNING")

    def __str__(self) -> str:
        told = f"{self.project}/{self.name}: {self.status}"
        return f"{told}: {self.message}" if self.message else told


def status_of(found: dict[str, Any]) -> VersionStatus:
    """Read a description of a version."""
    named = version_name(str(found["ProjectVersionArn"]))
    evaluation = found.get("EvaluationResult") or {}
    return VersionStatus(
        named.project,
        named.version,
        named.arn,
        str(found["Status"]),
        str(found.get("StatusMessage") or ""),
        found.get("CreationTimestamp"),
        found.get("BillableTrainingTimeInSeconds"),
        evaluation.get("F1Score"),
        found.get("MinInferenceUnits"),
        found.get("MaxInferenceUnits"),
    )


@dataclass(frozen=True)
class Version:
    """A version by its name.

    Parameters
    ----------
    service
        Where it is.
    storage
        Where its files are read.
    project, project_arn
        That it belongs to.
    name
        Its name.
    """

    service: Service
    storage: Storage
    project: str
    project_arn: str
    name: str

    @property
    def short(self) -> str:
        """Project and version, as the ledger has them."""
        return f"{self.project}/{self.name}"

    def find(self) -> dict[str, Any] | None:
        """Give what the service says of it; None where there is no such version."""
        return self.service.version(self.project_arn, self.name)

    def described(self) -> dict[str, Any]:
        """Give what the service says of it.

        Raises
        ------
        AwsNotFoundError
            There is no such version.
        """
        found = self.find()
        if found is None:
            raise AwsNotFoundError(
                f"the project {self.project} has no version {self.name} in {self.service.aws.region}"
            )
        return found

    def status(self) -> VersionStatus:
        """Ask how it does."""
        return status_of(self.described())

    def wait(self, show: bool) -> VersionStatus:
        """Wait until the training is over.

        Raises
        ------
        JobFailedError
            It failed; what was wrong with the data is in the message.
        Detached
            Ctrl-C: the training goes on.
        """
        progress = _Progress(self, show)
        try:
            status = poll(
                progress.look, lambda seen: seen.over, self.service.aws.clock, f"the training of {self.short}"
            )
        except KeyboardInterrupt as interrupt:
            raise Detached(
                f"the training of {self.short} goes on, and is billed until it ends (the service cannot stop a "
                f"training). Wait for it again: RekognitionModel.attach({self.project!r}, {self.name!r}).wait()",
                self.short,
            ) from interrupt
        finally:
            progress.close()
        self.service.ledger.gone(self.service.resource(TRAINING, self.short))
        self.completed(status)
        self._warn_of_unused()
        return status

    def _warn_of_unused(self) -> None:
        """Name the pictures that the service has not used: it says nothing of them but in its files."""
        try:
            found = [one for one in self.problems() if one.code.startswith("ERROR_")]
        except AwsError as error:
            notice(
                f"what the service found wrong with the data of {self.short} cannot be read: {error}", logging.WARNING
            )
            return
        if found:
            pictures = {one.address or f"line {one.line}" for one in found}
            told = "; ".join(str(one) for one in found[:SHOWN])
            warn(
                f"the service has not used all of {len(pictures)} of the pictures that {self.short} was trained and "
                f"tested on: {told}{' ...' if len(found) > SHOWN else ''} (all: model.problems())"
            )

    def completed(self, status: VersionStatus) -> VersionStatus:
        """Give the status of a version that was trained.

        Raises
        ------
        JobFailedError
            It was not.
        """
        if status.trained:
            return status
        problems = [str(one) for one in self._problems_of_training()]
        raise JobFailedError(f"the training of {self.short} failed: {status.message or status.status}", tuple(problems))

    def _problems_of_training(self) -> list[Problem]:
        try:
            return list(self.problems())[:MOST_PROBLEMS]
        except AwsError:  # the reason is known already: what cannot be read must not hide it
            return []

    def problems(self) -> Iterator[Problem]:
        """Give what the service found wrong with the data, as its summary and its validation manifests say."""
        found = self.described()
        summary = _place((found.get("ManifestSummary") or {}).get("S3Object"))
        if summary is not None:
            yield from summary_problems(json.loads(self.storage.get(summary, own=True)))
        for name, part in (("TrainingDataResult", "train"), ("TestingDataResult", "test")):
            for _, lines in self.manifests(found, name, "Validation"):
                yield from line_problems(lines, part)

    def manifests(self, found: dict[str, Any], result: str, which: str) -> Iterator[tuple[Location, list[str]]]:
        """Read the manifests that a training left: their places and their lines, the blank ones, too."""
        for at in _places(found, result, which):
            # str.splitlines also cuts at signs that may stand in a label or in a file's name
            yield at, self.storage.get(at, own=True).decode().split("\n")


def _places(found: dict[str, Any], result: str, which: str) -> list[Location]:
    """Give the places of manifests that a training left: never built, always as the service names them."""
    assets = ((found.get(result) or {}).get(which) or {}).get("Assets") or ()
    named = (_place((one.get("GroundTruthManifest") or {}).get("S3Object")) for one in assets)
    return [at for at in named if at is not None]


def summary_place(found: dict[str, Any]) -> Location | None:
    """Give the place of the evaluation's summary; None where there is none."""
    return _place(((found.get("EvaluationResult") or {}).get("Summary") or {}).get("S3Object"))


def _place(row: dict[str, Any] | None) -> Location | None:
    return None if not row else Location(str(row["Bucket"]), str(row["Name"]))


class _Progress:
    """Looks at a version, and tells how long it takes."""

    def __init__(self, version: Version, show: bool) -> None:
        self.version, self.show = version, show
        self.begun = self.told = version.service.aws.clock.now()
        self.status = ""
        self.on_screen = sys.stderr.isatty()
        self.open_line = False

    def look(self) -> VersionStatus:
        found = self.version.status()
        now = self.version.service.aws.clock.now()
        every = TOLD_EVERY if self.on_screen else TOLD_EVERY_ON_PAPER
        if self.show and (found.status != self.status or now - self.told >= every):
            since = now - self.begun if found.created is None else max(0.0, now - found.created.timestamp())
            self._tell(f"{found} ({timedelta(seconds=round(since))} since it began)", found.status == self.status)
            self.status, self.told = found.status, now
        return found

    def _tell(self, line: str, again: bool) -> None:
        start = "\r" if again and self.on_screen else "\n" if self.open_line else ""
        sys.stderr.write(f"{start}{line}" if self.on_screen else f"{line}\n")
        sys.stderr.flush()
        self.open_line = self.on_screen

    def close(self) -> None:
        if self.open_line:
            sys.stderr.write("\n")
