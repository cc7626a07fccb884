"""Events from samples: the same as where the recording lies on a disk, however it is read."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import soundfile

import mediaml as mm
from mediaml.backends.detection import Options, detect
from mediaml.features.items import open_sound
from mediaml.runtime import detecting, recording
from mediaml.runtime.detecting import Detecting, Wanted
from mediaml.runtime.faults import SoundFault
from mediaml.runtime.recording import Samples
from tests.sounds import RATE, small_model, tone, write_tones

BATCH = 8


@pytest.fixture(scope="module")
def sounds(tmp_path_factory):
    return mm.AudioDataset.from_folder(write_tones(tmp_path_factory.mktemp("tones") / "tones", per_label=8))


@pytest.fixture(scope="module")
def fitted(sounds):
    train, validation = sounds.split(0.5, 0.5, seed=1)
    return small_model(epochs=4).fit(train, validation, progress=False).hearer()


def scene(seconds, seed=3):
    samples = 0.01 * np.random.RandomState(seed).standard_normal(int(seconds * RATE))
    for label, start, end in (("hum", 0.2, 0.4), ("whistle", 0.6, 0.8)):
        piece = tone(label, 70 + seed, (end - start) * seconds)
        first = int(start * seconds * RATE)
        samples[first : first + len(piece)] += piece[: len(samples) - first]
    return np.asarray(samples, np.float32)


def same(told, timeline):
    """Whether an answer says what a timeline says, to a millionth."""
    assert [event[0] for event in told["events"]] == [event.label for event in timeline.events]
    for (_, start, end, confidence), event in zip(told["events"], timeline.events, strict=True):
        expected = (event.segment.start, event.segment.end, event.confidence)
        assert (start, end, confidence) == pytest.approx(expected, abs=1e-6)
    assert tuple(told["problems"]) == timeline.problems


@pytest.mark.parametrize("seconds", [0.0, 0.3, 1.0, 1.04, 1.3, 7.77, 40.0, 100.0])
@pytest.mark.parametrize("hop", [None, 0.4])
def test_a_waveform_and_a_file_have_the_same_events(fitted, tmp_path, seconds, hop):
    waveform = scene(seconds)
    soundfile.write(tmp_path / "day.wav", waveform, RATE, "FLOAT")
    expected = detect(fitted, tmp_path / "day.wav", Options(hop), BATCH, False)
    told = recording.hear(fitted, Samples(waveform, RATE), Wanted(hop), BATCH)
    same(told, expected)
    assert told["duration"] == expected.duration
    assert told["events"] or seconds < 40


def test_other_options_are_the_same_too(fitted, tmp_path):
    waveform = scene(30)
    soundfile.write(tmp_path / "day.wav", waveform, RATE, "FLOAT")
    expected = detect(fitted, tmp_path / "day.wav", Options(0.3, 0.1, 5.0), BATCH, False)
    same(recording.hear(fitted, Samples(waveform, RATE), Wanted(0.3, 0.1, 5.0), BATCH), expected)


def test_damage_is_told_in_the_same_words(fitted, tmp_path):
    waveform = scene(100)
    waveform[50 * RATE] = np.inf
    soundfile.write(tmp_path / "day.wav", waveform, RATE, "FLOAT")
    expected = detect(fitted, tmp_path / "day.wav", Options(), BATCH, False)
    assert len(expected.problems) == 1
    same(recording.hear(fitted, Samples(waveform, RATE), Wanted(), BATCH), expected)


def test_another_rate_is_near(fitted, tmp_path):
    import soxr

    waveform = soxr.resample(scene(30), RATE, 22050) + np.float32(0.1)  # with a constant part
    soundfile.write(tmp_path / "day.wav", waveform, 22050, "FLOAT")
    expected = detect(fitted, tmp_path / "day.wav", Options(), BATCH, False)
    told = recording.hear(fitted, Samples(waveform, 22050), Wanted(), BATCH)
    assert [event[0] for event in told["events"]] == [event.label for event in expected.events]
    for (_, start, end, confidence), event in zip(told["events"], expected.events, strict=True):
        assert (start, end) == pytest.approx((event.segment.start, event.segment.end), abs=1e-6)
        assert confidence == pytest.approx(event.confidence, abs=1e-3)


@pytest.mark.parametrize("at_once", [1, 7, 1000])
def test_blocks_of_any_length_cover_the_recording(fitted, at_once):
    detecting_ = Detecting(fitted, 33.3, Wanted(), at_once)
    stretches = [detecting_.stretch(first) for first in detecting_.firsts]
    assert stretches[0][0] == 0
    assert stretches[-1][1] == pytest.approx(33.3, abs=0.05), "a twentieth of a second is not worth a window"
    for (_, end), (begin, _) in pairwise(stretches):
        assert begin <= end, "neighbours overlap"
    assert sum(detecting_.count(first) for first in detecting_.firsts) == detecting_.windows


def test_a_block_that_is_too_short_is_refused(fitted):
    long = Detecting(fitted, 20.0)
    with pytest.raises(SoundFault, match="ends before its time"):
        long.cut(0, np.zeros(3 * RATE, np.float32))
    long.miss(0, detecting.TOO_EARLY)
    assert long.problems == ["0.0-20.0 s: the sound ends before its time"]
    assert not long.heard and long.finish() == []


@pytest.mark.parametrize("hop", [0, -1, 1.001, float("nan"), float("inf"), "0.5", True])
def test_a_hop_that_leaves_out_something_is_refused(fitted, hop):
    with pytest.raises(ValueError, match="hop is"):
        Detecting(fitted, 20.0, Wanted(hop))


def test_what_would_take_for_ever_is_refused(fitted):
    with pytest.raises(SoundFault, match="windows are more than"):
        recording.hear(fitted, Samples(np.zeros(10**6, np.float32), 2), Wanted(), BATCH)


def test_events_come_by_time_though_they_end_in_another_order(fitted):
    low = fitted.recogniser._replace(thresholds=np.zeros(3))
    held_out = fitted.held_out._replace(scores=np.zeros((0, 3)))
    sure_of_little = fitted._replace(recogniser=low, held_out=held_out)
    waveform = scene(30) + scene(30, 4)[::-1]
    events = recording.hear(sure_of_little, Samples(waveform, RATE), Wanted(None, 0, 0), BATCH)["events"]
    assert len(events) >= 3
    assert events == sorted(events, key=lambda event: (event[1], event[2], event[0]))


def test_silence_without_samples(fitted):
    told = recording.hear(fitted, Samples(np.zeros(0, np.float32), RATE), Wanted(), BATCH)
    assert (told["duration"], told["events"], told["problems"]) == (0.0, [], [])


def test_a_path_and_its_samples_are_cut_alike(fitted, tmp_path):
    soundfile.write(tmp_path / "day.wav", scene(9.1), RATE, "FLOAT")
    sound = open_sound(tmp_path / "day.wav")
    one = Detecting(fitted, sound.duration)
    for first in one.firsts:
        begin, end = one.stretch(first)
        block = one.cut(first, sound.read(begin, end, RATE))
        assert len(block.spectrograms) == len(block.levels)
        np.testing.assert_array_equal(
            block.spectrograms, one.cut(first, scene(9.1)[round(begin * RATE) :]).spectrograms
        )
