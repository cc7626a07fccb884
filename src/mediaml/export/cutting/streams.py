"""The streams of a clip: as those of its source, with what is said of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mediaml.data import decode_video
from mediaml.export.cutting import timecodes

WITH_EDIT_LIST = frozenset(("mov", "mp4", "ipod", "3gp", "3g2"))
OF_THE_MUXER = frozenset(("major_brand", "minor_version", "compatible_brands", "encoder", "timecode", "duration"))


def copies_of(container: Any, target: Any, streams: list[Any], offset: float) -> Mapping[int, Any]:
    """Make the streams of a clip; what is said of the source and of its streams is said of the clip, too."""
    target.metadata.update(_said(container.metadata))
    copies = {}
    for stream in streams:
        copy = target.add_stream_from_template(stream, opaque=True)  # else PyAV wants an encoder
        copy.time_base = stream.time_base
        copy.metadata.update(_said(stream.metadata))
        if _one_family(container, target):
            copy.codec_context.codec_tag = stream.codec_context.codec_tag  # Apple's players want hvc1, not hev1
        if stream.type == "video" and (code := _timecode(container, stream, offset)) is not None:
            copy.metadata["timecode"] = code
        copies[stream.index] = copy
    return copies


def _said(metadata: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in metadata.items() if name.lower() not in OF_THE_MUXER}


def _one_family(container: Any, target: Any) -> bool:
    return target.format.name in container.format.name.split(",")


def _timecode(container: Any, picture: Any, offset: float) -> str | None:
    code, rate = decode_video.timecode_of(container, picture), decode_video.frame_rate_of(picture)
    return None if code is None or rate is None else timecodes.moved_on(code, offset, rate)


def options_for(container: Any, muxer: str) -> dict[str, str]:
    """Give the muxer's options: keep Apple's own notes (place, camera, date): by default FFmpeg leaves them out."""
    if muxer in WITH_EDIT_LIST and any(name.startswith("com.") for name in container.metadata):
        return {"movflags": "+use_metadata_tags"}
    return {}
