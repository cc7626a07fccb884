"""Models that give labels to pictures: what they learn, keep, refuse, and say."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

import mediaml as mm
from mediaml.errors import ImageError, LabelError, NotFittedError, SavedModelError
from mediaml.models import checks
from tests.metrics.test_at_thresholds import own_thresholds_give_what_was_given
from tests.pictures import SHAPES, drawn, pretrained, small_image_model, write_shapes


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> mm.ImageDataset:
    pretrained()
    return mm.ImageDataset.from_folder(write_shapes(tmp_path_factory.mktemp("shapes"), 10))


@pytest.fixture(scope="module")
def parts(shapes: mm.ImageDataset) -> tuple[mm.ImageDataset, ...]:
    return shapes.split(0.5, 0.2, 0.3, seed=7, near_duplicates=False)


@pytest.fixture(scope="module")
def fitted(parts: tuple[mm.ImageDataset, ...]) -> mm.LocalImageModel:
    return small_image_model().fit(parts[0], progress=False)


@pytest.fixture(scope="module")
def case(parts: tuple[mm.ImageDataset, ...]) -> checks.Case:
    train, validation, test = parts
    return checks.Case(small_image_model, train, validation, test, checks.PICTURES)


@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_the_contract(check: checks.Check, case: checks.Case) -> None:
    check(case)


def test_it_tells_shapes_apart(fitted: mm.LocalImageModel, parts: tuple[mm.ImageDataset, ...]) -> None:
    report = fitted.evaluate(parts[2], progress=False)
    assert isinstance(report, mm.ImageReport)
    assert report.accuracy >= 8 / 9 and report.pictures == 9
    assert report.model["calibration"]["held_out"] > 0 and report.model["validation_given"] is False
    assert set(report.model["measured_with"]) == {"python", "mediaml", "numpy", "mxnet", "date"}
    own_thresholds_give_what_was_given(report)
    assert "on 9 pictures" in str(report) and "9 pictures are too few" in " ".join(report.warnings)


def test_the_same_data_gives_the_same_model(fitted: mm.LocalImageModel, parts: tuple[mm.ImageDataset, ...]) -> None:
    train = parts[0]
    shuffled = mm.ImageDataset(train.frame.sample(frac=1, random_state=1))
    again = small_image_model().fit(shuffled, progress=False)
    items = parts[2].frame["path"].tolist()
    assert again.predict(items) == fitted.predict(items)


@pytest.mark.slow
def test_what_it_looks_at_is_chosen_by_cross_validation(parts: tuple[mm.ImageDataset, ...]) -> None:
    chosen = small_image_model(view=None).fit(parts[0], progress=False)
    assert chosen.training["view"] in ("crop", "squash", "both")
    by_validation = small_image_model(view=None).fit(parts[0], parts[1], progress=False)
    assert by_validation.evaluate(parts[2], progress=False).accuracy >= 7 / 9  # type: ignore[attr-defined]


def test_it_is_saved_and_loaded(fitted: mm.LocalImageModel, parts: tuple[mm.ImageDataset, ...], tmp_path: Path) -> None:
    items = parts[2].frame["path"].tolist()
    loaded = mm.load(fitted.save(tmp_path / "model"))
    assert isinstance(loaded, mm.LocalImageModel) and repr(loaded) == repr(fitted)
    assert loaded.predict(items) == fitted.predict(items)
    assert loaded.thresholds.equals(fitted.thresholds)
    with pytest.raises(SavedModelError, match="kind 'local-image'"):
        mm.LocalAudioModel.load(tmp_path / "model")


@pytest.mark.parametrize("damage", ["labels", "view", "calibration", "body", "network", "settings"])
def test_a_damaged_folder_is_refused(fitted: mm.LocalImageModel, tmp_path: Path, damage: str) -> None:
    import json

    place = fitted.save(tmp_path / "model") / "model.json"
    facts = json.loads(place.read_text())
    if damage == "labels":
        facts["labels"] = ["one"]
    elif damage == "settings":
        facts["settings"]["no such"] = 1
    else:
        facts.pop(damage)
    place.write_text(json.dumps(facts))
    with pytest.raises(SavedModelError):
        mm.load(tmp_path / "model")


def test_thresholds_can_be_changed(fitted: mm.LocalImageModel, parts: tuple[mm.ImageDataset, ...]) -> None:
    changed = small_image_model().fit(parts[0], progress=False)
    assert list(changed.thresholds.columns) == ["threshold", "precision", "recall", "pictures"]
    changed.thresholds = dict.fromkeys(SHAPES, 2.0)
    assert {one.label for one in changed.predict(list(parts[2]))} == {None}
    with pytest.raises(LabelError, match="no label 'square'"):
        changed.thresholds = {"square": 0.5}


def test_what_is_none_of_the_things_gets_no_label(parts: tuple[mm.ImageDataset, ...]) -> None:
    """Noise that the model was never shown is seldom given a label."""
    model = small_image_model().fit(parts[0], progress=False)
    random = np.random.RandomState(5)
    strange = [random.randint(0, 256, (96, 96, 3)).astype(np.uint8) for _ in range(8)]
    said = model.predict(strange)
    assert sum(one.recognised for one in said) <= 1
    assert {one.reason for one in said if not one.recognised} <= {"unlike_training_data", "low_confidence"}


def test_several_labels_at_once(shapes: mm.ImageDataset) -> None:
    frame = shapes.frame
    frame["label"] = [("dark", label) if label != "cross" else label for label in frame["label"]]
    both = mm.ImageDataset(frame)
    train, test = both.split(0.6, 0.4, seed=1, near_duplicates=False)
    with pytest.raises(LabelError, match="2 labels"):
        small_image_model().fit(train, progress=False)
    model = small_image_model(multi_label=True).fit(train, progress=False)
    report = model.evaluate(test, progress=False)
    assert isinstance(report, mm.ImageMultiLabelReport)
    assert report.mean_average_precision is not None and report.mean_average_precision > 0.9
    assert report.hardest(2) and "of the pictures" in str(report)


@pytest.mark.slow
def test_copies_and_background_are_learned_from(parts: tuple[mm.ImageDataset, ...]) -> None:
    background = parts[1].where(label="cross")
    train = parts[0].where(label=["circle", "stripes"])
    model = small_image_model(augment=2).fit(train, background=background, progress=False)
    assert model.evaluate(parts[2].where(label=["circle", "stripes"]), progress=False).accuracy >= 5 / 6  # type: ignore[attr-defined]
    assert not any(one.recognised for one in model.predict(list(background)))


@pytest.mark.slow
def test_all_layers_are_trained(parts: tuple[mm.ImageDataset, ...]) -> None:
    model = small_image_model(fine_tune=True, epochs=2).fit(parts[0], parts[1], progress=False)
    assert [one["epoch"] for one in model.history] == [1, 2]
    assert {"training_loss", "validation_loss", "validation_accuracy"} < set(model.history[0])
    report = model.evaluate(parts[2], progress=False)
    assert isinstance(report, mm.ImageReport) and report.accuracy >= 7 / 9


def test_what_cannot_be_used_is_left_out_aloud(parts: tuple[mm.ImageDataset, ...], tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    drawn("circle", 3).point(lambda level: 7).save(tmp_path / "blank.png")
    bad = mm.ImageDataset.from_folder(tmp_path, None).frame.assign(label="circle")
    with pytest.warns(UserWarning, match=r"2 pictures are left out: .*blank\.png: has one colour only.*broken\.png"):
        small_image_model().fit(parts[0].union(mm.ImageDataset(bad)), progress=False)
    report = (
        small_image_model().fit(parts[0], progress=False).evaluate(parts[2].union(mm.ImageDataset(bad)), progress=False)
    )
    assert len(report.unreadable) == 1 and "broken.png" in report.unreadable[0]


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("settings", "reason"),
        [
            ({"network": "vgg"}, "no network 'vgg'"),
            ({"view": "sideways"}, "view is"),
            ({"augment": -1}, "augment"),
            ({"epochs": 3}, "epochs are of a network that is trained"),
            ({"flips": "never"}, "for boxes only"),
            ({"flips": True}, "flips is"),
            ({"side": 256}, "for boxes only"),
            ({"accept": 2}, "share from 0 to 1"),
            ({"network": "ssd", "multi_label": True}, "for labels only"),
            ({"network": "ssd", "accept": 0.9}, "accept is for labels"),
            ({"network": "ssd", "side": 100}, "multiple of 64"),
            ({"network": "ssd", "side": 4096}, "multiple of 64"),
        ],
    )
    def test_settings(self, settings: dict[str, object], reason: str) -> None:
        with pytest.raises(ValueError, match=reason):
            mm.LocalImageModel(**settings)  # type: ignore[arg-type]

    def test_sounds(self) -> None:
        with pytest.raises(TypeError, match="train is an ImageDataset"):
            mm.LocalImageModel().fit("folder")  # type: ignore[arg-type]

    def test_a_single_label(self, parts: tuple[mm.ImageDataset, ...]) -> None:
        with pytest.raises(LabelError, match="at least two labels"):
            mm.LocalImageModel().fit(parts[0].where(label="cross"))

    def test_an_unknown_label(self, fitted: mm.LocalImageModel, parts: tuple[mm.ImageDataset, ...]) -> None:
        with pytest.raises(LabelError, match="does not know plus"):
            fitted.evaluate(parts[2].relabel({"cross": "plus"}))

    def test_before_it_has_learned(self, tmp_path: Path) -> None:
        with pytest.raises(NotFittedError):
            mm.LocalImageModel().save(tmp_path)

    def test_a_closed_file(self, fitted: mm.LocalImageModel) -> None:
        class Broken(io.BytesIO):
            def read(self, *_: object) -> bytes:
                raise RuntimeError("the connection was lost")

        with pytest.raises(ImageError, match="the connection was lost"):
            fitted.predict(Broken())

    def test_pickling(self, fitted: mm.LocalImageModel) -> None:
        import pickle

        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(fitted)


@pytest.mark.slow
def test_real_pictures() -> None:
    """Hand signs, on the given split; benchmarks/pictures.py measures faces, too."""
    from tests.shared_data import SHARED, shared

    pretrained()
    found = mm.ImageDataset.from_table(shared("images", "classification", "hand_signs.csv"), root=SHARED)
    model = mm.LocalImageModel().fit(found.where(split="train"), progress=False)
    report = model.evaluate(found.where(split=["val", "test"]), progress=False)
    assert isinstance(report, mm.ImageReport) and report.accuracy >= 0.96, str(report)
