"""A version that was trained: what it can tell apart, and what the service has measured of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from mediaml.backends.rekognition.answers import KINDS, Kind, Rule
from mediaml.backends.rekognition.entries import IMAGES, SHORT, address_of
from mediaml.backends.rekognition.evaluation import Seen, parsed_snapshot, parsed_summary
from mediaml.backends.rekognition.names import KIND
from mediaml.backends.rekognition.version import Version, status_of, summary_place
from mediaml.errors import AwsError, NotFittedError
from mediaml.values.service_evaluation import ServiceEvaluation

KEY = re.compile(rf"/{IMAGES}/([0-9a-f]{{{SHORT}}})/[^/]*$")


class Trained(NamedTuple):
    """A version that was trained.

    Parameters
    ----------
    version
        Which.
    arn
        Of it.
    kind
        What it gives.
    evaluation
        The service's own numbers.
    created
        When its training began, ISO 8601; empty where the service does not say.
    """

    version: Version
    arn: str
    kind: Kind
    evaluation: ServiceEvaluation
    created: str

    @property
    def labels(self) -> tuple[str, ...]:
        """That it tells apart."""
        return self.evaluation.labels

    @property
    def rule(self) -> Rule:
        """How verdicts are taken where nobody says otherwise: by the service's own thresholds."""
        return Rule(self.kind, self.labels, self.evaluation.thresholds)

    def about(self) -> dict[str, Any]:
        """Tell what a report says of it."""
        return {
            "model": "RekognitionModel",
            "project": self.version.project,
            "version": self.version.name,
            "arn": self.arn,
            "gives": self.kind,
            "trained": self.created,
        }

    def seen(self) -> tuple[Seen, ...]:
        """Read what the service said of each picture of its test dataset."""
        found = self.version.described()
        return tuple(
            one
            for at, lines in self.version.manifests(found, "TestingDataResult", "Output")
            for one in parsed_snapshot(lines, at.uri)
        )

    def pictures(self) -> frozenset[str]:
        """Read the addresses of the pictures that it was trained and tested on."""
        found = self.version.described()
        return frozenset(
            address_of(line)
            for result in ("TrainingDataResult", "TestingDataResult")
            for _, lines in self.version.manifests(found, result, "Output")
            for line in lines
            if line.strip()
        )

    def learned_from(self) -> frozenset[str]:
        """Give short hashes of the files that it was trained and tested on, of those that we have sent."""
        keys = (KEY.search(address) for address in self.pictures())
        return frozenset(key[1] for key in keys if key)


def trained(version: Version, kind: Kind | None = None) -> Trained:
    """Look at a version that was trained.

    Parameters
    ----------
    version
        Which.
    kind
        What it gives; None: as its tag says, or what it was tested on.

    Raises
    ------
    NotFittedError
        Its training goes on.
    JobFailedError
        It failed.
    AwsError
        Its evaluation cannot be read.
    """
    found = version.described()
    status = status_of(found)
    if not status.over:
        raise NotFittedError(f"the training goes on ({status}): wait() for it")
    version.completed(status)
    at = summary_place(found)
    if at is None:
        raise AwsError(f"the service names no evaluation of {version.short}")
    evaluation = parsed_summary(version.storage.get(at, own=True), at.uri)
    created = "" if status.created is None else status.created.isoformat(timespec="seconds")
    made = Trained(version, status.arn, kind or "boxes", evaluation, created)
    return made if kind is not None else made._replace(kind=_kind(made))


def _kind(made: Trained) -> Kind:
    if made.evaluation.finds_boxes:
        return "boxes"
    tagged: Mapping[str, str] = made.version.service.tags(made.arn)
    known = next((kind for kind in KINDS if tagged.get(KIND) == kind), None)
    if known is not None:
        return known
    return "multi_label" if any(len(one.picture.labels) > 1 for one in made.seen()) else "single_label"
