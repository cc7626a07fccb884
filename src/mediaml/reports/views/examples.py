"""Clips, pictures and finds, to be seen and heard; and lists of whatever has a view."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from mediaml.data.formats.folders import PICTURE_SUFFIXES
from mediaml.reports.views.media import (
    SIDE,
    SIDE_IN_GALLERY,
    cards,
    file_name,
    filmed,
    filmed_and_heard,
    heard,
    heard_at,
    seen,
)
from mediaml.reports.views.parts import Card, Gallery, View
from mediaml.reports.views.predictions import ALTERNATIVES_IN_GALLERY, prediction_card, verdicts
from mediaml.values.clip import Clip
from mediaml.values.picture import Picture
from mediaml.values.prediction import Prediction, percentage
from mediaml.values.reel import Find
from mediaml.values.timeline import clock

MOST = 24
LONGEST_TITLE = 5  # labels
NO_LABEL = "no label"


def clip_html(clip: Clip) -> str:
    """Write a clip for a notebook's cell: its spectrogram and a player."""
    return View(parts=(Gallery((clip_card(clip),)),))._repr_html_()


def picture_html(picture: Picture) -> str:
    """Write a picture for a notebook's cell, with its boxes."""
    return View(parts=(Gallery((picture_card(picture, SIDE),)),))._repr_html_()


def find_html(find: Find) -> str:
    """Write a find for a notebook's cell: what is heard or seen there."""
    return View(parts=(Gallery((find_card(find, SIDE),)),))._repr_html_()


def clip_card(clip: Clip) -> Card:
    """Sum up a clip."""
    return Card(_labels(clip.labels), lines=(file_name(str(clip.path)),), medium=heard(clip), sure=bool(clip.labels))


def picture_card(picture: Picture, side: int = SIDE_IN_GALLERY) -> Card:
    """Sum up a picture."""
    boxes = len(picture.boxes or ())
    counted = "" if picture.boxes is None else f"{boxes} box{'es' * (boxes != 1)}"
    title = "nothing is in it" if picture.boxes == () else _labels(picture.labels)
    lines = tuple(line for line in (counted, file_name(picture.path)) if line)
    return Card(title, lines=lines, medium=seen(picture, side), sure=bool(picture.labels))


def find_card(find: Find, side: int = SIDE_IN_GALLERY) -> Card:
    """Sum up a find; of a video what is seen is shown, else or besides what is heard."""
    event, still = find.event, is_picture(find)
    if still:
        boxes = tuple(one.box for track in event.tracks for one in track.sightings)
        medium = seen(Picture(path=find.source, labels=(event.label,), boxes=boxes or None), side)
    elif event.tracks:
        medium = filmed(find.source, event, side)
    elif find.media is not None and find.media.has_picture:
        medium = filmed_and_heard(find.source, event, side)
    else:
        medium = heard_at(find.source, event.segment)
    when = "" if still else f", {clock(event.segment.start)} to {clock(event.segment.end)}"
    worth = () if find.value is None else (f"worth {find.value:.2f}",)
    return Card(
        f"{event.label} {percentage(event.confidence)}",
        lines=(f"{file_name(find.source)}{when}", *worth),
        medium=medium,
    )


def is_picture(find: Find) -> bool:
    """Tell a still picture, which has no time, from sounds and videos."""
    return Path(find.source).suffix.lower() in PICTURE_SUFFIXES


def show(values: Any, most: int = MOST) -> View:
    """Show predictions, clips, pictures or finds beside one another; in a notebook it shows itself.

    Parameters
    ----------
    values
        What ``predict`` gave for a list, rows of a dataset, a dataset, ``catalog.finds(...)``; or one of them.
    most
        At most so many are drawn; the sentence above counts all.

    Returns
    -------
    A view for a notebook's cell: each with its picture or spectrogram and player, as far as the files can be read here.

    Raises
    ------
    TypeError
        One of them is something else.
    """
    given: Iterable[Any] = [values] if isinstance(values, Prediction | Clip | Picture | Find) else values
    if not isinstance(given, Iterable):
        raise TypeError(f"predictions, clips, pictures or finds can be shown, not {type(values).__name__}")
    everything = list(given)
    for one in everything:
        _maker(one)
    shown = list(islice(everything, max(0, most)))
    left = len(everything) - len(shown)
    note = f"The first {len(shown):,} of {len(everything):,}." if left else ""
    return View(_sentence(everything), parts=(Gallery(cards(shown, lambda one: _maker(one)(one)), note=note),))


def _maker(value: Any) -> Callable[[Any], Card]:
    """Give what makes a card of a value of this kind."""
    for kind, make in _MAKERS:
        if isinstance(value, kind):
            return make
    raise TypeError(f"predictions, clips, pictures or finds can be shown, not {type(value).__name__}")


def _small(prediction: Prediction) -> Card:
    return prediction_card(prediction, SIDE_IN_GALLERY, ALTERNATIVES_IN_GALLERY)


_MAKERS: tuple[tuple[type, Callable[[Any], Card]], ...] = (
    (Prediction, _small),
    (Clip, clip_card),
    (Picture, picture_card),
    (Find, find_card),
)


def _sentence(values: list[Any]) -> str:
    predictions = [one for one in values if isinstance(one, Prediction)]
    told = [f"{verdicts(predictions)}."] if predictions else []
    for kind, name in ((Clip, "clip"), (Picture, "picture"), (Find, "find")):
        if count := sum(isinstance(one, kind) for one in values):
            told.append(f"{count:,} {name}{'s' * (count != 1)}.")
    return " ".join(told) or "Nothing to show."


def _labels(labels: tuple[str, ...]) -> str:
    more = len(labels) - LONGEST_TITLE
    return ", ".join(labels[:LONGEST_TITLE]) + (f" and {more} more" if more > 0 else "") or NO_LABEL
