"""A timeline as a picture: the sound above, what was found when below, and never an error for a file that is gone."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb, to_rgba

from mediaml.plots import SelfShowingFigure
from mediaml.values.geometry import Segment
from mediaml.values.timeline import Event, Timeline
from tests.media import late_sound

RATE = 8000


def event(label: str, start: float, end: float, confidence: float = 0.9) -> Event:
    return Event(label=label, segment=Segment(start=start, end=end), confidence=confidence)


def timeline(source: Path | str, *events: Event, duration: float = 10.0) -> Timeline:
    return Timeline(source=str(source), duration=duration, events=events, labels=tuple({one.label for one in events}))


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "day.wav", 0.1 * np.random.default_rng(0).standard_normal(10 * RATE), RATE)
    return tmp_path / "day.wav"


def test_the_sound_is_above_and_a_row_a_label_below(sound: Path) -> None:
    figure = timeline(sound, event("siren", 1, 4), event("bell", 5, 9), event("siren", 6, 7)).plot()
    above, below = figure.axes
    assert len(above.images) == 1
    assert [one.get_text() for one in below.get_yticklabels()] == ["siren", "bell"]
    assert bars(below) == [[(1, 4), (6, 7)], [(5, 9)]]
    assert above.images[0].get_extent()[:2] == pytest.approx((0, 10), abs=0.15)
    assert above.get_xlim() == below.get_xlim() == (0, 10)
    assert above.get_title() == "day.wav"


def test_an_event_says_how_sure_it_is_where_there_is_room(sound: Path) -> None:
    (_, below) = timeline(sound, event("siren", 1, 4, 0.87), event("siren", 6, 6.05, 0.5)).plot().axes
    assert [text.get_text() for text in below.texts] == ["87 %"]
    surer, fainter = opacities(below)
    assert surer > fainter


def test_a_file_that_is_gone_leaves_the_events(tmp_path: Path) -> None:
    (below,) = timeline(tmp_path / "gone.wav", event("siren", 1, 4)).plot().axes
    assert bars(below) == [[(1, 4)]]


def test_where_nothing_was_found_it_says_so(sound: Path) -> None:
    (_, below) = timeline(sound).plot().axes
    assert [text.get_text() for text in below.texts] == ["nothing was recognised"]


def test_the_longest_labels_have_rows(tmp_path: Path) -> None:
    many = [event(f"label {number:02}", number, number + 1 + number / 100) for number in range(20)]
    (below,) = timeline(tmp_path / "gone.wav", *many, duration=30).plot().axes
    assert [one.get_text() for one in below.get_yticklabels()] == [f"label {number:02}" for number in range(8, 20)]


def test_names_that_would_be_formulas_are_text(tmp_path: Path) -> None:
    figure = timeline(tmp_path / r"$\frac$.wav", event(r"$\bad{$", 1, 4)).plot()
    figure.savefig(io.BytesIO(), format="png")


@pytest.mark.parametrize("confidence", [0.0, 0.3, 0.5, 0.8, 0.85, 1.0])
def test_the_text_is_read_on_every_bar(tmp_path: Path, confidence: float) -> None:
    labels = [event(f"label {number}", 10 * number, 10 * number + 9, confidence) for number in range(8)]
    (below,) = timeline(tmp_path / "gone.wav", *labels, duration=80).plot().axes
    faces = [to_rgba(one) for row in rows(below) for one in np.asarray(row.get_facecolor())]
    for (*colour, opacity), text in zip(faces, below.texts, strict=True):
        seen = luminance([opacity * one + 1 - opacity for one in colour])
        ink = luminance(to_rgb(text.get_color()))
        assert (max(seen, ink) + 0.05) / (min(seen, ink) + 0.05) >= 4.5  # WCAG 2.1, 1.4.3


def test_a_sound_that_begins_later_and_ends_earlier_is_drawn_where_it_is_heard(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "tone.wav", 0.3 * np.sin(np.arange(3 * RATE)), RATE)
    film = late_sound(tmp_path / "film.mkv", tmp_path / "tone.wav", by=2.0)
    above, _ = timeline(film, event("siren", 1, 2), duration=8).plot().axes
    start, end = above.images[0].get_extent()[:2]
    assert start == pytest.approx(2.0, abs=0.1)
    assert end == pytest.approx(5.0, abs=0.2)
    assert above.get_xlim() == (0, 8)


def test_a_day_of_thousands_of_events_is_drawn_as_what_can_be_seen(tmp_path: Path) -> None:
    day = [event("siren", 8 * number, 8 * number + 4, number % 2) for number in range(10_000)]
    (below,) = timeline(tmp_path / "gone.wav", *day, duration=86_400).plot().axes
    (row,) = bars(below)
    assert row == [(0, 8 * 9999 + 4)], "closer than a thousandth of the width"
    assert opacities(below) == [1.0]


def bars(axis: Axes) -> list[list[tuple[float, float]]]:
    """From when to when the bars of each row reach."""
    corners = [[np.asarray(one.vertices)[:, 0] for one in row.get_paths()] for row in rows(axis)]
    return [[(float(times.min()), float(times.max())) for times in row] for row in corners]


def opacities(axis: Axes) -> list[float]:
    return [float(one[3]) for row in rows(axis) for one in np.asarray(row.get_facecolor())]


def rows(axis: Axes) -> list[PolyCollection]:
    return [one for one in axis.collections if isinstance(one, PolyCollection)]


def luminance(colour: Sequence[float]) -> float:
    """Relative luminance of a colour of sRGB (WCAG 2.1)."""
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in colour]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def test_a_notebook_shows_it(sound: Path) -> None:
    figure = timeline(sound, event("siren", 1, 4)).plot()
    assert isinstance(figure, SelfShowingFigure)
    assert figure._repr_png_().startswith(b"\x89PNG")
