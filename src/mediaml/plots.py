"""Values as pictures: spectrograms, the course of a training, what is taken for what.

Figures are matplotlib's objects without pyplot: nothing is kept in a global list, no window opens, and any thread may
draw. `mediaml._forward` loads this module when it is asked for, so `import mediaml` stays free of matplotlib.
"""

from __future__ import annotations

import hashlib
import io
import re
import textwrap
from collections.abc import Iterable, Sized
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mediaml._warnings import warn
from mediaml.data.files import printable
from mediaml.data.labels import as_label
from mediaml.data.pictures.decode import header, read_sized
from mediaml.data.pictures.placing import shares_of
from mediaml.data.progress import track
from mediaml.errors import AudioError, ImageError
from mediaml.features.hearing import AHEAD, ordered
from mediaml.features.items import Item, Sound, open_sound
from mediaml.features.pictures import COLOURS, Levels, overview, picture, png
from mediaml.metrics.calibration import reliability_bins
from mediaml.runtime.atomic import write_whole
from mediaml.runtime.cores import available_cores
from mediaml.runtime.dsp import hz_to_mel
from mediaml.runtime.spec import Spec
from mediaml.values.clip import Clip
from mediaml.values.geometry import Segment
from mediaml.values.picture import Picture
from mediaml.values.report import LabelReport

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

    from mediaml.data.image import ImageDataset
    from mediaml.features.spectrogram import SpectrogramBuilder

FIGURE_COLUMNS = 1500
FLOOR_DB, FIGURE_RANGE_DB = -100.0, 80.0
LONGEST_TITLE = 80
PICTURE_COLUMNS = 4000
TABLE = "spectrograms.csv"
COLUMNS = ("picture", "file", "segment", "start", "end", "label", "error")
SHOWN = 320  # pixels of the shorter side of a picture of a dataset
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
    figure = SelfShowingFigure(figsize=(10, 4), dpi=100, layout="constrained")
    axes = figure.add_subplot()
    image = draw_levels(axes, levels, spec, (sound.offset, sound.offset + levels.shape[1] * column))
    axes.set_xlabel("time (s)")
    axes.set_title(_title(sound, item) + (f" (a column: {column:.2g} s)" if together > 1 else ""), parse_math=False)
    figure.colorbar(image, ax=axes, label="level (dB)", pad=0.01)
    return figure


