"""What mediaml has created in an account and what of it runs, from the ledger and from the services' own lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mediaml.aws.session import translated
from mediaml.backends.sagemaker.creating import CONFIG, ENDPOINT, JOB, MODEL, TRANSFORM, Workshop
from mediaml.backends.sagemaker.request import NAME
from mediaml.backends.sagemaker.serving import KEEP

OWNER = "mediaml:owner"
BILLED = (JOB, TRANSFORM, ENDPOINT)
LISTS = {
    JOB: ("list_training_jobs", "TrainingJobSummaries", "TrainingJobName", "TrainingJobArn", "TrainingJobStatus"),
    TRANSFORM: (
        *("list_transform_jobs", "TransformJobSummaries", "TransformJobName", "TransformJobArn"),
        "TransformJobStatus",
    ),
    ENDPOINT: ("list_endpoints", "Endpoints", "EndpointName", "EndpointArn", "EndpointStatus"),
}
STATUS = {JOB: "TrainingJobStatus", TRANSFORM: "TransformJobStatus", ENDPOINT: "EndpointStatus"}
OVER = ("Completed", "Failed", "Stopped")


@dataclass(frozen=True)
class Found:
    """Something of mediaml's.

    Parameters
    ----------
    kind, name
        What.
    status
        As the service says it; a failed endpoint still has to be deleted.
    known
        Whether this machine's ledger has it: else another machine made it.
    keep
        Whether it is to stay.
    """

    kind: str
    name: str
    status: str
    known: bool
    keep: bool

    @property
    def bills(self) -> bool:
        """Whether it may cost now: endpoints that exist, jobs that go on."""
        return self.kind == ENDPOINT or (self.kind in BILLED and self.status not in OVER)


def inventory(workshop: Workshop) -> list[Found]:
    """List what is there: what bills first, then models and configurations of this machine's ledger.

    What the ledger has, and the service has no longer, is struck off.
    """
    standing = {
        (one.resource.kind, one.resource.name): one.keep
        for one in workshop.ledger.standing()
        if (one.resource.region, one.resource.account) == (workshop.aws.region, workshop.aws.account())
    }
    listed = {(kind, name): rest for kind in BILLED for name, *rest in _listed(workshop, kind)}
    found = [
        Found(kind, name, str(status), (kind, name) in standing, bool(keep) or standing.get((kind, name), False))
        for (kind, name), (status, keep) in listed.items()
    ]
    for (kind, name), keep in standing.items():
        if (kind, name) in listed:
            continue
        described = workshop.describe(kind, name)
        status = "" if described is None else str(described.get(STATUS.get(kind, ""), "there"))
        if described is None or (kind in (JOB, TRANSFORM) and status in OVER):
            workshop.ledger.gone(workshop.resource(kind, name))
        else:
            found.append(Found(kind, name, status, True, keep))
    return found


def stop(workshop: Workshop, found: Found) -> list[str]:
    """End it, with the configuration and the model that belong to an endpoint; gives what was ended."""
    kinds = (ENDPOINT, CONFIG, MODEL) if found.kind == ENDPOINT else (found.kind,)
    for kind in kinds:
        workshop.end(kind, found.name)
    return [f"{kind} {found.name}" for kind in kinds]


def _listed(workshop: Workshop, kind: str) -> Iterator[tuple[str, str, bool]]:
    """Give the names and states of what bills and carries our tag, and whether it is to stay."""
    operation, rows, name, arn, status = LISTS[kind]
    more = {"NameContains": NAME}
    if kind != ENDPOINT:
        more["StatusEquals"] = "InProgress"
    with translated(f"listing what runs ({kind})"):
        for page in workshop.client.get_paginator(operation).paginate(**more):
            for row in page[rows]:
                tags = workshop.tags(row[arn])
                if tags.get(OWNER) == NAME:
                    yield row[name], row[status], KEEP in tags
