"""The rate of a sequence, and how long a cut is in it."""

from __future__ import annotations

import pytest

from mediaml.export.cuts import cuts, in_sequence, sequence_rate
from mediaml.values.media import Media
from tests.timelines import RATES, SOUND, event, reel, video


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        ([video("24"), SOUND, SOUND, SOUND], "24"),
        ([SOUND, SOUND], "25"),
        ([video("30"), video("29.97 drop"), video("29.97 drop")], "29.97 drop"),
        ([video("50"), video("25")], "50"),  # the first of as many
        ([None], "25"),
    ],
)
def test_the_rate_of_a_sequence_is_that_of_most_pictures(media: list[Media | None], expected: str) -> None:
    finds = reel(*((f"/{n}.mov", event("dog", 1, 2), one) for n, one in enumerate(media))).finds
    assert sequence_rate(cuts(finds)) == RATES[expected]


def test_a_cut_is_never_shorter_than_a_picture_of_the_sequence() -> None:
    (cut,) = cuts(reel(("/a.mov", event("dog", 1, 1), video("60"))).finds)
    assert cut.frames == (60, 1)
    assert in_sequence(cut, RATES["24"]) == 1


def test_a_file_that_nobody_looked_into_is_taken_for_a_sound_up_to_what_was_found() -> None:
    (cut,) = cuts(reel(("/a.mov", event("dog", 1, 2.5), None)).finds)
    assert (cut.media.has_picture, cut.media.has_sound, cut.media.duration) == (False, True, 2.5)


def test_several_finds_of_a_file_that_nobody_looked_into_are_one_sound_up_to_the_last_of_them() -> None:
    later, first = cuts(reel(("/a.wav", event("dog", 100, 105), None), ("/a.wav", event("dog", 0, 2), None)).finds)
    assert later.media == first.media
    assert later.media.duration == 105
    assert (first.frames, later.frames) == ((0, 50), (2500, 125))


def test_a_file_that_somebody_looked_into_is_what_it_is_for_all_of_its_finds() -> None:
    found = reel(("/a.mov", event("dog", 1, 2), None), ("/a.mov", event("dog", 3, 4), video("50"))).finds
    assert [cut.media for cut in cuts(found)] == [video("50")] * 2
