"""A linter of the public docstrings: everything has one, and what is documented is the signature, whole."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

import mediaml as mm
import mediaml.testing

SHORT = 2  # parameters that one sentence may explain

Documented = tuple[str, Any]


@cache
def package() -> Any:
    griffe = pytest.importorskip("griffe", reason="the extra docs is not installed")
    root = next(iter(mm.__path__)).rpartition("/")[0]
    options = {"warnings": False}
    return griffe.load("mediaml", search_paths=[root], docstring_parser="numpy", docstring_options=options)


def public() -> Iterator[Documented]:
    """Everything that a user may call or read, by its name; each class with what it inherits from us."""
    roots = [(name, package()[name]) for name in mm.__all__ if name not in ("errors", "samples")]
    roots += [(f"samples.{name}", package()["samples"][name]) for name in mm.samples.__all__]
    roots += [(f"testing.{name}", package()["testing"][name]) for name in mediaml.testing.__all__]
    roots += [(f"errors.{name}", one) for name, one in package()["errors"].classes.items()]
    for name, one in roots:
        there = target(one)
        yield name, there
        if there.is_class:
            members = {**there.inherited_members, **there.members}
            open_ones = {member: it for member, it in members.items() if not member.startswith("_")}
            yield from ((f"{name}.{member}", target(it)) for member, it in open_ones.items())


def target(one: Any) -> Any:
    return one.final_target if one.is_alias else one


def callables() -> Iterator[Documented]:
    return ((name, one) for name, one in public() if one.is_function)


def named(function: Any) -> list[str]:
    return [one.name.lstrip("*") for one in function.parameters if one.name not in ("self", "cls")]


def explained(function: Any) -> list[str]:
    """The names of its section Parameters; ``low, high`` are two."""
    sections = [one for one in function.docstring.parsed if one.kind.value == "parameters"]
    return [name.strip().lstrip("*") for one in sections for line in one.value for name in line.name.split(",")]


def test_everything_public_has_a_docstring() -> None:
    found = [(name, one) for name, one in public() if one.is_class or one.is_function or "property" in one.labels]
    assert len(found) > 400
    assert [name for name, one in found if not one.docstring] == []


def test_a_section_of_parameters_names_all_of_them_in_order_and_nothing_else() -> None:
    listed = [(name, one) for name, one in callables() if one.docstring and explained(one)]
    assert len(listed) > 80
    assert [(name, explained(one)) for name, one in listed if explained(one) != named(one)] == []


def test_whoever_takes_more_than_a_sentence_explains_has_such_a_section() -> None:
    many = [(name, one) for name, one in callables() if len(named(one)) > SHORT]
    assert len(many) > 40
    assert [name for name, one in many if not explained(one)] == []
