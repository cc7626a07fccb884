"""Projects, datasets and versions: what the service keeps of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from mediaml.aws.clock import Clock
from mediaml.testing.buckets import Buckets
from mediaml.testing.refusals import RefusalError
from mediaml.testing.rekognition.changes import Changes, Changing
from mediaml.testing.rekognition.learner import Learner
from mediaml.testing.rekognition.lines import Row

TRAIN, TEST = "TRAIN", "TEST"


@dataclass(eq=False)
class Dataset(Changing):
    """A dataset.

    Parameters
    ----------
    arn, kind
        ``TRAIN`` or ``TEST``.
    created, updated
        When.
    rows
        Its entries, by the picture's address.
    message, code
        What became of its making, or of its last change.
    """

    arn: str = ""
    kind: str = TRAIN
    created: datetime | None = None
    updated: datetime | None = None
    rows: dict[str, Row] = field(default_factory=dict)
    message: str = ""
    code: str = ""


@dataclass(eq=False)
class Version(Changing):
    """A version.

    Parameters
    ----------
    arn, name
        Of it.
    request
        As it was asked for.
    created, ended
        When its training was asked for, and over.
    message
        What the service says of its status.
    results
        What a description tells of the training: results, evaluation, summary.
    learner
        What it has learned.
    units, most_units
        It runs with, at least and at most.
    working_units
        How many there are now.
    told_before, late_until
        What was told of it before it was last asked to start or stop, and until when descriptions tell it still.
    """

    arn: str = ""
    name: str = ""
    request: dict[str, Any] = field(default_factory=dict)
    created: datetime | None = None
    ended: datetime | None = None
    message: str = ""
    results: dict[str, Any] = field(default_factory=dict)
    learner: Learner | None = None
    units: int | None = None
    most_units: int | None = None
    working_units: int = 0
    told_before: dict[str, Any] | None = None
    late_until: float = 0.0


@dataclass(eq=False)
class Project(Changing):
    """A project.

    Parameters
    ----------
    arn, name
        Of it.
    created
        When.
    datasets
        By kind.
    versions
        By name.
    policies
        By name.
    """

    arn: str = ""
    name: str = ""
    created: datetime | None = None
    datasets: dict[str, Dataset] = field(default_factory=dict)
    versions: dict[str, Version] = field(default_factory=dict)
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class Account:
    """All of it, and what it needs to work.

    Parameters
    ----------
    region, number
        Of the account.
    clock
        What time it is.
    buckets
        S3.
    changes
        What is under way.
    forbidden
        Buckets that the service may not read or write.
    """

    region: str
    number: str
    clock: Clock
    buckets: Buckets
    changes: Changes
    forbidden: set[str] = field(default_factory=set)
    projects: dict[str, Project] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    _stamp: int = 0

    def now(self) -> datetime:
        """Give the time."""
        return datetime.fromtimestamp(self.clock.now(), UTC)

    def arn(self, what: str) -> str:
        """Make an ARN; the digits at its end are those of no other."""
        self._stamp = max(self._stamp + 1, int(self.clock.now() * 1000))
        return f"arn:aws:rekognition:{self.region}:{self.number}:project/{what}/{self._stamp}"

    def project(self, arn: str) -> Project:
        """Give a project by its ARN.

        Raises
        ------
        RefusalError
            There is none.
        """
        for one in self.projects.values():
            if one.arn == arn:
                self.changes.look(one)
                if one.name in self.projects:
                    return one
        raise missing("project", arn)

    def dataset(self, arn: str) -> tuple[Project, Dataset]:
        """Give a dataset by its ARN, with its project.

        Raises
        ------
        RefusalError
            There is none.
        """
        for project in self.projects.values():
            for one in list(project.datasets.values()):
                if one.arn == arn:
                    self.changes.look(one)
                    if one.kind in project.datasets:
                        return project, one
        raise missing("dataset", arn)

    def version(self, arn: str) -> tuple[Project, Version]:
        """Give a version by its ARN, with its project.

        Raises
        ------
        RefusalError
            There is none.
        """
        for project in self.projects.values():
            for one in list(project.versions.values()):
                if one.arn == arn:
                    self.changes.look(one)
                    if one.name in project.versions:
                        return project, one
        raise missing("project version", arn)

    def may(self, bucket: str) -> bool:
        """Tell whether there is such a bucket that the service may use."""
        return bucket not in self.forbidden and self.buckets.has(bucket)


def missing(kind: str, arn: str) -> RefusalError:
    """Say that there is no such thing."""
    return RefusalError("ResourceNotFoundException", f"The {kind} {arn} does not exist.")


def in_use(message: str) -> RefusalError:
    """Say that something is at work, or a name is taken."""
    return RefusalError("ResourceInUseException", message)


def not_ready(message: str) -> RefusalError:
    """Say that something is not ready."""
    return RefusalError("ResourceNotReadyException", message)
