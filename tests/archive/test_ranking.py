"""The order of segments, on stores that are written for it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from mediaml.archive import ranking
from mediaml.archive.asking import Question
from mediaml.archive.entrants import Entrant
from mediaml.archive.examined import Examined, Found
from mediaml.archive.journal import Journal
from mediaml.archive.places import Place
from mediaml.backends.tracing import Embedder, Trace
from mediaml.values.geometry import Segment
from mediaml.values.media import Media
from mediaml.values.timeline import Event

EMBEDDERS = {key: Embedder("sound", "yamnet", key, "{}") for key in ("a", "b")}
MEDIA = Media(duration=1000, sample_rate=8000, channels=1)
SAME = np.array([1.0, 0.0], np.float32)


def store(place: Path, found: Sequence[tuple[str, float]], vector: np.ndarray = SAME) -> Path:
    """Segments of one label, each by one model and with one confidence, all of which sound the same."""
    with closing(Journal(place / "store.sqlite", create=True)) as journal:
        journal.register([Entrant(key, "sound", ("rain",), key, None, EMBEDDERS[key]) for key in EMBEDDERS])
        for number, (key, confidence) in enumerate(found):
            event = Event(label="rain", segment=Segment(start=number, end=number + 0.9), confidence=confidence)
            one = Found(key, (event,), traces=(Trace(vector),))
            path = Place(f"/a/{number}.wav", "recording", 1, 1)
            journal.commit(Examined(path, str(number), MEDIA, (one,)), {key: key}, "tools")
    return place / "store.sqlite"


def ranked(place: Path, question: Question) -> list[tuple[float, float]]:
    """Confidence and novelty, in order."""
    with closing(Journal(place)) as journal:
        found = ranking.ranked(journal, question)
    return list(zip(found["confidence"], found["novelty"], strict=True))


def test_segments_behind_those_that_are_compared_do_not_come_before_them(tmp_path, monkeypatch):
    monkeypatch.setattr(ranking, "COMPARED", 3)
    place = store(tmp_path, [("a", 0.9 - 0.1 * number) for number in range(6)])

    found = ranked(place, Question(order="value"))

    assert [round(confidence, 1) for confidence, _ in found] == [0.9, 0.8, 0.7, 0.6, 0.5, 0.4]
    assert [novelty for _, novelty in found] == pytest.approx([1, 1 / 2, 1 / 3, 1 / 3, 1 / 3, 1 / 3])


def test_what_different_networks_make_of_sounds_is_not_compared(tmp_path):
    place = store(tmp_path, [("a", 0.9), ("b", 0.8), ("b", 0.7)])

    assert [novelty for _, novelty in ranked(place, Question(order="value"))] == [1, 1, 1 / 2]


def test_the_least_sure_come_first_by_doubt(tmp_path):
    place = store(tmp_path, [("a", 0.9), ("a", 0.5), ("a", 0.7)])

    with closing(Journal(place)) as journal:
        assert list(ranking.ranked(journal, Question(order="doubt", top=2))["confidence"]) == [0.5, 0.7]
