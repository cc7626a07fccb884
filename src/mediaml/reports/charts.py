"""Points of small line charts, which the page draws as SVG in the reader's own colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor, isfinite, log10
from typing import Literal, NamedTuple

from mediaml.metrics.calibration import Bin
from mediaml.values.prediction import percentage

WIDTH, HEIGHT = 380.0, 210.0
LEFT, RIGHT, TOP, BOTTOM = 46.0, 12.0, 12.0, 34.0
MOST_DOTS = 60
MARKS = (0.0, 0.25, 0.5, 0.75, 1.0)


Style = Literal["solid", "dotted", "dots"]


class Line(NamedTuple):
    """A line through points of the drawing, or the points alone; `dot` is their radius, 0 for none."""

    name: str
    points: tuple[tuple[float, float], ...]
    style: Style
    dot: float


class Tick(NamedTuple):
    """A place on an axis, and what stands there."""

    place: float
    text: str


class Chart(NamedTuple):
    """All that a line chart shows.

    Parameters
    ----------
    title, x_name
        In words.
    x_ticks, y_ticks
        Places in the drawing.
    lines
        Drawn in order.
    mark
        Where an upright line stands; None: nowhere.
    stems
        Upright lines: where, from and to.
    band
        Corners of a shaded area behind the lines, and its name; no corners: none.
    mark_name
        What the upright line is.
    """

    title: str
    x_name: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]
    mark: float | None = None
    stems: tuple[tuple[float, float, float], ...] = ()
    band: tuple[tuple[float, float], ...] = ()
    band_name: str = ""
    mark_name: str = "kept"


def place(across: float, up: float) -> tuple[float, float]:
    """Give the point of a drawing whose axes go from 0 to 1."""
    return LEFT + across * (WIDTH - LEFT - RIGHT), _y(up)


def training_charts(history: Sequence[Mapping[str, float]], kept: int | None) -> list[Chart]:
    """Chart the loss and the accuracy by epoch; `kept` is marked."""
    charts = []
    for quantity in ("loss", "accuracy"):
        series = {}
        for part in ("training", "validation"):
            values = [(n, one.get(f"{part}_{quantity}")) for n, one in enumerate(history, 1)]
            known = [(n, value) for n, value in values if value is not None and isfinite(value)]
            if known:
                series[part] = known
        if series:
            top = 1.0 if quantity == "accuracy" else max(value for line in series.values() for _, value in line)
            charts.append(_by_epoch(quantity, series, len(history), top, kept))
    return charts


def _by_epoch(
    quantity: str, series: Mapping[str, Sequence[tuple[int, float]]], epochs: int, top: float, kept: int | None
) -> Chart:
    levels = [0.0, 0.25, 0.5, 0.75, 1.0] if quantity == "accuracy" else round_numbers(top)
    spans = max(1, epochs - 1)

    def x(epoch: float) -> float:
        return LEFT + (epoch - 1) / spans * (WIDTH - LEFT - RIGHT)

    def line(part: str, values: Sequence[tuple[int, float]]) -> Line:
        points = tuple((x(n), _y(value / levels[-1])) for n, value in values)
        style: Style = "dotted" if part == "training" else "solid"
        return Line(
            part, points, style, 2.6 if len(points) == 1 or (style == "solid" and len(points) <= MOST_DOTS) else 0
        )

    return Chart(
        f"{quantity.capitalize()} by epoch",
        "epoch",
        tuple(Tick(x(epoch), str(epoch)) for epoch in range(1, epochs + 1, ceil(epochs / 8))),
        tuple(
            Tick(_y(level / levels[-1]), percentage(level) if quantity == "accuracy" else f"{level:g}")
            for level in levels
        ),
        tuple(line(part, values) for part, values in series.items()),
        None if kept is None or not 1 <= kept <= epochs else x(kept),
    )


def reliability_chart(bins: Sequence[Bin], title: str = "Share that is right, over stated confidence") -> Chart:
    """Chart accuracy over confidence; the dotted diagonal is where a model says what is true.

    The band is where a model whose confidences are true would lie in 95 % of tests of this size; an upright line is the
    95 % interval of what was measured.
    """
    above = [place(one.confidence, one.chance_high) for one in bins]
    below = [place(one.confidence, one.chance_low) for one in bins]
    if len(bins) == 1:  # a point has no area: give it the width of a dot
        above, below = ([(x - 4, y), (x + 4, y)] for x, y in (above[0], below[0]))
    return Chart(
        title,
        "stated confidence",
        tuple(Tick(place(mark, 0)[0], percentage(mark)) for mark in MARKS),
        tuple(Tick(_y(mark), percentage(mark)) for mark in MARKS),
        (
            Line("perfect", (place(0, 0), place(1, 1)), "dotted", 0),
            Line(
                "this model, with 95 % intervals", tuple(place(one.confidence, one.accuracy) for one in bins), "dots", 4
            ),
        ),
        stems=tuple((place(one.confidence, 0)[0], _y(one.low), _y(one.high)) for one in bins),
        band=(*above, *reversed(below)),
        band_name="a perfectly calibrated model, in 95 % of such tests",
    )


def _y(share: float) -> float:
    return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)


def round_numbers(top: float) -> list[float]:
    """Give three to six round numbers from 0 to at least `top`."""
    if top <= 0:
        return [0.0, 1.0]
    power = 10.0 ** floor(log10(top))
    step = next(step for step in (0.2, 0.5, 1.0, 2.0) if step * power * 5 >= top) * power
    return [number * step for number in range(ceil(top / step - 1e-9) + 1)]
