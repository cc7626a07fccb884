"""More data: a new model beside the old one, and which is better."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import mediaml as mm
from mediaml.errors import DataError, LabelError, NotFittedError
from tests.pictures import pretrained, small_image_model, write_shapes
from tests.sounds import small_model, write_tones


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> mm.ImageDataset:
    pretrained()
    return mm.ImageDataset.from_folder(write_shapes(tmp_path_factory.mktemp("shapes"), 14))


def test_more_pictures_help(shapes: mm.ImageDataset) -> None:
    few, more, validation = shapes.split(0.15, 0.5, 0.35, seed=1, near_duplicates=False)
    old = small_image_model().fit(few, progress=False)
    before = old.predict(list(validation))
    found = old.improve(more, validation, progress=False)
    assert found.old is old and old.predict(list(validation)) == before, "the old model stays as it is"
    assert found.new.training["data"]["train"]["pictures"] == len(few) + len(more)
    assert found.comparison.overall.old == pytest.approx(found.old_report.accuracy)  # type: ignore[attr-defined]
    assert found.comparison.overall.new == pytest.approx(found.new_report.accuracy)  # type: ignore[attr-defined]
    assert found.recommended is (found.new if found.comparison.overall.change >= 0 else old)
    assert set(found.comparison.per_label) == set(shapes.labels)
    assert "recommended: the" in str(found) and "accuracy" in str(found)


@pytest.mark.slow
def test_wrong_labels_are_mended(shapes: mm.ImageDataset) -> None:
    wrong = shapes.relabel({"cross": "stripes", "stripes": "cross"})
    train, test = shapes.split(0.6, 0.4, seed=2, near_duplicates=False)
    spoilt = wrong.where(path=train.frame["path"].tolist())
    found = small_image_model().fit(spoilt, progress=False).improve(train, test, progress=False)
    assert found.comparison.overall.change > 0.3 and found.comparison.overall.beyond_chance
    assert found.recommended is found.new


@pytest.mark.slow
def test_without_validation_a_part_of_more_is_kept(shapes: mm.ImageDataset) -> None:
    few, more = shapes.split(0.5, 0.5, seed=1, near_duplicates=False)
    found = small_image_model().fit(few, progress=False).improve(more, progress=False)
    compared = found.new_report.examples
    assert 0 < compared < len(more)
    assert found.new.training["data"]["train"]["pictures"] == len(shapes) - compared


@pytest.mark.slow
def test_a_loaded_model_is_told_its_data(shapes: mm.ImageDataset, tmp_path: Path) -> None:
    few, more = shapes.split(0.5, 0.5, seed=1, near_duplicates=False)
    loaded = mm.load(small_image_model().fit(few, progress=False).save(tmp_path / "model"))
    assert isinstance(loaded, mm.LocalImageModel)
    with pytest.raises(DataError, match="train=dataset"):
        loaded.improve(more)
    assert loaded.improve(more, train=few, progress=False).new.labels == loaded.labels
    with pytest.raises(NotFittedError):
        small_image_model().improve(more)


class TestALabelThatTheOldModelDoesNotKnow:
    """It is learned; what has it is not compared, and what is compared is known before anything is trained."""

    @pytest.mark.slow
    def test_what_has_a_known_and_a_new_label_is_left_out(self, shapes: mm.ImageDataset) -> None:
        few, more, validation = shapes.split(0.4, 0.3, 0.3, seed=1, near_duplicates=False)
        old = small_image_model(multi_label=True).fit(few, progress=False)
        cross = validation.frame["label"].eq("cross")
        both = [
            (one, "new") if is_cross else one for one, is_cross in zip(validation.frame["label"], cross, strict=True)
        ]
        grown = mm.ImageDataset.from_table(
            validation.frame.assign(label=pd.Series(both, validation.frame.index)), root="/"
        )
        new = more.relabel({"cross": "new"})

        with pytest.warns(UserWarning, match=f"{cross.sum()} of {len(validation)} pictures have a label that only the"):
            found = old.improve(new, grown, progress=False)

        assert "new" in found.new.labels
        assert found.new_report.examples == found.old_report.examples == len(validation) - cross.sum()

    def test_where_nothing_can_be_compared_nothing_is_trained(
        self, shapes: mm.ImageDataset, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        few, more, validation = shapes.split(0.4, 0.3, 0.3, seed=1, near_duplicates=False)
        old = small_image_model().fit(few, progress=False)
        monkeypatch.setattr(mm.LocalImageModel, "fit", None)
        others = {label: f"new {label}" for label in shapes.labels}
        with pytest.raises(LabelError, match="there is nothing to compare"):
            old.improve(more.relabel(others), validation.relabel(others), progress=False)


@pytest.mark.slow
def test_the_same_for_sounds(tmp_path: Path) -> None:
    few, more, validation = mm.AudioDataset.from_folder(write_tones(tmp_path, 12)).split(0.25, 0.4, 0.35, seed=3)
    found = small_model().fit(few, validation).improve(more, validation, progress=False)
    assert isinstance(found.new, mm.LocalAudioModel)
    assert found.comparison.figure == "accuracy" and found.new_report.examples == len(validation)
    assert found.old_report.hardest(2)  # type: ignore[attr-defined]


@pytest.mark.slow
def test_what_was_rejected_is_background_besides_that_of_fit(tmp_path: Path) -> None:
    tones = mm.AudioDataset.from_folder(write_tones(tmp_path, 6))
    known, hiss = tones.where(label=["hum", "whistle"]), tones.where(label="hiss").relabel({"hiss": None})
    few, more, validation = known.split(0.34, 0.33, 0.33, seed=1)
    first, second = hiss.split(0.5, 0.5, seed=1)

    model = small_model(epochs=1).fit(few, validation, background=first, progress=False)
    better = model.improve(more, background=second, progress=False).new

    assert better._learned is not None
    assert better._learned.background is not None
    assert len(better._learned.background) == len(hiss)
