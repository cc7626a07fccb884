"""Raven selection tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaml.data.formats import audacity, raven
from mediaml.data.formats.annotation import Annotation
from mediaml.errors import AnnotationError
from tests.shared_data import shared

HEADER = ("Selection", "View", "Channel", "Begin Time (s)", "End Time (s)", "Species")
VIEW = "Spectrogram 1"


def table(*rows: tuple[object, ...]) -> str:
    return "".join("\t".join(map(str, row)) + "\n" for row in rows)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: tuple[object, ...], encoding: str = "utf-8", line_end: str = "\n") -> Path:
        path = tmp_path / "day1.Table.1.selections.txt"
        path.write_bytes(table(*rows).replace("\n", line_end).encode(encoding))
        return path

    return write


def test_a_row_is_an_annotation(write):
    path = write(HEADER, (1, VIEW, 1, 0.5, 2.25, "wren"))

    expected = Annotation(0.5, 2.25, "wren", {"Selection": 1.0, "View": VIEW, "Channel": 1.0})
    assert raven.read(path) == [expected]


def test_rows_stay_in_the_order_of_the_table(write):
    path = write(HEADER, (1, VIEW, 1, 8, 9, "b"), (2, VIEW, 1, 3, 4, "a"))

    assert [found.start for found in raven.read(path)] == [8.0, 3.0]


def test_other_columns_keep_their_names_and_numbers_become_floats(write):
    header = (*HEADER, "Low Freq (Hz)", "Notes", "Begin Date", "Score", "")
    path = write(header, (1, VIEW, 1, 0, 1, "wren", "1326.3", "far, 2 birds", "2024/05/01", "nan", "nameless"))

    extra = raven.read(path)[0].extra
    assert extra == {
        "Selection": 1.0,
        "View": VIEW,
        "Channel": 1.0,
        "Low Freq (Hz)": 1326.3,
        "Notes": "far, 2 birds",
        "Begin Date": "2024/05/01",
        "Score": "nan",
    }


def test_empty_cells_are_left_out(write):
    path = write((*HEADER, "Notes"), (1, VIEW, "", 0, 1, "", ""))

    assert raven.read(path) == [Annotation(0.0, 1.0, None, {"Selection": 1.0, "View": VIEW})]


def test_a_row_may_stop_early(write):
    path = write((*HEADER, "distance", "type"), (1, VIEW, 1, 0, 1, "wren"))

    assert raven.read(path)[0].label == "wren"


def test_a_row_that_is_too_long_is_an_error(write):
    path = write(HEADER, (1, VIEW, 1, 0, 1, "wren", "shifted"))

    with pytest.raises(AnnotationError, match=r"line 2: has 7 cells under 6 columns: .*shifted"):
        raven.read(path)


# --- the views of a selection


def test_a_selection_in_two_views_is_read_once_from_the_spectrogram(write):
    path = write(
        (*HEADER, "Power"),
        (1, "Waveform 1", 1, 6.7, 15.1, "wren", ""),
        (1, VIEW, 1, 6.7, 15.1, "wren", -75.8),
        (2, VIEW, 1, 29.4, 40.2, "robin", -75.6),
        (2, "Waveform 1", 1, 29.4, 40.2, "robin", ""),
    )

    found = raven.read(path)
    assert [(each.label, each.extra["View"], each.extra["Power"]) for each in found] == [
        ("wren", VIEW, -75.8),
        ("robin", VIEW, -75.6),
    ]


def test_of_two_spectrograms_the_first_is_read(write):
    path = write(HEADER, (1, VIEW, 1, 0, 1, "wren"), (1, "Spectrogram 2", 1, 0, 1, "wren"))

    assert [found.extra["View"] for found in raven.read(path)] == [VIEW]


def test_a_selection_in_the_waveform_alone_is_kept(write):
    path = write(HEADER, (1, "Waveform 1", 1, 0, 1, "wren"), (2, VIEW, 1, 2, 3, "robin"))

    assert [found.label for found in raven.read(path)] == ["wren", "robin"]


def test_joined_tables_count_their_selections_twice_without_loss(write):
    path = write(HEADER, (1, "Waveform 1", 1, 0, 1, "wren"), (1, VIEW, 1, 5, 6, "robin"))

    assert [found.label for found in raven.read(path)] == ["wren", "robin"]


def test_two_rows_of_one_view_are_both_kept(write):
    path = write(HEADER, (1, VIEW, 1, 0, 1, "wren"), (1, VIEW, 2, 0, 1, "wren"))

    assert [found.extra["Channel"] for found in raven.read(path)] == [1.0, 2.0]


def test_a_table_needs_neither_selections_nor_views(write):
    path = write(("Begin Time (s)", "End Time (s)", "Label"), (0, 1, "wren"), (0, 1, "robin"))

    assert [found.label for found in raven.read(path)] == ["wren", "robin"]


# --- the column of the labels


@pytest.mark.parametrize("name", ["Annotation", "annotation", "SPECIES", "Label", "Tags", "Common Name"])
def test_usual_names_of_the_label_column(write, name):
    path = write((*HEADER[:-1], name), (1, VIEW, 1, 0, 1, "wren"))

    assert raven.read(path)[0].label == "wren"


def test_no_known_label_column_is_an_error_that_lists_the_columns(write):
    path = write((*HEADER[:-1], "Vogel"), (1, VIEW, 1, 0, 1, "wren"))

    with pytest.raises(AnnotationError, match=r"no column known to hold labels.*'Vogel'.*label_column="):
        raven.read(path)
    assert raven.read(path, label_column="Vogel")[0].label == "wren"


def test_several_label_columns_are_an_error_that_lists_them(write):
    path = write((*HEADER, "Annotation"), (1, VIEW, 1, 0, 1, "wren", "song"))

    with pytest.raises(AnnotationError, match=r"'Species' or 'Annotation'.*'Begin Time \(s\)'.*label_column="):
        raven.read(path)
    chosen = raven.read(path, label_column="Annotation")[0]
    assert chosen.label == "song"
    assert chosen.extra["Species"] == "wren"


@pytest.mark.parametrize("missing", ["Sort", "species", ""])
def test_a_label_column_that_is_missing_is_an_error(write, missing):
    path = write((*HEADER, ""), (1, VIEW, 1, 0, 1, "wren", ""))

    with pytest.raises(AnnotationError, match=rf"no column '{missing}'.*'Species'"):
        raven.read(path, label_column=missing)


@pytest.mark.parametrize("label_column", [None, "Sort"])
def test_a_header_alone_is_a_recording_without_annotations(write, label_column):
    assert raven.read(write(HEADER[:-1]), label_column) == []


# --- files


def test_begin_file_is_the_recording(write):
    path = write((*HEADER, "Begin File"), (1, VIEW, 1, 0, 1, "wren", "day1.wav"), (2, VIEW, 1, 0, 1, "wren", ""))

    found = raven.read(path)
    assert [each.recording for each in found] == ["day1.wav", None]
    assert "Begin File" not in found[0].extra


def test_times_count_from_the_begin_file_where_its_offset_is_known(write):
    header = (*HEADER, "Begin File", "File Offset (s)")
    path = write(header, (1, VIEW, 1, 3601.5, 3602.25, "wren", "hour2.wav", 1.5))

    found = raven.read(path)[0]
    assert (found.start, found.end, found.recording) == (1.5, 2.25, "hour2.wav")


@pytest.mark.parametrize("others", [(), ("Begin File",)])
def test_a_begin_path_names_the_recording_and_its_folders(write, others):
    header = (*HEADER, "Begin Path", "File Offset (s)", *others)
    path = write(
        header, (1, VIEW, 1, 3601.5, 3602.25, "wren", r"C:\audio\hour2.wav", 1.5, *["hour2.wav" for _ in others])
    )

    found = raven.read(path)[0]
    assert (found.start, found.end, found.recording) == (1.5, 2.25, r"C:\audio\hour2.wav")


def test_an_offset_without_a_file_is_not_used(write):
    path = write((*HEADER, "File Offset (s)"), (1, VIEW, 1, 10, 11, "wren", 4))

    assert (raven.read(path)[0].start, raven.read(path)[0].recording) == (10.0, None)


@pytest.mark.parametrize("offset", ["", "-1", "inf", "x"])
def test_an_offset_that_is_no_time_is_an_error(write, offset):
    path = write((*HEADER, "Begin File", "File Offset (s)"), (1, VIEW, 1, 10, 11, "wren", "a.wav", offset))

    with pytest.raises(AnnotationError, match=f"line 2: '{offset}' is"):
        raven.read(path)


# --- text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(write, encoding, line_end):
    path = write(HEADER, (1, VIEW, 1, 0, 1, "Grünspecht"), (), (), encoding=encoding, line_end=line_end)

    assert [found.label for found in raven.read(path)] == ["Grünspecht"]


def test_utf_16_of_the_other_byte_order(tmp_path):
    path = tmp_path / "day1.txt"
    path.write_bytes(b"\xfe\xff" + table(HEADER, (1, VIEW, 1, 0, 1, "Grünspecht")).encode("utf-16-be"))

    assert raven.read(path)[0].label == "Grünspecht"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"Selection\tBegin\x00Time", r"line 1: is not text.*\\x00"),
        (b"a\nb\x01", r"line 2: is not text.*\\x01"),
        (b"\xef\xbb\xbfBegin \xff", "begins as utf-8-sig text but is damaged"),
        (b"\xff\xfea", "begins as utf-16 text but is damaged"),
        (b"\x89\x90\x91", "not UTF-8, UTF-16 or Latin-1"),
        (b"", "is empty"),
        (b"\r\n\r\n", "is empty"),
        (b"Begin Time (s)\tLabel\n", r"line 1: has no column 'End Time \(s\)'; its columns are .*'Label'"),
        (b"End Time (s)\tEnd Time (s)\tBegin Time (s)\n", r"'End Time \(s\)' more than once"),
    ],
)
def test_what_is_not_a_selection_table_is_an_error(tmp_path, content, reason):
    path = tmp_path / "day1.txt"
    path.write_bytes(content)

    with pytest.raises(AnnotationError, match=reason) as caught:
        raven.read(path)
    assert caught.value.path == path


@pytest.mark.parametrize("name", ["missing.txt", "."])
def test_what_cannot_be_opened_is_an_error(tmp_path, name):
    with pytest.raises(AnnotationError, match="cannot be opened"):
        raven.read(tmp_path / name)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_an_error_names_the_line_as_an_editor_counts_it(write, line_end):
    path = write(HEADER, (1, VIEW, 1, 0, 1, "wren"), (2, VIEW, 1, 0, "x", "wren"), line_end=line_end)

    with pytest.raises(AnnotationError, match="line 3: "):
        raven.read(path)


# --- times


@pytest.mark.parametrize(
    ("start", "end", "offending"),
    [
        ("-1", "2", "-1"),
        ("nan", "2", "nan"),
        ("0", "inf", "inf"),
        ("0", "1e999", "1e999"),
        ("0", "", ""),
        ("3", "2.5", "2.5"),
        ("0,5", "1", "0,5"),
        ("0", "1_0", "1_0"),
        ("0", "٣", "٣"),
    ],
)
def test_a_time_that_is_none_is_an_error(write, start, end, offending):
    path = write(HEADER, (), (1, VIEW, 1, start, end, "wren"))

    with pytest.raises(AnnotationError, match=f"line 3: .*'{offending}'") as caught:
        raven.read(path)
    assert (caught.value.path, caught.value.line) == (path, 3)


labels = st.none() | st.text(st.characters(exclude_categories=["Cc", "Cs"])).map(str.strip).filter(bool)
times = st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)).map(sorted)


@given(st.lists(st.tuples(times, labels), min_size=1))
def test_what_is_written_is_read_back(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "raven-round-trip.txt"
    lines = [(n, VIEW, 1, start, end, label or "") for n, ((start, end), label) in enumerate(rows, start=1)]
    path.write_bytes(table(HEADER, *lines).encode())

    assert [([a.start, a.end], a.label) for a in raven.read(path)] == rows


# --- real tables

CHRONISTER = {
    "Recording_1_Segment_01": 0,
    "Recording_1_Segment_03": 44,
    "Recording_1_Segment_05": 205,
    "Recording_1_Segment_07": 279,
    "Recording_1_Segment_09": 160,
    "Recording_1_Segment_11": 208,
}


@pytest.mark.parametrize(
    ("name", "count"),
    [(f"{stem}.Table.1.selections.txt", count) for stem, count in CHRONISTER.items()]
    + [
        ("opso_EmptyExample.Table.1.selections.txt", 0),
        ("opso_MSD-0003_20180427_2minstart00.Table.1.selections.txt", 10),
        ("opso_raven_with_Annotation_col.txt", 1),
    ],
)
def test_real_tables_have_all_their_rows(name, count):
    assert len(raven.read(shared("audio_long", "raven_tables_only", name))) == count


def test_real_tables_have_all_their_labels():
    tables = [shared("audio_long", "raven_tables_only", f"{stem}.Table.1.selections.txt") for stem in CHRONISTER]
    counts = Counter(found.label for path in tables for found in raven.read(path))

    rare = {"BCCH": 49, "NOCA": 48, "OVEN": 42, "BTNW": 29, "BAWW": 19, "AMGO": 10, "WITU": 4}
    assert counts == {"WOTH": 301, "EATO": 278, "TUTI": 116, **rare}


def test_a_real_row_without_a_label():
    path = shared("audio_long", "raven_tables_only", "opso_MSD-0003_20180427_2minstart00.Table.1.selections.txt")
    found = raven.read(path)

    assert (found[-2].label, found[-1].label) == ("EATO", None)
    assert found[-1].extra["High Freq (Hz)"] == 2256.3


@pytest.mark.parametrize(
    ("folder", "stem", "count"),
    [
        ("finch", "finch_a", 792),
        ("finch", "finch_b", 587),
        ("mixtures", "esc10_fold5_1", 32),
        ("mixtures", "esc10_fold5_2", 30),
    ],
)
def test_the_raven_and_audacity_tables_of_one_recording_agree(folder, stem, count):
    selections = raven.read(shared("audio_long", folder, f"{stem}.Table.1.selections.txt"))
    labels = audacity.read(shared("audio_long", folder, f"{stem}.audacity.txt"))

    assert len(selections) == count
    assert [(a.start, a.end, a.label) for a in selections] == [(a.start, a.end, a.label) for a in labels]
