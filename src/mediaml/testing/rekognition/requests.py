"""Requests as the service's own model has them: read, and refused where they break a rule of it."""

from __future__ import annotations

import base64
import binascii
import re
from functools import cache
from typing import Any

from mediaml.testing.refusals import RefusalError

LETTERS = r"\p{L}\p{Z}\p{N}"
"""Letters, spaces and digits, as Java says it in the patterns of tags."""


@cache
def shape_of(operation: str) -> Any:
    """Give the shape of an operation's request, out of botocore."""
    import botocore.session

    return botocore.session.get_session().get_service_model("rekognition").operation_model(operation).input_shape


def checked(operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """Give a request with its bytes as bytes.

    Raises
    ------
    RefusalError
        Something is missing, unknown, too long or too short, or not of the form that it must have.
    """
    found: dict[str, Any] = _checked(request, shape_of(operation), "")
    return found


def invalid(message: str) -> RefusalError:
    """Say that a request is not what it should be."""
    return RefusalError("InvalidParameterException", message)


def _checked(value: Any, shape: Any, where: str) -> Any:
    kind = shape.type_name
    if kind == "structure":
        return _structure(value, shape, where)
    if kind == "list":
        _check_size(len(value), shape, where)
        return [_checked(one, shape.member, f"{where}.member") for one in value]
    if kind == "map":
        _check_size(len(value), shape, where)
        return {
            _checked(key, shape.key, f"{where}.key"): _checked(one, shape.value, where) for key, one in value.items()
        }
    if kind == "blob":
        return _blob(value, shape, where)
    if kind == "string":
        return _text(value, shape, where)
    if kind in ("integer", "long", "float", "double"):
        _check_size(value, shape, where)
    return value


def _structure(value: Any, shape: Any, where: str) -> dict[str, Any]:
    unknown = sorted(set(value) - set(shape.members))
    if unknown:
        raise invalid(f"Unknown parameter {where}.{unknown[0]}")
    for name in shape.required_members:
        if name not in value:
            raise invalid(f"Value null at '{where}.{name}' failed to satisfy constraint: Member must not be null")
    return {name: _checked(one, shape.members[name], f"{where}.{name}") for name, one in value.items()}


def _blob(value: Any, shape: Any, where: str) -> bytes:
    try:
        content = base64.b64decode(value, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise RefusalError("SerializationException", f"{where}: {error}") from error
    _check_size(len(content), shape, where)
    return content


def _text(value: Any, shape: Any, where: str) -> str:
    if not isinstance(value, str):
        raise RefusalError("SerializationException", f"{where} is no text")
    _check_size(len(value), shape, where)
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern.replace(LETTERS, r"\w\s"), value):
        raise _broken(value, where, f"Member must satisfy regular expression pattern: {pattern}")
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        raise _broken(value, where, f"Member must satisfy enum value set: {allowed}")
    return value


def _check_size(size: float, shape: Any, where: str) -> None:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        raise _broken(size, where, f"Member must be at least {least}")
    if most is not None and size > most:
        raise _broken(size, where, f"Member must be at most {most}")


def _broken(value: object, where: str, rule: str) -> RefusalError:
    shown = str(value)[:80]
    return invalid(f"1 validation error detected: Value '{shown}' at '{where}' failed to satisfy constraint: {rule}")
