"""Rekognition of the offline AWS: Custom Labels and face collections, and what a test may do to them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mediaml.aws.clock import Clock
from mediaml.testing.buckets import Buckets
from mediaml.testing.rekognition.changes import Changes, Pace
from mediaml.testing.rekognition.datasets import Datasets
from mediaml.testing.rekognition.detecting import Detecting
from mediaml.testing.rekognition.faces.operations import Faces
from mediaml.testing.rekognition.learner import Fit, usual
from mediaml.testing.rekognition.pictures import Album
from mediaml.testing.rekognition.projects import Projects
from mediaml.testing.rekognition.requests import checked
from mediaml.testing.rekognition.resources import Account
from mediaml.testing.rekognition.training import Trainer
from mediaml.testing.rekognition.versions import Versions
from mediaml.testing.wire import Operation, Reply

Answering = Callable[[dict[str, Any]], dict[str, Any]]
BILLED = ("STARTING", "RUNNING", "STOPPING")
SERVICE_ISSUE = "Amazon Rekognition experienced a service issue. Please try again later."


class CustomLabels:
    """Custom Labels of an account: requests are held against botocore's model and AWS's documented rules.

    A training trains a `LocalImageModel` on the pictures of the training dataset and tests it on those of the test
    dataset; a running version answers with what it has learned. It is no proof of what AWS does.

    Attributes
    ----------
    fit
        Gives the local model that learns, from the pictures and ``"labels"`` or ``"boxes"``; another one may be faster.
    faces
        Face collections; what finds and describes faces there may be changed, too.
    """

    def __init__(self, region: str, number: str, clock: Clock, buckets: Buckets, folder: Path) -> None:
        self.fit: Fit = usual
        self._lock = threading.RLock()
        self._account = Account(region, number, clock, buckets, Changes(clock))
        self._projects = Projects(self._account)
        self._datasets = Datasets(self._account)
        trainer = Trainer(self._account, Album(buckets, folder / "album"), lambda: self.fit)
        self._versions = Versions(self._account, self._datasets, trainer)
        self._detecting = Detecting(self._account, self._lock)
        self.faces = Faces(self._account, self._lock)

    def operations(self) -> dict[str, Operation]:
        """Give what answers each operation."""
        projects, datasets, versions = self._projects, self._datasets, self._versions
        ours: dict[str, Answering] = {
            "CreateProject": projects.create,
            "DescribeProjects": projects.describe,
            "DeleteProject": projects.delete,
            "PutProjectPolicy": projects.put_policy,
            "ListProjectPolicies": projects.policies,
            "DeleteProjectPolicy": projects.delete_policy,
            "CreateDataset": datasets.create,
            "DescribeDataset": datasets.describe,
            "UpdateDatasetEntries": datasets.update,
            "ListDatasetEntries": datasets.entries,
            "ListDatasetLabels": datasets.labels,
            "DistributeDatasetEntries": datasets.distribute,
            "DeleteDataset": datasets.delete,
            "CreateProjectVersion": versions.create,
            "DescribeProjectVersions": versions.describe,
            "CopyProjectVersion": versions.copy,
            "StartProjectVersion": versions.start,
            "StopProjectVersion": versions.stop,
            "DeleteProjectVersion": versions.delete,
            "TagResource": projects.tag,
            "UntagResource": projects.untag,
            "ListTagsForResource": projects.tags,
            "CreateCollection": self.faces.create,
            "DescribeCollection": self.faces.describe_collection,
            "ListCollections": self.faces.listed,
            "DeleteCollection": self.faces.delete,
            "ListFaces": self.faces.list_faces,
            "SearchFaces": self.faces.search,
            "DeleteFaces": self.faces.delete_faces,
        }
        found = {name: self._locked(name, operation) for name, operation in ours.items()}
        # a picture may take a while to look at: others need not wait for it
        looking = {
            "DetectCustomLabels": self._detecting.detect,
            "DetectFaces": self.faces.detect,
            "IndexFaces": self.faces.index,
            "SearchFacesByImage": self.faces.search_by_image,
        }
        return {**found, **{name: _unlocked(name, operation) for name, operation in looking.items()}}

    def _locked(self, name: str, operation: Answering) -> Operation:
        def answer(request: dict[str, Any]) -> Reply:
            with self._lock:
                return Reply(operation(checked(name, request)))

        return answer

    # -- what a test may do -------------------------------------------------------------------------------------------

    @property
    def pace(self) -> Pace:
        """When a state gives way to the next one.

        ``"at once"``; ``"by look"``: once a description has shown it; ``"by hand"``: when `step` is called; ``"by
        clock"``: after its `seconds`, by the clock of the offline AWS.
        """
        return self._account.changes.pace

    @pace.setter
    def pace(self, pace: Pace) -> None:
        self._account.changes.pace = pace

    @property
    def seconds(self) -> dict[str, float]:
        """How long each state lasts ``"by clock"``; it may be changed."""
        return self._account.changes.seconds

    def step(self) -> None:
        """Bring all that is on its way to where it goes."""
        with self._lock:
            self._account.changes.step()

    @property
    def calls_per_second(self) -> float | None:
        """How many calls of DetectCustomLabels an inference unit takes in a second; None: any number."""
        return self._detecting.throttle.calls_per_second

    @calls_per_second.setter
    def calls_per_second(self, calls: float | None) -> None:
        self._detecting.throttle.calls_per_second = calls

    @property
    def throttled(self) -> int:
        """How many calls of DetectCustomLabels were refused because there were too many."""
        return self._detecting.throttle.refused

    @property
    def forbidden(self) -> set[str]:
        """Buckets that the service may not read or write; it may be changed."""
        return self._account.forbidden

    def fail_training(self, reason: str = SERVICE_ISSUE) -> None:
        """Let the next training fail."""
        self._versions.next_reason = reason

    def fail_start(self) -> None:
        """Let the next version that is started fail, once it has shown that it starts."""
        self._versions.next_start_fails = True

    @property
    def late(self) -> float:
        """For how many seconds, by the clock, descriptions of a version still tell what was before a start or stop.

        It may be changed: for starts and stops that come.
        """
        return self._versions.late

    @late.setter
    def late(self, seconds: float) -> None:
        self._versions.late = seconds

    def running(self) -> list[str]:
        """Name what is billed by the hour: versions that start, run or stop, as project and version."""
        return [f"{project}/{name}" for project, name, status in self._states() if status in BILLED]

    def training(self) -> list[str]:
        """Name the versions that are being trained, as project and version."""
        return [f"{project}/{name}" for project, name, status in self._states() if status == "TRAINING_IN_PROGRESS"]

    def _states(self) -> list[tuple[str, str, str]]:
        with self._lock:
            return [
                (project.name, version.name, version.status)
                for project in self._account.projects.values()
                for version in project.versions.values()
            ]


def _unlocked(name: str, operation: Answering) -> Operation:
    return lambda request: Reply(operation(checked(name, request)))
