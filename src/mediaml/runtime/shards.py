"""Sounds as they travel to a training job: samples at the spectrogram's rate in large files, and one index.

A million small files would take S3 hours. The samples of each clip are 16-bit integers with a scale of the clip's own,
so that a quiet recording keeps its resolution.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from .atomic import write_whole
from .faults import JobFault

INDEX = "index.json"
FORMAT = 1
SHARD_SAMPLES = 1 << 26  # 128 MB
FULL_SCALE = 32767


class Entry(NamedTuple):
    """One clip of the index.

    Parameters
    ----------
    part
        ``"train"``, ``"validation"`` or ``"background"``.
    labels
        Their numbers; may be none.
    recording
        The number of its recording: clips with the same belong together.
    fold
        For cross-validation; None where there are no folds.
    counted
        Of background: false alarms are counted on it, and nothing is learned from it.
    seconds
        How long it is.
    """

    part: str
    labels: Tuple[int, ...]
    recording: int
    fold: Optional[int]
    counted: bool
    seconds: float


def write(folder: str, clips: Iterable[Tuple[Entry, np.ndarray]], shard_samples: int = SHARD_SAMPLES) -> int:
    """Write clips, float32 samples [n] each, into a folder.

    Returns
    -------
    How many bytes the files have.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    index = []  # type: List[Dict[str, Any]]
    shard, used, total = 0, 0, 0
    file = (place / _name(0)).open("wb")
    try:
        for entry, waveform in clips:
            if used and used + len(waveform) > shard_samples:
                file.close()
                shard, used = shard + 1, 0
                file = (place / _name(shard)).open("wb")
            scale = max(float(np.abs(waveform).max()) if len(waveform) else 0.0, 1e-9) / FULL_SCALE
            file.write(np.round(waveform / scale).astype("<i2").tobytes())
            index.append(dict(entry._asdict(), shard=shard, offset=used, samples=len(waveform), scale=scale))
            used, total = used + len(waveform), total + 2 * len(waveform)
    finally:
        file.close()
    content = json.dumps({"format": FORMAT, "clips": index}).encode()
    write_whole(place / INDEX, content)
    return total + len(content)


class Shards:
    """A folder that `write` wrote.

    Raises
    ------
    JobFault
        It is not what `write` writes.
    """

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        try:
            document = json.loads((self.folder / INDEX).read_text(encoding="utf-8"))
            if document["format"] != FORMAT:
                raise JobFault("the data is in format {!r}, this code reads {}".format(document["format"], FORMAT))
            self.rows = document["clips"]  # type: List[Dict[str, Any]]
            self.entries = [_entry(row) for row in self.rows]
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise JobFault("the data channel cannot be read: {}".format(error))

    def of(self, part: str) -> List[int]:
        """Give the numbers of a part's clips."""
        return [number for number, entry in enumerate(self.entries) if entry.part == part]

    def waveform(self, number: int) -> np.ndarray:
        """Give a clip's samples, float32.

        Raises
        ------
        JobFault
            The shard is shorter than the index says.
        """
        row = self.rows[number]
        with (self.folder / _name(int(row["shard"]))).open("rb") as file:
            file.seek(2 * int(row["offset"]))
            content = file.read(2 * int(row["samples"]))
        if len(content) != 2 * int(row["samples"]):
            raise JobFault("{} ends before clip {}".format(_name(int(row["shard"])), number))
        return np.frombuffer(content, "<i2").astype(np.float32) * np.float32(row["scale"])

    def waveforms(self, numbers: Sequence[int]) -> Iterator[Tuple[int, np.ndarray]]:
        """Give clips one after another."""
        for number in numbers:
            yield number, self.waveform(number)


def _name(shard: int) -> str:
    return "shard-{:05d}.pcm".format(shard)


def _entry(row: Dict[str, Any]) -> Entry:
    return Entry(
        str(row["part"]),
        tuple(int(label) for label in row["labels"]),
        int(row["recording"]),
        None if row["fold"] is None else int(row["fold"]),
        bool(row["counted"]),
        float(row["seconds"]),
    )
