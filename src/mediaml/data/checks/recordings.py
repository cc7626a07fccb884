"""What is wrong with single recordings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mediaml.data.checks.finding import Finding, counted
from mediaml.data.checks.measure import FRAME_SECONDS, Measured
from mediaml.data.checks.sounds import Row, Sound
from mediaml.runtime.dsp import SILENCE_DBFS

CLIPPED_SHARE = 0.001  # of all samples; loud, clean recordings stay below a tenth of it
FEWEST_TOPS = 5  # one or two happen in short loud recordings


def damaged(sounds: Sequence[Sound]) -> Iterator[Finding]:
    """Find recordings that cannot be used, or not all of them."""
    for sound in sounds:
        measured = sound.measured
        if measured.failure is not None:
            yield Finding(measured.failure, measured.reason, sound.path, sound.labels)
            continue
        stated = measured.info.duration if measured.info is not None and measured.missing is None else 0.0
        behind = [row for row in sound.rows if _behind(row, max(measured.seconds, stated))]
        told = f"{counted(len(behind), 'clip')} of {len(sound.rows):,}"
        if measured.missing is not None:
            detail = measured.missing + (f"; {told} behind it" if behind and not sound.uncut else "")
            yield Finding("truncated", detail, sound.path, sound.labels)
        elif behind:
            first = f"the first {behind[0].start:.2f} to {behind[0].end:.2f} s"
            detail = f"{told}, {first}, in a recording of {measured.seconds:.2f} s"
            yield Finding("beyond_end", detail, sound.path, sound.labels)


def _behind(row: Row, seconds: float) -> bool:
    """Tell whether the larger half of a clip lies behind the end; a tenth of a second is forgiven."""
    return row.start + row.seconds / 2 > seconds and row.end > seconds + 0.1


def silent(sounds: Sequence[Sound]) -> Iterator[Finding]:
    """Find recordings and clips in which no 50 ms are louder than -60 dB of full scale."""
    for sound in sounds:
        measured = sound.measured
        if measured.failure is not None:
            continue
        if is_silent(measured):
            yield Finding("silent", _how_silent(measured), sound.path, sound.labels)
            continue
        levels = zip(sound.rows, measured.clip_levels, strict=True)
        quiet = [row for row, level in levels if level is not None and level < SILENCE_DBFS]
        if quiet:
            detail = (
                f"{counted(len(quiet), 'clip')} of {len(sound.rows)} below {SILENCE_DBFS:.0f} dBFS, "
                f"the first {quiet[0].start:.2f} to {quiet[0].end:.2f} s"
            )
            labels = tuple(sorted({label for row in quiet for label in row.labels}))
            yield Finding("silent_segments", detail, sound.path, labels)


def is_silent(measured: Measured) -> bool:
    """Tell whether nothing is to be heard in a recording that could be read and is long enough to tell."""
    return measured.failure is None and measured.seconds >= FRAME_SECONDS and measured.level < SILENCE_DBFS


def _how_silent(measured: Measured) -> str:
    loudest = "only digital zeros" if measured.level == float("-inf") else f"loudest 50 ms {measured.level:.1f} dBFS"
    detail = f"{loudest} in {measured.seconds:.2f} s"
    if measured.channel_level > SILENCE_DBFS + 10:
        detail += (
            f"; its channels ({measured.channel_level:.0f} dBFS) cancel each other out when they are mixed to mono"
        )
    return detail


def clipped(sounds: Sequence[Sound]) -> Iterator[Finding]:
    """Find recordings of which at least 0.1 % of the samples lie on flat tops, and on at least five.

    Lossy formats blur flat tops; in these, what lies at full scale or above it counts as flat.
    """
    for sound in sounds:
        measured = sound.measured
        if measured.failure is None and measured.clipped >= CLIPPED_SHARE and measured.tops >= FEWEST_TOPS:
            detail = f"{measured.clipped:.2%} of its samples lie on {measured.tops:,} flat tops"
            yield Finding("clipped", detail, sound.path, sound.labels)
