"""Names of files in signs that every font and encoder knows."""

from __future__ import annotations


def printable(text: str) -> str:
    """Replace what is no text by ``?``: names of files may hold control signs, and bytes of another encoding."""
    known = text.encode("utf-8", "replace").decode("utf-8")
    return "".join(sign if sign.isprintable() else "?" for sign in known)
