"""For the reference: fields of pydantic's values as keywords, types of parameters that share a line, and what is given.

Reading the source does not show the first, gives the first one's type to all that are explained together, and takes
each line that says what a function gives for a type.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from griffe import (
    Attribute,
    Class,
    DocstringReturn,
    DocstringSectionKind,
    Extension,
    Function,
    Module,
    Parameter,
    ParameterKind,
    Parameters,
)

ROOTS = ("BaseModel", "pydantic.BaseModel")


class Fields(Extension):
    """Gives each value a constructor whose keywords are its fields, its own and those that it inherits."""

    def on_package(self, *, pkg: Module, **_: Any) -> None:
        """Look at all classes, once everything is read."""
        for one in list(_all(pkg)):
            if isinstance(one, Class) and "__init__" not in one.members and _is_value(one):
                one.set_member("__init__", _constructor(one))
        for one in _all(pkg):
            _give_types(one)
            if isinstance(one, Function):
                _say_what_is_given(one)


def _all(parent: Module | Class) -> Iterator[Class | Function]:
    """Every class and function that is written in a module, and not just imported there."""
    for one in parent.members.values():
        if one.is_alias:
            continue
        if isinstance(one, Class | Function):
            yield one
        if isinstance(one, Module | Class):
            yield from _all(one)


def _give_types(one: Class | Function) -> None:
    """Give each explained parameter its own type and default."""
    if one.docstring is None or (isinstance(one, Class) and "__init__" not in one.members):
        return
    known = {parameter.name: parameter for parameter in one.parameters}
    for section in one.docstring.parsed:
        if section.kind is DocstringSectionKind.parameters:
            for line in section.value:
                if line.name in known:
                    line.annotation, line.value = known[line.name].annotation, known[line.name].default


def _say_what_is_given(one: Function) -> None:
    """Give the sentences under ``Returns`` as such, with the type of the signature."""
    for section in one.docstring.parsed if one.docstring is not None else ():
        if section.kind is DocstringSectionKind.returns:
            said = " ".join(f"{line.annotation} {line.description}".strip() for line in section.value)
            section.value = [DocstringReturn(name="", annotation=one.returns, description=said)]


def _is_value(one: Class) -> bool:
    return any(str(base).split("[")[0] in ROOTS for parent in [one, *one.mro()] for base in parent.bases)


def _constructor(one: Class) -> Function:
    fields: dict[str, Attribute] = {}
    for parent in [*reversed(one.mro()), one]:
        fields |= {name: member for name, member in parent.members.items() if _is_field(name, member)}
    parameters = [
        Parameter(name, annotation=field.annotation, kind=ParameterKind.keyword_only, default=_default(field))
        for name, field in fields.items()
    ]
    first = Parameter("self", kind=ParameterKind.positional_or_keyword)
    return Function("__init__", parameters=Parameters(first, *parameters), returns="None")


def _is_field(name: str, member: Any) -> bool:
    if name.startswith("_") or name == "model_config" or member.is_alias or not member.is_attribute:
        return False
    return member.annotation is not None and "instance-attribute" in member.labels


def _default(field: Attribute) -> str | None:
    value = None if field.value is None else str(field.value)
    if value is None or not value.startswith("Field("):
        return value
    return "..." if "default" in value else None
