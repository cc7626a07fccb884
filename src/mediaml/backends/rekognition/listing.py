"""The versions of a project: as a table, and which of them is taken up."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mediaml.backends.rekognition.project import Project
from mediaml.backends.rekognition.version import LOST, Version
from mediaml.errors import AwsNotFoundError

if TYPE_CHECKING:
    import pandas as pd

NOT_THEIRS = ("mediaml:", "aws:")
COLUMNS = {
    "version": "name",
    "status": "status",
    "created": "created",
    "f1": "f1",
    "trained_seconds": "trained_seconds",
    "units": "units",
    "max_units": "max_units",
    "message": "message",
    "arn": "arn",
}
"""The columns, and what of a status they hold."""


def table(project: Project) -> pd.DataFrame:
    """List the versions of a project, the newest first; none where there is no project."""
    import pandas as pd

    rows = [[getattr(one, name) for name in COLUMNS.values()] for one in project.versions()]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def newest(project: Project) -> str:
    """Name the newest version that has not failed, in its training or as a copy.

    Raises
    ------
    AwsNotFoundError
        There is none.
    """
    usable = [one.name for one in project.versions() if one.status not in LOST]
    if not usable:
        raise AwsNotFoundError(f"the project {project.name} has no version that has not failed: fit(train) one")
    return usable[0]


class Made(NamedTuple):
    """How a version was made.

    Parameters
    ----------
    bucket
        Where its files are kept; None: the service does not say.
    prefix
        The start of their keys.
    kms_key
        What they are encrypted with; None: nothing was said.
    tags
        Its own: neither mediaml's nor AWS's.
    """

    bucket: str | None
    prefix: str
    kms_key: str | None
    tags: dict[str, str]


def made_with(version: Version) -> Made:
    """Tell how a version was made, as the service has kept it."""
    found = version.described()
    output = found.get("OutputConfig") or {}
    prefix = f"/{output.get('S3KeyPrefix', '')}".removesuffix("/versions").strip("/")
    tags = version.service.tags(str(found["ProjectVersionArn"]))
    return Made(
        str(output["S3Bucket"]) if "S3Bucket" in output else None,
        prefix,
        found.get("KmsKeyId"),
        {key: value for key, value in tags.items() if not key.lower().startswith(NOT_THEIRS)},
    )
