"""Datasets in a notebook: how much of what, and some examples of all labels."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import soundfile

import mediaml as mm
from mediaml.reports.views.datasets import LABELS
from tests.colours import boxed
from tests.reports.views.page import view
from tests.sounds import RATE, tone


def recordings(folder: Path, counts: dict[str, int], seconds: float = 6.0) -> mm.AudioDataset:
    for label, count in counts.items():
        (folder / label).mkdir(parents=True)
        for number in range(count):
            soundfile.write(folder / label / f"{number}.wav", tone("hum", number, seconds), RATE)
    return mm.AudioDataset.from_folder(folder)


def test_labels_are_counted_with_bars_the_most_frequent_first(tmp_path: Path) -> None:
    sounds = recordings(tmp_path, {"owl": 1, "wren": 4}).segments(2.0)

    shown = view(sounds)

    assert "label clips recordings minutes wren 12 4 0.4 owl 3 1 0.1" in shown.text
    assert shown.bars == [1.0, 0.25]
    assert "clips 15 recordings 5" in shown.text
    assert len(shown.sounds) == 4, "some of them can be heard"
    assert {"wren", "owl"} <= set(shown.text.partition("Some of them")[2].split()), "of all labels"


def test_a_part_of_a_split_says_which(tmp_path: Path) -> None:
    _, second = recordings(tmp_path, {"owl": 4, "wren": 4}, 0.5).split(0.5, 0.5, seed=3)
    assert "part 2 of a split 0.5 / 0.5, seed 3" in view(second).text


def test_rows_without_a_label_and_rows_that_cannot_be_read_are_there(tmp_path: Path) -> None:
    sounds = recordings(tmp_path, {"owl": 1})
    (tmp_path / "broken.wav").write_bytes(b"no sound")
    both = mm.AudioDataset.from_folder(tmp_path)
    shown = view(both)
    assert "without a label 1" in shown.text
    assert "Nothing to hear" in shown.text
    assert "Some of them" not in view(sounds.where(path=[])).text


def test_pictures_have_their_boxes_counted_and_drawn(tmp_path: Path) -> None:
    shown = view(boxed(tmp_path / "grey", 6))
    assert "label pictures boxes blue 2 2 green 2 2 red 2 2" in shown.text
    assert "boxes 6" in shown.text
    assert len(shown.pictures) == 6
    assert all("with boxes around" in one["alt"] for one in shown.all("img"))


def test_a_long_table_is_cut_and_says_so(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone("hum", 1, 0.5), RATE)
    rows = pd.DataFrame({"path": ["a.wav"], "label": [";".join(f"label {n:03}" for n in range(LABELS + 7))]})
    sounds = mm.AudioDataset.from_table(rows, root=tmp_path, label_separator=";")
    assert "and 7 more: dataset.labels has them all" in view(sounds).text


def test_how_it_came_about_is_told_in_short(tmp_path: Path) -> None:
    sounds = recordings(tmp_path, {"owl": 3}, 0.5)
    chosen = sounds.where(path=[f"{'x' * 300}.wav", *sounds.frame["path"]])
    assert len(view(chosen).text.partition("…")[0]) < 250


def test_some_rows_are_of_all_labels_and_the_same_again(tmp_path: Path) -> None:
    sounds = recordings(tmp_path, {"owl": 1, "wren": 20}, 0.1)
    assert set(sounds.some(2).labels) == {"owl", "wren"}
    assert list(sounds.some(5)) == list(sounds.some(5)) != list(sounds.some(5, seed=1))
    assert len(sounds.some(100)) == 21 and len(sounds.some(0)) == 0
