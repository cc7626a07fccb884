"""Sounds in a long recording: found where they are, whatever is damaged, silent or short about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

import mediaml as mm
from mediaml.backends import detection
from mediaml.data.waveform import Waveform
from mediaml.errors import AudioError, NotDeployedError, NotFittedError
from mediaml.features.items import Sound
from mediaml.runtime import detecting
from tests.sounds import RATE, small_model, tone, write_tones

SECONDS = 40.0
PLACED = (("hum", 8.0, 12.0), ("whistle", 20.0, 26.0))
NEAR = 0.6  # seconds: a window is a second, and one that is half in the sound may be given to either side
HOP = 0.25  # seconds, of a second heard at once


def scene(seconds: float = SECONDS) -> npt.NDArray[np.float32]:
    """Quiet noise with a hum and a whistle in it."""
    samples = 0.01 * np.random.RandomState(3).standard_normal(int(seconds * RATE))
    for label, start, end in PLACED:
        samples[int(start * RATE) : int(end * RATE)] += tone(label, 70, end - start)
    return np.asarray(samples, np.float32)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> mm.LocalAudioModel:
    """One that knows the quiet noise between the sounds too, and never gives it as a label."""
    folder = write_tones(tmp_path_factory.mktemp("tones"), per_label=16)
    for path in (folder / "hiss").iterdir():
        soundfile.write(path, 0.1 * soundfile.read(path)[0], RATE)
    sounds = mm.AudioDataset.from_folder(folder).relabel({"hiss": "quiet"})
    model = small_model(epochs=3).fit(sounds, progress=False)
    model.thresholds = {"quiet": float("inf"), "hum": 0.7, "whistle": 0.7}
    return model


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recording") / "day.wav"
    soundfile.write(path, scene(), RATE)
    return path


@pytest.fixture(scope="module")
def found(model: mm.LocalAudioModel, recording: Path) -> mm.Timeline:
    return model.detect(recording, progress=False)


def alike(one: mm.Timeline, other: mm.Timeline) -> bool:
    """Whether two timelines differ by rounding at most: batches of another size add up in another order."""
    same = [(event.label, event.segment) for event in one.events] == [
        (event.label, event.segment) for event in other.events
    ]
    sure, other_sure = ([event.confidence for event in timeline.events] for timeline in (one, other))
    return same and np.allclose(sure, other_sure, atol=1e-4) and one.problems == other.problems


class TestWhatIsFound:
    def test_every_sound_where_it_is_and_nothing_else(self, found: mm.Timeline) -> None:
        assert [event.label for event in found.events] == [label for label, _, _ in PLACED]
        for event, (_, start, end) in zip(found.events, PLACED, strict=True):
            assert event.segment.start == pytest.approx(start, abs=NEAR)
            assert event.segment.end == pytest.approx(end, abs=NEAR)
            assert event.confidence > 0.9

    def test_the_timeline_tells_of_what_it_is_and_how_it_was_made(
        self, found: mm.Timeline, model: mm.LocalAudioModel, recording: Path
    ) -> None:
        assert found.source == str(recording)
        assert found.duration == SECONDS
        assert found.labels == model.labels
        assert found.problems == ()
        assert found.model["network"] == "cnn"
        assert (found.model["hop"], found.model["window"]) == (0.25, 1.0)
        assert found.model["onset"] == {"quiet": 2.0, "hum": 0.7, "whistle": 0.7}, "no score reaches 2"

    def test_a_path_may_be_text(self, found: mm.Timeline, model: mm.LocalAudioModel, recording: Path) -> None:
        assert model.detect(str(recording), progress=False) == found

    def test_a_sound_to_the_very_end_ends_with_the_recording(self, model: mm.LocalAudioModel, tmp_path: Path) -> None:
        samples = np.concatenate([scene()[: 3 * RATE], tone("whistle", 71, 2.9)])
        soundfile.write(tmp_path / "end.wav", samples, RATE)
        (event,) = model.detect(tmp_path / "end.wav", progress=False).events
        assert event.segment.start == pytest.approx(3, abs=NEAR)
        assert event.segment.end == pytest.approx(5.9)

    def test_a_sound_from_the_very_start_begins_with_it(self, model: mm.LocalAudioModel, tmp_path: Path) -> None:
        samples = np.concatenate([tone("whistle", 71, 3), scene()[: 3 * RATE]])
        soundfile.write(tmp_path / "start.wav", samples, RATE)
        (event,) = model.detect(tmp_path / "start.wav", progress=False).events
        assert event.segment.start == 0
        assert event.segment.end == pytest.approx(3, abs=NEAR)

    def test_a_silent_recording_has_no_events(self, model: mm.LocalAudioModel, tmp_path: Path) -> None:
        soundfile.write(tmp_path / "silent.wav", np.zeros(5 * RATE), RATE)
        silent = model.detect(tmp_path / "silent.wav", progress=False)
        assert (silent.events, silent.problems, silent.duration) == ((), (), 5.0)

    def test_silence_has_none_even_where_the_network_is_sure(
        self, model: mm.LocalAudioModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(detecting, "score", lambda probabilities, familiarity: np.ones_like(probabilities))
        soundfile.write(tmp_path / "half.wav", np.concatenate([np.zeros(5 * RATE), tone("hiss", 1, 5)]), RATE)
        half = model.detect(tmp_path / "half.wav", progress=False)
        assert {event.label for event in half.events} == {"hum", "whistle"}
        assert min(event.segment.start for event in half.events) >= 5 - NEAR

    def test_a_label_that_is_never_given_is_never_found(
        self, model: mm.LocalAudioModel, recording: Path, tmp_path: Path
    ) -> None:
        deaf = mm.LocalAudioModel.load(model.save(tmp_path))
        deaf.thresholds = {"hum": float("inf")}
        assert {event.label for event in deaf.detect(recording, progress=False).events} == {"whistle"}

    @pytest.mark.parametrize("rate", [16000, 44100])
    def test_the_recordings_rate_does_not_matter(
        self, found: mm.Timeline, model: mm.LocalAudioModel, tmp_path: Path, rate: int
    ) -> None:
        time = np.arange(int(SECONDS * rate)) / rate
        soundfile.write(tmp_path / "rate.wav", np.interp(time, np.arange(len(scene())) / RATE, scene()), rate)
        other = model.detect(tmp_path / "rate.wav", progress=False)
        assert [event.label for event in other.events] == [event.label for event in found.events]
        for one, event in zip(other.events, found.events, strict=True):
            assert one.segment.start == pytest.approx(event.segment.start, abs=HOP + 1e-6)
            assert one.segment.end == pytest.approx(event.segment.end, abs=HOP + 1e-6)


class TestShortRecordings:
    @pytest.mark.parametrize("seconds", [0.3, 0.99, 1.0, 1.01, 1.3])
    def test_one_window_is_the_whole_recording(self, model: mm.LocalAudioModel, tmp_path: Path, seconds: float) -> None:
        soundfile.write(tmp_path / "short.wav", tone("whistle", 72, seconds), RATE)
        short = model.detect(tmp_path / "short.wav", minimum_seconds=0, progress=False)
        (event,) = short.events
        assert (event.label, event.segment.start) == ("whistle", 0.0)
        assert event.segment.end == short.duration == pytest.approx(seconds, abs=1 / RATE)

    def test_what_is_shorter_than_the_minimum_is_no_event(self, model: mm.LocalAudioModel, tmp_path: Path) -> None:
        soundfile.write(tmp_path / "short.wav", tone("whistle", 72, 0.3), RATE)
        assert model.detect(tmp_path / "short.wav", progress=False).events == ()


def test_what_is_heard_at_the_very_end_is_found(model: mm.LocalAudioModel, tmp_path: Path) -> None:
    quiet = np.zeros(3 * RATE, np.float32)
    soundfile.write(tmp_path / "day.wav", np.concatenate([quiet, tone("whistle", 70, 0.9)]), RATE)
    (event,) = model.detect(tmp_path / "day.wav", hop=1.0, progress=False)
    assert event.label == "whistle"
    assert event.segment.end == pytest.approx(3.9)


class TestOptions:
    @pytest.mark.parametrize("hop", [0, 0.0, -1, 1.001, 5.0, float("nan"), float("inf"), "0.5", True])
    def test_a_hop_that_leaves_out_something_or_never_ends_is_refused(
        self, model: mm.LocalAudioModel, recording: Path, hop: Any
    ) -> None:
        with pytest.raises(ValueError, match="hop is"):
            model.detect(recording, hop, progress=False)

    @pytest.mark.parametrize("name", ["minimum_seconds", "gap_seconds"])
    @pytest.mark.parametrize("wrong", [-0.1, float("nan"), float("inf"), "1", False])
    def test_other_times_are_numbers_of_seconds(
        self, model: mm.LocalAudioModel, recording: Path, name: str, wrong: Any
    ) -> None:
        with pytest.raises(ValueError, match=f"{name} is a number of seconds"):
            model.detect(recording, progress=False, **{name: wrong})

    @pytest.mark.parametrize("hop", [0.1, 0.5, 1.0, 1])
    def test_any_hop_up_to_a_window_finds_the_same(
        self, found: mm.Timeline, model: mm.LocalAudioModel, recording: Path, hop: float
    ) -> None:
        other = model.detect(recording, hop, progress=False)
        assert [event.label for event in other.events] == [event.label for event in found.events]
        for one, event in zip(other.events, found.events, strict=True):
            assert one.segment.start == pytest.approx(event.segment.start, abs=hop + HOP)
            assert one.segment.end == pytest.approx(event.segment.end, abs=hop + HOP)

    def test_what_is_short_is_dropped_and_what_is_near_is_one(
        self, model: mm.LocalAudioModel, recording: Path, tmp_path: Path
    ) -> None:
        assert [event.label for event in model.detect(recording, minimum_seconds=5, progress=False).events] == [
            "whistle"
        ]
        quiet = scene()[: 3 * RATE]
        soundfile.write(
            tmp_path / "twice.wav", np.concatenate([tone("whistle", 73, 3), quiet, tone("whistle", 73, 3)]), RATE
        )
        counts = [
            len(model.detect(tmp_path / "twice.wav", gap_seconds=gap, progress=False).events) for gap in (1.0, 5.0)
        ]
        assert counts == [2, 1]


class TestDamage:
    @pytest.mark.parametrize("name", ["gone.wav", "broken.wav"])
    def test_a_file_that_cannot_be_read_is_an_error_that_names_it(
        self, model: mm.LocalAudioModel, tmp_path: Path, name: str
    ) -> None:
        (tmp_path / "broken.wav").write_bytes(b"RIFF and then nothing")
        with pytest.raises(AudioError, match=name):
            model.detect(tmp_path / name, progress=False)

    def test_the_option_of_a_picture_model_is_refused_by_the_name_of_its_own(self, recording: Path) -> None:
        for model in (mm.LocalAudioModel(), mm.SageMakerAudioModel()):
            with pytest.raises(TypeError, match=r"^a sound model takes hop=, not every=: seconds"):
                model.detect(recording, every=1.0)  # type: ignore[call-arg]

    @pytest.mark.parametrize("wrong", [b"RIFF", (np.zeros(RATE), RATE), 7])
    def test_detect_takes_files(self, model: mm.LocalAudioModel, wrong: Any) -> None:
        with pytest.raises(AudioError):
            model.detect(wrong, progress=False)

    def test_a_stretch_that_cannot_be_read_is_a_problem_and_the_rest_is_found(
        self, found: mm.Timeline, model: mm.LocalAudioModel, recording: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read = Sound.read

        def damaged(sound: Sound, start: float, end: float, sample_rate: int) -> Waveform:
            if start == 8.0:
                raise OSError("the disk is scratched")
            return read(sound, start, end, sample_rate)

        monkeypatch.setattr(Sound, "read", damaged)
        monkeypatch.setattr(detection, "PATCHES_AT_ONCE", 16)  # of 0.25 s each: a stretch is 4 s
        hurt = model.detect(recording, progress=False)
        (problem,) = hurt.problems
        assert problem.startswith("8.0-12.8 s: ")
        assert "the disk is scratched" in problem
        whistle = hurt.where("whistle")
        assert alike(whistle.model_copy(update={"problems": ()}), found.where("whistle"))
        assert all(event.segment.end <= 8.5 or event.segment.start >= 12.0 for event in hurt.where("hum").events)

    def test_where_nothing_can_be_read_it_is_an_error(
        self, model: mm.LocalAudioModel, recording: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def damaged(sound: Sound, start: float, end: float, sample_rate: int) -> Waveform:
            raise OSError("the disk is scratched")

        monkeypatch.setattr(Sound, "read", damaged)
        for at_once in (256, 16):
            monkeypatch.setattr(detection, "PATCHES_AT_ONCE", at_once)
            with pytest.raises(AudioError, match="the disk is scratched"):
                model.detect(recording, progress=False)

    def test_a_file_that_ends_before_its_time_tells_so(
        self, model: mm.LocalAudioModel, recording: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read = Sound.read

        def cut_off(sound: Sound, start: float, end: float, sample_rate: int) -> Waveform:
            return read(sound, start, min(end, 30.0), sample_rate) if start < 30 else np.zeros(0, np.float32)

        monkeypatch.setattr(Sound, "read", cut_off)
        monkeypatch.setattr(detection, "PATCHES_AT_ONCE", 16)
        cut = model.detect(recording, progress=False)
        assert [event.label for event in cut.events] == ["hum", "whistle"]
        assert cut.problems
        assert all("ends before its time" in problem for problem in cut.problems)


class TestEverywhereTheSame:
    @pytest.mark.parametrize("at_once", [1, 7, 64, 1000])
    def test_how_much_is_heard_at_once_does_not_matter(
        self,
        found: mm.Timeline,
        model: mm.LocalAudioModel,
        recording: Path,
        monkeypatch: pytest.MonkeyPatch,
        at_once: int,
    ) -> None:
        monkeypatch.setattr(detection, "PATCHES_AT_ONCE", at_once)
        assert alike(model.detect(recording, progress=False), found)

    def test_a_deployment_finds_what_the_model_finds(
        self, found: mm.Timeline, model: mm.LocalAudioModel, recording: Path
    ) -> None:
        with model.deploy() as endpoint:
            assert endpoint.detect(recording, progress=False) == found
            options: dict[str, Any] = {"hop": 0.5, "minimum_seconds": 1, "gap_seconds": 2, "progress": False}
            assert endpoint.detect(recording, **options) == model.detect(recording, **options)
        with pytest.raises(NotDeployedError, match=r"model\.deploy\(\)"):
            endpoint.detect(recording)

    def test_a_loaded_model_finds_what_the_saved_one_found(
        self, found: mm.Timeline, model: mm.LocalAudioModel, recording: Path, tmp_path: Path
    ) -> None:
        loaded = mm.LocalAudioModel.load(model.save(tmp_path))
        assert loaded.detect(recording, progress=False) == found

    def test_nothing_learned_nothing_found(self, recording: Path) -> None:
        with pytest.raises(NotFittedError):
            small_model().detect(recording)
