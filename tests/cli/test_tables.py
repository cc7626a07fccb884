"""DATA on the command line, and parts of a split as tables that can be read back."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

import mediaml as mm
from mediaml.cli import tables
from mediaml.cli.arguments import fractions_of, in_folder
from mediaml.errors import DataError, LabelError, TableError


def rows(dataset: mm.AudioDataset) -> list[tuple[object, ...]]:
    """What a dataset says, row by row."""
    columns = ["path", "start", "end", "label", "group"]
    return [tuple(None if one is None else one for one in row) for row in dataset.frame[columns].to_numpy().tolist()]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "one.wav"
    soundfile.write(path, np.zeros(8000), 8000)
    return path


def test_a_folder_has_a_label_a_folder(tones: Path) -> None:
    assert tables.read(tones).labels == ("hiss", "hum", "whistle")
    assert tables.read(tones, labelled=False).labels == ()


@pytest.mark.parametrize("ending", ["csv", "tsv"])
def test_paths_of_a_table_begin_at_its_folder(ending: str, tones: Path) -> None:
    table = tones / f"clips.{ending}"
    frame = pd.DataFrame({"path": ["hum/0.wav", "hiss/1.wav"], "label": ["hum", "hiss"], "site": ["north", "south"]})
    frame.to_csv(table, sep="," if ending == "csv" else "\t", index=False)
    read = tables.read(table)
    table.unlink()
    assert list(read.frame["path"]) == [str(tones / "hum" / "0.wav"), str(tones / "hiss" / "1.wav")]
    assert list(read.frame["site"]) == ["north", "south"]


def test_background_needs_no_labels(sound: Path, tmp_path: Path) -> None:
    pd.DataFrame({"path": [str(sound)]}).to_csv(tmp_path / "street.csv", index=False)
    assert len(tables.read(tmp_path / "street.csv", labelled=False)) == 1
    with pytest.raises(TableError, match="'label'"):
        tables.read(tmp_path / "street.csv")


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder or table"):
        tables.read(tmp_path / "nowhere.csv")


# what people write into cells; the first sign is a letter, so that no cell is empty
WORDS = st.builds(
    "{}{}".format, st.sampled_from("aé鳥0"), st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8)
)


@given(
    cells=st.lists(st.tuples(WORDS | st.none(), WORDS, st.floats(0, 0.4), st.floats(0.5, 1)), min_size=1, max_size=6)
)
def test_a_part_that_is_read_back_is_the_same(
    cells: list[tuple[str | None, str, float, float]], sound: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    frame = pd.DataFrame(cells, columns=["label", "group", "start", "end"]).assign(path=str(sound))
    part = mm.AudioDataset.from_table(frame)
    folder = tmp_path_factory.mktemp("parts")
    place = tables.write_parts({"train": part}, folder)["train"]
    again = mm.AudioDataset.from_table(place)
    assert [row[3:] for row in rows(again)] == [row[3:] for row in rows(part)]
    for (_, *bounds), (_, *expected) in zip(
        again.frame[["path", "start", "end"]].to_numpy(), part.frame[["path", "start", "end"]].to_numpy(), strict=True
    ):
        np.testing.assert_allclose(np.array(bounds, float), np.array(expected, float), rtol=1e-12)


def test_line_ends_and_quotes_in_a_label_survive(sound: Path, tmp_path: Path) -> None:
    labels = ['a "great" tit', "two\nlines", "a,comma", "a lone\rreturn", "007", "NA"]
    part = mm.AudioDataset.from_table(pd.DataFrame({"path": str(sound), "label": labels}))
    tables.write_parts({"test": part}, tmp_path)
    assert list(mm.AudioDataset.from_table(tmp_path / "test.csv").frame["label"]) == labels


def test_several_labels_of_a_row_are_refused_before_anything_is_written(sound: Path, tmp_path: Path) -> None:
    several = mm.AudioDataset.from_table(pd.DataFrame({"path": [str(sound)], "label": [["a", "b"]]}))
    alone = mm.AudioDataset.from_table(pd.DataFrame({"path": [str(sound)], "label": ["a"]}))
    with pytest.raises(LabelError, match=r"one\.wav.*several labels"):
        tables.write_parts({"train": alone, "test": several}, tmp_path / "parts")
    assert not (tmp_path / "parts").exists()


def test_a_separator_carries_several_labels_there_and_back(sound: Path, tmp_path: Path) -> None:
    labels = [["a", "b"], "c", None]
    part = mm.AudioDataset.from_table(pd.DataFrame({"path": [str(sound)] * 3, "label": labels}))
    place = tables.write_parts({"train": part}, tmp_path, ";")["train"]
    assert list(tables.read(place, separator=";").frame["label"]) == [("a", "b"), "c", None]


@pytest.mark.parametrize("label", ["a;b", " a"])
def test_a_label_that_would_not_be_read_back_is_refused(sound: Path, tmp_path: Path, label: str) -> None:
    part = mm.AudioDataset.from_table(pd.DataFrame({"path": [str(sound)], "label": [label]}))
    with pytest.raises(LabelError, match="would not be read back"):
        tables.write_parts({"train": part}, tmp_path / "parts", ";")
    assert not (tmp_path / "parts").exists()


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    name = os.fsdecode(b"caf\xe9.wav")
    soundfile.write(tmp_path / "good.wav", np.zeros(800), 8000)
    (tmp_path / "good.wav").rename(tmp_path / "a" / name)
    with pytest.raises(TableError, match="rename it"):
        tables.write_parts({"train": tables.read(tmp_path)}, tmp_path / "parts")


def test_fractions_are_numbers_with_commas() -> None:
    assert fractions_of("0.8, 0.2", (2, 3)) == [0.8, 0.2]
    assert fractions_of("0.7,0.15,0.15", (2, 3)) == [0.7, 0.15, 0.15]


def test_files_are_named_as_the_recordings_lie_to_each_other(tmp_path: Path) -> None:
    out = Path("events")
    files = [tmp_path / "day1" / "a.wav", tmp_path / "day2" / "a.wav"]
    assert in_folder(files, out, "txt") == [out / "day1" / "a.txt", out / "day2" / "a.txt"]
    assert in_folder(files[:1], out, "selections.txt") == [out / "a.selections.txt"]
    assert in_folder(files, None, "csv") == [None, None]
