"""A timeline as a picture: the sound above, what was found when below, and never an error for a file that is gone."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.patches import Rectangle

from mediaml.plots import SelfShowingFigure
from mediaml.values.geometry import Segment
from mediaml.values.timeline import Event, Timeline

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
    bars = sorted((bar.get_x(), bar.get_width()) for bar in below.patches if isinstance(bar, Rectangle))
    assert bars == [(1, 3), (5, 4), (6, 1)]
    assert above.get_xlim() == below.get_xlim() == (0, 10)
    assert above.get_title() == "day.wav"


def test_an_event_says_how_sure_it_is_where_there_is_room(sound: Path) -> None:
    (_, below) = timeline(sound, event("siren", 1, 4, 0.87), event("siren", 6, 6.05, 0.5)).plot().axes
    assert [text.get_text() for text in below.texts] == ["87 %"]
    surer, fainter = (to_rgba(bar.get_facecolor())[3] for bar in below.patches)
    assert surer > fainter


def test_a_file_that_is_gone_leaves_the_events(tmp_path: Path) -> None:
    (below,) = timeline(tmp_path / "gone.wav", event("siren", 1, 4)).plot().axes
    assert len(below.patches) == 1


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
    for bar, text in zip(below.patches, below.texts, strict=True):
        *colour, opacity = to_rgba(bar.get_facecolor())
        seen = luminance([opacity * one + 1 - opacity for one in colour])
        ink = luminance(to_rgb(text.get_color()))
        assert (max(seen, ink) + 0.05) / (min(seen, ink) + 0.05) >= 4.5  # WCAG 2.1, 1.4.3


def luminance(colour: Sequence[float]) -> float:
    """Relative luminance of a colour of sRGB (WCAG 2.1)."""
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in colour]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def test_a_notebook_shows_it(sound: Path) -> None:
    figure = timeline(sound, event("siren", 1, 4)).plot()
    assert isinstance(figure, SelfShowingFigure)
    assert figure._repr_png_().startswith(b"\x89PNG")
