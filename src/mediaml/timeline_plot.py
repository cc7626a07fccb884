"""A timeline as a picture: the spectrogram of what is heard, and below it what was found when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.ticker import FuncFormatter, MaxNLocator

from mediaml.data.decode import info
from mediaml.data.files import printable
from mediaml.data.video import media_of
from mediaml.errors import MediamlError
from mediaml.features.items import open_sound
from mediaml.features.pictures import Levels, overview
from mediaml.features.spectrogram import SpectrogramBuilder
from mediaml.plots import FIGURE_COLUMNS, INK, SelfShowingFigure, draw_levels
from mediaml.runtime.spec import Spec
from mediaml.values.prediction import percentage
from mediaml.values.timeline import Timeline, clock

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_LANES = 12
LANE = 0.36  # inches
SPECTROGRAM = 2.6
HIGHEST_RATE = 22050
WIDTH = 10.0
BAR = 0.7  # of a row
FINEST = 1000  # parts of the width: what is closer, or shorter, nobody sees
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
        draw_levels(axes[0], *heard)
        axes[0].tick_params(axis="y", labelsize="x-small")
    _draw_lanes(axes[-1], timeline, labels)
    axes[0].set_title(printable(timeline.source.rpartition("/")[2])[-80:], parse_math=False)
    return figure


def _longest(timeline: Timeline) -> list[str]:
    """Give the labels of the rows, the longest heard ones, by their first event."""
    seconds = {label: timeline.seconds(label) for label in dict.fromkeys(event.label for event in timeline)}
    kept = sorted(seconds, key=lambda label: -seconds[label])[:MOST_LANES]
    return [label for label in seconds if label in kept]


def _heard(timeline: Timeline) -> tuple[Levels, Spec, tuple[float, float]] | None:
    """Give the levels of the sound, of which frequencies, and from when to when; None where it cannot be read."""
    try:
        rate = min(HIGHEST_RATE, info(timeline.source).sample_rate)  # above half of it there is nothing to be drawn
        spec = SpectrogramBuilder(sample_rate=rate).spec
        levels, together = overview(open_sound(timeline.source), spec, FIGURE_COLUMNS)
        begins = media_of(timeline.source).sound_start
    except (MediamlError, OSError):
        return None  # the events are drawn all the same: they are what was asked for
    return levels, spec, (begins, begins + levels.shape[1] * together * spec.hop_length / spec.sample_rate)


def _draw_lanes(axis: Axes, timeline: Timeline, labels: list[str]) -> None:
    for row, label in enumerate(labels):
        _draw_lane(axis, timeline.where(label), row, timeline.duration / FINEST)
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


def _draw_lane(axis: Axes, timeline: Timeline, row: int, finest: float) -> None:
    """Draw the events of a label; those that nobody could tell apart are drawn as one, as sure as the surest."""
    bars: list[tuple[float, float, float]] = []
    for event in timeline:
        start, end, confidence = event.segment.start, event.segment.end, event.confidence
        if bars and start - bars[-1][1] < finest:
            first, reached, sure = bars.pop()
            start, end, confidence = first, max(reached, end), max(sure, confidence)
        bars.append((start, end, confidence))
    colour = SHADES[row % len(SHADES)]
    opacities = [0.35 + 0.65 * confidence for *_, confidence in bars]
    axis.broken_barh(
        [(start, max(end - start, finest)) for start, end, _ in bars],
        (row - BAR / 2, BAR),
        facecolors=[(*to_rgb(colour), opacity) for opacity in opacities],
    )
    for (start, end, confidence), opacity in zip(bars, opacities, strict=True):
        text = percentage(confidence)
        if end - start > LETTER * len(text) * finest * FINEST:
            axis.text(
                (start + end) / 2, row, text, ha="center", va="center", color=_ink(colour, opacity), fontsize="small"
            )


def _ink(colour: str, opacity: float) -> str:
    """Choose black or white, whichever is read better on a colour over white (WCAG 2.1, contrast and luminance)."""
    seen = opacity * np.array(to_rgb(colour)) + 1 - opacity
    linear = np.where(seen <= 0.04045, seen / 12.92, ((seen + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ (0.2126, 0.7152, 0.0722))
    return "black" if (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) else "white"
