"""Search by example."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

import mediaml as mm
from mediaml.archive import similar
from mediaml.archive.examples import embedding_of
from mediaml.archive.similar import Hit, _apart
from mediaml.errors import DataError, ModelError, NotFittedError
from tests.media import late_sound
from tests.sounds import RATE, tone
from tests.watching import ColourModel

pytest.importorskip("usearch")


@pytest.fixture(scope="module")
def catalog(original: Path, sounds: mm.LocalAudioModel, tmp_path_factory: pytest.TempPathFactory) -> mm.Catalog:
    store = tmp_path_factory.mktemp("store") / "catalog.sqlite"
    models = {"sounds": sounds, "colours": ColourModel(boxes=True)}
    return mm.scan(original, models, store, every=0.5, progress=False)


@pytest.fixture(scope="module")
def whistle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("example") / "whistle.wav"
    soundfile.write(path, tone("whistle", 99, 2), RATE)
    return path


def test_what_sounds_like_the_example_comes_first(catalog, whistle, sounds):
    hits = catalog.similar(whistle, by=sounds, top=4)

    assert list(hits.columns) == ["file", "start", "end", "similarity", "label", "confidence", "model"]
    assert {Path(file).name for file in hits["file"][:2]} == {"whistle.flac", "Größe 日本.mkv"}
    assert list(hits["label"][:3]) == ["whistle", "whistle", "hum"]
    found = catalog.segments("whistle").merge(hits, on=["file", "start", "end"])
    assert len(found) == 2, "the hits are where the segments are"
    assert list(hits["similarity"]) == sorted(hits["similarity"], reverse=True)


def test_the_example_may_be_a_stretch_of_a_file_of_the_archive(catalog, original, sounds):
    hits = catalog.similar(original / "tapes" / "hum.wav", mm.Segment(start=3.5, end=5.5), by=sounds, top=1)

    assert Path(hits["file"][0]).name == "hum.wav"
    assert hits["label"][0] == "hum"
    assert hits["start"][0] < 5 and hits["end"][0] > 4


def test_a_stretch_of_a_film_is_heard_where_it_is_seen(sounds, tmp_path):
    samples = np.concatenate([tone("hum", 99, 2), tone("whistle", 99, 2)])
    soundfile.write(tmp_path / "both.wav", samples, RATE)
    film = late_sound(tmp_path / "film.mkv", tmp_path / "both.wav", by=2.0)
    embedder = sounds.hearer().embedder

    of_film = embedding_of(film, mm.Segment(start=4.5, end=5.5), embedder, sounds)
    of_sound = embedding_of(tmp_path / "both.wav", mm.Segment(start=2.5, end=3.5), embedder, sounds)

    assert of_film @ of_sound > 0.999


def test_a_trained_network_must_be_given_and_be_the_one_of_the_scan(catalog, whistle, sounds):
    with pytest.raises(NotFittedError, match=r"had been trained: by=model"):
        catalog.similar(whistle)
    with pytest.raises(TypeError, match="by is a model that took part"):
        catalog.similar(whistle, by=ColourModel())
    other = mm.LocalAudioModel(network="cnn", epochs=1, seed=5)
    other._fitted = sounds._fitted._replace(network=_another(sounds._fitted.network))
    with pytest.raises(ModelError, match="compares otherwise"):
        catalog.similar(whistle, by=other)


def _another(network):
    from mediaml.backends import mxnet_thread
    from mediaml.runtime.network import Network

    return mxnet_thread.run(lambda: Network(network.name, network.spec, network.labels, seed=9))


def test_what_cannot_be_searched_by_is_told(catalog, original, sounds, tmp_path):
    with pytest.raises(DataError, match=r"no model that took part can compare by .*red\.png"):
        catalog.similar(original / "red.png")
    with pytest.raises(DataError, match="neither a picture nor a recording"):
        catalog.similar(original / "notes.txt")
    with pytest.raises(DataError, match=r"empty\.wav"):
        catalog.similar(original / "empty.wav", by=sounds)
    soundfile.write(tmp_path / "silence.wav", np.zeros(RATE, np.float32), RATE)
    with pytest.raises(DataError, match=r"silence\.wav: there is nothing in it to search by"):
        catalog.similar(tmp_path / "silence.wav", by=sounds)


def hit(start: float, end: float, similarity: float, label: str | None = None, file: str = "a") -> Hit:
    return Hit(file, start, end, similarity, label, None if label is None else 0.9, None if label is None else "m")


def test_a_short_segment_takes_the_place_of_the_moments_that_it_lies_on():
    hits = [hit(0, 5, 0.9), hit(4, 9, 0.8, "dog"), hit(5, 9, 0.7), hit(4, 9, 0.6, file="b"), hit(20, 21, 0.5)]

    found = _apart(hits, top=10)

    assert found == [hit(4, 9, 0.9, "dog"), hit(4, 9, 0.6, file="b"), hit(20, 21, 0.5)]
    assert _apart(hits, top=1) == found[:1]


def test_in_a_long_segment_the_moment_stays_and_has_its_label():
    found = _apart([hit(300, 305, 0.9), hit(0, 600, 0.8, "music"), hit(305, 310, 0.7)], top=10)

    assert found == [hit(300, 305, 0.9, "music"), hit(305, 310, 0.7)]


def test_a_still_picture_is_one_hit_with_its_label():
    assert _apart([hit(0, 0, 0.8), hit(0, 0, 0.8, "cat")], top=5) == [hit(0, 0, 0.8, "cat")]


def test_there_are_as_many_hits_as_are_wanted_though_many_lie_on_one_another(catalog, whistle, sounds, monkeypatch):
    counts: list[int] = []

    def nearest(journal, models, wanted, count):
        counts.append(count)
        return found(journal, models, wanted, count)

    alone, found = catalog.similar(whistle, by=sounds, top=5), similar._nearest
    monkeypatch.setattr(similar, "SPARE", 2)
    monkeypatch.setattr(similar, "_nearest", nearest)

    assert catalog.similar(whistle, by=sounds, top=4).equals(alone.head(4))
    assert counts == [8] or counts[:2] == [8, 16]
    counts.clear()
    monkeypatch.setattr(similar, "_apart", lambda hits, top: hits[: min(top, len(hits) // 4)])
    assert len(catalog.similar(whistle, by=sounds, top=2)) == 2
    assert counts == [4, 8]
