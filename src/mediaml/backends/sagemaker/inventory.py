"""What mediaml has created on SageMaker and what of it runs, from the ledger and from the service's own lists."""

from __future__ import annotations

from collections.abc import Iterator

from mediaml.aws.session import translated
from mediaml.backends.found import Found
from mediaml.backends.sagemaker.batch import transform_deadline
from mediaml.backends.sagemaker.creating import CONFIG, ENDPOINT, JOB, KINDS, MODEL, TRANSFORM, Workshop
from mediaml.backends.sagemaker.request import NAME
from mediaml.backends.sagemaker.serving import KEEP, deadline_of
from mediaml.errors import AwsNotFoundError

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


def inventory(workshop: Workshop) -> list[Found]:
    """List what is there: what bills first, then models and configurations of this machine's ledger.

    What the ledger has, and the service has no longer, is struck off.
    """
    standing = {
        (one.resource.kind, one.resource.name): one.keep
        for one in workshop.ledger.standing()
        if (one.resource.region, one.resource.account) == (workshop.aws.region, workshop.aws.account())
        and one.resource.kind in KINDS
    }
    listed = {(kind, name): rest for kind in BILLED for name, *rest in _listed(workshop, kind)}
    found = [
        _found(kind, name, str(status), (kind, name) in standing, bool(keep) or standing.get((kind, name), False))
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
            found.append(_found(kind, name, status, True, keep))
    return found


def _found(kind: str, name: str, status: str, known: bool, keep: bool) -> Found:
    """Describe one thing: endpoints that exist may cost, and jobs that go on; a failed endpoint has to be deleted."""
    bills = kind == ENDPOINT or (kind in BILLED and status not in OVER)
    return Found(kind, name, status, bills, known, keep)


def stop(workshop: Workshop, found: Found) -> list[str]:
    """End it, with the configuration and the model that belong to an endpoint; gives what was ended."""
    kinds = (ENDPOINT, CONFIG, MODEL) if found.kind == ENDPOINT else (found.kind,)
    for kind in kinds:
        workshop.end(kind, found.name)
    if found.kind == ENDPOINT:
        deadline_of(workshop, found.name).remove()
    if found.kind == TRANSFORM:
        transform_deadline(workshop, found.name).remove()
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
                try:
                    tags = workshop.tags(row[arn])
                except AwsNotFoundError:  # it went since it was listed
                    continue
                if tags.get(OWNER) == NAME:
                    yield row[name], row[status], KEEP in tags
