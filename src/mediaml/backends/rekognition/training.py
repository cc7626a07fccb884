"""From entries to a version that is being trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from mediaml.aws.plan import Charge, Plan
from mediaml.aws.polling import poll
from mediaml.aws.s3 import Location
from mediaml.backends.rekognition.answers import Kind
from mediaml.backends.rekognition.entries import Entry, digest
from mediaml.backends.rekognition.names import KIND, OURS, OWNER
from mediaml.backends.rekognition.project import GONE_IN, Project
from mediaml.backends.rekognition.service import REFUSALS, TRAINING
from mediaml.backends.rekognition.version import FAILED, GOING, Version, status_of
from mediaml.errors import AwsError

ITEM = "rekognition custom-labels training"
LONGEST = 24.0  # hours, as AWS says
LASTS = "billed until it ends, half an hour to 24 hours as AWS says; the service cannot stop a training"


@dataclass(frozen=True)
class Training:
    """Starts trainings of a project.

    Parameters
    ----------
    project
        Which.
    under
        Where the service leaves what it measured.
    kms_key
        What it is encrypted with.
    tags
        On the version.
    """

    project: Project
    under: Location
    kms_key: str | None
    tags: Mapping[str, str]

    def version_of(self, arn: str, parts: Sequence[Sequence[Entry]], kind: Kind, test_by: str) -> Version:
        """Give the version of this data: that which is there, or the next one where it has failed."""
        name = f"{OURS}-{digest(parts, kind, test_by)}"
        number, free = 1, name
        while (found := self._settled(self.project.version(free, arn))) and found == FAILED:
            number += 1
            free = f"{name}-{number}"
        return self.project.version(free, arn)

    def _settled(self, version: Version) -> str | None:
        """Give the status of a version, None where there is none; one that is being deleted is waited for."""

        def status() -> str | None:
            found = version.find()
            return None if found is None else status_of(found).status

        return poll(
            status, lambda seen: seen != GOING, version.service.aws.clock, f"the end of {version.short}", GONE_IN
        )

    def plan(self, arn: str | None, parts: Sequence[Sequence[Entry]], kind: Kind, test_by: str) -> Plan:
        """Say what it costs to train on this data; a training that is there already costs nothing more.

        Parameters
        ----------
        arn
            Of the project; None: there is none yet.
        parts, kind, test_by
            What is learned.
        """
        region = self.project.service.aws.region
        if arn is None:
            return _plan(f"{self.project.name}/{OURS}-{digest(parts, kind, test_by)}", region)
        version = self.version_of(arn, parts, kind, test_by)
        if version.find() is None:
            return _plan(version.short, region)
        return Plan(f"the training of {version.short}", region, "it is there already: nothing is trained again")

    def start(self, version: Version, kind: Kind) -> None:
        """Train it; the ledger has it first, and no longer where the service has refused.

        Raises
        ------
        AwsError
            It cannot be trained.
        """
        service = version.service
        request = {
            "ProjectArn": version.project_arn,
            "VersionName": version.name,
            "OutputConfig": {"S3Bucket": self.under.bucket, "S3KeyPrefix": self.under.key},
            "Tags": {**self.tags, OWNER: OURS, KIND: kind},
        }
        if self.kms_key is not None:
            request["KmsKeyId"] = self.kms_key
        resource = service.resource(TRAINING, version.short)
        service.ledger.created(resource)
        try:
            service.create_version(request)
        except REFUSALS:
            with suppress(AwsError):  # the refusal matters more; what stands in the ledger is looked for later
                if version.find() is None:
                    service.ledger.gone(resource)
            raise


def _plan(version: str, region: str) -> Plan:
    return Plan(f"the training of {version}", region, LASTS, (Charge(ITEM, 1, LONGEST),))
