"""Whether an MP3's bit rate varies without a header that says how long it is.

libsndfile takes the rate of the first packet for that of all where no Xing, Info or VBRI header counts the packets, and
stops reading where it believes the end to be: after ten seconds of a minute, for instance.
"""

from __future__ import annotations

from typing import Any

HEADER_BYTES = 2048  # the first packet lies within
PACKETS = 40000  # looked at, at most: a quarter of an hour
BIT_RATES = {  # kbit/s of layer III, by version 1 or 2
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
SAMPLE_RATES = (44100, 48000, 32000)
VERSIONS = {3: (1, 1), 2: (2, 2), 0: (2, 4)}  # by the header's bits: which bit rates, and what divides the sample rate


def varies_uncounted(file: Any) -> bool:
    """Tell whether this is an MP3 (layer III) with several bit rates and no count of its packets.

    Parameters
    ----------
    file
        Binary, at its start; it is left anywhere.
    """
    start = file.read(10)
    if start[:3] == b"ID3":  # its length: four times seven bits
        file.seek(sum((byte & 0x7F) << shift for byte, shift in zip(start[6:10], (21, 14, 7, 0), strict=False)), 1)
        start = file.read(10)
    if _packet(start, 0) is None:
        return False
    content = start + file.read(HEADER_BYTES)
    if any(mark in content for mark in (b"Xing", b"Info", b"VBRI")):
        return False
    content += file.read()
    rates: set[int] = set()
    position = 0
    for _ in range(PACKETS):
        packet = _packet(content, position)
        if packet is None:
            break
        rates.add(packet[0])
        if len(rates) > 1:
            return True
        position += packet[1]
    return False


def _packet(content: bytes, position: int) -> tuple[int, int] | None:
    """Give the bit rate (kbit/s) and the bytes of the packet that begins here; None where none does."""
    header = content[position : position + 4]
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return None
    version, rate, sampling = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version not in VERSIONS or not 0 < rate < 15 or sampling == 3:
        return None
    table, divisor = VERSIONS[version]
    bit_rate, sample_rate = BIT_RATES[table][rate], SAMPLE_RATES[sampling] // divisor
    padding = header[2] >> 1 & 1
    return bit_rate, (144 if table == 1 else 72) * bit_rate * 1000 // sample_rate + padding
