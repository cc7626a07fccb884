"""How the older services of AWS speak: a request is a form, an answer or a refusal is XML."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

XML = "text/xml"
FORMS = ("iam", "sts")
"""Services that are asked by forms."""
XML_SERVICES = (*FORMS, "s3", "s3control")
"""Services whose answers are XML."""


def read(body: bytes) -> dict[str, Any]:
    """Give what a form asks: ``ActionNames.member.1=iam:PassRole`` is a list of one text."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(body.decode()):
        *above, last = name.split(".")
        at = tree
        for part in above:
            at = at.setdefault(part, {})
        at[last] = value
    return {name: _listed(value) for name, value in tree.items() if name not in ("Action", "Version")}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if set(value) == {"member"}:
        return [_listed(one) for _, one in sorted(value["member"].items(), key=lambda row: int(row[0]))]
    return {name: _listed(one) for name, one in value.items()}


def answered(operation: str, members: dict[str, Any]) -> bytes:
    """Give an answer."""
    result = f"<{operation}Result>{_told(members)}</{operation}Result>"
    return f"<{operation}Response>{result}</{operation}Response>".encode()


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(f"<{name}>{_told(one)}</{name}>" for name, one in value.items())
    if isinstance(value, list):
        return "".join(f"<member>{_told(one)}</member>" for one in value)
    return escape(str(value).lower() if isinstance(value, bool) else str(value))


def refused(service: str, code: str, message: str) -> bytes:
    """Give a refusal; S3's has no frame."""
    error = f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
    return error.encode() if service == "s3" else f"<ErrorResponse>{error}</ErrorResponse>".encode()