def draw_levels(axes: Axes, levels: Levels, spec: Spec, across: tuple[float, float]) -> AxesImage:
    """Draw levels (bands, columns; dB) from one time to another (seconds), over the frequencies that they are of."""
    low, high = (float(mel) for mel in hz_to_mel(np.array([spec.fmin, spec.top_frequency])))
    half_a_band = 0.5 * (high - low) / (spec.mel_bands + 1)
    brightest = max(float(levels.max()), FLOOR_DB + FIGURE_RANGE_DB)  # silence stays black
    ticks = _frequency_ticks(spec)
    axes.set_yticks(hz_to_mel(np.array(ticks)), [_hertz(tick) for tick in ticks])
    axes.set_ylabel("frequency (Hz)")
    return axes.imshow(
        levels,
        cmap=COLOURS,
        vmin=brightest - FIGURE_RANGE_DB,
        vmax=brightest,
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        extent=(*across, low + half_a_band, high - half_a_band),
    )


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
        warn(
            f"{unread} of {len(table)} clips cannot be read and have no picture; column 'error' of "
            f"{folder / TABLE} says why"
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


# -- reliability ------------------------------------------------------------------------------------------------------


def reliability_figure(report: LabelReport) -> Figure:
    """Draw how often a model is right over how sure it says to be, and below it how sure it is how often.

    The clips are in up to ten bins of equal counts; a bar is the 95 % Wilson interval of the share that is right. The
    band is where a perfectly calibrated model with these confidences would lie in 95 % of tests of this size.

    Raises
    ------
    ValueError
        The report holds no outcomes.
    """
    if not report.outcomes:
        raise ValueError("this report holds no outcomes: there is nothing to draw; evaluate(...) gives one that does")
    bins = reliability_bins(report.outcomes)
    stated, right = [one.confidence for one in bins], [one.accuracy for one in bins]
    figure = SelfShowingFigure(figsize=(6, 6.5), dpi=100, layout="constrained")
    upper, lower = figure.subplots(2, sharex=True, height_ratios=[4, 1])
    upper.plot([0, 1], [0, 1], linestyle="--", color=INK, linewidth=1, label="perfect")
    chance = ([one.chance_low for one in bins], [one.chance_high for one in bins])
    # a line as wide as the dots, too: the band of a single bin has no width
    upper.fill_between(
        stated, *chance, color=INK, alpha=0.25, linewidth=3, label="perfectly calibrated, by chance (95 %)"
    )
    reach = ([one.accuracy - one.low for one in bins], [one.high - one.accuracy for one in bins])
    upper.errorbar(stated, right, yerr=reach, fmt="o", color=ACCENT, capsize=3, label="this model (95 % interval)")
    upper.set(xlim=(0, 1), ylim=(-0.02, 1.02), ylabel="share that is right")
    upper.legend(loc="upper left", fontsize="small")
    upper.set_title(
        f"Expected calibration error {report.expected_calibration_error:.3f} "
        f"(by chance alone {report.expected_calibration_error_by_chance:.3f})"
    )
    lower.hist([one.prediction.confidence for one in report.outcomes], bins=20, range=(0, 1), color=ACCENT)
    lower.set(xlabel="stated confidence", ylabel=f"{report.wording.example}s")
    lower.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    return figure


# -- pictures ---------------------------------------------------------------------------------------------------------


def pictures_figure(dataset: ImageDataset, count: int, seed: int) -> Figure:
    """Draw pictures of a dataset with their labels and boxes, drawn at random, of all labels alike.

    Raises
    ------
    ValueError
        There are no pictures, or none was asked for.
    """
    chosen = list(dataset.some(count, seed))
    if not chosen:
        raise ValueError(f"there is nothing to show: {len(dataset)} pictures, {count} asked for")
    columns = min(4, len(chosen))
    lines = -(-len(chosen) // columns)
    figure = SelfShowingFigure(figsize=(3 * columns, 2.8 * lines), dpi=100, layout="constrained")
    axes = figure.subplots(lines, columns, squeeze=False).ravel()
    for axis in axes:
        axis.set_axis_off()
    for axis, one in zip(axes, chosen, strict=False):
        _draw_picture(axis, one)
    return figure


def _draw_picture(axis: Axes, one: Picture) -> None:
    """Draw a picture with its boxes; one that cannot be read says why."""
    from matplotlib.patches import Rectangle

    axis.set_title(printable(", ".join(one.labels) or "no label")[:LONGEST_TITLE], fontsize="small", parse_math=False)
    try:
        found = read_sized(one.path, SHOWN)
    except ImageError as error:
        told = textwrap.fill(printable(str(error)), 30)
        axis.text(0.5, 0.5, told, ha="center", va="center", fontsize="x-small", parse_math=False)
        return
    height, width = found.pixels.shape[:2]
    axis.imshow(found.pixels)
    turn = header(one.path).orientation if one.boxes else 1
    for box, (left, top, right, bottom) in zip(
        one.boxes or (), shares_of(one, found.width, found.height, turn), strict=True
    ):
        place = ((left * width, top * height), (right - left) * width, (bottom - top) * height)
        axis.add_patch(Rectangle(*place, fill=False, edgecolor="white", linewidth=2.5))
        axis.add_patch(Rectangle(*place, fill=False, edgecolor=ACCENT, linewidth=1.2))
        axis.text(
            left * width, top * height, printable(box.label), color="white", fontsize="xx-small", va="bottom",
            parse_math=False, bbox={"facecolor": ACCENT, "edgecolor": "none", "pad": 1},
        )  # fmt: skip
