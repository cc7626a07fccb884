"""Custom Labels' operations, one method each: paged, translated, and read as little as needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mediaml.aws.ledger import Ledger, Resource
from mediaml.aws.session import Aws, translated
from mediaml.backends.rekognition.names import version_name
from mediaml.errors import AwsAccessError, AwsNotFoundError, AwsNotReadyError, AwsQuotaError, AwsValidationError

TRAINING, RUNNING = "rekognition-training", "rekognition-model"
"""Kinds in the ledger: a training, and a version that answers."""
TAKEN = "ResourceInUseException"
EXISTS = "ResourceAlreadyExistsException"
TRAIN, TEST = "TRAIN", "TEST"
REFUSALS = (AwsAccessError, AwsNotFoundError, AwsNotReadyError, AwsQuotaError, AwsValidationError)
"""Errors by which the service says that it has not done what it was asked; of all others it may have."""


@dataclass(frozen=True)
class Service:
    """Custom Labels in an account, with the ledger of what was started there.

    Parameters
    ----------
    aws
        The account.
    ledger
        Where it is written down.
    """

    aws: Aws
    ledger: Ledger

    @property
    def client(self) -> Any:
        """Rekognition's client."""
        return self.aws.client("rekognition")

    def resource(self, kind: str, name: str) -> Resource:
        """Name something of this account and region, as the ledger does."""
        return Resource(kind, name, self.aws.region, self.aws.account())

    def _paged(self, operation: str, rows: str, doing: str, **request: Any) -> Iterator[Any]:
        with translated(doing):
            for page in self.client.get_paginator(operation).paginate(**request):
                yield from page.get(rows, ())

    # -- projects -----------------------------------------------------------------------------------------------------

    def projects(self) -> Iterator[dict[str, Any]]:
        """Give all projects of this account and region."""
        return self._paged("describe_projects", "ProjectDescriptions", "listing projects", Features=["CUSTOM_LABELS"])

    def project(self, name: str) -> dict[str, Any] | None:
        """Give what the service says of a project; None where there is none."""
        found = self._paged(
            "describe_projects", "ProjectDescriptions", f"looking at the project {name}", ProjectNames=[name]
        )
        try:
            return next(iter(found), None)
        except AwsNotFoundError:
            return None

    def create_project(self, name: str, tags: Mapping[str, str]) -> None:
        """Create a project; one that is there already is taken."""
        try:
            with translated(f"creating the project {name}"):
                self.client.create_project(ProjectName=name, Tags=dict(tags))
        except AwsNotReadyError as error:
            if error.code != TAKEN:
                raise

    def delete_project(self, arn: str) -> None:
        """Ask for the end of a project without datasets and versions."""
        with translated(f"deleting the project {arn}"):
            self.client.delete_project(ProjectArn=arn)

    # -- datasets -----------------------------------------------------------------------------------------------------

    def dataset(self, arn: str) -> dict[str, Any] | None:
        """Give what the service says of a dataset; None where there is none."""
        try:
            with translated(f"looking at the dataset {arn}"):
                found: dict[str, Any] = self.client.describe_dataset(DatasetArn=arn)["DatasetDescription"]
        except AwsNotFoundError:
            return None
        return found

    def create_dataset(self, project: str, kind: str, source: Mapping[str, Any] | None, tags: Mapping[str, str]) -> str:
        """Create a dataset from a manifest, or an empty one, and give its ARN.

        Raises
        ------
        AwsValidationError
            There is one of this kind already, or the manifest cannot be read.
        """
        more = {} if source is None else {"DatasetSource": dict(source)}
        with translated(f"creating the {kind} dataset of {project}"):
            made = self.client.create_dataset(ProjectArn=project, DatasetType=kind, Tags=dict(tags), **more)
        return str(made["DatasetArn"])

    def update_entries(self, arn: str, lines: bytes) -> None:
        """Add entries, or replace those of the same picture."""
        with translated(f"adding entries to the dataset {arn}"):
            self.client.update_dataset_entries(DatasetArn=arn, Changes={"GroundTruth": lines})

    def entries(self, arn: str, *, only_errors: bool = False) -> Iterator[str]:
        """Give the entries of a dataset, as JSON."""
        more = {"HasErrors": True} if only_errors else {}
        return self._paged(
            "list_dataset_entries", "DatasetEntries", f"reading the dataset {arn}", DatasetArn=arn, **more
        )

    def distribute(self, train: str, test: str) -> None:
        """Move a random fifth of the training dataset to an empty test dataset."""
        with translated("distributing the entries of the training dataset"):
            self.client.distribute_dataset_entries(Datasets=[{"Arn": train}, {"Arn": test}])

    def delete_dataset(self, arn: str) -> None:
        """Ask for the end of a dataset; what is gone already is no error."""
        try:
            with translated(f"deleting the dataset {arn}"):
                self.client.delete_dataset(DatasetArn=arn)
        except AwsNotFoundError:
            return

    # -- versions -----------------------------------------------------------------------------------------------------

    def versions(self, project: str, names: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Give what the service says of the versions of a project (its ARN); none where there is no project."""
        more = {"VersionNames": list(names)} if names else {}
        try:
            return list(
                self._paged(
                    "describe_project_versions",
                    "ProjectVersionDescriptions",
                    f"looking at the versions of {project}",
                    ProjectArn=project,
                    **more,
                )
            )
        except AwsNotFoundError:
            return []

    def version(self, project: str, name: str) -> dict[str, Any] | None:
        """Give what the service says of a version of a project (its ARN); None where there is no such version."""
        found = self.versions(project, [name])
        # the service is asked for one name: anything else it may list is not looked at
        return next((one for one in found if version_name(str(one["ProjectVersionArn"])).version == name), None)

    def create_version(self, request: Mapping[str, Any]) -> None:
        """Start a training; one of this name that is there already is taken.

        Raises
        ------
        AwsNotReadyError
            A dataset of the project is being changed.
        """
        try:
            with translated(f"starting the training of {request['VersionName']}"):
                self.client.create_project_version(**request)
        except AwsNotReadyError as error:
            # the service says the same of a name that is taken and of a dataset that is being changed
            if error.code != TAKEN or self.version(request["ProjectArn"], request["VersionName"]) is None:
                raise

    def start(self, arn: str, units: int, most: int | None) -> None:
        """Let a version answer; one that does so already is no error."""
        more = {} if most is None else {"MaxInferenceUnits": most}
        try:
            with translated(f"starting {arn}"):
                self.client.start_project_version(ProjectVersionArn=arn, MinInferenceUnits=units, **more)
        except AwsNotReadyError as error:
            if error.code != TAKEN:
                raise

    def stop(self, arn: str) -> bool:
        """End a version's answering; False where it cannot be ended yet, or has ended."""
        try:
            with translated(f"stopping {arn}"):
                self.client.stop_project_version(ProjectVersionArn=arn)
        except (AwsNotFoundError, AwsNotReadyError):
            return False
        return True

    def delete_version(self, arn: str) -> None:
        """Ask for the end of a version; what is gone already is no error."""
        try:
            with translated(f"deleting {arn}"):
                self.client.delete_project_version(ProjectVersionArn=arn)
        except AwsNotFoundError:
            return

    # -- tags ---------------------------------------------------------------------------------------------------------

    def tags(self, arn: str) -> dict[str, str]:
        """Give the tags of something."""
        with translated(f"looking at the tags of {arn}"):
            found: dict[str, str] = self.client.list_tags_for_resource(ResourceArn=arn)["Tags"]
        return found

    def tag(self, arn: str, key: str, value: str) -> None:
        """Add a tag."""
        with translated(f"tagging {arn}"):
            self.client.tag_resource(ResourceArn=arn, Tags={key: value})

    def untag(self, arn: str, key: str) -> None:
        """Take a tag away."""
        with translated(f"taking a tag from {arn}"):
            self.client.untag_resource(ResourceArn=arn, TagKeys=[key])
