"""Data and folders from which no honest model can be made, or that say of themselves what is not so."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

import mediaml as mm
from mediaml.errors import LabelError, SavedModelError
from tests.sounds import RATE, small_model, write_tones
from tests.weights import yamnet_weights


@pytest.fixture
def sounds(tmp_path: Path) -> mm.AudioDataset:
    return mm.AudioDataset.from_folder(write_tones(tmp_path / "tones"))


@pytest.mark.filterwarnings("ignore:.*left out")
def test_a_label_of_which_nothing_could_be_read_is_named(sounds: mm.AudioDataset) -> None:
    train, validation = sounds.split(0.5, 0.5, seed=1)
    for path in train.where(label="hum").frame["path"]:
        Path(path).write_bytes(b"RIFF and then nothing")
    with pytest.raises(LabelError, match="no clip of hum can be heard"):
        small_model(epochs=1).fit(train, validation, progress=False)


@pytest.mark.parametrize("trained", [True, False], ids=["cnn", "yamnet"])
def test_a_silent_clip_is_no_example_of_its_label(sounds: mm.AudioDataset, trained: bool) -> None:
    if not trained:
        yamnet_weights()
    train, validation = sounds.split(0.5, 0.5, seed=1)
    quiet = validation.where(label="hum").frame["path"].iloc[0]
    soundfile.write(quiet, np.zeros(RATE), RATE)
    model = small_model(epochs=1) if trained else mm.LocalAudioModel(network="yamnet")
    with pytest.warns(UserWarning, match=r"1 clip is left out: .*wav: silent throughout, below -60 dB"):
        model.fit(train, validation, progress=False)
    assert model.thresholds["clips"].sum() == len(validation) - 1


def test_silent_background_is_time_without_alarms(sounds: mm.AudioDataset, tmp_path: Path) -> None:
    train, validation = sounds.split(0.5, 0.5, seed=1)
    soundfile.write(tmp_path / "box.wav", np.zeros(RATE * 20), RATE)
    background = mm.AudioDataset.from_folder(tmp_path, labels=None).where(path=str(tmp_path / "box.wav"))
    model = small_model(epochs=1).fit(train, validation, background=background, progress=False)
    assert (model.thresholds["false_alarms_per_hour"] == 0).all()


def test_a_rate_that_the_background_is_too_short_for_is_told_of(sounds: mm.AudioDataset) -> None:
    train, validation = sounds.where(label=["hum", "whistle"]).split(0.5, 0.5, seed=1)
    model = small_model(epochs=1, max_false_alarms_per_hour=2)
    with pytest.warns(UserWarning, match="2 false alarms an hour cannot be told on 0.0022 hours of background"):
        model.fit(train, validation, background=sounds.where(label="hiss"), progress=False)


def test_a_test_that_was_trained_on_in_part_says_so(sounds: mm.AudioDataset, tmp_path: Path) -> None:
    train, validation, test = sounds.split(0.5, 0.25, 0.25, seed=1)
    model = small_model(epochs=1).fit(train, validation, progress=False)
    both = mm.AudioDataset.from_table(pd.concat([test.frame, train.frame.iloc[:2], validation.frame.iloc[:1]]))
    model.save(tmp_path / "model")
    for one in (model, mm.load(tmp_path / "model")):
        told = f"3 of the {len(test) + 3} files of this test were the model's training or validation data"
        assert any(told in warning for warning in one.evaluate(both).warnings)
        assert not any("files of this test" in warning for warning in one.evaluate(test).warnings)


def test_files_of_one_group_are_one_recording_to_the_intervals(sounds: mm.AudioDataset) -> None:
    train, validation = sounds.split(0.5, 0.5, seed=1)
    model = small_model(epochs=1).fit(train, validation, progress=False)
    frame = validation.frame
    together = mm.AudioDataset.from_table(frame.assign(group=frame["label"]), group_column="group")
    assert model.evaluate(together).recordings == frame["label"].nunique()
    assert model.evaluate(validation).recordings == len(frame)


def test_a_recording_in_train_and_in_validation_is_no_secret(sounds: mm.AudioDataset) -> None:
    train, validation = sounds.split(0.5, 0.5, seed=1)
    both = mm.AudioDataset(pd.concat([validation.frame, train.frame.head(1)]))
    shared = train.frame["path"].iloc[0]
    with pytest.warns(UserWarning, match=rf"1 of {len(both)} recordings of validation are in train.*{shared}"):
        small_model(epochs=1).fit(train, both, progress=False)


def test_background_that_is_no_dataset_is_refused_by_name(sounds: mm.AudioDataset) -> None:
    with pytest.raises(TypeError, match="background is an AudioDataset"):
        small_model(epochs=1).fit(sounds, background="street/", progress=False)  # type: ignore[arg-type]


class TestSavedModels:
    @pytest.fixture
    def folder(self, sounds: mm.AudioDataset, tmp_path: Path) -> Path:
        return small_model(epochs=1).fit(sounds, progress=False).save(tmp_path / "model")

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"format": 99}, "written in format 99"),
            ({"kind": "other"}, "unknown kind"),
            ({"calibration": {"objective": "typo"}}, "no objective 'typo'"),
        ],
    )
    def test_both_ways_of_loading_look_at_what_they_load(
        self, folder: Path, change: dict[str, object], said: str
    ) -> None:
        place = folder / "model.json"
        facts = json.loads(place.read_text())
        for name, value in change.items():
            facts[name] = {**facts[name], **value} if isinstance(value, dict) else value
        place.write_text(json.dumps(facts))
        for load in (mm.load, mm.LocalAudioModel.load):
            with pytest.raises(SavedModelError, match=said):
                load(folder)
