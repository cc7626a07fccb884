"""Models that find boxes: they learn generated pictures, keep what they learned, and say what they found."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mediaml as mm
from mediaml.errors import ImageError, LabelError, SavedModelError
from tests.metrics.test_at_thresholds import own_thresholds_give_what_was_given
from tests.pictures import SHAPES, drawn, pretrained, write_shapes

SIDE = 128
pytestmark = pytest.mark.slow  # a detector is trained


def finder(**settings: object) -> mm.LocalImageModel:
    return mm.LocalImageModel("ssd", **{"side": SIDE, "epochs": 18, "seed": 7, **settings})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def boxed(tmp_path_factory: pytest.TempPathFactory) -> mm.ImageDataset:
    """Thirty shapes with the box that is really drawn, and six pictures without any."""
    pretrained()
    folder = write_shapes(tmp_path_factory.mktemp("boxed"), 10)
    found = mm.ImageDataset.from_folder(folder)
    frame = found.frame
    boxes = [(extent(one),) for one in found]
    for number in range(6):
        path = folder / "circle" / f"empty {number}.png"
        drawn("circle", number).crop((0, 0, 4, 4)).resize((96, 96)).save(path)
    empty = mm.ImageDataset.from_folder(folder, None).frame
    empty = empty[empty["path"].str.contains("empty")]
    frame["boxes"] = pd.Series(boxes, dtype=object)
    empty["boxes"] = [()] * len(empty)
    return mm.ImageDataset(frame).union(mm.ImageDataset(empty))


def extent(picture: mm.Picture) -> mm.Box:
    from PIL import Image

    levels = np.asarray(Image.open(picture.path).convert("L"))
    dark = levels < 100
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    return mm.Box(
        label=picture.labels[0],
        left=columns[0],
        top=rows[0],
        width=columns[-1] + 1 - columns[0],
        height=rows[-1] + 1 - rows[0],
    )


@pytest.fixture(scope="module")
def parts(boxed: mm.ImageDataset) -> tuple[mm.ImageDataset, ...]:
    return boxed.split(0.7, 0.3, seed=2, near_duplicates=False)


@pytest.fixture(scope="module")
def fitted(parts: tuple[mm.ImageDataset, ...]) -> mm.LocalImageModel:
    return finder().fit(parts[0], progress=False)


def test_it_finds_the_shapes(fitted: mm.LocalImageModel, parts: tuple[mm.ImageDataset, ...]) -> None:
    report = fitted.evaluate(parts[1], progress=False)
    assert isinstance(report, mm.DetectionReport)
    assert report.mean_average_precision is not None and report.mean_average_precision > 0.5, str(report)
    assert report.examples == len(parts[1])
    assert report.model["calibration"]["held_out_boxes"] > 0 and report.model["seconds"] > 0
    assert "mxnet" in report.model["measured_with"] and report.model["validation_given"] is False
    own_thresholds_give_what_was_given(report)


def test_a_prediction_has_its_boxes_in_pixels(fitted: mm.LocalImageModel, parts: tuple[mm.ImageDataset, ...]) -> None:
    for one in fitted.predict(list(parts[1])):
        assert (one.width, one.height) == (96, 96)
        assert {score.label for score in one.alternatives} == set(SHAPES)
        sure = [box.confidence or 0.0 for box in one.boxes]
        assert sure == sorted(sure, reverse=True)
        assert one.labels == tuple(dict.fromkeys(box.label for box in one.boxes))
        assert (one.label is None) == (not one.boxes) == (one.reason is not None)
        for box in one.boxes:
            assert 0 <= box.left <= box.right <= 96.001 and 0 <= box.top <= box.bottom <= 96.001


def test_nothing_and_nonsense(fitted: mm.LocalImageModel) -> None:
    blank, tiny = fitted.predict([np.zeros((80, 80, 3), np.uint8), np.eye(4) * 0.5])
    assert (blank.reason, tiny.reason) == ("blank", "too_small")
    assert blank.confidence == tiny.confidence == 0, "nor is anything considered, in reports neither"
    broken = fitted.predict(["none.png", drawn("cross", 1)], on_error="skip")
    assert broken[0].error is not None and broken[1].error is None
    with pytest.raises(ImageError, match=r"none\.png"):
        fitted.predict("none.png")


def test_it_is_saved_and_loaded(fitted: mm.LocalImageModel, parts: tuple[mm.ImageDataset, ...], tmp_path: Path) -> None:
    items = parts[1].frame["path"].tolist()
    loaded = mm.load(fitted.save(tmp_path / "model"))
    assert loaded.predict(items) == fitted.predict(items)
    with loaded.deploy() as endpoint:
        assert endpoint.predict(items[0]) == fitted.predict(items[0])
    facts = json.loads((tmp_path / "model" / "model.json").read_text())
    for change in ({"side": 100}, {"thresholds": [0.5]}, {"anchors": {"sizes": [[1, 1]], "levels": [9]}}):
        (tmp_path / "model" / "model.json").write_text(json.dumps({**facts, **change}))
        with pytest.raises(SavedModelError):
            mm.load(tmp_path / "model")


def test_thresholds_can_be_changed(
    fitted: mm.LocalImageModel, parts: tuple[mm.ImageDataset, ...], tmp_path: Path
) -> None:
    changed = mm.load(fitted.save(tmp_path / "model"))
    changed.thresholds = dict.fromkeys(SHAPES, 1.5)  # type: ignore[attr-defined]
    assert all(one.reason == "low_confidence" for one in changed.predict(list(parts[1])))
    assert changed.thresholds["precision"].isna().all(), "how it does there was not measured"  # type: ignore[attr-defined]


@pytest.mark.slow
def test_the_same_data_gives_the_same_model(parts: tuple[mm.ImageDataset, ...]) -> None:
    items = parts[1].frame["path"].tolist()
    once, again = (finder(epochs=2).fit(parts[0], progress=False).predict(items) for _ in range(2))
    assert once == again


@pytest.mark.filterwarnings("ignore:.*validation are in train")
def test_background_is_learned_from(parts: tuple[mm.ImageDataset, ...]) -> None:
    background = parts[1].where(label="circle")
    train = parts[0].where(label=["cross", "stripes"])
    model = finder(epochs=1).fit(train, validation=train, background=background, progress=False)
    assert model.labels == ("cross", "stripes")


@pytest.mark.filterwarnings("ignore:.*validation are in train")
def test_a_label_that_was_not_held_out_takes_the_others_threshold(parts: tuple[mm.ImageDataset, ...]) -> None:
    with pytest.warns(UserWarning, match="no box of stripes was held out"):
        model = finder(epochs=1).fit(parts[0], validation=parts[0].where(label=["cross", "circle"]), progress=False)
    table = model.thresholds["threshold"]
    assert table["stripes"] == pytest.approx((table["cross"] + table["circle"]) / 2)


class TestWhatIsRefused:
    def test_pictures_without_boxes(self, tmp_path: Path) -> None:
        labels_only = mm.ImageDataset.from_folder(write_shapes(tmp_path, 2))
        with pytest.raises(LabelError, match="has no boxes: this model finds boxes"):
            finder().fit(labels_only)

    def test_empty_pictures_alone(self, boxed: mm.ImageDataset) -> None:
        with pytest.raises(LabelError, match="no box in the training data"):
            finder().fit(boxed.where(label=None))

    def test_boxes_in_shares_of_the_picture(self, boxed: mm.ImageDataset) -> None:
        frame = boxed.frame
        shares = [
            tuple(mm.Box(label=one.label, left=0.2, top=0.1, width=0.05, height=0.04) for one in boxes)
            for boxes in frame["boxes"]
        ]
        with pytest.raises(LabelError, match=r"no box of circle, cross, stripes can be learned from.*not in shares"):
            finder().fit(mm.ImageDataset(frame.assign(boxes=pd.Series(shares, frame.index))), progress=False)

    def test_labels_of_validation(self, parts: tuple[mm.ImageDataset, ...]) -> None:
        with pytest.raises(LabelError, match="plus"):
            finder().fit(parts[0], parts[1].relabel({"cross": "plus"}))

    def test_some_without_boxes_are_left_out_aloud(self, parts: tuple[mm.ImageDataset, ...], tmp_path: Path) -> None:
        more = parts[0].union(mm.ImageDataset.from_folder(write_shapes(tmp_path, 1)))
        with pytest.warns(UserWarning, match=r"3 of \d+ pictures of train have no boxes"):
            finder(epochs=1).fit(more, progress=False)


class KilledError(Exception):
    """What ends a training in the middle."""


@pytest.mark.slow
def test_a_killed_training_goes_on(
    parts: tuple[mm.ImageDataset, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mediaml.backends.pictures.checkpoint import Checkpoint
    from mediaml.errors import CheckpointError

    items = parts[1].frame["path"].tolist()
    whole = finder(epochs=3).fit(parts[0], progress=False)
    save = Checkpoint.save

    def dies(self: Checkpoint, trainer: object, history: list[object]) -> None:
        save(self, trainer, history)  # type: ignore[arg-type]
        if len(history) == 2:
            raise KilledError

    with monkeypatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(Checkpoint, "save", dies)
        finder(epochs=3).fit(parts[0], checkpoint=tmp_path, progress=False)
    resumed = finder(epochs=3).fit(parts[0], checkpoint=tmp_path, progress=False)
    assert [one["epoch"] for one in resumed.history] == [1, 2, 3]
    assert resumed.predict(items) == whole.predict(items)
    with pytest.raises(CheckpointError, match="another training"):
        finder(epochs=4).fit(parts[0], checkpoint=tmp_path, progress=False)
    for state in tmp_path.iterdir():
        state.write_bytes(state.read_bytes()[:100])
    with pytest.raises(CheckpointError, match="Delete"):
        finder(epochs=3).fit(parts[0], checkpoint=tmp_path, progress=False)
