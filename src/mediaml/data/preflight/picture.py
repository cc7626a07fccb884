"""The rules for a picture, from what is known of it without looking at it."""

from __future__ import annotations

from mediaml.data.preflight import quotas
from mediaml.data.preflight.fault import Fault, Said


def check_picture_facts(format: str | None, width: int, height: int, bytes: int) -> tuple[Fault, ...]:
    """Tell what the service would say of a picture.

    Parameters
    ----------
    format
        As Pillow names it; None where it is no picture.
    width, height
        Pixels.
    bytes
        Of the file.
    """
    said: list[Said] = []
    if format is None:
        return (Fault("ERROR_INVALID_IMAGE", "it is no picture"),)
    if format.upper() not in quotas.FORMATS:
        said.append(("ERROR_INVALID_IMAGE", f"it is {format}, not PNG or JPEG"))
    if bytes > quotas.PICTURE_BYTES:
        said.append(("ERROR_INVALID_IMAGE", f"{bytes / 1e6:,.1f} MB; at most {quotas.PICTURE_BYTES / 1e6:.0f} MB"))
    said += size_said(width, height)
    return tuple(Fault(code, detail) for code, detail in said)


def size_said(width: int, height: int) -> list[Said]:
    """Tell what is wrong with the sides of a picture, in pixels: one thing at most."""
    short, long = min(width, height), max(width, height)
    if short < quotas.SHORTEST_SIDE or long > quotas.LONGEST_SIDE:
        limits = f"{quotas.SHORTEST_SIDE} to {quotas.LONGEST_SIDE:,} pixels each"
        return [("ERROR_INVALID_IMAGE_DIMENSION", f"{width:,} x {height:,}; {limits}")]
    if long > quotas.MOST_RATIO * short:
        return [("ERROR_INVALID_IMAGE", f"{width:,} x {height:,} is {long / short:.1f} to 1; at most 20 to 1")]
    return []
