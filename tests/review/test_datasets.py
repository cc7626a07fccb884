"""Datasets laid out to be labelled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import mediaml as mm
from mediaml.data.labels import label_column
from mediaml.data.pictures.rows import box_column
from tests.pictures import write_shapes
from tests.sounds import write_tones


def items(page: Path) -> list[dict[str, Any]]:
    text = (page.parent / "items.js").read_text()
    found: list[dict[str, Any]] = json.loads(text.removeprefix("const REVIEW = ").removesuffix(";\n"))["items"]
    return found


def test_sounds_with_and_without_labels(tmp_path: Path) -> None:
    folder = write_tones(tmp_path / "tones", 2)
    (folder / "loose.wav").write_bytes((folder / "hum" / "0.wav").read_bytes())
    data = mm.AudioDataset.from_folder(folder)

    page = data.review(tmp_path / "review", labels=["bell"], progress=False)

    shown = items(page)
    assert [one.get("label") for one in shown] == ["hiss"] * 2 + ["hum"] * 2 + [None] + ["whistle"] * 2
    assert {(one["kind"], one["sense"]) for one in shown} == {("sound", "heard")}
    assert shown[0]["group"] == "hiss/0.wav"
    assert '"labels":["bell","hiss","hum","whistle"]' in (page.parent / "items.js").read_text()


def test_each_label_of_a_row_is_judged_by_itself(tmp_path: Path) -> None:
    folder = write_tones(tmp_path / "tones", 1)
    table = mm.AudioDataset.from_folder(folder, labels=["hum"]).frame
    table["label"] = label_column([("hum", "wind")], table.index)

    page = mm.AudioDataset(table).review(tmp_path / "review", progress=False)

    assert [one["label"] for one in items(page)] == ["hum", "wind"]


def test_pictures_with_boxes_and_with_labels(tmp_path: Path) -> None:
    frame = mm.ImageDataset.from_folder(write_shapes(tmp_path / "shapes", 1)).frame
    box, other = (mm.Box(label=label, left=1, top=2, width=3, height=4) for label in ("cat", "dog"))
    frame["boxes"] = box_column([(box, other), (box, box), None], frame.index)
    data = mm.ImageDataset(frame)

    shown = items(data.review(tmp_path / "review", progress=False))

    assert [one.get("label") for one in shown] == [None, "cat", "stripes"]
    assert [len(one["boxes"]) if "boxes" in one else None for one in shown] == [2, 2, None]


def test_a_recording_that_cannot_be_read_is_on_the_page(tmp_path: Path) -> None:
    folder = write_tones(tmp_path / "tones", 1)
    (folder / "hum" / "1.wav").write_bytes(b"no sound")

    shown = items(mm.AudioDataset.from_folder(folder).review(tmp_path / "review", progress=False))

    assert [Path(one["source"]).name for one in shown if "problem" in one] == ["1.wav"]
