"""Audacity label tracks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaml.data.formats import audacity
from mediaml.data.formats.annotation import Annotation
from mediaml.errors import AnnotationError
from tests.shared_data import shared


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def write(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "day1.txt"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def test_a_line_is_an_annotation(write):
    path = write("0.500000\t2.250000\twren\n8\t9\trobin\n3\t4\twren")

    assert audacity.read(path) == [
        Annotation(0.5, 2.25, "wren"),
        Annotation(8.0, 9.0, "robin"),
        Annotation(3.0, 4.0, "wren"),
    ]


@pytest.mark.parametrize("line", ["1\t2\t", "1\t2", "1\t2\t  ", " 1 \t 2 \t\t"])
def test_a_label_may_be_empty(write, line):
    assert audacity.read(write(line)) == [Annotation(1.0, 2.0, None)]


def test_a_point_label_starts_where_it_ends(write):
    assert audacity.read(write("2.15\t2.15\tclick\n")) == [Annotation(2.15, 2.15, "click")]


def test_a_label_may_hold_tabs_spaces_and_commas(write):
    assert audacity.read(write("1\t2\t far wren,\tsinging \t\n"))[0].label == "far wren,\tsinging"


def test_frequencies_belong_to_the_label_above_them(write):
    path = write("1\t2\twren\n\\\t2593.156006\t8866.920898\n3\t4\trobin\n")

    assert audacity.read(path) == [
        Annotation(1.0, 2.0, "wren", {"low_freq_hz": 2593.156006, "high_freq_hz": 8866.920898}),
        Annotation(3.0, 4.0, "robin"),
    ]


def test_a_frequency_that_audacity_did_not_set_is_left_out(write):
    assert audacity.read(write("1\t2\twren\n\\\t-1.000000\t8000\n"))[0].extra == {"high_freq_hz": 8000.0}


def test_a_decimal_comma_is_read_as_a_point(write):
    path = write("0,5\t2,25\twren, far\n\\\t2593,5\t8866,5\n")

    assert audacity.read(path) == [
        Annotation(0.5, 2.25, "wren, far", {"low_freq_hz": 2593.5, "high_freq_hz": 8866.5}),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(write, encoding, line_end):
    path = write(line_end.join(["1\t2\tGrünspecht", "3\t4\tMeise", "", ""]), encoding)

    assert [found.label for found in audacity.read(path)] == ["Grünspecht", "Meise"]


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
def test_an_empty_label_track_has_no_annotations(write, text):
    assert audacity.read(write(text)) == []


def test_a_label_track_has_no_columns_to_choose_from(write):
    with pytest.raises(AnnotationError, match="no named columns: leave out label_column='Species'"):
        audacity.read(write("1\t2\twren"), label_column="Species")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("-0.5\t2\twren", "'-0.5' is negative"),
        ("nan\t2\twren", "'nan' is not a number of seconds"),
        ("1\tinf\twren", "'inf' is not a number of seconds"),
        ("1\t1e400\twren", "'1e400' is not a number of seconds"),
        ("1,234.5\t2000\twren", "'1,234.5' is not a number of seconds"),
        ("1\twren", "'wren' is not a number of seconds"),
        ("3\t2.5\twren", "the end '2.5' lies before the start '3'"),
        ("1 2 wren", "'1 2 wren' is not a start, an end and a label"),
        ("\\\t100", "is not a low and a high frequency"),
        ("\\\t100\tx", "is not a low and a high frequency"),
        ("\\\t100\t200\t300", "is not a low and a high frequency"),
        ("7\t8\twr\x00en", "is not text"),
    ],
)
def test_a_line_that_is_no_label_is_an_error(write, line, reason):
    path = write(f"1\t2\tfine\n\n{line}\n")

    with pytest.raises(AnnotationError, match="line 3: ") as caught:
        audacity.read(path)
    assert reason in caught.value.reason
    assert (caught.value.path, caught.value.line) == (path, 3)


def test_frequencies_without_a_label_are_an_error(write):
    with pytest.raises(AnnotationError, match="line 1: has frequencies before the first label"):
        audacity.read(write("\\\t100\t200\n1\t2\twren"))


def test_a_long_line_is_cut_in_the_error(write):
    with pytest.raises(AnnotationError) as caught:
        audacity.read(write("x" * 100_000))
    assert len(caught.value.reason) < 200


labels = st.none() | st.text(st.characters(exclude_categories=["Cc", "Cs"])).map(str.strip).filter(bool)
times = st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)).map(sorted)
frequencies = st.none() | st.tuples(st.floats(0, 1e5), st.floats(0, 1e5))


@given(st.lists(st.tuples(times, labels, frequencies)))
def test_what_is_written_is_read_back(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "audacity-round-trip.txt"
    lines = []
    for (start, end), label, bounds in rows:
        lines.append(f"{start}\t{end}\t{label or ''}\n")
        lines += [f"\\\t{bounds[0]}\t{bounds[1]}\n"] if bounds else []
    path.write_bytes("".join(lines).encode())

    found = audacity.read(path)
    assert [([a.start, a.end], a.label, tuple(a.extra.values()) or None) for a in found] == rows


# --- real label tracks


def test_a_real_label_track_with_frequencies():
    found = audacity.read(shared("audio_long", "soundscape", "maad_spinetail.audacity-with-freq.txt"))

    assert Counter(each.label for each in found) == {"SP": 14, "CRER": 4}
    assert found[0] == Annotation(0.101385, 0.367520, "SP", {"low_freq_hz": 6441.064453, "high_freq_hz": 12296.577148})
    assert all(len(each.extra) == 2 for each in found)


def test_real_label_tracks_of_meetings_overlap_and_hold_accents():
    found = audacity.read(shared("audio_long", "meeting", "trn03.audacity.txt"))

    assert found == [Annotation(0.0, 1.184, "MEE067"), Annotation(1.104, 30.0, "MÉO069")]


@pytest.mark.parametrize("name", ["count.segments", "count2.segments"])
def test_real_segments_of_other_programs_are_label_tracks_too(name):
    found = audacity.read(shared("audio_long", "segments", name))

    assert len(found) == 20
    assert {each.label for each in found} == {"silence", "speech"}
