"""A running version watches a video: each picture is a call, and is said before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import mediaml as mm
from mediaml.errors import NotDeployedError
from mediaml.testing import OfflineAws, offline_aws
from tests.backends.rekognition.conftest import Parts, rekognition_model
from tests.colours import colour_fit
from tests.media import coloured


@pytest.fixture(scope="module")
def fitted(parts: Parts) -> Iterator[tuple[OfflineAws, mm.RekognitionModel]]:
    with offline_aws() as aws:
        aws.rekognition.fit = colour_fit
        yield aws, rekognition_model(aws).fit(parts.train, parts.validation, progress=False)


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scenes = [("0xc82828", 4.0), ("0x323cd2", 3.0)]
    return coloured(tmp_path_factory.mktemp("video") / "colours.mkv", scenes)


def spans(timeline: mm.Timeline) -> list[tuple[str, float, float]]:
    return [(event.label, round(event.segment.start, 1), round(event.segment.end, 1)) for event in timeline]


@pytest.mark.parametrize("thresholds", [None, {"red": 0.5, "green": 0.5, "blue": 0.5}])
def test_what_is_seen_becomes_events_and_the_number_of_calls_is_said_before(fitted, video, capsys, thresholds):
    _, model = fitted
    with model.deploy(thresholds=thresholds) as running:
        capsys.readouterr()

        timeline = running.detect(video, every=0.5)

        assert "up to 14 calls" in capsys.readouterr().err
        assert spans(timeline) == [("red", 0, 4), ("blue", 4, 7)]
        assert timeline.model["version"] == running.name
        assert spans(model.detect(video, every=1.0)) == [("red", 0, 4), ("blue", 4, 7)]


def test_an_archive_is_sifted_by_a_running_version_and_the_calls_are_said_once(fitted, video, tmp_path, capsys):
    _, model = fitted
    with model.deploy():
        capsys.readouterr()

        catalog = mm.scan(video.parent, {"logos": model}, tmp_path / "c.sqlite", every=0.5, progress=False)
        mm.scan(video.parent, {"logos": model}, tmp_path / "c.sqlite", every=0.5, progress=False)

    said = capsys.readouterr().err
    assert said.count("up to 14 calls") == 1
    assert said.count("up to 0 calls") <= 1
    assert list(catalog.segments()["label"]) == ["red", "blue"]


def test_without_a_deployment_nothing_is_looked_at(fitted, video, tmp_path):
    _, model = fitted
    running = model.deploy()
    running.close()

    for watch in (model.detect, running.detect):
        with pytest.raises(NotDeployedError):
            watch(video)
    with pytest.raises(NotDeployedError):
        mm.scan(video.parent, model, tmp_path / "c.sqlite", progress=False)
