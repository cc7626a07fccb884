"""Tables of annotations in any format, and the recordings that they belong to."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mediaml.data.formats import audacity, raven, rttm
from mediaml.data.formats.annotations import match, read
from mediaml.errors import AnnotationError
from tests.shared_data import shared

RAVEN = "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tSpecies\n1\tSpectrogram 1\t1\t0.5\t2\twren\n"
AUDACITY = "0.5\t2\twren\n"
RTTM = "SPEAKER day1 1 0.5 1.5 <NA> <NA> wren <NA> <NA>\n"


# --- the format is told from the content


@pytest.mark.parametrize(
    "text",
    [
        RAVEN,
        RAVEN.replace("\n", "\r\n"),
        "\n\n" + RAVEN,
        AUDACITY,
        AUDACITY.replace(".", ","),
        RTTM,
        ";; comment\n" + RTTM,
        "SPKR-INFO day1 1 <NA> <NA> <NA> unknown wren <NA> <NA>\n" + RTTM,
    ],
)
@pytest.mark.parametrize("name", ["day1.txt", "day1.csv", "day1"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_the_first_line_tells_the_format(tmp_path, text, name, encoding):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))

    assert [(a.start, a.end, a.label) for a in read(path)] == [(0.5, 2.0, "wren")]


def test_a_header_without_rows_is_a_raven_table(tmp_path):
    path = tmp_path / "day1.txt"
    path.write_text(RAVEN.splitlines()[0], encoding="utf-8")

    assert read(path) == []


@pytest.mark.parametrize("name", ["day1.txt", "day1.rttm"])
def test_an_empty_file_is_a_recording_without_annotations(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"")

    assert read(path) == []


def test_the_label_column_reaches_the_raven_table(tmp_path):
    path = tmp_path / "day1.txt"
    path.write_text(RAVEN, encoding="utf-8")

    assert read(path, label_column="View")[0].label == "Spectrogram 1"


@pytest.mark.parametrize("text", [AUDACITY, RTTM])
def test_a_label_column_is_an_error_where_the_format_has_none(tmp_path, text):
    path = tmp_path / "day1.txt"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(AnnotationError, match="leave out label_column='Species'"):
        read(path, label_column="Species")


@pytest.mark.parametrize("text", ["start,end,label\n0,1,wren\n", "0.5,2.0,wren\n", "Begin Time (s),End Time (s)\n"])
def test_csv_is_sent_to_from_table(tmp_path, text):
    path = tmp_path / "day1.csv"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(AnnotationError, match=r"line 1: looks like CSV.*AudioDataset\.from_table"):
        read(path)


@pytest.mark.parametrize("text", ["Dear diary", "start\tend\tlabel\n0\t1\twren\n", "wren\t0\t1\n", "nan\t1\twren"])
def test_an_unknown_format_is_an_error_that_quotes_its_first_line(tmp_path, text):
    path = tmp_path / "day1.txt"
    path.write_text("\n" + text, encoding="utf-8")

    with pytest.raises(AnnotationError, match="line 2: is in no known format") as caught:
        read(path)
    assert repr(text.splitlines()[0]) in caught.value.reason


def test_a_raven_table_that_lost_a_column_is_reported_as_one(tmp_path):
    path = tmp_path / "day1.txt"
    path.write_text(RAVEN.replace("End Time (s)", "Delta Time (s)"), encoding="utf-8")

    with pytest.raises(AnnotationError, match=r"no column 'End Time \(s\)'"):
        read(path)


def test_a_recording_is_not_a_table():
    with pytest.raises(AnnotationError, match=r"is not text|not UTF-8"):
        read(shared("audio_long", "meeting", "trn01.flac"))


@pytest.mark.parametrize(
    ("folder", "suffixes", "tables", "count"),
    [
        ("finch", ("txt",), 4, 2 * (792 + 587)),
        ("meeting", ("txt", "rttm"), 19, 2 * 63 + 10),
        ("mixtures", ("txt",), 4, 2 * (32 + 30)),
        ("raven_tables_only", ("txt",), 9, 896 + 10 + 1),
        ("segments", ("segments",), 2, 20 + 20),
        ("soundscape", ("txt",), 1, 18),
    ],
)
def test_every_real_table_is_recognised(folder, suffixes, tables, count):
    root = shared("audio_long", folder)
    paths = [path for suffix in suffixes for path in root.glob(f"*.{suffix}")]

    assert len(paths) == tables
    assert sum(len(read(path)) for path in paths) == count


# --- whatever a file holds, the answer is annotations or an AnnotationError

tables = st.sampled_from([RAVEN, AUDACITY, RTTM])
signs = st.sampled_from(["\t", "\n", "\r", " ", ";;", "\\", ",", '"', "1", "2.5", "-1", "nan", "1e999", "<NA>"])
words = st.sampled_from(
    ["SPEAKER", "Begin Time (s)", "End Time (s)", "View", "Selection", "Species", "Begin File", "File Offset (s)"]
)
fragments = tables | signs | words
texts = st.text() | st.lists(fragments | st.text(max_size=3), max_size=30).map("".join)
encoded = st.builds(lambda text, to: text.encode(to, "replace"), texts, st.sampled_from(["utf-8", "utf-16", "latin-1"]))
damaged = st.builds(lambda raw, at, by: raw[:at] + by + raw[at + 1 :], encoded, st.integers(0, 99), st.binary())


@pytest.mark.parametrize("reader", [read, raven.read, audacity.read, rttm.read])
@given(content=st.binary() | encoded | damaged, label_column=st.sampled_from([None, "Species"]))
@example(content=b"", label_column=None)
@example(content=b"\x00", label_column=None)
@example(content=b"\xff\xfe\x00\x00", label_column=None)
@example(content=b"\t", label_column=None)
@example(content=b"\xff", label_column=None)
def test_no_content_raises_anything_but_an_annotation_error(tmp_path_factory, reader, content, label_column):
    path = tmp_path_factory.getbasetemp() / "anything.txt"
    path.write_bytes(content)

    try:
        found = reader(path, label_column)
    except AnnotationError as error:
        assert error.path == path
        assert error.line is None or 1 <= error.line <= 1 + content.count(b"\n") + content.count(b"\r")
    else:
        assert all(0 <= each.start <= each.end < float("inf") for each in found)
        assert all(each.label != "" for each in found)


# --- pairing


def paths(*names: str, folder: str = "field") -> list[Path]:
    return [Path(folder, name) for name in names]


@pytest.mark.parametrize(
    "table",
    [
        "day1.txt",
        "day1.rttm",
        "day1.audacity.txt",
        "day1.selections.txt",
        "day1.Table.1.selections.txt",
        "day1.wav.txt",
    ],
)
def test_a_table_is_named_after_its_recording(table):
    assert match(paths("day1.wav"), paths(table)) == [(Path("field/day1.wav"), Path("field", table))]


def test_pairs_come_in_the_order_of_the_recordings():
    pairs = match(paths("b.wav", "a.flac"), paths("a.txt", "b.rttm", folder="labels"))

    assert pairs == [
        (Path("field/b.wav"), Path("labels/b.rttm")),
        (Path("field/a.flac"), Path("labels/a.txt")),
    ]


def test_the_longest_stem_wins():
    recordings = paths("day1.wav", "day1.b.wav", "day10.wav")
    pairs = match(recordings, paths("day10.txt", "day1.b.Table.1.selections.txt", "day1.txt"))

    assert [table.name for _, table in pairs] == ["day1.txt", "day1.b.Table.1.selections.txt", "day10.txt"]


def test_recordings_of_one_name_go_with_the_table_in_their_folder():
    recordings = [*paths("0600.wav", folder="site_a"), *paths("0600.wav", folder="site_b")]
    tables = [*paths("0600.txt", folder="site_b"), *paths("0600.txt", folder="site_a")]

    assert match(recordings, tables) == [(recordings[0], tables[1]), (recordings[1], tables[0])]


def test_accents_match_however_the_file_system_writes_them():
    composed, taken_apart = "caf\u00e9", "cafe\u0301"

    assert len(match(paths(f"{composed}.wav"), paths(f"{taken_apart}.txt"))) == 1


def test_nothing_pairs_with_nothing():
    assert match([], []) == []


def test_recordings_without_a_table_are_all_named():
    with pytest.raises(AnnotationError, match=r"without a table: field.day2\.wav, field.day3\.wav \(leave them out"):
        match(paths("day1.wav", "day2.wav", "day3.wav"), paths("day1.txt"))


def test_tables_without_a_recording_are_all_named():
    with pytest.raises(AnnotationError, match=r"without a recording: field.day10\.txt, field.readme\.txt \(name a"):
        match(paths("day1.wav"), paths("day1.txt", "day10.txt", "readme.txt"))


def test_two_tables_of_one_recording_are_an_error_that_names_both():
    tables = paths("day1.Table.1.selections.txt", "day1.audacity.txt", "day2.txt")

    with pytest.raises(AnnotationError, match="give the tables explicitly") as caught:
        match(paths("day1.wav", "day2.wav"), tables)
    assert all(str(table) in str(caught.value) for table in tables[:2])
    assert "day2" not in str(caught.value)


def test_one_table_for_two_recordings_is_an_error_that_names_both():
    recordings = paths("day1.wav", "day1.flac")

    with pytest.raises(AnnotationError, match="several recordings for one table") as caught:
        match(recordings, paths("day1.txt"))
    assert all(str(recording) in str(caught.value) for recording in recordings)
    assert "without a table" not in str(caught.value)


def test_all_problems_are_told_at_once():
    with pytest.raises(AnnotationError, match=r"without a table: .*b\.wav.*; without a recording: .*c\.txt.*; several"):
        match(paths("a.wav", "b.wav"), paths("a.txt", "a.rttm", "c.txt"))


def test_real_recordings_find_their_tables():
    root = shared("audio_long", "meeting")
    recordings = sorted([*root.glob("*.flac"), *root.glob("*.wav")])
    pairs = match(recordings, sorted(root.glob("*.rttm")))

    assert len(pairs) == 10
    assert all({a.recording for a in read(table)} == {recording.stem} for recording, table in pairs)


def test_real_recordings_with_both_raven_and_audacity_tables_need_a_choice():
    root = shared("audio_long", "finch")

    with pytest.raises(AnnotationError, match=r"several tables of one recording: .*finch_a.* and .*finch_b"):
        match(sorted(root.glob("*.ogg")), sorted(root.glob("*.txt")))
    assert len(match(sorted(root.glob("*.ogg")), sorted(root.glob("*.selections.txt")))) == 2
