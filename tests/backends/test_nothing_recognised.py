"""What a model says of what it does not know: nothing recognised, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

import mediaml as mm
from tests.sounds import RATE, small_model, tone, write_tones

Floats = npt.NDArray[np.float32]
TIME = np.arange(RATE) / RATE


def noise(number: int = 1) -> Floats:
    return np.asarray(0.1 * np.random.RandomState(number).standard_normal(RATE), np.float32)


def clicks() -> Floats:
    return np.where(np.arange(RATE) % 800 < 4, 0.5, 0.0).astype(np.float32)


def square() -> Floats:
    return np.asarray(0.3 * np.sign(np.sin(2 * np.pi * 600 * TIME)), np.float32)


def motor(number: int) -> Floats:
    """A note a little above the hums: it is none, but much like one."""
    pitch = 235 + number
    wave = np.sin(2 * np.pi * pitch * TIME) + 0.3 * np.sin(4 * np.pi * pitch * TIME)
    return np.asarray(0.3 * wave + 0.1 * noise(number), np.float32)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> tuple[mm.AudioDataset, ...]:
    sounds = mm.AudioDataset.from_folder(write_tones(tmp_path_factory.mktemp("tones")))
    return sounds.where(label=["hum", "whistle"]).split(0.5, 0.5, seed=1)


@pytest.fixture(scope="module")
def model(parts: tuple[mm.AudioDataset, ...]) -> mm.LocalAudioModel:
    return small_model(epochs=3).fit(*parts, progress=False)


@pytest.fixture(scope="module")
def motors(tmp_path_factory: pytest.TempPathFactory) -> mm.AudioDataset:
    folder = tmp_path_factory.mktemp("motors")
    for number in range(6):
        soundfile.write(folder / f"{number}.wav", motor(number), RATE)
    return mm.AudioDataset.from_folder(folder, labels=None)


@pytest.fixture(scope="module")
def warned(parts: tuple[mm.AudioDataset, ...], motors: mm.AudioDataset) -> mm.LocalAudioModel:
    """The same model, told of motors."""
    return small_model(epochs=3).fit(*parts, background=motors, progress=False)


class TestReasons:
    @pytest.mark.parametrize("label", ["hum", "whistle"])
    def test_a_new_sound_of_a_known_kind_is_recognised(self, model: mm.LocalAudioModel, label: str) -> None:
        answer = model.predict((tone(label, 60), RATE))
        assert (answer.label, answer.reason, answer.recognised) == (label, None, True)

    @pytest.mark.parametrize(
        ("sound", "reason"),
        [
            (np.zeros(RATE), "silence"),
            (np.full(RATE, 0.5), "silence"),
            (tone("hum", 60) * 1e-4, "silence"),
            (tone("hum", 60)[:100], "too_short"),
            (noise(), "unlike_training_data"),
            (np.cumsum(noise()) / 20, "unlike_training_data"),
            (clicks(), "unlike_training_data"),
            (square(), "unlike_training_data"),
            (tone("hum", 60) + tone("hiss", 60), "unlike_training_data"),
        ],
        ids=["silence", "DC", "far away", "too short", "white noise", "brown noise", "clicks", "square wave", "buried"],
    )
    def test_what_is_none_of_the_sounds(self, model: mm.LocalAudioModel, sound: Any, reason: str) -> None:
        answer = model.predict((sound, RATE))
        assert (answer.label, answer.labels, answer.reason) == (None, (), reason)
        assert str(answer) == f"nothing recognised ({reason.replace('_', ' ')})"

    def test_the_best_guess_is_told_all_the_same(self, model: mm.LocalAudioModel) -> None:
        answer = model.predict((square(), RATE))
        assert {one.label for one in answer.alternatives} == {"hum", "whistle"}
        assert answer.confidence == answer.alternatives[0].confidence > 0.5

    def test_a_moment_of_sound_is_no_silence(self, model: mm.LocalAudioModel) -> None:
        sound = np.zeros(RATE, np.float32)
        sound[4000:4800] = tone("hum", 60)[:800]
        assert model.predict((sound, RATE)).reason != "silence"

    def test_a_known_sound_below_its_threshold_wants_confidence(
        self, model: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...], tmp_path: Path
    ) -> None:
        strict = mm.LocalAudioModel.load(model.save(tmp_path / "model"))
        strict.thresholds = dict.fromkeys(strict.labels, 1.01)
        assert {one.reason for one in strict.predict(parts[1])} == {"low_confidence"}
        assert strict.predict((np.zeros(RATE), RATE)).reason == "silence", "which is looked at first"

    def test_the_report_counts_the_reasons(
        self, model: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...], tmp_path: Path
    ) -> None:
        for label, sound in {"hum": np.zeros(RATE), "whistle": square()}.items():
            (tmp_path / label).mkdir()
            soundfile.write(tmp_path / label / "new.wav", sound, RATE)
        report = model.evaluate(mm.AudioDataset.from_folder(tmp_path))
        assert isinstance(report, mm.AudioReport)
        assert report.coverage == 0
        assert [one.prediction.reason for one in report.outcomes] == ["silence", "unlike_training_data"]


class TestScore:
    def test_it_is_the_root_of_the_confidence_times_the_familiarity(
        self, model: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...]
    ) -> None:
        strange = [(sound, RATE) for sound in (np.zeros(RATE), noise(), clicks(), square(), tone("hiss", 60))]
        for one in [*model.predict(parts[1]), *model.predict(strange)]:
            assert one.score == pytest.approx(np.sqrt(one.confidence) * one.familiarity, abs=1e-9)

    def test_the_verdict_is_taken_on_it(self, model: mm.LocalAudioModel) -> None:
        thresholds = model.thresholds["threshold"]
        answers = model.predict([(tone(label, number), RATE) for label in model.labels for number in range(60, 70)])
        for one in answers:
            assert one.recognised == (one.score >= thresholds[one.alternatives[0].label])

    @settings(max_examples=25, deadline=None)
    @given(seed=st.integers(0, 2**31), loudness=st.floats(1e-6, 1), samples=st.integers(2, 3 * RATE))
    def test_familiarity_and_confidence_are_shares_whatever_is_heard(
        self, model: mm.LocalAudioModel, seed: int, loudness: float, samples: int
    ) -> None:
        random = np.random.RandomState(seed)
        sound = loudness * random.uniform(-1, 1, samples) ** random.choice([1, 3, 9])
        answer = model.predict((sound, RATE))
        assert 0 <= answer.familiarity <= 1
        assert 0 <= answer.confidence <= 1
        assert answer.score == pytest.approx(np.sqrt(answer.confidence) * answer.familiarity, abs=1e-9)

    def test_known_sounds_are_familiar_and_noise_is_not(self, model: mm.LocalAudioModel) -> None:
        known = [one.familiarity for one in model.predict([(tone("hum", number), RATE) for number in range(60, 70)])]
        strange = [one.familiarity for one in model.predict([(noise(number), RATE) for number in range(10)])]
        assert min(known) > max(strange)


class TestBackground:
    def test_what_is_much_like_a_sound_is_taken_for_it(self, model: mm.LocalAudioModel) -> None:
        assert {one.label for one in model.predict([(motor(number), RATE) for number in range(20, 24)])} == {"hum"}

    def test_until_the_model_is_told_that_it_is_background(
        self, warned: mm.LocalAudioModel, motors: mm.AudioDataset
    ) -> None:
        fresh = warned.predict([(motor(number), RATE) for number in range(20, 24)])
        assert {(one.label, one.reason) for one in [*warned.predict(motors), *fresh]} == {
            (None, "unlike_training_data")
        }

    def test_known_sounds_stay_known(self, warned: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...]) -> None:
        answers = warned.predict(parts[1])
        assert np.mean([one.label == clip.labels[0] for one, clip in zip(answers, parts[1], strict=True)]) >= 0.85

    def test_it_survives_saving_and_loading(
        self, warned: mm.LocalAudioModel, motors: mm.AudioDataset, tmp_path: Path
    ) -> None:
        assert mm.load(warned.save(tmp_path)).predict(motors) == warned.predict(motors)

    def test_the_model_remembers_which(self, warned: mm.LocalAudioModel, motors: mm.AudioDataset) -> None:
        assert warned.training["data"]["background"]["content"] == motors.content_hash()

    def test_its_labels_do_not_matter(self, parts: tuple[mm.AudioDataset, ...], motors: mm.AudioDataset) -> None:
        frame = motors.frame
        frame["label"] = "hum"
        item = (motor(20), RATE)
        one, other = (
            small_model(epochs=1).fit(*parts, background=background, progress=False).predict(item)
            for background in (motors, mm.AudioDataset(frame))
        )
        assert one == other

    def test_files_that_cannot_be_read_are_left_out_aloud(
        self, parts: tuple[mm.AudioDataset, ...], tmp_path: Path
    ) -> None:
        soundfile.write(tmp_path / "good.wav", motor(1), RATE)
        (tmp_path / "broken.wav").write_bytes(b"RIFF and then nothing")
        background = mm.AudioDataset.from_folder(tmp_path, labels=None)
        with pytest.warns(UserWarning, match=r"1 clip is left out.*broken\.wav"):
            model = small_model(epochs=1).fit(*parts, background=background, progress=False)
        assert model.thresholds["false_alarms_per_hour"].notna().all()
