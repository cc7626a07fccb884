"""What a scan says at its end: how many, and of what went wrong the first ones by name."""

from __future__ import annotations

from collections import Counter

import pytest

from mediaml.archive.examined import Examined
from mediaml.archive.places import Listing, Place
from mediaml.archive.told import Told, tell_closed


def test_of_many_unread_files_the_first_are_named_and_the_others_counted(capsys: pytest.CaptureFixture[str]) -> None:
    places = [Place(f"/archive/{number}.wav", "recording", 1, 1) for number in range(5)]
    with Told(places, shown=True) as told:
        for place in places:
            told.take(Examined(place, error="it ends early"))
        told.end(Listing(("/archive",), tuple(places), Counter()), gone=0)
    said = capsys.readouterr().err
    assert "5 could not be read (0.wav: it ends early, 1.wav: it ends early, 2.wav: it ends early, and 2 more)" in said


def test_a_name_cannot_command_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    place = Place("/archive/\x1b[2J.wav", "recording", 1, 1)
    with Told([place], shown=True) as told:
        told.take(Examined(place, error="it ends early"))
        told.end(Listing(("/archive",), (place,), Counter()), gone=0)
    assert "\x1b[2J" not in capsys.readouterr().err


def test_of_many_folders_out_of_reach_the_first_are_named_and_the_others_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tell_closed({f"/archive/{number}": "Permission denied" for number in range(5)})
    tell_closed({})
    assert caplog.messages == [
        "mediaml: out of reach, and left as they were: /archive/0: Permission denied, /archive/1: Permission denied, "
        "/archive/2: Permission denied, and 2 more"
    ]
