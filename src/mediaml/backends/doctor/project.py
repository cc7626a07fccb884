"""The project of Custom Labels."""

from __future__ import annotations

from mediaml.aws.session import translated
from mediaml.backends.doctor.asking import Caller, asked
from mediaml.backends.doctor.finding import GOOD, PROBLEM, Finding
from mediaml.backends.rekognition.names import NAME

WHAT = "project"


def project(caller: Caller, name: str) -> list[Finding]:
    """Look at a project, which need not exist yet."""
    if not NAME.fullmatch(name):
        remedy = "1 to 255 letters, digits, points, hyphens and underscores."
        return [Finding(WHAT, PROBLEM, f"{name!r} is no project's name", remedy)]
    return asked(WHAT, "rekognition:DescribeProjects", lambda: _state(caller, name))


def _state(caller: Caller, name: str) -> list[Finding]:
    with translated(f"looking at the project {name}"):
        found = caller.client("rekognition").describe_projects(ProjectNames=[name])["ProjectDescriptions"]
    if not found:
        return [Finding(WHAT, GOOD, f"there is no {name} yet: fit makes it")]
    if found[0]["Status"] != "CREATED":
        told = f"{name} is {found[0]['Status']}"
        return [Finding(WHAT, PROBLEM, told, "Wait until it is gone, or take another name.")]
    return [Finding(WHAT, GOOD, f"{name} exists")]
