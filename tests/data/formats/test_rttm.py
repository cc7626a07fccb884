"""NIST RTTM: who speaks when."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mediaml.data.formats import audacity, rttm
from mediaml.data.formats.annotation import Annotation
from mediaml.errors import AnnotationError
from tests.shared_data import shared


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(*lines: str, encoding: str = "utf-8", line_end: str = "\n") -> Path:
        path = tmp_path / "meeting.rttm"
        path.write_bytes("".join(f"{line}{line_end}" for line in lines).encode(encoding))
        return path

    return write


def test_a_speaker_line_is_an_annotation(write):
    path = write("SPEAKER meeting 1 6.5 0.25 <NA> <NA> anna <NA> <NA>")

    assert rttm.read(path) == [Annotation(6.5, 6.75, "anna", {"chan": 1.0}, "meeting")]


def test_turns_may_overlap_and_come_in_any_order(write):
    path = write("SPEAKER m 1 8 4 <NA> <NA> anna <NA> <NA>", "SPEAKER m 1 3 6 <NA> <NA> ben <NA> <NA>")

    assert [(found.start, found.end) for found in rttm.read(path)] == [(8.0, 12.0), (3.0, 9.0)]


@pytest.mark.parametrize("missing", ["<NA>", "<na>"])
def test_fields_that_are_not_available_are_none_or_left_out(write, missing):
    path = write("SPEAKER X X 1 0 X X X X X".replace("X", missing))

    assert rttm.read(path) == [Annotation(1.0, 1.0, None, {}, None)]


def test_other_fields_are_kept(write):
    path = write("SPEAKER m A 1 2 hello adult_female anna 0.93 1.5")

    expected = {"chan": "A", "ortho": "hello", "stype": "adult_female", "conf": 0.93, "slat": 1.5}
    assert rttm.read(path)[0].extra == expected


@pytest.mark.parametrize("line", ["SPEAKER m 1 1 2 <NA> <NA> anna", "SPEAKER m 1 1 2 <NA> <NA> anna 0.5"])
def test_older_files_end_before_conf_or_slat(write, line):
    assert rttm.read(write(line))[0].label == "anna"


def test_fields_are_separated_by_any_number_of_spaces_and_tabs(write):
    path = write("  SPEAKER\tm  1 \t 1   2  <NA> <NA> anna <NA> <NA>  ")

    assert rttm.read(path) == [Annotation(1.0, 3.0, "anna", {"chan": 1.0}, "m")]


def test_an_end_does_not_overshoot_by_rounding(write):
    path = write("SPEAKER m 1 27.840 2.160 <NA> <NA> anna <NA> <NA>", "SPEAKER m 1 0.1 0.2 <NA> <NA> anna <NA> <NA>")

    assert [found.end for found in rttm.read(path)] == [30.0, 0.3]


def test_comments_and_other_types_are_skipped(write):
    path = write(
        ";; made by hand",
        "SPKR-INFO m 1 <NA> <NA> <NA> adult_male anna <NA> <NA>",
        "NOSCORE m 1 0 1 <NA> <NA> <NA> <NA>",
        "LEXEME m 1 0 1 hello lex anna 0.5",
        "NON-LEX m 1 0 1 <NA> laugh anna <NA>",
        "",
        "SPEAKER m 1 1 2 <NA> <NA> anna <NA> <NA>",
        "  ;; the end",
    )

    assert [found.label for found in rttm.read(path)] == ["anna"]


@pytest.mark.parametrize("lines", [(), (";; nobody speaks",)])
def test_a_file_without_speakers_has_no_annotations(write, lines):
    assert rttm.read(write(*lines)) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(write, encoding, line_end):
    line = "SPEAKER m 1 1 2 <NA> <NA> Zoë <NA> <NA>"
    path = write(line, line, "", "", encoding=encoding, line_end=line_end)

    assert [found.label for found in rttm.read(path)] == ["Zoë", "Zoë"]


def test_rttm_has_no_columns_to_choose_from(write):
    with pytest.raises(AnnotationError, match="leave out label_column='name'"):
        rttm.read(write("SPEAKER m 1 1 2 <NA> <NA> anna <NA> <NA>"), label_column="name")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("SPEAKER m 1 -1 2 <NA> <NA> anna <NA> <NA>", "'-1' is negative"),
        ("SPEAKER m 1 1 -2 <NA> <NA> anna <NA> <NA>", "'-2' is negative"),
        ("SPEAKER m 1 nan 2 <NA> <NA> anna <NA> <NA>", "'nan' is not a number of seconds"),
        ("SPEAKER m 1 1 inf <NA> <NA> anna <NA> <NA>", "'inf' is not a number of seconds"),
        ("SPEAKER m 1 <NA> 2 <NA> <NA> anna <NA> <NA>", "'<NA>' is not a number of seconds"),
        ("SPEAKER m 1 1e308 1.7e308 <NA> <NA> anna <NA> <NA>", "has no end"),
        ("SPEAKER m 1 1 2 <NA> <NA>", "does not have the fields type file chan"),
        ("SPEAKER m 1 1 2 <NA> <NA> Anna Maria <NA> <NA>", "does not have the fields type file chan"),
        ("TALKER m 1 1 2 <NA> <NA> anna <NA> <NA>", "'TALKER m 1 1 2 <NA> <NA> anna <NA> <NA>' does not begin with"),
        ("SPEAKER m 1 1 2 <NA> <NA> an\x00na <NA> <NA>", "is not text"),
    ],
)
def test_a_line_that_is_not_rttm_is_an_error(write, line, reason):
    path = write(";; comment", "", line)

    with pytest.raises(AnnotationError, match="line 3: ") as caught:
        rttm.read(path)
    assert reason in caught.value.reason
    assert (caught.value.path, caught.value.line) == (path, 3)


# --- real files

MEETINGS = {1: 6, 2: 1, 3: 2, 4: 7, 5: 7, 6: 6, 7: 10, 8: 16, 9: 8}


@pytest.mark.parametrize(("number", "count"), MEETINGS.items())
def test_the_rttm_and_audacity_files_of_one_recording_agree(number, count):
    turns = rttm.read(shared("audio_long", "meeting", f"trn{number:02d}.rttm"))
    labels = audacity.read(shared("audio_long", "meeting", f"trn{number:02d}.audacity.txt"))

    assert len(turns) == count
    assert {turn.recording for turn in turns} == {f"trn{number:02d}"}
    assert [(a.start, a.end, a.label) for a in turns] == [(a.start, a.end, a.label) for a in labels]


def test_a_real_file_of_two_speakers():
    turns = rttm.read(shared("audio_long", "meeting", "sample.rttm"))

    assert len(turns) == 10
    assert {turn.label for turn in turns} == {"speaker90", "speaker91"}
    assert (turns[-1].start, turns[-1].end) == (27.85, 30.0)
