"""Timelines as a page for people, and as a view in a notebook."""

from __future__ import annotations

from typing import NamedTuple

from mediaml.reports.pages import templates
from mediaml.reports.stills import stills
from mediaml.reports.views.examples import find_card
from mediaml.reports.views.media import cards
from mediaml.reports.views.parts import Card
from mediaml.values.reel import Find
from mediaml.values.timeline import Event, Timeline, clock

MOST_STILLS, STILLS_IN_NOTEBOOK = 60, 8
SHOWN, SHOWN_IN_NOTEBOOK = 500, 20  # events in the table: more make a page slow that nobody reads to the end
MOST_LANES = 40
MOST_PLAYERS = 4
WIDTH, LEFT, RIGHT, TOP, LANE, BAR, AXIS = 900.0, 160.0, 30.0, 6.0, 24.0, 14.0, 26.0
NARROWEST, NEXT_TO = 1.5, 0.5  # of a bar, and where two are drawn as one: nobody can tell them apart
LONGEST_NAME = 20
STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
MOST_TICKS = 7


class Bar(NamedTuple):
    """A stretch in the picture, in its units; `strength` is the highest confidence in it."""

    x: float
    width: float
    strength: float
    title: str


class Lane(NamedTuple):
    """The row of a label in the picture."""

    name: str
    label: str
    y: float
    bars: tuple[Bar, ...]


class Tick(NamedTuple):
    """A time on the axis."""

    x: float
    text: str


def timeline_page(timeline: Timeline) -> str:
    """Write a timeline as a whole HTML page: no script, no link to elsewhere."""
    return _rendered(timeline, SHOWN, whole=True)


def timeline_fragment(timeline: Timeline) -> str:
    """Write it for a notebook's cell, with its own style that touches nothing else."""
    return _rendered(timeline, SHOWN_IN_NOTEBOOK, whole=False)


def _rendered(timeline: Timeline, shown: int, *, whole: bool) -> str:
    heard = lanes(timeline)
    return (
        templates()
        .get_template("timeline.html.j2")
        .render(
            timeline=timeline,
            counts=timeline.counts,
            lanes=heard,
            ticks=ticks(timeline.duration),
            size=(WIDTH, TOP + LANE * len(heard) + AXIS, LEFT, RIGHT, TOP, LANE, BAR),
            clock=clock,
            shown=shown,
            sounds=() if whole else _sounds(timeline),
            stills=stills(timeline, MOST_STILLS if whole else STILLS_IN_NOTEBOOK),
            whole=whole,
        )
    )


def _sounds(timeline: Timeline) -> tuple[Card, ...]:
    """Give the surest event of each of the first labels, to be heard; none where the file has pictures."""
    if timeline.media is not None and timeline.media.has_picture:
        return ()
    surest = [
        max(timeline.where(label), key=lambda event: event.confidence) for label, _ in timeline.counts[:MOST_PLAYERS]
    ]
    finds = [Find(source=timeline.source, event=event, media=timeline.media) for event in surest]
    return cards(finds, find_card)


def lanes(timeline: Timeline) -> list[Lane]:
    """Draw a row for each label that is heard, up to forty; bars that touch in the picture become one."""
    drawn = []
    for number, (label, _) in enumerate(timeline.counts[:MOST_LANES]):
        bars: list[Bar] = []
        for event in timeline.where(label):
            bar = _bar(event, timeline.duration)
            if bars and bar.x - (bars[-1].x + bars[-1].width) < NEXT_TO:
                bars[-1] = _together(bars[-1], bar)
            else:
                bars.append(bar)
        name = label if len(label) <= LONGEST_NAME else f"{label[: LONGEST_NAME - 1]}…"
        drawn.append(Lane(name, label, TOP + LANE * number, tuple(bars)))
    return drawn


def _bar(event: Event, duration: float) -> Bar:
    scale = (WIDTH - LEFT - RIGHT) / max(duration, event.segment.end, 1e-9)
    x, end = LEFT + scale * event.segment.start, LEFT + scale * event.segment.end
    return Bar(x, max(NARROWEST, end - x), event.confidence, str(event))


def _together(one: Bar, other: Bar) -> Bar:
    """Join two bars; the title begins as that of the first, and says that there are more."""
    end = max(one.x + one.width, other.x + other.width)
    title = one.title if one.title.endswith("...") else f"{one.title} ..."
    return Bar(one.x, end - one.x, max(one.strength, other.strength), title)


def ticks(duration: float) -> list[Tick]:
    """Choose up to eight round times from 0 to the end."""
    days = 86400 * (1 + int(duration / 86400 / MOST_TICKS))
    step = next((step for step in STEPS if duration / step <= MOST_TICKS), days)
    scale = (WIDTH - LEFT - RIGHT) / max(duration, 1e-9)
    return [
        Tick(LEFT + scale * number * step, clock(number * step, 0 if step >= 1 else 1))
        for number in range(int(duration / step + 1e-9) + 1)
    ]
