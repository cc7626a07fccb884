"""Where the line between a label and nothing lies: what can be asked for, and how it is changed afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import soundfile

import mediaml as mm
from mediaml.errors import LabelError, NotFittedError
from tests.sounds import RATE, small_model, tone, write_tones

COLUMNS = ["threshold", "precision", "recall", "clips", "false_alarms_per_hour"]
BACKGROUND_CLIPS = 8  # of a second each


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> tuple[mm.AudioDataset, ...]:
    sounds = mm.AudioDataset.from_folder(write_tones(tmp_path_factory.mktemp("tones")))
    return sounds.split(0.5, 0.5, seed=1)


@pytest.fixture(scope="module")
def background(tmp_path_factory: pytest.TempPathFactory) -> mm.AudioDataset:
    """What is easily taken for the sounds: hums and whistles in a louder hiss."""
    folder = tmp_path_factory.mktemp("background")
    for number in range(BACKGROUND_CLIPS):
        wave = tone("hum" if number % 2 else "whistle", 30 + number) + 2 * tone("hiss", 30 + number)
        soundfile.write(folder / f"{number}.wav", 0.5 * wave, RATE)
    return mm.AudioDataset.from_folder(folder, labels=None)


@pytest.fixture(scope="module")
def fitted(parts: tuple[mm.AudioDataset, ...]) -> mm.LocalAudioModel:
    return small_model(epochs=2).fit(*parts, progress=False)


@pytest.fixture
def model(fitted: mm.LocalAudioModel, tmp_path: Path) -> mm.LocalAudioModel:
    """One that a test may change."""
    return mm.LocalAudioModel.load(fitted.save(tmp_path / "model"))


class TestWhatIsAskedFor:
    @pytest.mark.parametrize("share", [1.0, 0.5])
    def test_accept_is_the_share_of_held_out_sounds_that_get_a_label(
        self, parts: tuple[mm.AudioDataset, ...], share: float
    ) -> None:
        train, validation = parts
        model = small_model(epochs=1, accept=share).fit(train, validation, progress=False)
        recognised = np.mean([one.recognised for one in model.predict(validation)])
        assert share <= recognised < share + 2 / len(validation)

    def test_target_precision_is_reached_by_every_label(self, parts: tuple[mm.AudioDataset, ...]) -> None:
        train, validation = parts
        model = small_model(epochs=1, target_precision=0.9).fit(train, validation, progress=False)
        assert (model.thresholds["precision"] >= 0.9).all()
        assert (model.thresholds["recall"] > 0).all()

    def test_a_label_that_cannot_reach_its_precision_is_never_given_and_a_warning_says_so(
        self, parts: tuple[mm.AudioDataset, ...], tmp_path: Path
    ) -> None:
        train, validation = parts
        swapped = validation.relabel({"hum": "whistle", "whistle": "hum"})
        with pytest.warns(UserWarning, match=r"no threshold gives hum, whistle .*target_precision=0\.9.*never given"):
            model = small_model(epochs=2, target_precision=0.9).fit(train, swapped, progress=False)
        assert np.isinf(model.thresholds.loc[["hum", "whistle"], "threshold"]).all()
        assert model.thresholds["precision"].isna()["hum"], "it was never given"
        for one in (model, mm.load(model.save(tmp_path))):
            given = {prediction.label for prediction in one.predict(validation)}
            assert given == {"hiss", None}

    @pytest.mark.parametrize("allowed", [0, 2])
    def test_false_alarms_are_as_seldom_as_was_asked(
        self, parts: tuple[mm.AudioDataset, ...], background: mm.AudioDataset, allowed: int
    ) -> None:
        per_hour = allowed * 3600 / BACKGROUND_CLIPS
        model = small_model(epochs=1, max_false_alarms_per_hour=per_hour)
        model.fit(*parts, background=background, progress=False)
        assert model.thresholds["false_alarms_per_hour"].sum() == pytest.approx(per_hour)
        assert (model.thresholds["threshold"] > 0).all()

    @pytest.mark.parametrize("empty", [False, True])
    def test_false_alarms_cannot_be_counted_without_background(
        self, parts: tuple[mm.AudioDataset, ...], background: mm.AudioDataset, empty: bool
    ) -> None:
        nothing = background.where(path="gone.wav") if empty else None
        with pytest.raises(ValueError, match=r"fit\(train, background=recordings\)"):
            small_model(max_false_alarms_per_hour=1).fit(*parts, background=nothing, progress=False)

    @pytest.mark.parametrize(
        "both",
        [
            {"accept": 0.9, "target_precision": 0.9},
            {"accept": 0.9, "max_false_alarms_per_hour": 1},
            {"target_precision": 0.9, "max_false_alarms_per_hour": 1},
        ],
    )
    def test_two_things_at_once_are_refused_by_name(self, both: dict[str, float]) -> None:
        first, second = both
        with pytest.raises(ValueError, match=f"{first} or {second}, not both"):
            small_model(**both)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("accept", 1.01),
            ("accept", -0.01),
            ("accept", float("nan")),
            ("accept", True),
            ("accept", "0.9"),
            ("target_precision", 90),
            ("max_false_alarms_per_hour", -1),
            ("max_false_alarms_per_hour", "few"),
        ],
    )
    def test_what_is_out_of_range_is_refused_by_name(self, name: str, value: Any) -> None:
        with pytest.raises(ValueError, match=name):
            small_model(**{name: value})

    @pytest.mark.parametrize("asked", [{"accept": 0.8}, {"target_precision": 0.8}, {"max_false_alarms_per_hour": 3}])
    def test_the_model_shows_what_was_asked_for(self, asked: dict[str, float]) -> None:
        ((name, value),) = asked.items()
        assert f"{name}={value:g}" in repr(small_model(**asked))


class TestTheTable:
    def test_a_row_a_label_with_what_the_threshold_gives(
        self, fitted: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...]
    ) -> None:
        table = fitted.thresholds
        validation = parts[1]
        assert list(table.columns) == COLUMNS
        assert tuple(table.index) == fitted.labels == ("hiss", "hum", "whistle")
        assert table.index.name == "label"
        assert list(table["clips"]) == [len(validation.where(label=label)) for label in fitted.labels]
        assert table["false_alarms_per_hour"].isna().all(), "there was no background"

    def test_precision_and_recall_are_those_of_the_verdicts_on_what_was_held_out(
        self, fitted: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...]
    ) -> None:
        truths = [clip.labels[0] for clip in parts[1]]
        given = [one.label for one in fitted.predict(parts[1])]
        for label, row in fitted.thresholds.iterrows():
            right = sum(truth == answer == label for truth, answer in zip(truths, given, strict=True))
            assert row["precision"] == pytest.approx(right / given.count(str(label)))
            assert row["recall"] == pytest.approx(right / truths.count(str(label)))

    def test_nothing_learned_no_table(self) -> None:
        with pytest.raises(NotFittedError):
            _ = small_model().thresholds
        with pytest.raises(NotFittedError):
            small_model().thresholds = {"hum": 0.5}

    def test_the_table_is_a_copy_until_it_is_given_back(self, model: mm.LocalAudioModel) -> None:
        table = model.thresholds
        table["threshold"] = 0.0
        assert (model.thresholds["threshold"] > 0).all()


class TestChanging:
    def test_by_a_table(self, model: mm.LocalAudioModel) -> None:
        table = model.thresholds
        before = table["threshold"].to_dict()
        table.loc["hum", "threshold"] = 0.25
        model.thresholds = table
        assert model.thresholds["threshold"].to_dict() == {**before, "hum": 0.25}

    def test_by_a_mapping_that_leaves_the_others_alone(self, model: mm.LocalAudioModel) -> None:
        before = model.thresholds["threshold"].to_dict()
        number: Any = np.float32(0.5)
        model.thresholds = {"whistle": number}
        assert model.thresholds["threshold"].to_dict() == {**before, "whistle": 0.5}

    def test_precision_and_recall_are_measured_anew(self, model: mm.LocalAudioModel) -> None:
        model.thresholds = {"hum": float("inf")}
        hum = model.thresholds.loc["hum"]
        assert hum["recall"] == 0
        assert np.isnan(hum["precision"])
        model.thresholds = {"hum": 0}
        assert model.thresholds.loc["hum", "recall"] == 1

    def test_verdicts_change_and_confidence_does_not(self, model: mm.LocalAudioModel) -> None:
        item = (tone("hum", 50), RATE)
        model.thresholds = dict.fromkeys(model.labels, 0.0)
        before = model.predict(item)
        assert before.label == "hum"
        model.thresholds = {"hum": np.nextafter(before.score, 2)}
        after = model.predict(item)
        assert after.label is None
        assert after.reason in ("low_confidence", "unlike_training_data")
        assert (after.score, after.alternatives) == (before.score, before.alternatives)
        model.thresholds = {"hum": before.score}
        assert model.predict(item) == before

    def test_a_threshold_moves_its_own_label_only(
        self, model: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...]
    ) -> None:
        model.thresholds = dict.fromkeys(model.labels, 0.0)
        before = [one.label for one in model.predict(parts[1])]
        model.thresholds = {"hum": float("inf")}
        assert [one.label for one in model.predict(parts[1])] == [None if one == "hum" else one for one in before]

    def test_it_survives_saving_and_loading(
        self, model: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...], tmp_path: Path
    ) -> None:
        model.thresholds = {"hum": float("inf"), "hiss": 0.125}
        loaded = mm.LocalAudioModel.load(model.save(tmp_path / "edited"))
        pd.testing.assert_frame_equal(loaded.thresholds, model.thresholds)
        assert loaded.predict(parts[1]) == model.predict(parts[1])

    def test_a_deployment_keeps_those_that_it_had(self, model: mm.LocalAudioModel) -> None:
        item = (tone("hum", 50), RATE)
        model.thresholds = {"hum": 0.0}
        with model.deploy() as endpoint:
            model.thresholds = {"hum": float("inf")}
            assert endpoint.predict(item).label == "hum"
            assert model.predict(item).label is None


class TestWhatIsRefused:
    @pytest.mark.parametrize("wrong", [-0.1, float("nan"), "0.5", None, True, [0.5]])
    def test_what_is_no_threshold(self, model: mm.LocalAudioModel, wrong: Any) -> None:
        before = model.thresholds
        with pytest.raises(ValueError, match="the threshold of hum"):
            model.thresholds = {"hiss": 0.5, "hum": wrong}
        pd.testing.assert_frame_equal(model.thresholds, before)

    def test_labels_that_the_model_does_not_have(self, model: mm.LocalAudioModel) -> None:
        with pytest.raises(LabelError, match=r"no label 'siren'; it has: hiss, hum, whistle"):
            model.thresholds = {"siren": 0.5, "hum": 0.5}
        with pytest.raises(LabelError, match="no label 'siren'"):
            model.thresholds = model.thresholds.rename(index={"hum": "siren"})

    def test_a_table_without_its_labels(self, model: mm.LocalAudioModel) -> None:
        with pytest.raises(LabelError, match="no label 0, 1, 2"):
            model.thresholds = model.thresholds.reset_index(drop=True)
        with pytest.raises(LabelError, match="no label 0, 'siren'"):
            model.thresholds = {"siren": 0.5, 0: 0.5}  # type: ignore[dict-item]

    def test_a_table_without_thresholds(self, model: mm.LocalAudioModel) -> None:
        with pytest.raises(ValueError, match="column 'threshold'"):
            model.thresholds = model.thresholds.drop(columns="threshold")

    @pytest.mark.parametrize("wrong", [0.5, [0.1, 0.2, 0.3], None, "0.5"])
    def test_what_is_neither_table_nor_mapping(self, model: mm.LocalAudioModel, wrong: Any) -> None:
        with pytest.raises(TypeError, match=f"a mapping from labels to thresholds.*not {type(wrong).__name__}"):
            model.thresholds = wrong
