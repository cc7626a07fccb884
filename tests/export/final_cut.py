"""The rules of Apple's document type definition of FCPXML 1.8, as far as it is used."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from tests.export.readers import one

# what stands in what, and in which order: a regular expression over the children's names, each with a space behind it
CHILDREN = {
    "fcpxml": "resources library ",
    "resources": "((format|asset) )*",
    "format": "",
    "asset": "",
    "library": "(event )*",
    "event": "(project )*",
    "project": "sequence ",
    "sequence": "spine ",
    "spine": "((asset-clip|video) )*",
    "video": "(marker )*",
    "asset-clip": "(conform-rate )?(marker )*",
    "conform-rate": "",
    "marker": "",
}
# attributes that must be there, and those that may
ATTRIBUTES = {
    "fcpxml": ("version", ""),
    "resources": ("", ""),
    "format": ("id", "name frameDuration width height"),
    "asset": ("id", "name src start duration hasVideo format hasAudio audioSources audioChannels audioRate"),
    "library": ("", ""),
    "event": ("", "name"),
    "project": ("", "name"),
    "sequence": ("format", "duration tcStart tcFormat"),
    "spine": ("", ""),
    "video": ("ref", "name offset start duration"),
    "asset-clip": ("ref", "name offset start duration tcFormat"),
    "conform-rate": ("", "scaleEnabled srcFrameRate"),
    "marker": ("start value", "duration note"),
}
SOURCE_RATES = {"23.98", "24", "25", "29.97", "30", "60", "50", "59.94"}


def valid(root: ET.Element) -> None:
    for element in root.iter():
        assert re.fullmatch(CHILDREN[element.tag], "".join(f"{child.tag} " for child in element)), element.tag
        must, may = (set(names.split()) for names in ATTRIBUTES[element.tag])
        assert must <= set(element.keys()) <= must | may, element.attrib
        assert not (element.text or "").strip()
    identities = [found.get("id") for found in root.iter() if found.get("id")]
    assert len(set(identities)) == len(identities)
    for found in root.iter():
        assert found.get("ref", identities[0]) in identities
        if found.tag != "format":
            assert found.get("format", identities[0]) in identities
    for rate in root.iter("conform-rate"):
        assert rate.get("srcFrameRate") in SOURCE_RATES


def resource(root: ET.Element, identity: str | None) -> ET.Element:
    return one(root, f"resources/*[@id='{identity}']")
