"""What was measured, and on what, as rows for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mediaml.metrics.trust import PART_NAMES
from mediaml.values.report import Report


class Part(NamedTuple):
    """A part of the data, in words."""

    name: str
    examples: str
    groups: str
    labels: str
    content: str
    origin: str


class Fact(NamedTuple):
    """What is known of a model, or is not."""

    name: str
    value: str


def parts(report: Report) -> list[Part]:
    """Describe the data that the model was made with and measured on."""
    made_with = report.model.get("data")
    known = dict(made_with) if isinstance(made_with, Mapping) else {}
    examples, groups = f"{report.wording.example}s", f"{report.wording.group}s"
    measured = {examples: report.examples, groups: report.groups, **report.data}
    return [
        Part(
            "this test" if name == "test" else PART_NAMES.get(name, name),
            str(described.get(examples, "")),
            str(described.get(groups, "")),
            str(len(described.get("labels", ()))),
            str(described.get("content", "")),
            origin_of(described.get("origin")),
        )
        for name, described in {**known, "test": measured}.items()
        if isinstance(described, Mapping)
    ]


def origin_of(steps: Any) -> str:
    """Say how this part came about."""
    if not isinstance(steps, list | tuple) or not steps:
        return "no split recorded"
    return "; ".join(_step(step) for step in steps)


def _step(step: Any) -> str:
    if isinstance(step, Mapping) and {"split", "seed", "part"} <= set(step):
        shares = " / ".join(f"{fraction:g}" for fraction in step["split"])
        return f"part {step['part'] + 1} of a split {shares}, seed {step['seed']}"
    return written(step)


def written(value: Any) -> str:
    """Write a value of a model's record in one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {written(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(written(one) for one in value)
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else str(value)
