"""Finds of an archive in a notebook: reels and catalogs."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

import mediaml as mm
from mediaml.archive.journal import Journal
from mediaml.errors import StoreError
from mediaml.reports.views.finds import MOST_NOT_FOUND, ROWS, SHOWN, Counted, catalog_html
from tests.media import coloured
from tests.reports.views.page import Seen, view
from tests.reports.views.values import find, sound
from tests.sounds import RATE


def test_a_reel_shows_its_first_finds_and_lists_all(tmp_path: Path) -> None:
    finds = (find(str(sound(tmp_path))),) * (ROWS + 3)
    shown = view(mm.Reel(name="Best", finds=finds))
    assert len(shown.sounds) == SHOWN
    assert "and 3 more: reel.finds has them all" in shown.text
    assert f"finds {ROWS + 3} files 1 in all 0:00:23" in shown.text
    assert shown.text.startswith("Best.")


def test_an_empty_reel_is_shown() -> None:
    assert "finds 0" in view(mm.Reel(name="Nothing", finds=())).text


def test_a_find_in_a_video_is_the_picture_with_its_boxes(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="needs the extra video")
    path = coloured(tmp_path / "a.mp4", [("red", 2.0)])
    shown = view(find(str(path), tracks=True))
    assert len(shown.pictures) == 1 and shown.sounds == []
    red = shown.pictures[0].convert("RGB").resize((1, 1)).getpixel((0, 0))
    assert isinstance(red, tuple) and red[0] > red[2]


def test_a_sound_in_a_video_is_heard_too(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="needs the extra video")
    path = coloured(tmp_path / "a.mkv", [("red", 2.0)], sound=sound(tmp_path))
    silent = coloured(tmp_path / "b.mkv", [("red", 2.0)])
    media = mm.Media(duration=2, width=64, height=48, sample_rate=RATE, channels=1)

    shown = view(find(str(path), media=media))

    ((played, rate),) = shown.sounds
    assert len(played) == pytest.approx(rate, rel=0.1) and len(shown.pictures) == 1
    assert len(view(find(str(silent), media=media)).pictures) == 1


def test_a_catalog_counts_labels_and_says_what_was_not_read() -> None:
    found = [Counted("m", "owl", 4, 2, 9.0), Counted("m", "wren", 1, 1, 2.0), Counted("m", "rain", 0, 0, 0.0)]
    unread = [(f"/a/{number}.wav", "is no sound") for number in range(7)]
    shown = Seen(catalog_html("store.sqlite", {"read": 3, "not read": 7}, 5400.0, found, [], unread))
    assert "files 10 minutes 90.0 segments 5 not read 7" in shown.text
    assert "owl 4 2 0:00:09 wren 1 1 0:00:02" in shown.text
    assert shown.bars == [1.0, 0.25]
    assert "Not found anywhere: rain." in shown.text
    assert "0.wav: is no sound" in shown.text and "and 2 more files" in shown.text


def test_labels_that_were_not_found_are_named_with_the_model_that_has_them() -> None:
    found = [Counted("eyes", "owl", 4, 2, 9.0), Counted("ears", "owl", 0, 0, 0.0)]
    assert "Not found anywhere: owl by ears." in Seen(catalog_html("a", {"read": 3}, 9.0, found, [], [])).text
    many = [Counted("m", f"bird {number}", 0, 0, 0.0) for number in range(MOST_NOT_FOUND + 3)]
    told = Seen(catalog_html("a", {"read": 3}, 9.0, many, [], [])).text
    assert f"bird {MOST_NOT_FOUND - 1} and 3 more." in told and f"bird {MOST_NOT_FOUND}" not in told


def test_a_store_that_was_taken_away_is_said(tmp_path: Path) -> None:
    with closing(Journal(tmp_path / "store.sqlite", create=True)):
        pass
    catalog = mm.Catalog(tmp_path / "store.sqlite")
    shutil.move(tmp_path / "store.sqlite", tmp_path / "moved.sqlite")
    with pytest.raises(StoreError):
        str(catalog)
    assert "there is no such store" in view(catalog).text
