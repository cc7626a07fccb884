"""Synthetic recordings, pictures and films: something to recognise before there is data of one's own."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mediaml.samples.face_pictures import PEOPLE, crowd, crowds, faces
    from mediaml.samples.films import film, signs
    from mediaml.samples.logo_pictures import BRANDS, logos
    from mediaml.samples.recordings import LABELS, noise, recording, silence, write_recordings

_PUBLIC = {
    "BRANDS": "mediaml.samples.logo_pictures",
    "LABELS": "mediaml.samples.recordings",
    "PEOPLE": "mediaml.samples.face_pictures",
    "crowd": "mediaml.samples.face_pictures",
    "crowds": "mediaml.samples.face_pictures",
    "faces": "mediaml.samples.face_pictures",
    "film": "mediaml.samples.films",
    "logos": "mediaml.samples.logo_pictures",
    "noise": "mediaml.samples.recordings",
    "recording": "mediaml.samples.recordings",
    "signs": "mediaml.samples.films",
    "silence": "mediaml.samples.recordings",
    "write_recordings": "mediaml.samples.recordings",
}

__all__ = [
    "BRANDS",
    "LABELS",
    "PEOPLE",
    "crowd",
    "crowds",
    "faces",
    "film",
    "logos",
    "noise",
    "recording",
    "signs",
    "silence",
    "write_recordings",
]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'mediaml.samples' has no attribute {name!r}")
    value = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value
