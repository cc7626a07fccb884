"""What runs and trains of Custom Labels in an account: all of it, since it costs whoever started it."""

from __future__ import annotations

from mediaml.aws.ledger import Standing
from mediaml.aws.s3 import Storage
from mediaml.backends.found import Found
from mediaml.backends.rekognition.names import KEEP, OURS, OWNER
from mediaml.backends.rekognition.project import Project
from mediaml.backends.rekognition.running import Running
from mediaml.backends.rekognition.service import RUNNING, TRAINING, Service
from mediaml.backends.rekognition.version import IN_TRAINING, VersionStatus
from mediaml.errors import AwsNotFoundError


def inventory(service: Service) -> list[Found]:
    """List the versions that run or train, of all projects.

    What the ledger has, and what costs no longer, is struck off.
    """
    standing = _standing(service)
    found: dict[tuple[str, str], Found] = {}
    for project in _projects(service):
        for one in project.versions():
            kind = TRAINING if one.status == IN_TRAINING else RUNNING
            if one.bills or kind == TRAINING:
                short = f"{project.name}/{one.name}"
                try:
                    found[kind, short] = _found(service, kind, short, one, standing.get((kind, short)))
                except AwsNotFoundError:  # it went since it was listed
                    continue
    for (kind, name), line in standing.items():
        if (kind, name) not in found:
            service.ledger.gone(line.resource)
    return list(found.values())


def _standing(service: Service) -> dict[tuple[str, str], Standing]:
    here = service.aws.region, service.aws.account()
    return {
        (one.resource.kind, one.resource.name): one
        for one in service.ledger.standing()
        if (one.resource.region, one.resource.account) == here and one.resource.kind in (TRAINING, RUNNING)
    }


def _projects(service: Service) -> list[Project]:
    storage = Storage(service.aws)
    names = [str(one["ProjectArn"]).split("/")[1] for one in service.projects()]
    return [Project(service, storage, name, {}) for name in names]


def _found(service: Service, kind: str, short: str, one: VersionStatus, line: Standing | None) -> Found:
    tags = service.tags(one.arn)
    keep = KEEP in tags or (line is not None and line.keep)
    return Found(
        kind, short, one.status, True, line is not None, keep, ours=tags.get(OWNER) == OURS or line is not None
    )


def stop(service: Service, found: Found) -> list[str]:
    """End it; gives what was ended. The service cannot end a training: it is left alone."""
    if found.kind == TRAINING:
        return []
    project, _, name = found.name.partition("/")
    try:
        Running(Project(service, Storage(service.aws), project, {}).version(name)).down()
    except AwsNotFoundError:  # it went, with its project, since it was listed
        service.ledger.gone(service.resource(RUNNING, found.name))
    return [f"{found.kind} {found.name}"]
