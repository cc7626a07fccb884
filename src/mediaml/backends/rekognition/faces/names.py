"""How the service names faces: a person and a picture in the one text that it keeps with each face.

``ExternalImageId`` has letters, digits and ``_ . - :`` alone (its pattern in the API's model). The person stands in
front, every other byte of the name as ``_`` and two hexadecimal digits; behind a colon stands what the picture is known
again by. So the collection itself says what is in it, to every machine, and no list has to be kept beside it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from mediaml.errors import LabelError

KEY = 32  # hexadecimal digits of a SHA-256
LONGEST = 255 - 1 - KEY  # characters of ExternalImageId that are left for a person
PLAIN = re.compile(r"[A-Za-z0-9.\-]")
ESCAPED = re.compile(r"(?:[A-Za-z0-9.\-]|_[0-9A-F]{2})+")
OURS = re.compile(rf"(?P<person>[^:]+):(?P<key>[0-9a-f]{{{KEY}}})")


class Named(NamedTuple):
    """Whose face it is, and of which picture; the key is empty where someone else has indexed it."""

    person: str
    key: str


def external_id(person: str, key: str) -> str:
    """Give the service's name of a person's picture.

    Raises
    ------
    LabelError
        The person's name is empty, or too long, or no text: of a folder whose name is not UTF-8.
    """
    try:
        content = person.encode()
    except UnicodeEncodeError as error:
        raise LabelError(
            f"the name {person!r} is no text in UTF-8, which the service could not give back: rename its folder, or "
            "relabel({...: ...}) gives another"
        ) from error
    told = "".join(chr(one) if PLAIN.fullmatch(chr(one)) else f"_{one:02X}" for one in content)
    if not told or len(told) > LONGEST:
        raise LabelError(
            f"the service keeps names of 1 to {LONGEST} characters (of other than letters, digits, dots and hyphens "
            f"fewer), not {person!r}: relabel({{...: ...}}) gives a shorter one"
        )
    return f"{told}:{key}"


def named(external: str, face_id: str) -> Named:
    """Tell whose a stored face is.

    Parameters
    ----------
    external
        Its ``ExternalImageId``; empty: whoever indexed it gave none, and it is known by its own id.
    face_id
        The service's own.
    """
    found = OURS.fullmatch(external)
    if found is None or not ESCAPED.fullmatch(found["person"]):
        return Named(external or face_id, "")
    try:
        person = re.sub(rb"_([0-9A-F]{2})", lambda one: bytes([int(one[1], 16)]), found["person"].encode()).decode()
    except UnicodeDecodeError:
        return Named(external, "")
    return Named(person, found["key"])
