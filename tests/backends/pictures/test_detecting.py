"""Things in videos, from their pictures to a timeline."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediaml.errors import ImageError, VideoError
from tests.media import coloured
from tests.watching import ColourModel

SCENES = [("red", 4.0), ("gray", 3.0), ("blue", 5.0), ("red", 2.0)]


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return coloured(tmp_path_factory.mktemp("video") / "colours.mkv", SCENES)


def spans(timeline):
    return [(event.label, round(event.segment.start, 1), round(event.segment.end, 1)) for event in timeline]


def test_scenes_are_found_where_they_are(video):
    timeline = ColourModel().detect(video, 0.5)

    assert spans(timeline) == [("red", 0, 4), ("blue", 7, 12), ("red", 12, 14)]
    assert timeline.labels == ("red", "green", "blue")
    assert timeline.duration == pytest.approx(14.0, abs=0.05)
    assert timeline.media is not None
    assert (timeline.media.width, timeline.media.height) == (96, 64)


def test_every_picture_can_be_looked_at(video):
    model = ColourModel()

    assert spans(model.detect(video, 0)) == [("red", 0, 4), ("blue", 7, 12), ("red", 12, 14)]
    assert model.looked == 140


def test_at_cuts_a_picture_stands_for_its_scene(video):
    model = ColourModel()

    assert spans(model.detect(video, None, scenes=True)) == [("red", 0, 4), ("blue", 7, 12), ("red", 12, 14)]
    assert model.looked <= 5


def test_what_is_nearly_the_same_is_not_looked_at_again(video):
    usual, sparing = ColourModel(), ColourModel()

    assert spans(sparing.detect(video, 0.5, skip_similar=True)) == spans(usual.detect(video, 0.5))
    assert sparing.looked < usual.looked / 3


def test_how_many_pictures_there_are_is_said_before_one_is_looked_at(video):
    model = ColourModel()

    model.detect(video, 0.5)

    assert model.announced == [(28, str(video))]


def test_boxes_are_in_pixels_of_the_video_however_small_a_model_looks_at_it(video):
    timeline = ColourModel(boxes=True, at_least=16).detect(video, 1.0)

    (track,) = timeline.events[0].tracks
    place = track.surest.box
    assert (place.left, place.top, place.width, place.height) == pytest.approx((0, 0, 96, 64))
    assert [sight.time for sight in track.sightings] == pytest.approx([0, 1, 2, 3])


@pytest.mark.parametrize("gap", [0, 0.5])
def test_a_thing_is_followed_from_picture_to_picture_also_where_these_are_further_apart_than_the_gap(video, gap):
    timeline = ColourModel(boxes=True, at_least=16).detect(video, 1.0, gap_seconds=gap)

    assert [[len(track.sightings) for track in event.tracks] for event in timeline] == [[4], [5], [2]]


def test_a_picture_that_cannot_be_looked_at_is_a_problem_and_the_rest_goes_on(video):
    class Fails(ColourModel):
        def glimpses(self, pictures):
            for seen in super().glimpses(pictures):
                yield ImageError("array", "too dark") if self.looked == 3 else seen

    timeline = Fails().detect(video, 1.0)

    assert timeline.problems == ("2.0-3.0 s: too dark",)
    assert spans(timeline) == [("red", 0, 2), ("red", 3, 4), ("blue", 7, 12), ("red", 12, 14)]


def test_minimum_and_gap_are_the_callers(video):
    assert spans(ColourModel().detect(video, 0.5, minimum_seconds=3)) == [("red", 0, 4), ("blue", 7, 12)]
    assert spans(ColourModel().detect(video, 0.5, gap_seconds=60))[0] == ("red", 0, 14)


@pytest.mark.parametrize("options", [{"every": -1}, {"every": None}, {"minimum_seconds": -1}, {"gap_seconds": "1"}])
def test_options_that_are_none_are_refused(video, options):
    with pytest.raises(ValueError, match=r"seconds|which pictures"):
        ColourModel().detect(video, **options)


def test_the_option_of_a_sound_model_is_refused_by_the_name_of_its_own(video):
    with pytest.raises(TypeError, match=r"^a picture model takes every=, not hop=: seconds"):
        ColourModel().detect(video, hop=1.0)  # type: ignore[call-arg]


def test_what_is_no_video_is_refused(tmp_path):
    with pytest.raises(VideoError, match="no such file"):
        ColourModel().detect(tmp_path / "none.mp4")
