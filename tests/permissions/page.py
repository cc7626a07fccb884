"""The policies of docs/permissions.md, and what they allow."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

PAGE = Path(__file__).parents[2] / "docs/permissions.md"
PLACE = re.compile(r"^#+ (?P<heading>[^\n]+)$|^```json\n(?P<block>.*?)^```$", re.MULTILINE | re.DOTALL)
Policy = Mapping[str, Any]


class Right(NamedTuple):
    """What a call needs: an action on a resource, in a context."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()


def blocks(text: str | None = None) -> dict[str, str]:
    """Give the policies as they stand there, by the heading above; one a heading."""
    found: dict[str, str] = {}
    heading = ""
    for match in PLACE.finditer(PAGE.read_text() if text is None else text):
        if match["block"] is None:
            heading = match["heading"]
        elif heading in found:
            raise ValueError(f"two policies under {heading!r}")
        else:
            found[heading] = match["block"]
    return found


def policy(heading: str, **names: str) -> Policy:
    """Give a policy; `names` are put in the place of those on the page."""
    text = blocks()[heading]
    for here, there in names.items():
        if NAMES[here] not in text:
            raise ValueError(f"{heading!r} does not name {NAMES[here]}")
        text = text.replace(NAMES[here], there)
    return dict(json.loads(text))


NAMES = {
    "endpoint": "mediaml-yamnet-0123456789abcdef-realtime",
    "version": "arn:aws:rekognition:eu-west-1:123456789012:"
    "project/logos/version/mediaml-0123456789abcdef/1600000000000",
}


def together(*policies: Policy) -> Policy:
    """Give what several policies allow together."""
    return {"Version": "2012-10-17", "Statement": [one for each in policies for one in each["Statement"]]}


def listed(value: Any) -> list[str]:
    """Give one or many as many."""
    return [value] if isinstance(value, str) else list(value)


def allows(statement: Mapping[str, Any], right: Right) -> bool:
    """Tell whether a statement allows it."""
    return (
        statement["Effect"] == "Allow"
        and any(fnmatchcase(right.action, one) for one in listed(statement["Action"]))
        and any(fnmatchcase(right.resource, one) for one in listed(statement["Resource"]))
        and _meets(statement.get("Condition", {}), dict(right.context))
    )


COMPARED: dict[str, Callable[[str, str], bool]] = {"StringEquals": str.__eq__, "StringLike": fnmatchcase}


def _meets(conditions: Mapping[str, Mapping[str, Any]], context: Mapping[str, str]) -> bool:
    return all(
        key in context and any(COMPARED[operator](context[key], one) for one in listed(values))
        for operator, wanted in conditions.items()
        for key, values in wanted.items()
    )


def lacking(of: Policy, needed: set[Right]) -> set[Right]:
    """Give the rights that a policy does not give."""
    return {right for right in needed if not any(allows(one, right) for one in of["Statement"])}


def needless(of: Policy, needed: set[Right]) -> set[str]:
    """Give the actions and the resources of statements that no right needs."""
    return set(_needless(of, needed))


def _needless(of: Policy, needed: set[Right]) -> Iterator[str]:
    for number, statement in enumerate(of["Statement"]):
        used = [right for right in needed if allows(statement, right)]
        name = statement.get("Sid", f"statement {number}")
        for action in listed(statement["Action"]):
            if not any(fnmatchcase(right.action, action) for right in used):
                yield action
        for resource in listed(statement["Resource"]):
            if not any(fnmatchcase(right.resource, resource) for right in used):
                yield f"{name}: {resource}"
