"""Files that end before their sound does."""

from __future__ import annotations

from pathlib import Path

from mediaml.data.waveform import AudioInfo

SHARE, SECONDS = 0.02, 0.1  # encoders pad by a few milliseconds; less than both is not worth a word
LARGEST_OGG_PAGE = 27 + 255 + 255 * 255


def missing_end(path: str, info: AudioInfo, promised: int | None, decoded: int) -> str | None:
    """Tell what is missing at the end of a recording; None: nothing.

    Parameters
    ----------
    path
        The file.
    info
        Its header.
    promised
        Samples that the header promises; None: it does not say.
    decoded
        Samples that could be decoded.
    """
    seconds = decoded / info.sample_rate
    if promised is not None:
        lacking = promised - decoded
        if lacking > SHARE * promised and lacking > SECONDS * info.sample_rate:
            return f"its header promises {promised / info.sample_rate:.2f} s, {seconds:.2f} s could be decoded"
    if info.truncated:
        return f"its header promises more than the {seconds:.2f} s that are there"
    if info.format.startswith("OGG") and _last_ogg_page_is_cut(path):
        return f"its last Ogg page is cut off after {seconds:.2f} s"
    return None


def _last_ogg_page_is_cut(path: str) -> bool:
    """Compare the length that the last page's header states with what follows it (RFC 3533, section 6)."""
    with Path(path).open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - LARGEST_OGG_PAGE))
        tail = file.read()
    page = tail[tail.rfind(b"OggS\0") :]
    segments = page[26] if len(page) > 26 else 255
    sizes = page[27 : 27 + segments]
    return page.startswith(b"OggS") and (len(sizes) < segments or len(page) < 27 + segments + sum(sizes))
