"""Data and folders from which no honest model can be made, or that say of themselves what is not so."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

import mediaml as mm
from mediaml.errors import LabelError, SavedModelError
from tests.sounds import small_model, write_tones


@pytest.fixture
def sounds(tmp_path: Path) -> mm.AudioDataset:
    return mm.AudioDataset.from_folder(write_tones(tmp_path / "tones"))


@pytest.mark.filterwarnings("ignore:.*cannot be read")
def test_a_label_of_which_nothing_could_be_read_is_named(sounds: mm.AudioDataset) -> None:
    train, validation = sounds.split(0.5, 0.5, seed=1)
    for path in train.where(label="hum").frame["path"]:
        Path(path).write_bytes(b"RIFF and then nothing")
    with pytest.raises(LabelError, match="no clip of hum could be read"):
        small_model(epochs=1).fit(train, validation, progress=False)


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
