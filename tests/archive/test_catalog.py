"""What was found, to be asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

import mediaml as mm
from mediaml.errors import DataError, LabelError, StoreError
from tests.reports.views.page import view
from tests.watching import ColourModel


@pytest.fixture(scope="module")
def catalog(original: Path, sounds: mm.LocalAudioModel, tmp_path_factory: pytest.TempPathFactory) -> mm.Catalog:
    store = tmp_path_factory.mktemp("store") / "catalog.sqlite"
    models = {"sounds": sounds, "colours": ColourModel(boxes=True)}
    return mm.scan(original, models, store, every=0.5, progress=False)


def test_segments_are_a_table_by_file_and_time(catalog):
    frame = catalog.segments()

    assert list(frame.columns) == ["file", "start", "end", "label", "confidence", "model"]
    assert frame.equals(frame.sort_values(["file", "start", "end", "label", "model"]).reset_index(drop=True))
    assert frame["confidence"].between(0, 1).all()


def test_segments_are_chosen_by_label_confidence_file_and_model(catalog):
    everything = catalog.segments()

    assert set(catalog.segments("red")["label"]) == {"red"}
    assert set(catalog.segments(["red", "hum"])["label"]) == {"red", "hum"}
    high = catalog.segments(min_confidence=0.9)
    assert high.equals(everything[everything["confidence"] >= 0.9].reset_index(drop=True))
    assert len(catalog.segments(file="tapes/hum.wav")) == 1
    assert set(catalog.segments(model="colours")["label"]) <= {"red", "green", "blue"}


def test_the_surest_come_first_where_only_some_are_wanted(catalog):
    top = catalog.segments(top=2)

    assert list(top["confidence"]) == sorted(catalog.segments()["confidence"], reverse=True)[:2]


def test_a_table_without_rows_has_columns_of_the_same_kinds(catalog):
    empty, full = catalog.segments("green", file="hum.wav"), catalog.segments()

    assert empty.empty
    assert [str(empty[name].dtype) for name in ("start", "end", "confidence")] == ["float64"] * 3
    assert list(empty.columns) == list(full.columns)


def test_what_is_not_there_is_told_with_what_there_is(catalog):
    with pytest.raises(LabelError, match=r"'cow'; there are: .*hum.*red"):
        catalog.segments("cow")
    with pytest.raises(LabelError, match=r"'cow'; there are: .*hum.*red"):
        catalog.segments(value=mm.Value(labels={"red": 2, "cow": 3}))
    with pytest.raises(DataError, match=r"no model 'x' took part; there are: colours, sounds"):
        catalog.segments(model="x")
    with pytest.raises(DataError, match="there is no such file"):
        catalog.timeline("none.wav")
    with pytest.raises(DataError, match=r"broken\.mp4: it could not be read"):
        catalog.timeline("broken.mp4")


def test_a_part_of_a_name_is_no_name(catalog):
    with pytest.raises(DataError, match="no such file"):
        catalog.timeline("um.wav")


@pytest.fixture
def moved(tmp_path: Path) -> mm.Catalog:
    """Two red pictures of one name, and one that was moved before the second scan."""
    store, archive = tmp_path / "catalog.sqlite", tmp_path / "archive"
    for name in ("a/moved.png", "a/twin.png", "b/twin.png"):
        (archive / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (40, 30), (220, 10, 10)).save(archive / name)
    mm.scan(archive, ColourModel(), store, progress=False)
    (archive / "a" / "moved.png").rename(archive / "b" / "moved.png")
    return mm.scan(archive, ColourModel(), store, progress=False)


def test_a_file_that_is_gone_has_no_timeline(moved, tmp_path):
    with pytest.raises(DataError, match=r"a/moved\.png: it was gone when the archive was last scanned"):
        moved.timeline(tmp_path / "archive" / "a" / "moved.png")
    with pytest.raises(DataError, match="it was gone"):
        moved.timeline("a/moved.png")


def test_a_whole_path_is_never_the_end_of_another_one(tmp_path):
    there, store = tmp_path / "backup", tmp_path / "catalog.sqlite"
    gone = tmp_path / "day.png"
    copy = there / gone.relative_to("/")
    copy.parent.mkdir(parents=True)
    for path in (gone, copy):
        Image.new("RGB", (40, 30), (220, 10, 10)).save(path)
    mm.scan([gone, there], ColourModel(), store, progress=False)
    gone.unlink()
    catalog = mm.scan(tmp_path, ColourModel(), store, progress=False)

    with pytest.raises(DataError, match="it was gone"):
        catalog.timeline(gone)
    assert catalog.timeline(copy).source == str(copy)


def test_the_end_of_a_name_means_a_file_that_is_there(moved, tmp_path, monkeypatch):
    assert moved.timeline("moved.png").labels == ("red", "green", "blue")
    assert len(moved.segments(file="moved.png")) == 1
    with pytest.raises(DataError, match=r"several files end so: .*a/twin\.png, .*b/twin\.png"):
        moved.timeline("twin.png")

    monkeypatch.chdir(tmp_path / "archive" / "a")
    assert moved.timeline("twin.png").source == str(tmp_path / "archive" / "a" / "twin.png")
    assert moved.timeline("moved.png").source == str(tmp_path / "archive" / "b" / "moved.png")


def test_a_timeline_has_what_all_models_found_in_a_file(catalog):
    timeline = catalog.timeline("Größe 日本.mkv")

    assert [(event.label, event.model) for event in timeline] == [
        ("red", "colours"),
        ("whistle", "sounds"),
        ("blue", "colours"),
    ]
    assert set(timeline.labels) == {"red", "green", "blue", "hum", "whistle", "quiet"}
    assert timeline.media is not None
    assert timeline.media.has_picture
    assert timeline.media.has_sound
    assert timeline.duration == pytest.approx(8, abs=0.1)


def test_boxes_come_back_as_they_were_found(catalog):
    red = next(event for event in catalog.timeline("Größe 日本.mkv") if event.label == "red")

    (track,) = red.tracks
    assert len(track.sightings) == 8
    assert track.surest.box.width == pytest.approx(96)


def test_finds_are_cut_together_and_cut_out(catalog, tmp_path):
    reel = catalog.reel(["red", "whistle"], top=2)
    clips = catalog.export_clips(tmp_path / "best", label=["whistle", "green"], progress=False)

    assert len(reel) == 2
    assert reel.save(tmp_path / "best.fcpxml").exists()
    assert [one.error for one in clips] == [None] * len(clips)
    assert {one.path.suffix for one in clips if one.path} == {".mkv", ".flac", ".bmp"}


def test_finds_are_laid_out_to_be_judged(catalog, tmp_path):
    page = catalog.review(tmp_path / "review", min_confidence=0.5, progress=False)

    shown = json.loads((page.parent / "items.js").read_text().removeprefix("const REVIEW = ").removesuffix(";\n"))
    kinds = {(Path(one["source"]).name, one["label"]): (one["kind"], one["sense"]) for one in shown["items"]}
    assert len(shown["items"]) == len(catalog.segments(min_confidence=0.5))
    assert kinds["hum.wav", "hum"] == ("sound", "heard")
    assert kinds["Größe 日本.mkv", "whistle"] == ("video", "heard")
    assert kinds["Größe 日本.mkv", "blue"] == ("video", "seen")
    assert kinds["red.png", "red"] == ("picture", "seen")
    assert [one["problem"] for one in shown["items"] if "problem" in one] == []
    assert set(shown["labels"]) == {"hum", "whistle", "quiet", "red", "green", "blue"}
    assert shown["title"] == "Finds of catalog.sqlite"


def test_files_and_labels_are_tables_too(catalog):
    files, labels = catalog.files, catalog.labels.set_index("label")

    assert set(files["state"]) == {"read", "not read"}
    assert files["segments"].sum() == len(catalog.segments())
    assert labels.loc["quiet", "segments"] == 0
    assert labels.loc["whistle", "files"] == 2
    assert labels.loc["whistle", "seconds"] == pytest.approx(catalog.segments("whistle").eval("end - start").sum())


def test_it_says_what_is_in_it(catalog):
    assert "3 not read" in str(catalog)
    assert "whistle: 2 segments in 2 files (sounds)" in str(catalog)


def test_a_notebook_shows_labels_with_bars_and_the_surest_finds(catalog):
    shown = view(catalog)

    assert "whistle 2 2" in shown.text and "not read 3" in shown.text
    assert max(shown.bars) == 1.0
    assert len(shown.sounds) == 2, "a hum and a whistle"
    assert len(shown.pictures) > len(shown.sounds), "and pictures of what is seen"
    assert "broken.png" in shown.text


def test_a_store_that_is_not_there_is_named(tmp_path):
    with pytest.raises(StoreError, match=r"none\.sqlite: there is no such store"):
        mm.Catalog(tmp_path / "none.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_by_value_what_is_worth_most_comes_first_and_its_parts_explain_it(catalog):
    found = catalog.segments(order="value", explain=True)

    parts = ["relevance", "rarity", "length", "quality", "novelty"]
    assert list(found.columns) == ["file", "start", "end", "label", "confidence", "model", "value", *parts]
    assert list(found["value"]) == sorted(found["value"], reverse=True)
    product = found["relevance"] * found["confidence"] * found["novelty"]
    product *= (found["rarity"] * found["length"] * found["quality"]) ** 0.5
    assert found["value"].to_numpy() == pytest.approx(product.to_numpy())
    assert len(found) == len(catalog.segments())


def test_what_is_wanted_comes_first_and_what_is_not_wanted_is_worth_nothing(catalog):
    found = catalog.segments(value=mm.Value(labels={"hum": 5, "red": 0}))

    assert found["label"].iloc[0] == "hum"
    assert set(found.loc[found["label"] == "red", "value"]) == {0.0}


def test_finds_have_the_same_order_and_their_value(catalog):
    finds, found = catalog.finds(top=3, order="value"), catalog.segments(top=3, order="value")

    assert [find.event.label for find in finds] == list(found["label"])
    assert [find.value for find in finds] == pytest.approx(list(found["value"]))
    assert catalog.finds(top=1)[0].value is None


def test_an_order_that_is_none_is_refused(catalog):
    with pytest.raises(ValueError, match="order is one of time, confidence, value, doubt, not 'size'"):
        catalog.segments(order="size")
    with pytest.raises(ValueError, match="orders by value, not by time"):
        catalog.segments(order="time", value=mm.Value())


def test_copies_of_a_file_share_one_place(original, sounds, tmp_path):
    for name in ("a.wav", "b.wav"):
        (tmp_path / name).write_bytes((original / "tapes" / "hum.wav").read_bytes())
    catalog = mm.scan(tmp_path, sounds, tmp_path / "c.sqlite", progress=False)

    assert sorted(catalog.segments(order="value", explain=True)["novelty"]) == [0.5, 1.0]
