"""Tables of several recordings: each row finds its recording, or is told why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediaml.data.formats.annotation import Annotation
from mediaml.data.formats.joined import share_out
from mediaml.errors import AnnotationError

TABLE = Path("all.txt")


def owners(names: list[str | None], *recordings: str) -> dict[str | None, list[str]]:
    """Tell of each name whose it is."""
    found = [Annotation(0.0, 1.0, "wren", recording=name) for name in names]
    shared = share_out(found, map(Path, recordings), TABLE)
    return {
        name: [str(path) for path in shared if any(one.recording == name for one in shared[path])] for name in names
    }


@pytest.mark.parametrize(
    "name", ["day1.wav", "day1", "day1.flac", r"D:\field\day1.wav", "/field/day1.mp3", "./day1.wav"]
)
def test_a_recording_is_named_with_this_ending_another_or_none(name: str) -> None:
    assert owners([name], "/x/day1.wav", "/x/day2.wav") == {name: ["/x/day1.wav"]}


def test_names_may_have_dots() -> None:
    assert owners(["day.1"], "/x/day.1.wav", "/x/day.wav") == {"day.1": ["/x/day.1.wav"]}


def test_accents_match_however_they_are_written() -> None:
    assert owners(["Ka\u0308uzchen.wav"], "/x/K\u00e4uzchen.wav")["Ka\u0308uzchen.wav"] == ["/x/K\u00e4uzchen.wav"]


def test_the_ending_tells_two_files_of_one_name_apart() -> None:
    assert owners(["day1.flac"], "/x/day1.wav", "/x/day1.flac") == {"day1.flac": ["/x/day1.flac"]}


def test_folders_are_compared_from_the_file_upwards() -> None:
    here = ("/data/2024/siteA/rec/1.wav", "/data/2024/siteB/rec/1.wav", "/data/2025/siteA/rec/1.wav")
    assert owners([r"E:\2025\siteA\rec\1.wav"], *here) == {r"E:\2025\siteA\rec\1.wav": [here[2]]}
    with pytest.raises(AnnotationError, match=r"2024/siteA/rec/1\.wav or /data/2025/siteA/rec/1\.wav"):
        owners(["siteA/rec/1.wav"], *here)


def test_a_path_of_another_recording_of_that_name_is_left_out_aloud() -> None:
    names: list[str | None] = [r"D:\siteA\1.wav", r"D:\siteB\1.wav", "1.wav"]
    with pytest.warns(UserWarning, match=r"all\.txt: what it says of D:\\siteA\\1\.wav is left out"):
        found = owners(names, "/x/siteB/1.wav", "/x/siteB/2.wav")
    assert found == {names[0]: [], names[1]: ["/x/siteB/1.wav"], names[2]: ["/x/siteB/1.wav"]}


def test_what_names_no_recording_is_of_each_and_what_names_another_is_of_none() -> None:
    assert owners([None, "other.wav", "."], "/x/a.wav", "/x/b.wav") == {
        None: ["/x/a.wav", "/x/b.wav"],
        "other.wav": [],
        ".": [],
    }


def test_a_recording_that_is_given_twice_is_one() -> None:
    assert owners(["a.wav"], "/x/a.wav", "/x/a.wav") == {"a.wav": ["/x/a.wav"]}


def test_the_paths_of_this_machine_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "siteA").mkdir()
    monkeypatch.chdir(tmp_path / "siteA")
    assert owners(["siteA/1.wav"], "1.wav", "/x/siteB/1.wav") == {"siteA/1.wav": ["1.wav"]}
