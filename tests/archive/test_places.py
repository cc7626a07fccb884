"""Which files of a folder are looked at."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mediaml.archive.places import kind_of, listing
from mediaml.errors import DataError


def touched(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.MP4", "recording"),
        ("a.wav", "recording"),
        ("a.mxf", "recording"),
        ("a.jpeg", "picture"),
        ("a.TIFF", "picture"),
        ("a.mpg", "recording"),
        ("a.txt", None),
        ("a", None),
        ("a.pdf", None),
        ("a.sqlite", None),
    ],
)
def test_the_ending_says_what_a_file_may_be(name, kind):
    assert kind_of(f"/x/{name}") == kind


def test_all_below_a_folder_is_listed_but_what_is_hidden(tmp_path):
    touched(tmp_path, "b.wav", "a/c.MOV", "a/.d.wav", ".trash/e.wav", "._b.wav", "f.txt", "g.TXT")

    found = listing(tmp_path)

    assert [os.path.relpath(one.path, tmp_path) for one in found.places] == ["a/c.MOV", "b.wav"]
    assert dict(found.others) == {".txt": 2}
    assert found.roots == (str(tmp_path),)


def test_several_places_are_one_archive_and_each_file_is_in_it_once(tmp_path):
    touched(tmp_path, "a/1.wav", "b/2.wav")

    found = listing([tmp_path / "a", tmp_path / "b" / "2.wav", tmp_path])

    assert len(found.places) == 2


def test_links_to_folders_are_not_followed(tmp_path):
    touched(tmp_path, "a/1.wav")
    (tmp_path / "a" / "round").symlink_to(tmp_path, target_is_directory=True)

    assert len(listing(tmp_path).places) == 1


def test_names_that_are_no_text_are_listed(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9.wav"
    Path(os.fsdecode(path)).write_bytes(b"x")

    assert [os.fsencode(one.path) for one in listing(tmp_path).places] == [path]


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataError, match="none: no such file or folder"):
        listing(tmp_path / "none")


def test_what_could_not_be_looked_at_is_told_with_the_reason_and_the_rest_is_listed(tmp_path, closed):
    touched(tmp_path, "a/1.wav", "a/deep/2.wav", "b/3.wav", "c.wav")

    with closed(tmp_path / "a"):
        found = listing(tmp_path)
    assert [Path(one.path).name for one in found.places] == ["3.wav", "c.wav"]
    assert found.closed == {str(tmp_path / "a"): "Permission denied"}

    with closed(tmp_path / "c.wav"):
        found = listing(tmp_path)
    assert [Path(one.path).name for one in found.places] == ["1.wav", "2.wav", "3.wav"]
    assert found.closed == {str(tmp_path / "c.wav"): "Permission denied"}


def test_an_archive_that_cannot_be_looked_at_is_named(tmp_path, closed):
    with closed(tmp_path), pytest.raises(DataError, match="out of reach: Permission denied"):
        listing(tmp_path)


def test_a_file_that_is_deleted_while_others_are_listed_is_not_there(tmp_path, monkeypatch):
    touched(tmp_path, "a.wav", "b/c.wav")
    (tmp_path / "link.wav").symlink_to(tmp_path / "nowhere.wav")
    whole = os.stat

    def deleting(path, *args, **kwargs):
        if str(path) == str(tmp_path / "a.wav"):
            (tmp_path / "a.wav").unlink()
            shutil.rmtree(tmp_path / "b")
        return whole(path, *args, **kwargs)

    monkeypatch.setattr(os, "stat", deleting)
    found = listing(tmp_path)

    assert (found.places, found.closed) == ((), {})
