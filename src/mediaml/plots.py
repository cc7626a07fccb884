"""Values as pictures: spectrograms, the course of a training, what is taken for what.

Figures are matplotlib's objects without pyplot: nothing is kept in a global list, no window opens, and any thread may
draw. `mediaml._forward` loads this module when it is asked for, so `import mediaml` stays free of matplotlib.
"""

from __future__ import annotations

import hashlib
import io
import re
import warnings
from collections.abc import Iterable, Sized
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mediaml.data.files import printable
from mediaml.data.labels import as_label
from mediaml.data.progress import track
from mediaml.errors import AudioError
from mediaml.features.hearing import AHEAD, ordered
from mediaml.features.items import Item, Sound, open_sound
from mediaml.features.pictures import COLOURS, overview, picture, png
from mediaml.runtime.atomic import write_whole
from mediaml.runtime.cores import available_cores
from mediaml.runtime.dsp import hz_to_mel
from mediaml.runtime.spec import Spec
from mediaml.values.clip import Clip
from mediaml.values.geometry import Segment

if TYPE_CHECKING:
    import pandas as pd

    from mediaml.features.spectrogram import SpectrogramBuilder

FIGURE_COLUMNS = 1500
FLOOR_DB, FIGURE_RANGE_DB = -100.0, 80.0
LONGEST_TITLE = 80
PICTURE_COLUMNS = 4000
TABLE = "spectrograms.csv"
COLUMNS = ("picture", "file", "segment", "start", "end", "label", "error")
INK, ACCENT = "#7a8494", "#1f6f8b"


class SelfShowingFigure(Figure):
    """A figure that a notebook shows where it is the last line of a cell, whether pyplot was imported or not."""

    def _repr_png_(self) -> bytes:
        content = io.BytesIO()
        self.savefig(content, format="png")
        return content.getvalue()


# -- spectrograms -----------------------------------------------------------------------------------------------------


def spectrogram_figure(builder: SpectrogramBuilder, item: Item) -> Figure:
    """Draw a sound's spectrogram: time in seconds, frequency in Hz on the mel scale, level in dB.

    All of the sound is drawn. Where it has more frames than can be seen, neighbouring ones are averaged, and the title
    says how long a column is. The colours span the 80 dB below the loudest point.

    Raises
    ------
    AudioError
        The sound cannot be read.
    """
    spec, sound = builder.spec, open_sound(item)
    levels, together = overview(sound, spec, FIGURE_COLUMNS)
    column = together * spec.hop_length / spec.sample_rate
    low, high = (float(mel) for mel in hz_to_mel(np.array([spec.fmin, spec.top_frequency])))
    half_a_band = 0.5 * (high - low) / (spec.mel_bands + 1)
    brightest = max(float(levels.max()), FLOOR_DB + FIGURE_RANGE_DB)  # silence stays black
    figure = SelfShowingFigure(figsize=(10, 4), dpi=100, layout="constrained")
    axes = figure.add_subplot()
    image = axes.imshow(
        levels,
        cmap=COLOURS,
        vmin=brightest - FIGURE_RANGE_DB,
        vmax=brightest,
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        extent=(sound.offset, sound.offset + levels.shape[1] * column, low + half_a_band, high - half_a_band),
    )
    ticks = _frequency_ticks(spec)
    axes.set_yticks(hz_to_mel(np.array(ticks)), [_hertz(tick) for tick in ticks])
    axes.set_xlabel("time (s)")
    axes.set_ylabel("frequency (Hz)")
    axes.set_title(_title(sound, item) + (f" (a column: {column:.2g} s)" if together > 1 else ""), parse_math=False)
    figure.colorbar(image, ax=axes, label="level (dB)", pad=0.01)
    return figure


def _frequency_ticks(spec: Spec) -> list[float]:
    """Give the octaves of 125 Hz where some lie in the range, else round numbers."""
    octaves = [125.0 * 2.0**number for number in range(12)]
    for ticks in (octaves, [float(tick) for tick in MaxNLocator(6).tick_values(spec.fmin, spec.top_frequency)]):
        inside = [tick for tick in ticks if spec.fmin <= tick <= spec.top_frequency]
        if len(inside) >= 3:
            break
    return inside


