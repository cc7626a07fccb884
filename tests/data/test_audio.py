"""Datasets of sounds: read from folders, tables and annotations; chosen, renamed and cut."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

import mediaml as mm
from mediaml.errors import AnnotationError, DataError, LabelError, TableError
from tests.shared_data import shared

RATE = 8000
COLUMNS = ["path", "start", "end", "label", "group"]


def record(path: Path, seconds: float = 1.0, seed: int | None = None) -> Path:
    """Write a little noise that differs from one name to the next."""
    path.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.RandomState(sum(path.name.encode()) if seed is None else seed)
    soundfile.write(path, random.uniform(-0.1, 0.1, round(seconds * RATE)), RATE)
    return path


@pytest.fixture
def folder(tmp_path) -> Path:
    """Give a folder a label, with deeper folders, files of other kinds and one recording beside the labels."""
    root = tmp_path / "recordings"
    for name in ("robin/1.wav", "robin/garden/2.wav", "wren/1.FLAC", "wren/.hidden.wav", ".trash/3.wav", "loose.wav"):
        record(root / name)
    (root / "wren" / "notes.txt").write_text("no sound")
    (root / "wren" / "folder.wav").mkdir()
    return root


@pytest.fixture
def table(tmp_path) -> pd.DataFrame:
    """Give a table of six recordings in three folds, at two sites."""
    for number in range(6):
        record(tmp_path / "clips" / f"{number}.wav", 1.0 + number)
    return pd.DataFrame(
        {
            "path": [f"clips/{number}.wav" for number in range(6)],
            "label": ["robin", "wren", "robin", "wren", "kite", None],
            "fold": [1, 1, 2, 2, 3, 3],
            "site": ["north", "south", "north", "south", "north", None],
            "weight": [0.5, 1.0, float("nan"), 1.5, 2.0, 2.5],
        }
    )


def short(sounds: mm.AudioDataset) -> list[str]:
    return [Path(path).name for path in sounds.frame["path"]]


# --- from a folder


def test_a_folder_is_a_label(folder):
    frame = mm.AudioDataset.from_folder(folder).frame

    assert list(frame.columns) == COLUMNS
    assert list(frame["path"]) == [
        str(folder / name) for name in ("loose.wav", "robin/1.wav", "robin/garden/2.wav", "wren/1.FLAC")
    ]
    assert list(frame["label"]) == [None, "robin", "robin", "wren"]
    assert list(frame["start"]) == [0.0] * 4
    assert list(frame["end"]) == [1.0] * 4
    assert list(frame["group"]) == ["loose.wav", "robin/1.wav", "robin/garden/2.wav", "wren/1.FLAC"]


def test_a_folder_may_be_text_and_relative_and_paths_become_absolute(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)

    frame = mm.AudioDataset.from_folder("recordings").frame

    pd.testing.assert_frame_equal(frame, mm.AudioDataset.from_folder(folder).frame)


def test_without_labels_everything_is_unlabelled(folder):
    sounds = mm.AudioDataset.from_folder(folder, labels=None)

    assert len(sounds) == 4
    assert sounds.labels == ()
    assert list(sounds.frame["label"]) == [None] * 4


@pytest.mark.parametrize("labels", ["robin", ["robin"], ("robin",), {"robin"}])
def test_some_labels_may_be_named(folder, labels):
    sounds = mm.AudioDataset.from_folder(folder, labels=labels)

    assert sounds.labels == ("robin",)
    assert len(sounds) == 2


def test_a_label_without_a_folder_is_named(folder):
    with pytest.raises(LabelError, match="'kite'"):
        mm.AudioDataset.from_folder(folder, labels=["robin", "kite"])


@pytest.mark.parametrize("kind", ["missing", "empty", "file"])
def test_a_folder_without_recordings_is_named(tmp_path, kind):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")

    with pytest.raises(DataError, match=kind):
        mm.AudioDataset.from_folder(tmp_path / kind)


def test_an_unreadable_recording_stays_without_an_end(folder):
    (folder / "wren" / "broken.wav").write_bytes(b"no sound")

    frame = mm.AudioDataset.from_folder(folder).frame

    broken = frame[frame["path"].str.endswith("broken.wav")].iloc[0]
    assert np.isnan(broken["end"])
    assert broken["label"] == "wren"
    assert len(frame) == 5


# --- from a table


@pytest.mark.parametrize("kind", ["DataFrame", ".csv", ".tsv", ".parquet"])
def test_a_table_gives_a_row_a_clip_and_keeps_the_other_columns(table, tmp_path, kind):
    path = tmp_path / f"clips{kind}"
    if kind == ".csv":
        table.to_csv(path, index=False)
    elif kind == ".tsv":
        table.to_csv(path, index=False, sep="\t")
    elif kind == ".parquet":
        pytest.importorskip("pyarrow")
        table.to_parquet(path)

    sounds = mm.AudioDataset.from_table(table if kind == "DataFrame" else path, root=tmp_path)

    frame = sounds.frame
    assert list(frame.columns) == [*COLUMNS, "fold", "site", "weight"]
    assert list(frame["path"]) == [str(tmp_path / "clips" / f"{number}.wav") for number in range(6)]
    assert list(frame["label"]) == ["robin", "wren", "robin", "wren", "kite", None]
    assert list(frame["end"]) == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert list(frame["fold"]) == [1, 1, 2, 2, 3, 3]
    assert list(frame["weight"].dropna()) == [0.5, 1.0, 1.5, 2.0, 2.5]
    assert list(frame["group"]) == [f"clips/{number}.wav" for number in range(6)]


def test_columns_may_have_other_names(table, tmp_path):
    renamed = table.rename(columns={"path": "file", "label": "species"})

    frame = mm.AudioDataset.from_table(renamed, path_column="file", label_column="species", root=tmp_path).frame

    assert list(frame["label"]) == ["robin", "wren", "robin", "wren", "kite", None]
    assert list(frame["species"].dropna()) == ["robin", "wren", "robin", "wren", "kite"]
    assert short(mm.AudioDataset.from_table(renamed, "file", "species", root=tmp_path)) == [
        f"{n}.wav" for n in range(6)
    ]


def test_a_users_column_with_a_name_of_ours_is_kept_beside_it(table, tmp_path):
    table["species"] = table["label"].str.upper()
    table["group"] = "everything"

    frame = mm.AudioDataset.from_table(table, label_column="species", group_column="site", root=tmp_path).frame

    assert list(frame["label"])[:2] == ["ROBIN", "WREN"]
    assert list(frame["label_in_table"])[:2] == ["robin", "wren"]
    assert list(frame["group"])[:2] == ["north", "south"]
    assert list(frame["group_in_table"]) == ["everything"] * 6


def test_without_a_label_column_everything_is_unlabelled(table, tmp_path):
    sounds = mm.AudioDataset.from_table(table, label_column=None, root=tmp_path)

    assert sounds.labels == ()
    assert list(sounds.frame["label_in_table"].dropna()) == ["robin", "wren", "robin", "wren", "kite"]


def test_the_group_column_says_what_stays_together_and_blanks_stand_alone(table, tmp_path):
    frame = mm.AudioDataset.from_table(table, group_column="site", root=tmp_path).frame

    assert list(frame["group"]) == ["north", "south", "north", "south", "north", "clips/5.wav"]
    assert list(frame["site"].dropna()) == ["north", "south", "north", "south", "north"]


def test_a_column_group_is_taken_without_being_named(table, tmp_path):
    table["group"] = [1, 1, 2, 2, 3, float("nan")]

    frame = mm.AudioDataset.from_table(table, root=tmp_path).frame

    assert list(frame["group"]) == ["1", "1", "2", "2", "3", "clips/5.wav"]
    assert "group_in_table" not in frame.columns


@pytest.mark.parametrize(
    ("given", "label"),
    [
        ("robin", "robin"),
        (3, "3"),
        (np.int64(3), "3"),
        (3.0, "3"),
        (2.5, "2.5"),
        (np.float64(4.0), "4"),
        (0, "0"),
        (True, "True"),
        ("", None),
        (None, None),
        (float("nan"), None),
        (pd.NA, None),
        (pd.NaT, None),
        ("NA", "NA"),
        ("None", "None"),
        ("日本", "日本"),
        (["wren", "robin"], ("robin", "wren")),
        (("wren", "robin", "wren"), ("robin", "wren")),
        ({"wren"}, "wren"),
        (["wren"], "wren"),
        ([], None),
        ([None, ""], None),
        ([None, "wren"], "wren"),
        ([2, 1.0], ("1", "2")),
        (np.array(["wren", "robin"]), ("robin", "wren")),
        (np.array([2, 1]), ("1", "2")),
        (np.array([]), None),
    ],
    ids=repr,
)
def test_labels_may_be_text_numbers_lists_or_nothing(tmp_path, given, label):
    record(tmp_path / "a.wav")
    column = pd.Series([None], dtype=object)
    column.iat[0] = given

    (found,) = mm.AudioDataset.from_table(pd.DataFrame({"path": ["a.wav"], "label": column}), root=tmp_path).frame[
        "label"
    ]

    assert found == label
    assert type(found) is type(label)


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "string", "category"])
def test_labels_may_come_in_pandas_own_types(tmp_path, dtype):
    for name in "abc":
        record(tmp_path / f"{name}.wav")
    labels = pd.Series(["1", "2", None] if dtype in ("string", "category") else [1, 2, None]).astype(dtype)

    sounds = mm.AudioDataset.from_table(
        pd.DataFrame({"path": ["a.wav", "b.wav", "c.wav"], "label": labels}), root=tmp_path
    )

    assert list(sounds.frame["label"]) == ["1", "2", None]


def test_a_separator_makes_several_labels_of_a_cell(tmp_path):
    record(tmp_path / "a.wav")
    cells = ["wren; robin", "wren", " ; ", None, "wren;wren"]
    (tmp_path / "clips.csv").write_text("path,label\n" + "".join(f"a.wav,{one or ''}\n" for one in cells))

    sounds = mm.AudioDataset.from_table(tmp_path / "clips.csv", root=tmp_path, label_separator=";")
    unseparated = mm.AudioDataset.from_table(tmp_path / "clips.csv", root=tmp_path)

    assert list(sounds.frame["label"]) == [("robin", "wren"), "wren", None, None, "wren"]
    assert unseparated.frame["label"][0] == "wren; robin"


def test_only_leaves_out_what_has_any_other_label_and_keeps_what_has_none(tmp_path):
    record(tmp_path / "a.wav")
    rows = pd.DataFrame({"path": "a.wav", "label": [("robin", "wren"), "wren", None, ("robin", "owl"), "owl"]})
    sounds = mm.AudioDataset.from_table(rows, root=tmp_path)

    known = sounds.only(["wren", "robin", "rook"])

    assert list(known.frame["label"]) == [("robin", "wren"), "wren", None]
    assert known.origin[-1] == {"only": ["robin", "rook", "wren"]}
    assert list(sounds.only("wren").frame["label"]) == ["wren", None]


@pytest.mark.parametrize("separator", ["", " "])
def test_a_blank_separator_is_refused(tmp_path, separator):
    with pytest.raises(TableError, match="label_separator is what stands between labels"):
        mm.AudioDataset.from_table(tmp_path / "clips.csv", root=tmp_path, label_separator=separator)


def test_several_labels_come_from_parquet(tmp_path):
    pytest.importorskip("pyarrow")
    for name in "ab":
        record(tmp_path / f"{name}.wav")
    pd.DataFrame({"path": ["a.wav", "b.wav"], "label": [["wren", "robin"], []]}).to_parquet(tmp_path / "clips.parquet")

    sounds = mm.AudioDataset.from_table(tmp_path / "clips.parquet", root=tmp_path)

    assert list(sounds.frame["label"]) == [("robin", "wren"), None]
    assert sounds.labels == ("robin", "wren")


def test_start_and_end_say_which_part_is_meant(tmp_path):
    record(tmp_path / "long.wav", 10.0)
    rows = pd.DataFrame({"path": "long.wav", "label": "x", "start": [0.0, 2.5, None, 4], "end": [2.5, 5.0, 3.0, None]})

    frame = mm.AudioDataset.from_table(rows, root=tmp_path).frame

    assert list(frame["start"]) == [0.0, 2.5, 0.0, 4.0]
    assert list(frame["end"]) == [2.5, 5.0, 3.0, 10.0]
    assert list(frame.columns) == COLUMNS


@pytest.mark.parametrize(("start", "end"), [(-1.0, 2.0), (3.0, 2.0), (11.0, None)])
def test_a_stretch_that_cannot_be_is_refused_with_its_row(tmp_path, start, end):
    record(tmp_path / "a.wav", 10.0)
    rows = pd.DataFrame({"path": "a.wav", "label": "x", "start": [0.0, start], "end": [1.0, end]})

    with pytest.raises(TableError, match=r"row 2: .*a\.wav"):
        mm.AudioDataset.from_table(rows, root=tmp_path)


@pytest.mark.parametrize("value", ["1:30", "soon"])
def test_times_that_are_no_seconds_are_refused(tmp_path, value):
    record(tmp_path / "a.wav")

    with pytest.raises(TableError, match="'start' must hold seconds"):
        mm.AudioDataset.from_table(pd.DataFrame({"path": ["a.wav"], "label": "x", "start": [value]}), root=tmp_path)


def test_absolute_paths_do_not_mind_the_root(table, tmp_path):
    table["path"] = [str(tmp_path / path) for path in table["path"]]

    assert short(mm.AudioDataset.from_table(table, root="/nowhere")) == [f"{number}.wav" for number in range(6)]


def test_without_a_root_paths_begin_where_the_process_stands(table, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert mm.AudioDataset.from_table(table).frame["path"][0] == str(tmp_path / "clips" / "0.wav")


def test_two_ways_to_write_a_path_are_one_recording(table, tmp_path):
    table.loc[1, "path"] = "clips/../clips/./0.wav"

    frame = mm.AudioDataset.from_table(table, root=tmp_path).frame

    assert frame["path"][0] == frame["path"][1]


def test_a_row_may_stand_at_any_index(table, tmp_path):
    table.index = [7] * 6

    frame = mm.AudioDataset.from_table(table, root=tmp_path).frame

    assert list(frame.index) == list(range(6))
    assert list(frame["fold"]) == [1, 1, 2, 2, 3, 3]


def test_the_users_table_is_left_as_it_was(table, tmp_path):
    before = table.copy()

    mm.AudioDataset.from_table(table, root=tmp_path)

    pd.testing.assert_frame_equal(table, before)


def test_missing_files_are_warned_of_and_stay_without_an_end(table, tmp_path):
    (tmp_path / "clips" / "1.wav").unlink()
    (tmp_path / "clips" / "3.wav").unlink()

    with pytest.warns(UserWarning, match=r"2 files do not exist, the first is .*1\.wav") as caught:
        frame = mm.AudioDataset.from_table(table, root=tmp_path).frame

    assert caught[0].filename == __file__
    assert list(frame["end"].isna()) == [False, True, False, True, False, False]


def test_where_no_file_exists_the_root_is_doubted(table):
    with pytest.raises(TableError, match="root='elsewhere'"):
        mm.AudioDataset.from_table(table, root="elsewhere")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"path_column": "file"}, "path_column"),
        ({"label_column": "species"}, "label_column"),
        ({"group_column": "bird"}, "group_column"),
    ],
)
def test_a_missing_column_is_named_with_those_that_are_there(table, tmp_path, arguments, named):
    with pytest.raises(TableError, match=rf"path, label, fold, site, weight.*{named}="):
        mm.AudioDataset.from_table(table, root=tmp_path, **arguments)


@pytest.mark.parametrize("blank", [None, "", float("nan")])
def test_a_row_without_a_path_is_named(table, tmp_path, blank):
    table.loc[2, "path"] = blank

    with pytest.raises(TableError, match="row 3 has no path"):
        mm.AudioDataset.from_table(table, root=tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("missing.csv", None),
        ("empty.csv", b""),
        ("latin.csv", "path,label\nä.wav,x\n".encode("latin-1")),
        ("broken.parquet", b"PAR1"),
        ("table.xlsx", b"PK"),
        ("uneven.csv", b"path,label\na.wav,b\nc.wav,d,e\n"),
    ],
)
def test_a_table_that_cannot_be_read_is_named(tmp_path, name, content):
    if content is not None:
        (tmp_path / name).write_bytes(content)

    with pytest.raises(TableError, match=name):
        mm.AudioDataset.from_table(tmp_path / name, root=tmp_path)


def test_a_csv_of_a_spreadsheet_with_a_byte_order_mark_is_read(tmp_path):
    record(tmp_path / "a.wav")
    (tmp_path / "clips.csv").write_bytes("path,label\na.wav,Zaunkönig\n".encode("utf-8-sig"))

    assert mm.AudioDataset.from_table(tmp_path / "clips.csv", root=tmp_path).labels == ("Zaunkönig",)


def test_a_comma_too_many_at_the_end_of_every_row_shifts_no_column(tmp_path):
    record(tmp_path / "a.wav")
    (tmp_path / "clips.csv").write_text("path,label\na.wav,wren,\n")

    assert mm.AudioDataset.from_table(tmp_path / "clips.csv", root=tmp_path).labels == ("wren",)


def test_a_table_without_rows_is_a_dataset_without_rows(tmp_path):
    sounds = mm.AudioDataset.from_table(pd.DataFrame({"path": [], "label": []}), root=tmp_path)

    assert len(sounds) == 0
    assert sounds.labels == ()
    assert list(sounds.frame.columns) == COLUMNS


# --- from annotations

RAVEN = (
    "Selection\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tAnnotation\n1\t0.5\t2\t200\twren\n2\t7\t8\t300\trobin\n"
)
AUDACITY = "0.5\t2.0\twren\n7.0\t8.0\trobin\n"
RTTM = "SPEAKER {name} 1 0.5 1.5 <NA> <NA> wren <NA> <NA>\nSPEAKER {name} 1 7 1 <NA> <NA> robin <NA> <NA>\n"
FORMATS = {
    "Raven": ("{name}.Table.1.selections.txt", RAVEN),
    "Audacity": ("{name}.txt", AUDACITY),
    "RTTM": ("{name}.rttm", RTTM),
}


@pytest.fixture(params=FORMATS)
def days(request, tmp_path) -> tuple[list[Path], list[Path]]:
    """Give two days of 20 s, with the table of each."""
    name, text = FORMATS[request.param]
    sounds = [record(tmp_path / "sounds" / f"day{number}.wav", 20.0) for number in (1, 2)]
    tables = [tmp_path / "tables" / name.format(name=sound.stem) for sound in sounds]
    (tmp_path / "tables").mkdir()
    for sound, table in zip(sounds, tables, strict=True):
        table.write_text(text.format(name=sound.stem))
    return sounds, tables


def test_an_annotation_is_a_row(days):
    sounds, tables = days

    frame = mm.AudioDataset.from_annotations(sounds, tables).frame

    assert list(frame.columns)[:5] == COLUMNS
    assert list(frame["path"]) == [str(sounds[0])] * 2 + [str(sounds[1])] * 2
    assert list(frame["start"]) == [0.5, 7.0] * 2
    assert list(frame["end"]) == [2.0, 8.0] * 2
    assert list(frame["label"]) == ["wren", "robin"] * 2
    assert list(frame["group"]) == ["day1.wav"] * 2 + ["day2.wav"] * 2


def test_one_path_each_will_do(days):
    sounds, tables = days

    for path in (Path, str):
        frame = mm.AudioDataset.from_annotations(path(sounds[0]), path(tables[0])).frame
        assert list(frame["label"]) == ["wren", "robin"]
        assert list(frame["group"]) == ["day1.wav"] * 2


def test_folders_are_matched_by_name(days):
    sounds, tables = days

    matched = mm.AudioDataset.from_annotations(sounds[0].parent, str(tables[0].parent))

    pd.testing.assert_frame_equal(matched.frame, mm.AudioDataset.from_annotations(sounds, tables).frame)


def test_a_list_of_recordings_may_meet_a_folder_of_tables(days):
    sounds, tables = days

    matched = mm.AudioDataset.from_annotations(list(reversed(sounds)), tables[0].parent)

    assert list(matched.frame["group"]) == ["day2.wav"] * 2 + ["day1.wav"] * 2


def test_lists_of_different_lengths_are_refused(days):
    sounds, tables = days

    with pytest.raises(DataError, match="2 recordings and 1 tables"):
        mm.AudioDataset.from_annotations(sounds, tables[:1])


def test_a_recording_without_a_table_is_named(days):
    sounds, tables = days
    tables[1].unlink()

    with pytest.raises(AnnotationError, match=r"day2\.wav"):
        mm.AudioDataset.from_annotations(sounds[0].parent, tables[0].parent)


def test_a_broken_table_is_named_with_its_line(days):
    sounds, tables = days
    tables[1].write_text("0.5\t2.0\twren\n7.0\tsoon\trobin\n")

    with pytest.raises(AnnotationError, match=r"day2.*, line 2: "):
        mm.AudioDataset.from_annotations(sounds, tables)


def test_the_other_columns_of_a_table_are_kept(tmp_path):
    sound = record(tmp_path / "day1.wav", 20.0)
    (tmp_path / "day1.txt").write_text(RAVEN)

    sounds = mm.AudioDataset.from_annotations(sound, tmp_path / "day1.txt")

    assert [float(value) for value in sounds.frame["Low Freq (Hz)"]] == [200, 300]
    assert len(sounds.where(**{"Low Freq (Hz)": 300})) == 1


def test_the_label_column_of_a_raven_table_may_be_named(tmp_path):
    sound = record(tmp_path / "day1.wav", 20.0)
    (tmp_path / "day1.txt").write_text(RAVEN.replace("Annotation", "Who"))

    assert mm.AudioDataset.from_annotations(sound, tmp_path / "day1.txt", label_column="Who").labels == (
        "robin",
        "wren",
    )


def test_one_rttm_file_may_speak_of_several_recordings(tmp_path):
    sounds = [record(tmp_path / f"day{number}.wav", 20.0) for number in (1, 2)]
    (tmp_path / "all.rttm").write_text(RTTM.format(name="day1") + RTTM.format(name="day2").replace("wren", "kite"))

    frame = mm.AudioDataset.from_annotations(sounds, [tmp_path / "all.rttm"] * 2).frame

    assert list(frame["label"]) == ["wren", "robin", "kite", "robin"]
    assert list(frame["group"]) == ["day1.wav"] * 2 + ["day2.wav"] * 2


SITES = ("siteA/day1.wav", "siteB/day1.wav", "siteB/day2.wav")


@pytest.fixture
def sites(tmp_path) -> list[Path]:
    """Give recordings of two sites, two of which have the same name."""
    return [record(tmp_path / "sites" / name, 20.0) for name in SITES]


def joined(path: Path, column: str, *rows: tuple[str, str]) -> Path:
    """Write a Raven table of several recordings: what a row is called in a column, and its label."""
    lines = [f"Selection\tBegin Time (s)\tEnd Time (s)\t{column}\tAnnotation"]
    lines += [f"{number}\t{number}\t{number + 1}\t{name}\t{label}" for number, (name, label) in enumerate(rows, 1)]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("folder", ["D:\\field\\{}", "/mnt/field/{}", "{}"])
def test_the_path_in_a_joined_table_tells_recordings_of_one_name_apart(sites, tmp_path, folder):
    names = [folder.format(name.replace("/", "\\") if "\\" in folder else name) for name in SITES]
    table = joined(tmp_path / "all.txt", "Begin Path", *zip(names, ["wren", "robin", "kite"], strict=True))

    frame = mm.AudioDataset.from_annotations(tmp_path / "sites", table).frame

    assert dict(zip(frame["path"], frame["label"], strict=True)) == dict(
        zip(map(str, sites), ["wren", "robin", "kite"], strict=True)
    )
    assert len(frame) == 3


def test_two_recordings_of_one_name_are_enough_for_a_joined_table(sites, tmp_path):
    table = joined(tmp_path / "all.txt", "Begin Path", (r"D:\siteB\day1.wav", "robin"), (r"D:\siteA\day1.wav", "wren"))

    assert list(mm.AudioDataset.from_annotations(sites[:2], table).frame["label"]) == ["wren", "robin"]


@pytest.mark.parametrize(
    ("column", "name"),
    [("Begin File", "day1.wav"), ("Begin Path", r"D:\audio\day1.wav"), ("Begin Path", r"D:\siteC\day1.wav")],
)
def test_a_name_that_two_recordings_have_is_refused_with_both(sites, tmp_path, column, name):
    table = joined(tmp_path / "all.txt", column, (name, "wren"), (r"D:\siteB\day2.wav", "kite"))

    with pytest.raises(AnnotationError, match=r"all\.txt: .*day1\.wav' may be .*siteA.* or .*siteB.*Begin Path"):
        mm.AudioDataset.from_annotations(tmp_path / "sites", table)


def test_a_joined_table_may_speak_of_a_recording_of_that_name_that_is_not_given(sites, tmp_path):
    rows = [(f"D:\\field\\{name}".replace("/", "\\"), name) for name in SITES]
    table = joined(tmp_path / "all.txt", "Begin Path", *rows)

    with pytest.warns(UserWarning, match=r"all\.txt: what it says of .*siteA.*day1\.wav is left out"):
        frame = mm.AudioDataset.from_annotations(tmp_path / "sites" / "siteB", table).frame

    assert list(frame["label"]) == ["siteB/day1.wav", "siteB/day2.wav"]


def test_a_recording_that_a_joined_table_has_from_two_machines_gets_both(sites, tmp_path):
    rows = [(r"C:\ann\day1.wav", "wren"), ("/home/bob/day1.wav", "robin"), ("day2.wav", "kite"), ("day1.wav", "owl")]
    table = joined(tmp_path / "all.txt", "Begin Path", *rows)

    frame = mm.AudioDataset.from_annotations(tmp_path / "sites" / "siteB", table).frame

    assert list(frame["label"]) == ["wren", "robin", "owl", "kite"]


def test_the_label_column_of_a_joined_table_may_be_named(sites, tmp_path):
    table = joined(tmp_path / "all.txt", "Begin File", ("day1.wav", "wren"), ("day2.wav", "kite"))
    table.write_text(table.read_text().replace("Annotation", "Who"))

    sounds = mm.AudioDataset.from_annotations(sites[1:], table, label_column="Who")

    assert list(sounds.frame["label"]) == ["wren", "kite"]


def test_a_recording_in_which_nothing_is_to_be_heard_is_cut_all_the_same(tmp_path):
    sound = record(tmp_path / "quiet.wav", 20.0)
    (tmp_path / "quiet.txt").write_text("")

    sounds = mm.AudioDataset.from_annotations(sound, tmp_path / "quiet.txt")

    assert len(sounds) == 0
    assert list(sounds.segments(5.0).frame["label"]) == [None] * 4


def test_segments_of_annotated_recordings_carry_what_is_heard_in_them(days):
    segments = mm.AudioDataset.from_annotations(*days).segments(seconds=5.0)

    frame = segments.frame
    assert list(frame["start"]) == [0.0, 5.0, 10.0, 15.0] * 2
    assert list(frame["end"]) == [5.0, 10.0, 15.0, 20.0] * 2
    assert list(frame["label"]) == ["wren", "robin", None, None] * 2
    assert list(frame["group"]) == ["day1.wav"] * 4 + ["day2.wav"] * 4
    assert len(segments.unlabelled) == 4


def test_a_segment_with_two_sounds_has_two_labels(days):
    frame = mm.AudioDataset.from_annotations(*days).segments(seconds=10.0).frame

    assert list(frame["label"]) == [("robin", "wren"), None] * 2


def test_segments_know_the_new_names_of_labels(days):
    sounds = mm.AudioDataset.from_annotations(*days).relabel({"wren": "bird", "robin": None})

    assert list(sounds.segments(5.0).frame["label"]) == ["bird", None, None, None] * 2


def test_chosen_recordings_are_cut_and_the_others_are_not(days):
    sounds = mm.AudioDataset.from_annotations(*days)

    segments = sounds.where(group="day2.wav").segments(5.0)

    assert set(segments.frame["group"]) == {"day2.wav"}
    assert len(segments) == 4


def test_a_split_of_annotated_recordings_can_still_be_cut(days):
    sounds = mm.AudioDataset.from_annotations(*days)

    one, other = sounds.split(0.5, 0.5)

    assert sorted([*set(one.segments(5.0).frame["group"]), *set(other.segments(5.0).frame["group"])]) == [
        "day1.wav",
        "day2.wav",
    ]


def test_a_recording_that_cannot_be_read_stays_in_the_rows(tmp_path):
    (tmp_path / "day1.wav").write_bytes(b"no sound")
    (tmp_path / "day1.txt").write_text(AUDACITY)

    sounds = mm.AudioDataset.from_annotations(tmp_path / "day1.wav", tmp_path / "day1.txt")

    assert list(sounds.frame["label"]) == ["wren", "robin"]
    assert list(sounds.segments(5.0).frame["end"].isna()) == [True]


# --- real annotations


@pytest.mark.parametrize("name", ["finch/finch_a", "finch/finch_b", "mixtures/esc10_fold5_1", "mixtures/esc10_fold5_2"])
def test_raven_and_audacity_tables_of_a_real_recording_agree(name):
    sound = shared("audio_long", f"{name}.ogg")
    raven = mm.AudioDataset.from_annotations(sound, sound.with_suffix(".Table.1.selections.txt"))
    audacity = mm.AudioDataset.from_annotations(sound, sound.with_suffix(".audacity.txt"))

    assert len(raven) > 10
    assert list(raven.frame["label"]) == list(audacity.frame["label"])
    np.testing.assert_allclose(raven.frame[["start", "end"]], audacity.frame[["start", "end"]], atol=1e-6)
    assert raven.segments(5.0).frame["label"].equals(audacity.segments(5.0).frame["label"])


def test_a_real_bird_is_cut_into_labelled_segments():
    sounds = mm.AudioDataset.from_annotations(
        shared("audio_long", "finch", "finch_a.ogg"),
        shared("audio_long", "finch", "finch_a.Table.1.selections.txt"),
    )

    segments = sounds.segments(seconds=1.0)

    assert segments.labels == sounds.labels
    assert len(segments) == pytest.approx(157, abs=1)
    assert (segments.frame["end"] - segments.frame["start"] <= 1.0 + 1e-6).all()
    assert 0 < len(segments.unlabelled) < len(segments)


def test_real_meetings_are_matched_with_their_speakers():
    folder = shared("audio_long", "meeting")
    recordings = sorted(folder.glob("trn*.flac"))

    sounds = mm.AudioDataset.from_annotations(recordings, [path.with_suffix(".rttm") for path in recordings])
    again = mm.AudioDataset.from_annotations(recordings, [path.with_suffix(".audacity.txt") for path in recordings])

    assert sounds.frame["path"].nunique() == 9
    assert "MÉO069" in sounds.labels
    assert list(sounds.frame["label"]) == list(again.frame["label"])
    np.testing.assert_allclose(sounds.frame[["start", "end"]], again.frame[["start", "end"]], atol=1e-6)
    assert any(isinstance(label, tuple) for label in sounds.segments(5.0).frame["label"])  # turns overlap


def test_a_real_folder_with_two_kinds_of_tables_is_refused_by_name():
    folder = shared("audio_long", "finch")

    with pytest.raises(AnnotationError, match="several tables of one recording"):
        mm.AudioDataset.from_annotations(folder, folder)


# --- choosing


@pytest.fixture
def sounds(table, tmp_path) -> mm.AudioDataset:
    return mm.AudioDataset.from_table(table, root=tmp_path)


@pytest.mark.parametrize(
    ("columns", "chosen"),
    [
        ({"fold": 1}, "01"),
        ({"fold": [1, 3]}, "0145"),
        ({"fold": (1, 3)}, "0145"),
        ({"fold": {1, 3}}, "0145"),
        ({"fold": range(2, 4)}, "2345"),
        ({"fold": np.array([1, 3])}, "0145"),
        ({"fold": pd.Series([1, 3])}, "0145"),
        ({"fold": frozenset({2})}, "23"),
        ({"fold": 1.0}, "01"),
        ({"fold": []}, ""),
        ({"fold": 9}, ""),
        ({"site": "north"}, "024"),
        ({"site": None}, "5"),
        ({"site": ["south", None]}, "135"),
        ({"weight": None}, "2"),
        ({"weight": [1.0, 1.5]}, "13"),
        ({"label": "robin"}, "02"),
        ({"label": ["robin", "kite"]}, "024"),
        ({"label": None}, "5"),
        ({"label": ["kite", None]}, "45"),
        ({"fold": [1, 2], "site": "north"}, "02"),
        ({"fold": 1, "site": "north", "label": "robin"}, "0"),
        ({"fold": 9, "site": "north", "label": "robin"}, ""),
        ({"start": 0.0}, "012345"),
        ({}, "012345"),
    ],
    ids=str,
)
def test_rows_are_chosen_by_any_column(sounds, columns, chosen):
    found = sounds.where(**columns)

    assert "".join(Path(path).stem for path in found.frame["path"]) == chosen
    assert list(found.frame.columns) == list(sounds.frame.columns)
    assert isinstance(found, mm.AudioDataset)


def test_choosing_twice_is_choosing_by_both(sounds):
    assert short(sounds.where(fold=[1, 2]).where(site="south")) == ["1.wav", "3.wav"]
    assert short(sounds.where(fold=9).where(site="south")) == []


def test_a_row_with_several_labels_is_found_by_each_of_them(tmp_path):
    record(tmp_path / "a.wav")
    rows = pd.DataFrame({"path": ["a.wav"] * 3, "label": [["wren", "robin"], ["wren"], ["kite"]]})
    sounds = mm.AudioDataset.from_table(rows, root=tmp_path)

    assert len(sounds.where(label="robin")) == 1
    assert len(sounds.where(label="wren")) == 2
    assert len(sounds.where(label=("robin", "wren"))) == 2
    assert len(sounds.where(label=sounds.labels)) == 3
    assert len(sounds.where(label=["robin", "kite"])) == 2


def test_a_column_that_is_not_there_is_named_with_those_that_are(sounds):
    with pytest.raises(TableError, match=r"'Fold'.*fold, site, weight"):
        sounds.where(Fold=1)


def test_text_never_matches_numbers_silently(sounds):
    with pytest.raises(TableError, match="'fold' holds numbers"):
        sounds.where(fold="1")
    with pytest.raises(TableError, match="'fold' holds numbers"):
        sounds.where(fold=["1", "2"])


def test_a_label_that_no_row_has_is_not_an_empty_dataset(sounds):
    with pytest.raises(LabelError, match=r"no row is labelled 'rein'; there are: .*"):
        sounds.where(label="rein")
    with pytest.raises(LabelError, match="no row is labelled 'rein' or 'snow'"):
        sounds.where(label=["rein", "snow"])
    assert len(sounds.where(label=[*sounds.labels, "snow"])) == len(sounds.labelled)
    assert len(sounds.where(label=["snow", None])) == len(sounds.unlabelled)


def test_columns_in_pandas_own_types_with_blanks_are_chosen_from_as_well(table, tmp_path):
    sounds = mm.AudioDataset.from_table(table.convert_dtypes(), root=tmp_path)

    assert short(sounds.where(weight=1.5)) == ["3.wav"]
    assert short(sounds.where(weight=None)) == ["2.wav"]
    assert short(sounds.where(site="south")) == ["1.wav", "3.wav"]
    assert short(sounds.where(site=None)) == ["5.wav"]


def test_labelled_and_unlabelled_are_the_two_halves(sounds):
    assert short(sounds.unlabelled) == ["5.wav"]
    assert short(sounds.labelled) == [f"{number}.wav" for number in range(5)]
    assert len(sounds.labelled.unlabelled) == 0


def test_what_was_chosen_can_be_split_cut_and_renamed_even_if_it_is_nothing(sounds):
    nothing = sounds.where(fold=9)

    assert len(nothing.segments(5.0)) == 0
    assert len(nothing.relabel({})) == 0
    assert [len(part) for part in nothing.split(0.5, 0.5)] == [0, 0]
    assert nothing.labels == ()
    assert nothing.seconds == 0
    assert list(nothing) == []
    assert "0 clips" in str(nothing)


# --- sorting


def test_rows_are_sorted_by_columns_and_equal_ones_keep_their_order(sounds):
    assert short(sounds.sorted_by("site")) == [f"{number}.wav" for number in (0, 2, 4, 1, 3, 5)]
    assert short(sounds.sorted_by("site", "label")) == [f"{number}.wav" for number in (4, 0, 2, 1, 3, 5)]


def test_a_column_to_sort_by_that_is_not_there_is_named_with_those_that_are(sounds):
    with pytest.raises(TableError, match=r"'Fold'.*fold, site, weight"):
        sounds.sorted_by("fold", "Fold")


def test_what_has_no_order_is_no_column_to_sort_by(tmp_path):
    record(tmp_path / "a.wav")
    rows = pd.DataFrame({"path": ["a.wav"] * 2, "label": [["wren", "robin"], ["wren"]]})

    with pytest.raises(TableError, match="no order by label"):
        mm.AudioDataset.from_table(rows, root=tmp_path).sorted_by("label")


# --- renaming


def test_labels_get_other_names(sounds):
    assert list(sounds.relabel({"robin": "redbreast"}).frame["label"]) == [
        "redbreast", "wren", "redbreast", "wren", "kite", None,
    ]  # fmt: skip


def test_several_labels_may_become_one(sounds):
    assert sounds.relabel({"robin": "bird", "wren": "bird"}).labels == ("bird", "kite")


def test_two_labels_may_change_places(sounds):
    swapped = sounds.relabel({"robin": "wren", "wren": "robin"})

    assert list(swapped.frame["label"])[:2] == ["wren", "robin"]


def test_a_label_may_be_taken_away_and_the_row_stays(sounds):
    without = sounds.relabel({"kite": None})

    assert len(without) == 6
    assert short(without.unlabelled) == ["4.wav", "5.wav"]


def test_several_labels_of_a_row_are_renamed_one_by_one(tmp_path):
    record(tmp_path / "a.wav")
    rows = pd.DataFrame({"path": ["a.wav"] * 2, "label": [["wren", "robin"], ["kite", "robin"]]})
    sounds = mm.AudioDataset.from_table(rows, root=tmp_path)

    assert list(sounds.relabel({"robin": "wren"}).frame["label"]) == ["wren", ("kite", "wren")]
    assert list(sounds.relabel({"robin": None}).frame["label"]) == ["wren", "kite"]


def test_a_label_that_is_not_there_is_named(sounds):
    with pytest.raises(LabelError, match=r"'Robin'.*kite, robin, wren"):
        sounds.relabel({"Robin": "bird", "wren": "bird"})


# --- cutting


def test_a_recording_is_cut_into_windows_that_keep_all_its_columns(sounds):
    segments = sounds.segments(seconds=2.0)

    (row,) = [number for number, path in enumerate(short(sounds)) if path == "3.wav"]
    cut = segments.frame[segments.frame["path"] == sounds.frame["path"][row]]
    assert list(cut["start"]) == [0.0, 2.0]
    assert list(cut["end"]) == [2.0, 4.0]
    for column in ("label", "group", "fold", "site", "weight"):
        assert set(cut[column]) == {sounds.frame[column][row]}
    assert list(segments.frame.columns) == list(sounds.frame.columns)
    assert list(segments.frame.index) == list(range(len(segments)))


def test_windows_may_overlap(sounds):
    cut = sounds.where(label="kite").segments(seconds=2.0, hop=1.0).frame  # 5 s

    assert list(cut["start"]) == [0.0, 1.0, 2.0, 3.0]


def test_a_part_of_a_recording_is_cut_within_itself(tmp_path):
    record(tmp_path / "long.wav", 20.0)
    rows = pd.DataFrame({"path": ["long.wav"], "label": "x", "start": [3.0], "end": [13.0]})

    cut = mm.AudioDataset.from_table(rows, root=tmp_path).segments(5.0).frame

    assert list(cut["start"]) == [3.0, 8.0]
    assert list(cut["end"]) == [8.0, 13.0]


def test_an_unreadable_recording_passes_through_the_cutting(folder):
    (folder / "wren" / "broken.wav").write_bytes(b"no sound")

    segments = mm.AudioDataset.from_folder(folder).segments(0.5).frame

    assert len(segments[segments["path"].str.endswith("broken.wav")]) == 1
    assert len(segments) == 2 * 4 + 1


@pytest.mark.parametrize(("seconds", "hop"), [(0, None), (-1, None), (float("nan"), None), (5, 0), (5, -2)])
def test_windows_without_length_are_refused(sounds, days, seconds, hop):
    for dataset in (sounds, mm.AudioDataset.from_annotations(*days)):
        with pytest.raises(DataError, match="seconds > 0 and hop > 0"):
            dataset.segments(seconds, hop)


def test_segments_of_one_recording_stay_together_in_a_split(sounds):
    segments = sounds.where(label=["robin", "wren"]).segments(0.5)

    one, other = segments.split(0.5, 0.5)

    assert not set(one.frame["path"]) & set(other.frame["path"])
    assert one.labels == other.labels == ("robin", "wren")


# --- two datasets in one


def test_a_union_cuts_the_annotated_recordings_of_both(days):
    sounds, tables = days
    one, other = (mm.AudioDataset.from_annotations(*pair) for pair in zip(sounds, tables, strict=True))

    segments = one.union(other).segments(5.0)

    assert list(segments.frame["label"]) == ["wren", "robin", None, None] * 2
    assert list(segments.frame["path"]) == [str(sounds[0])] * 4 + [str(sounds[1])] * 4


@pytest.mark.parametrize("annotated_first", [True, False])
def test_a_union_of_annotated_recordings_with_clips_cuts_each_in_its_own_way(days, folder, annotated_first):
    annotated = mm.AudioDataset.from_annotations(*days)
    clips = mm.AudioDataset.from_folder(folder)

    both = annotated.union(clips) if annotated_first else clips.union(annotated)
    frame = both.segments(5.0).frame

    of_days = frame["path"].isin([str(path) for path in days[0]])
    assert list(frame[of_days]["label"]) == ["wren", "robin", None, None] * 2
    assert list(frame[~of_days]["label"]) == list(clips.frame["label"])
    assert list(frame[~of_days]["path"]) == list(clips.frame["path"])


def test_stretches_beside_annotated_recordings_are_cut_within_themselves_and_keep_their_columns(days, tmp_path):
    record(tmp_path / "long.wav", 60.0)
    rows = pd.DataFrame({"path": ["long.wav"], "label": ["kite"], "start": [20.0], "end": [30.0], "fold": [3]})
    stretches = mm.AudioDataset.from_table(rows, root=tmp_path)

    cut = mm.AudioDataset.from_annotations(*days).union(stretches).segments(5.0).where(fold=3).frame

    assert list(cut["start"]) == [20.0, 25.0]
    assert list(cut["label"]) == ["kite"] * 2


def test_a_union_keeps_recordings_in_which_nothing_is_to_be_heard(days, tmp_path):
    quiet = record(tmp_path / "quiet.wav", 20.0)
    (tmp_path / "quiet.txt").write_text("")
    silence = mm.AudioDataset.from_annotations(quiet, tmp_path / "quiet.txt")
    annotated = mm.AudioDataset.from_annotations(*days)

    for both in (annotated.union(silence), silence.union(annotated)):
        assert list(both.segments(5.0).frame["path"]).count(str(quiet)) == 4


def test_a_recording_that_both_annotate_is_cut_once_with_the_labels_of_both(days, tmp_path):
    sounds, tables = days
    (tmp_path / "more.txt").write_text("11.0\t14.0\tkite\n")
    one = mm.AudioDataset.from_annotations(sounds[0], tables[0])
    other = mm.AudioDataset.from_annotations(sounds[0], tmp_path / "more.txt")

    assert list(one.union(other).segments(5.0).frame["label"]) == ["wren", "robin", "kite", None]


def test_in_a_union_the_rows_of_the_other_replace_those_of_the_same_stretch(table, tmp_path):
    sounds = mm.AudioDataset.from_table(table, root=tmp_path)
    mended = sounds.where(label="robin").relabel({"robin": "kite"})

    both = sounds.union(mended)

    assert sorted(short(both)) == sorted(short(sounds))
    assert both.labels == ("kite", "wren")


def test_a_union_with_something_else_takes_no_row_away(tmp_path):
    for name in ("a.wav", "b.wav", "c.wav"):
        record(tmp_path / name)
    two_labels = pd.DataFrame({"path": ["a.wav", "a.wav", "b.wav"], "label": ["robin", "wren", "kite"]})
    sounds = mm.AudioDataset.from_table(two_labels, root=tmp_path)
    others = mm.AudioDataset.from_table(pd.DataFrame({"path": ["c.wav"] * 2, "label": ["owl", "jay"]}), root=tmp_path)

    assert list(sounds.union(others).frame["label"]) == ["robin", "wren", "kite", "owl", "jay"]


def test_an_unreadable_recording_is_replaced_in_a_union_too(folder):
    (folder / "robin" / "1.wav").write_bytes(b"no sound")
    sounds = mm.AudioDataset.from_folder(folder)

    both = sounds.union(sounds.where(label="robin").relabel({"robin": "kite"}))

    assert len(both) == len(sounds)
    assert "robin" not in both.labels


# --- looking


def test_a_row_is_a_clip(sounds, folder):
    clips = list(sounds)

    assert len(clips) == len(sounds)
    assert clips[1] == mm.Clip(
        path=Path(sounds.frame["path"][1]), segment=mm.Segment(start=0.0, end=2.0), labels=("wren",)
    )
    assert clips[5].labels == ()

    (folder / "wren" / "broken.wav").write_bytes(b"no sound")
    broken = [clip for clip in mm.AudioDataset.from_folder(folder) if clip.path.name == "broken.wav"]
    assert [clip.segment for clip in broken] == [None]


def test_a_dataset_says_what_it_is(sounds):
    assert str(sounds) == "AudioDataset: 6 clips (0.3 min) of 6 recordings, 3 labels, 1 unlabelled"
    assert str(sounds) in repr(sounds)
    assert sounds.seconds == pytest.approx(21.0)
    assert sounds.labels == ("kite", "robin", "wren")


def test_a_notebook_shows_the_labels_and_no_label_is_markup(tmp_path):
    record(tmp_path / "a.wav")
    sounds = mm.AudioDataset.from_table(pd.DataFrame({"path": ["a.wav"], "label": ["<script>"]}), root=tmp_path)

    html = sounds._repr_html_()

    assert "&lt;script&gt;" in html
    assert "<script>" not in html


def test_nobody_can_change_a_dataset_through_its_frame(sounds):
    frame = sounds.frame
    frame.loc[0, "label"] = "changed"
    frame.drop(columns="path", inplace=True)

    assert sounds.frame["label"][0] == "robin"
    assert "path" in sounds.frame.columns


def test_choosing_renaming_and_cutting_leave_the_dataset_as_it_was(sounds):
    before = sounds.frame

    sounds.where(fold=1)
    sounds.relabel({"robin": "bird"})
    sounds.segments(0.5)

    pd.testing.assert_frame_equal(sounds.frame, before)


# --- the hash that a model remembers its data by


def hash_of(root: Path, order: int = 1, **labels: str) -> str:
    rows = list(labels.items())[::order]
    frame = pd.DataFrame({"path": [f"{name}.wav" for name, _ in rows], "label": [label for _, label in rows]})
    return mm.AudioDataset.from_table(frame, root=root).content_hash()


def test_the_hash_is_of_the_sounds_and_labels_and_not_of_names_places_or_order(tmp_path):
    for number, name in enumerate(["a", "b"]):
        record(tmp_path / "here" / f"{name}.wav", seed=number)
        record(tmp_path / "there" / f"{name * 2}.wav", seed=number)

    assert hash_of(tmp_path / "here", a="x", b="y") == hash_of(tmp_path / "there", aa="x", bb="y")
    assert hash_of(tmp_path / "here", a="x", b="y") == hash_of(tmp_path / "here", -1, a="x", b="y")


def test_another_sound_another_label_or_another_cut_is_another_hash(tmp_path):
    record(tmp_path / "a.wav", seed=1)
    record(tmp_path / "b.wav", seed=2)
    sounds = mm.AudioDataset.from_table(pd.DataFrame({"path": ["a.wav"], "label": "x"}), root=tmp_path)
    first = sounds.content_hash()

    others = [
        hash_of(tmp_path, a="y"),
        hash_of(tmp_path, b="x"),
        hash_of(tmp_path, a="x", b="x"),
        sounds.segments(0.5).content_hash(),
    ]
    record(tmp_path / "a.wav", seed=3)
    os.utime(tmp_path / "a.wav", (1, 1))

    assert len({first, *others, sounds.content_hash()}) == 6


def test_groups_of_annotated_recordings_are_the_same_on_another_machine(days, tmp_path):
    sounds, tables = days
    here = mm.AudioDataset.from_annotations(sounds, tables)
    (tmp_path / "elsewhere").mkdir()
    moved = [path.rename(tmp_path / "elsewhere" / path.name) for path in sounds]

    there = mm.AudioDataset.from_annotations(moved, tables)

    assert list(here.frame["group"]) == list(there.frame["group"])


def test_windows_of_a_real_recording_lie_side_by_side():
    sounds = mm.AudioDataset.from_folder(shared("audio_long", "soundscape"), labels=None)

    for _, rows in sounds.segments(5.0).frame.groupby("path"):
        assert all(one == other for (_, one), (other, _) in pairwise(zip(rows["start"], rows["end"], strict=True)))


# --- what a review found


def test_a_linked_folder_is_a_label_too(tmp_path):
    record(tmp_path / "elsewhere" / "kite" / "a.wav")
    record(tmp_path / "sounds" / "wren" / "b.wav")
    (tmp_path / "sounds" / "kite").symlink_to(tmp_path / "elsewhere" / "kite")
    (tmp_path / "sounds" / "wren" / "loop").symlink_to(tmp_path / "sounds")

    assert mm.AudioDataset.from_folder(tmp_path / "sounds").labels == ("kite", "wren")


def test_files_with_unknown_endings_are_named(tmp_path):
    record(tmp_path / "wren" / "a.wav")
    (tmp_path / "wren" / "b.xyz").touch()
    (tmp_path / "wren" / "notes.txt").touch()

    with pytest.warns(UserWarning, match=r"passed over: \.xyz \(1\)"):
        assert len(mm.AudioDataset.from_folder(tmp_path)) == 1


def test_an_endless_clip_is_refused(tmp_path):
    record(tmp_path / "a.wav")
    rows = pd.DataFrame({"path": ["a.wav"], "label": ["wren"], "start": [0.0], "end": [float("inf")]})

    with pytest.raises(TableError, match="row 1"):
        mm.AudioDataset.from_table(rows, root=tmp_path)


def test_one_rttm_for_many_recordings(tmp_path):
    for name in ("a.wav", "b.wav", "c.wav"):
        record(tmp_path / name, seconds=2.0)
    line = "SPEAKER {} 1 0.5 1.0 <NA> <NA> {} <NA> <NA>\n"
    (tmp_path / "all.rttm").write_text(line.format("a", "ann") + line.format("b", "bob"))
    recordings = [tmp_path / name for name in ("a.wav", "b.wav", "c.wav")]

    sounds = mm.AudioDataset.from_annotations(recordings, tmp_path / "all.rttm")

    assert list(sounds.frame["label"]) == ["ann", "bob"]
    assert len(sounds.segments(2.0)) == 3


def test_annotations_behind_the_end_are_told(tmp_path):
    record(tmp_path / "a.wav", seconds=1.0)
    (tmp_path / "a.txt").write_text("0.1\t0.5\twren\n7.0\t8.0\tkite\n")

    with pytest.warns(UserWarning, match="1 annotations lie behind the end"):
        mm.AudioDataset.from_annotations(tmp_path / "a.wav", tmp_path / "a.txt")


def test_segments_with_several_labels_can_be_dropped(tmp_path):
    record(tmp_path / "a.wav", seconds=2.0)
    (tmp_path / "a.txt").write_text("0.0\t1.0\twren\n0.0\t2.0\tkite\n")
    sounds = mm.AudioDataset.from_annotations(tmp_path / "a.wav", tmp_path / "a.txt")

    assert list(sounds.segments(1.0).frame["label"]) == [("kite", "wren"), "kite"]
    assert list(sounds.segments(1.0, several="drop").frame["label"]) == ["kite"]
