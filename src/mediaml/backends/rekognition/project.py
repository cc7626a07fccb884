"""A project of Custom Labels: made, and ended in the only order that the service allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mediaml.aws.polling import poll
from mediaml.aws.s3 import Location, Storage
from mediaml.backends.rekognition.datasets import Datasets
from mediaml.backends.rekognition.names import OURS, OWNER
from mediaml.backends.rekognition.service import Service
from mediaml.backends.rekognition.version import GOING, IN_TRAINING, UP, Version, VersionStatus, status_of
from mediaml.errors import AwsNotFoundError, AwsNotReadyError

MADE_IN, GONE_IN = 600.0, 3600.0  # seconds


@dataclass(frozen=True)
class Project:
    """A project by its name.

    Parameters
    ----------
    service, storage
        Where it is, and where its files are.
    name
        Its name.
    tags
        On what is created.
    """

    service: Service
    storage: Storage
    name: str
    tags: Mapping[str, str]

    def find(self) -> dict[str, Any] | None:
        """Give what the service says of it; None where there is no such project."""
        return self.service.project(self.name)

    def arn(self) -> str:
        """Give its ARN.

        Raises
        ------
        AwsNotFoundError
            There is no such project.
        """
        found = self.find()
        if found is None:
            raise AwsNotFoundError(f"there is no project {self.name} in {self.service.aws.region}: fit makes it")
        return str(found["ProjectArn"])

    def made(self) -> str:
        """Give its ARN; where there is none, it is made."""
        found = self._settled()
        if found is None:
            self.service.create_project(self.name, {**self.tags, OWNER: OURS})
            found = self._waited(lambda seen: seen is not None and seen["Status"] == "CREATED", MADE_IN)
        return str(found["ProjectArn"])  # type: ignore[index]  # it was waited for

    def _settled(self) -> dict[str, Any] | None:
        """Wait while it is made, or goes."""
        return self._waited(lambda seen: seen is None or seen["Status"] == "CREATED", GONE_IN)

    def _waited(self, is_over: Callable[[dict[str, Any] | None], bool], at_most: float) -> dict[str, Any] | None:
        return poll(self.find, is_over, self.service.aws.clock, f"the project {self.name}", at_most)

    def datasets(self, under: Location) -> Datasets:
        """Give its datasets, whose manifests are left under a place."""
        return Datasets(self.service, self.storage, under, self.name, self.tags)

    def version(self, name: str, arn: str | None = None) -> Version:
        """Give a version by its name."""
        return Version(self.service, self.storage, self.name, self.arn() if arn is None else arn, name)

    def versions(self) -> list[VersionStatus]:
        """Give its versions, the newest first; none where there is no project."""
        found = self.find()
        if found is None:
            return []
        told = [status_of(one) for one in self.service.versions(str(found["ProjectArn"]))]
        return sorted(told, key=lambda one: 0.0 if one.created is None else one.created.timestamp(), reverse=True)

    def delete_version(self, name: str) -> None:
        """Delete a version, and wait until it is gone; what is gone already is no error.

        Raises
        ------
        AwsNotReadyError
            It trains or answers.
        """
        project = self.find()
        if project is None:
            return
        version = self.version(name, str(project["ProjectArn"]))
        found = version.find()
        if found is None:
            return
        status = status_of(found)
        refuse_at_work(status)
        if status.status != GOING:
            _asked(lambda: self.service.delete_version(status.arn), version.find)
        poll(version.find, lambda seen: seen is None, self.service.aws.clock, f"the end of {version.short}", GONE_IN)

    def delete(self, under: Location) -> None:
        """Delete its versions, its datasets, and then itself; pictures and manifests on S3 stay.

        Raises
        ------
        AwsNotReadyError
            A version trains or answers: nothing was deleted.
        """
        found = self.find()
        if found is None:
            return
        versions = self.versions()
        for one in versions:
            refuse_at_work(one)
        for one in versions:
            self.delete_version(one.name)
        datasets = self.datasets(under)
        for kind, arn in datasets.arns().items():
            datasets.remove(kind, arn)
        if found["Status"] != GOING:
            _asked(lambda: self.service.delete_project(str(found["ProjectArn"])), self.find)
        self._waited(lambda seen: seen is None, GONE_IN)


def _asked(end: Callable[[], None], find: Callable[[], dict[str, Any] | None]) -> None:
    """Ask for the end of something; where an answer was lost and the call repeated, it is on its way out already."""
    try:
        end()
    except (AwsNotReadyError, AwsNotFoundError):
        found = find()
        if found is not None and found["Status"] != GOING:
            raise


def refuse_at_work(status: VersionStatus) -> None:
    """Refuse to end a version that trains or answers.

    Raises
    ------
    AwsNotReadyError
        It does.
    """
    if status.status in (IN_TRAINING, *UP):
        ending = "wait until its training is over" if status.status == IN_TRAINING else "stop it (mediaml aws stop)"
        raise AwsNotReadyError(f"{status}: it cannot be deleted; {ending} first")
