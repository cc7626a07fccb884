"""For the reference: pydantic's values take their fields as keywords, which reading the source does not show."""

from __future__ import annotations

from typing import Any

from griffe import Attribute, Class, Extension, Function, Module, Parameter, ParameterKind, Parameters

ROOTS = ("BaseModel", "pydantic.BaseModel")


class Fields(Extension):
    """Gives each value a constructor whose keywords are its fields, its own and those that it inherits."""

    def on_package(self, *, pkg: Module, **_: Any) -> None:
        """Look at all classes, once everything is read."""
        for one in list(_classes(pkg)):
            if "__init__" not in one.members and _is_value(one):
                one.set_member("__init__", _constructor(one))


def _classes(module: Module) -> Any:
    for one in module.members.values():
        if one.is_alias:
            continue
        if isinstance(one, Module):
            yield from _classes(one)
        elif isinstance(one, Class):
            yield one


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