def _hertz(frequency: float) -> str:
    return f"{frequency / 1000:g}k" if frequency >= 1000 else f"{frequency:g}"


def _title(sound: Sound, item: Item) -> str:
    name = printable(Path(sound.name).name)
    if len(name) > LONGEST_TITLE:
        name = f"{name[: LONGEST_TITLE // 2]}…{name[-LONGEST_TITLE // 2 :]}"
    return f"{name}, {item.segment}" if isinstance(item, Clip) and item.segment is not None else name


# -- small pictures ---------------------------------------------------------------------------------------------------


def save_spectrogram_images(builder: SpectrogramBuilder, clips: Iterable[Clip], folder: Path) -> pd.DataFrame:
    """Write a small picture of each clip, and ``spectrograms.csv``, the table of them.

    A pixel is a frame and a band (in clips of more than 4000 frames: the mean of neighbouring frames), low frequencies
    are at the bottom, and the colours span -70 to +20 dB in all pictures. A clip that cannot be read has a row with
    the error and no picture. Pictures of the same clips, and the table, are replaced, each in one step.

    Returns
    -------
    The table: picture (relative to the folder), file, segment ("0.000-5.000"), start, end (s), label, error. Several
    labels are a tuple; in the file they stand as ``rain;wind``.
    """
    import pandas as pd

    folder.mkdir(parents=True, exist_ok=True)
    total = len(clips) if isinstance(clips, Sized) else 0
    threads = available_cores()
    with ThreadPoolExecutor(threads, "mediaml-draw") as pool:
        rows = ordered(pool, lambda clip: _save_picture(builder.spec, clip, folder), clips, AHEAD * threads)
        # object: pandas' own type of text refuses names of files that are not UTF-8
        table = pd.DataFrame(list(track(rows, total, "drawing", "clip")), columns=list(COLUMNS), dtype=object)
    table = table.astype({"start": float, "end": float})
    flat = table.copy()
    flat["label"] = table["label"].map(lambda one: ";".join(one) if isinstance(one, tuple) else one)
    write_whole(folder / TABLE, flat.to_csv(index=False).encode("utf-8", "backslashreplace"))
    if unread := int(table["error"].notna().sum()):
        warnings.warn(
            f"{unread} of {len(table)} clips cannot be read and have no picture; column 'error' of "
            f"{folder / TABLE} says why",
            stacklevel=4,  # the caller of SpectrogramBuilder.save_images
        )
    return table


def _save_picture(spec: Spec, clip: Clip, folder: Path) -> tuple[Any, ...]:
    """Write the picture of a clip, and give its row of the table."""
    label, file, part = as_label(clip.labels), str(clip.path), clip.segment
    try:
        sound = open_sound(clip)
        levels, _ = overview(sound, spec, PICTURE_COLUMNS)
    except AudioError as error:
        bounds = (None, None, None) if part is None else (_span(part), part.start, part.end)
        return (None, file, *bounds, label, error.reason)
    part = part or Segment(start=sound.offset, end=sound.offset + sound.duration)
    name = _picture_name(clip.path, part)
    write_whole(folder / name, png(picture(levels)))
    return (name, file, _span(part), part.start, part.end, label, None)


def _span(part: Segment) -> str:
    return f"{part.start:.3f}-{part.end:.3f}"


def _picture_name(path: Path, part: Segment) -> str:
    """Name a picture so that a person knows the clip, any file system takes it, and no other clip has it."""
    readable = re.sub(r"[^\w-]+", "_", printable(path.stem)).strip("_-")[:40] or "clip"
    source = f"{path}|{part.start!r}|{part.end!r}".encode("utf-8", "surrogatepass")
    return f"{readable}_{_span(part)}_{hashlib.sha256(source).hexdigest()[:10]}.png"
