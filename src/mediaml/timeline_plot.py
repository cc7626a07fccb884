"""A timeline as a picture: the spectrogram of what is heard, and below it what was found when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.ticker import FuncFormatter, MaxNLocator

from mediaml.data.decode import info
from mediaml.data.files import printable
from mediaml.errors import MediamlError
from mediaml.features.items import open_sound
from mediaml.features.pictures import Levels, overview
from mediaml.features.spectrogram import SpectrogramBuilder
from mediaml.plots import FIGURE_COLUMNS, INK, SelfShowingFigure, draw_levels
from mediaml.runtime.spec import Spec
from mediaml.values.prediction import percentage
from mediaml.values.timeline import Event, Timeline, clock

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_LANES = 12
LANE = 0.36  # inches
SPECTROGRAM = 2.6
HIGHEST_RATE = 22050
WIDTH = 10.0
LETTER = 0.009  # of the width: a text that does not fit its bar is left out
LONGEST_NAME = 24
SHADES = ("#1f6f8b", "#b5541c", "#5b7f2b", "#8a4f9e", "#a8353a", "#3d62b3", "#857018", "#2b8071")


def timeline_figure(timeline: Timeline) -> Figure:
    """Draw what was found when; of a sound, or a video with one, the spectrogram above it.

    The labels that were found have a row each, the twelve longest heard at most. A bar is an event, the fainter the
    less sure. A file that is gone, or silent pictures, have no spectrogram.
    """
    labels = _longest(timeline)
    heard = _heard(timeline)
    heights = [SPECTROGRAM] * (heard is not None) + [LANE * max(1, len(labels))]
    figure = SelfShowingFigure(figsize=(WIDTH, sum(heights) + 0.9), dpi=100, layout="constrained")
    axes = figure.subplots(len(heights), sharex=True, height_ratios=heights, squeeze=False).ravel()
    if heard is not None:
        draw_levels(axes[0], *heard, (0.0, timeline.duration))
        axes[0].tick_params(axis="y", labelsize="x-small")
    _draw_lanes(axes[-1], timeline, labels)
    axes[0].set_title(printable(timeline.source.rpartition("/")[2])[-80:], parse_math=False)
    return figure


def _longest(timeline: Timeline) -> list[str]:
    """Give the labels of the rows, the longest heard ones, by their first event."""
    seconds = {event.label: timeline.seconds(event.label) for event in timeline}
    kept = sorted(seconds, key=lambda label: -seconds[label])[:MOST_LANES]
    return [label for label in seconds if label in kept]


def _heard(timeline: Timeline) -> tuple[Levels, Spec] | None:
    """Give the levels of the sound, and of which frequencies; None where there is none to be read."""
    try:
        rate = min(HIGHEST_RATE, info(timeline.source).sample_rate)  # above half of it there is nothing to be drawn
        spec = SpectrogramBuilder(sample_rate=rate).spec
        return overview(open_sound(timeline.source), spec, FIGURE_COLUMNS)[0], spec
    except (MediamlError, OSError):
        return None  # the events are drawn all the same: they are what was asked for


def _draw_lanes(axis: Axes, timeline: Timeline, labels: list[str]) -> None:
    for row, label in enumerate(labels):
        for event in timeline:
            if event.label == label:
                _draw_event(axis, event, row, timeline.duration)
    if not labels:
        axis.text(0.5, 0.5, "nothing was recognised", transform=axis.transAxes, ha="center", va="center", color=INK)
    axis.set(xlim=(0, timeline.duration or 1.0), ylim=(max(1, len(labels)) - 0.5, -0.5))
    axis.set_yticks(range(len(labels)), [printable(label)[:LONGEST_NAME] for label in labels])
    for text in axis.get_yticklabels():
        text.set_parse_math(False)
    axis.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 3, 6, 10]))
    axis.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: clock(max(0.0, seconds), 0)))
    axis.set_xlabel("time")
    axis.spines[["top", "right", "left"]].set_visible(False)


def _draw_event(axis: Axes, event: Event, row: int, duration: float) -> None:
    start, length = event.segment.start, event.segment.duration
    colour, text, strength = SHADES[row % len(SHADES)], percentage(event.confidence), 0.35 + 0.65 * event.confidence
    axis.barh(row, length, left=start, height=0.7, color=colour, alpha=strength)
    if length > LETTER * len(text) * duration:
        ink = _ink(colour, strength)
        axis.text(start + length / 2, row, text, ha="center", va="center", color=ink, fontsize="small")


def _ink(colour: str, opacity: float) -> str:
    """Choose black or white, whichever is read better on a colour over white (WCAG 2.1, contrast and luminance)."""
    seen = opacity * np.array(to_rgb(colour)) + 1 - opacity
    linear = np.where(seen <= 0.04045, seen / 12.92, ((seen + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ (0.2126, 0.7152, 0.0722))
    return "black" if (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) else "white"
