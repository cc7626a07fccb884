"""The recordings that were heard wrong, each with a clip of it to listen to."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mediaml.data import decode
from mediaml.data.files import printable
from mediaml.data.waveform import Waveform
from mediaml.errors import AudioError
from mediaml.features.items import open_sound
from mediaml.runtime.cores import available_cores
from mediaml.values.clip import Clip
from mediaml.values.multi_label_report import MultiLabelReport
from mediaml.values.prediction import percentage
from mediaml.values.report import AudioReport, Outcome, WrongRecording

SOUNDS, SOUNDS_IN_NOTEBOOK = 20, 4
MOST_BYTES, MOST_BYTES_IN_NOTEBOOK = 4_000_000, 800_000  # of all sounds of a page, as they stand in it
HIGHEST_RATE = 16_000  # Hz
LONGEST = 15.0  # s


class WrongOne(NamedTuple):
    """A recording that was heard wrong.

    Parameters
    ----------
    file, path, truth
        The recording and its true label.
    wrong, clips
        How many of its clips with this label are heard as another.
    heard
        What most of these are heard as, and how sure.
    part
        Which stretch the player has.
    sound
        A data URI; empty where `note` says why there is none.
    note
        What is missing, and why.
    """

    file: str
    path: str
    truth: str
    wrong: int
    clips: int
    heard: str
    part: str
    sound: str
    note: str


class WrongClip(NamedTuple):
    """A clip with several labels, or none, some of which were heard wrong.

    Parameters
    ----------
    file, path
        The recording.
    missed, added
        True labels that were not given, and labels that were given and are not true.
    part, sound, note
        As of a `WrongOne`.
    """

    file: str
    path: str
    missed: tuple[str, ...]
    added: tuple[str, ...]
    part: str
    sound: str
    note: str


class _Sound(NamedTuple):
    part: str
    sound: str
    note: str


def wrong_ones(report: AudioReport, *, in_notebook: bool = False) -> list[WrongOne]:
    """Give the worst recordings with a clip of each, as many as fit; their files are read again.

    A clip that would make the page too large is left out, and one that is gone or unreadable now has no player: its
    note says so.
    """
    most, budget = (SOUNDS_IN_NOTEBOOK, MOST_BYTES_IN_NOTEBOOK) if in_notebook else (SOUNDS, MOST_BYTES)
    worst = report.wrong_recordings[:most]
    surest: dict[tuple[Path, str], Outcome] = {}
    for outcome in report.mistakes:  # the surest first
        surest.setdefault((outcome.clip.path, outcome.truth), outcome)
    clips = [surest[one.path, one.truth] for one in worst]
    sounds = _sounds([one.clip for one in clips], budget)
    return [_shown(one, found) for one, found in zip(worst, sounds, strict=True)]


def wrong_clips(report: MultiLabelReport, *, in_notebook: bool = False) -> list[WrongClip]:
    """Give the worst clips of a report with several labels, as `wrong_ones` does."""
    most, budget = (SOUNDS_IN_NOTEBOOK, MOST_BYTES_IN_NOTEBOOK) if in_notebook else (SOUNDS, MOST_BYTES)
    worst = report.mistakes[:most]
    sounds = _sounds([one.clip for one in worst], budget)
    return [
        WrongClip(printable(one.clip.path.name), printable(str(one.clip.path)), one.missed, one.added, *found)
        for one, found in zip(worst, sounds, strict=True)
    ]


def _sounds(clips: Sequence[Clip], budget: int) -> list[_Sound]:
    """Encode clips until the page holds `budget` bytes of them."""
    kept = []
    with ThreadPoolExecutor(available_cores(), "mediaml-players") as pool:
        for found in pool.map(_listen, clips):
            fits = len(found.sound) <= budget
            budget -= len(found.sound) if fits else 0
            kept.append(found if fits else _Sound(found.part, "", "no player: the page would grow too large"))
    return kept


def _shown(one: WrongRecording, found: _Sound) -> WrongOne:
    return WrongOne(
        printable(one.path.name),
        printable(str(one.path)),
        one.truth,
        one.wrong,
        one.clips,
        f"{one.heard} {percentage(one.confidence)}",
        *found,
    )


def _listen(clip: Clip) -> _Sound:
    """Encode a clip: mono, at most 16 kHz, at most 15 s."""
    try:
        sound = open_sound(clip)
        end = min(sound.duration, LONGEST)
        rate = min(HIGHEST_RATE, decode.info(clip.path).sample_rate)
        waveform = sound.read(0.0, end, rate)
    except AudioError as error:
        return _Sound("", "", f"no player: {printable(error.reason)}")
    part = f"{round(sound.offset, 2):g}–{round(sound.offset + end, 2):g} s"  # noqa: RUF001
    if len(waveform) == 0:
        return _Sound(part, "", "no player: it has no samples")
    note = f"the first {LONGEST:g} s of the clip" if end < sound.duration else ""
    return _Sound(part, "data:audio/flac;base64," + base64.b64encode(flac(waveform, rate)).decode("ascii"), note)


def flac(waveform: Waveform, rate: int) -> bytes:
    """Encode samples of 16 bits; what is louder than full scale is turned down as a whole, not clipped.

    FLAC, as every browser plays it; Safari learned Ogg Vorbis late.
    """
    import soundfile

    peak = float(np.abs(waveform).max(initial=0.0))
    content = io.BytesIO()
    soundfile.write(content, waveform / max(1.0, peak), rate, format="FLAC", subtype="PCM_16")
    return content.getvalue()
