"""The synthetic recordings are repeatable, all different, and sound like what they say."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from mediaml import samples
from mediaml.samples.voices import talk

RATE = 22050
INDIVIDUALS = range(6)
OTHERS = {label: tuple(other for other in samples.LABELS if other != label) for label in samples.LABELS}

Floats = NDArray[np.float64]


@cache
def heard(label: str, index: int) -> Floats:
    return samples.recording(label, index, seconds=3.0, sample_rate=RATE).astype(np.float64)


def spectrum(sound: Floats, size: int = 2048) -> tuple[Floats, Floats]:
    """Return the frequencies and the power, [frames, frequencies]."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, size)[:: size // 2] * np.hanning(size)
    return np.fft.rfftfreq(size, 1.0 / RATE), np.square(np.abs(np.fft.rfft(frames)))


def share(sound: Floats, low: float, high: float) -> float:
    """Return how much of the energy above 50 Hz lies between two frequencies."""
    frequency, power = spectrum(sound)
    inside = power[:, (frequency > max(low, 50.0)) & (frequency < high)].sum()
    return float(inside / power[:, frequency > 50.0].sum())


def flatness(sound: Floats) -> float:
    """Return Wiener's spectral flatness above 300 Hz: 1 for white noise, 0 for a sine."""
    frequency, power = spectrum(sound)
    mean = power[:, frequency > 300.0].mean(axis=0)
    return float(np.exp(np.log(mean).mean()) / mean.mean())


def pitch_and_purity(sound: Floats) -> tuple[Floats, Floats]:
    """Return the strongest frequency between 300 Hz and 4 kHz, and its share of that band, a frame."""
    frequency, power = spectrum(sound, 1024)
    chosen = (frequency > 300.0) & (frequency < 4000.0)
    band = np.pad(power[:, chosen], ((0, 0), (2, 2)))
    peak = band.argmax(axis=1)
    around = np.take_along_axis(band, peak[:, None] + np.arange(-2, 3), axis=1).sum(axis=1)
    return frequency[chosen][peak - 2], around / band.sum(axis=1)


def periodicity(sound: Floats) -> float:
    """Return the middling autocorrelation, at its best lag, of quarters of a second between 40 Hz and 1 kHz."""
    size = RATE // 4
    frames = sound[: sound.size // size * size].reshape(-1, size)
    power = np.square(np.abs(np.fft.rfft(frames, 2 * size)))
    frequency = np.fft.rfftfreq(2 * size, 1.0 / RATE)
    power[:, (frequency < 40.0) | (frequency > 1000.0)] = 0.0
    alike = np.fft.irfft(power)[:, :size] / (1.0 - np.arange(size) / size)
    past_zero = [one[np.argmax(one < 0.0) : size * 2 // 3].max() / one[0] for one in alike]
    return float(np.median(past_zero))


def suddenness(sound: Floats) -> float:
    """Return the skewness of the changes of level: large where sounds start at once and die away slowly."""
    frequency, power = spectrum(sound, 512)
    change = np.diff(10.0 * np.log10(power[:, frequency > 300.0].sum(axis=1) + 1e-12))
    change -= change.mean()
    return float(np.mean(change**3) / np.mean(change**2) ** 1.5)


def kurtosis(sound: Floats) -> float:
    """Return how spiky the heights are: 3 for steady noise, more for single drops."""
    change = np.diff(sound)
    return float(np.mean(change**4) / np.mean(change**2) ** 2)


# -- what they are


@pytest.mark.parametrize("label", samples.LABELS)
@pytest.mark.parametrize(("seconds", "rate"), [(0.1, 8000), (1.37, 16000), (2.0, 22050), (0.5, 48000)])
def test_length_range_and_type(label: str, seconds: float, rate: int) -> None:
    sound = samples.recording(label, 2, seconds=seconds, sample_rate=rate)
    assert sound.dtype == np.float32
    assert sound.shape == (round(seconds * rate),)
    assert np.isfinite(sound).all()
    assert 0.149 <= np.abs(sound).max() <= 0.9


@pytest.mark.parametrize("label", samples.LABELS)
def test_same_seed_same_samples(label: str) -> None:
    first, again = (samples.recording(label, 1, seed=3, seconds=1.0) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, samples.recording(label, 1, seed=4, seconds=1.0))


@pytest.mark.parametrize("label", samples.LABELS)
def test_recordings_of_a_label_are_different_individuals(label: str) -> None:
    pieces = [heard(label, index)[:RATE] for index in INDIVIDUALS]
    spectra = [np.fft.rfft(piece, 2 * RATE) for piece in pieces]
    energy = [float(np.sum(np.square(piece))) for piece in pieces]
    for one, other in combinations(INDIVIDUALS, 2):
        alike = np.abs(np.fft.irfft(spectra[one] * spectra[other].conj())).max()
        assert alike / np.sqrt(energy[one] * energy[other]) < 0.5


def test_loudness_varies() -> None:
    peaks = [np.abs(heard(label, index)).max() for label in samples.LABELS for index in INDIVIDUALS]
    assert max(peaks) > 3.0 * min(peaks)


@pytest.mark.parametrize("index", INDIVIDUALS)
def test_bells_start_at_once_and_ring(index: int) -> None:
    assert periodicity(heard("bell", index)) > 0.6
    assert suddenness(heard("bell", index)) > 2.5
    assert max(suddenness(heard(other, index)) for other in OTHERS["bell"]) < 2.5


@pytest.mark.parametrize("index", INDIVIDUALS)
def test_birds_sing_high(index: int) -> None:
    assert share(heard("bird", index), 1500.0, 9000.0) > 0.95
    assert max(share(heard(other, index), 1500.0, 9000.0) for other in OTHERS["bird"]) < 0.95


@pytest.mark.parametrize("index", INDIVIDUALS)
def test_engines_fire_regularly_and_low(index: int) -> None:
    assert periodicity(heard("engine", index)) > 0.4 > periodicity(heard("rain", index))
    assert share(heard("engine", index), 0.0, 1000.0) > 0.3 > share(heard("bird", index), 0.0, 1000.0)


@pytest.mark.parametrize("index", INDIVIDUALS)
def test_rain_is_flat_and_grainy(index: int) -> None:
    assert kurtosis(heard("rain", index)) > 6.0
    assert flatness(heard("rain", index)) > 0.15
    assert max(flatness(heard(other, index)) for other in OTHERS["rain"]) < 0.1


@pytest.mark.parametrize("index", INDIVIDUALS)
def test_sirens_are_one_tone_that_moves(index: int) -> None:
    pitch, purity = pitch_and_purity(heard("siren", index))
    assert np.median(purity) > 0.3 > np.median(pitch_and_purity(heard("rain", index))[1])
    low, high = np.percentile(pitch, [10.0, 90.0])
    assert high - low > 80.0


@pytest.mark.parametrize("index", INDIVIDUALS)
def test_voices_are_voiced_and_lie_below_4_khz(index: int) -> None:
    assert share(heard("voice", index), 0.0, 4000.0) > 0.95
    assert periodicity(heard("voice", index)) > 0.6


def test_voices_pause_between_phrases_only() -> None:
    said = talk(np.random.RandomState(3), 30.0, 120.0)
    gaps: dict[bool, list[float]] = {False: [], True: []}
    for one, following in pairwise(said):
        gaps[one.last].append(following.start - one.end)
    assert max(gaps[False]) == 0.0
    assert min(gaps[True]) > 0.05
    assert said[-1].end >= 30.0


# -- silence and noise


def test_silence_is_silent() -> None:
    quiet = samples.silence(0.5, RATE)
    assert quiet.dtype == np.float32
    assert quiet.shape == (RATE // 2,)
    assert not quiet.any()


@pytest.mark.parametrize(("colour", "octave"), [("pink", -3.0), ("white", 0.0)])
def test_noise_has_its_colour(colour: str, octave: float) -> None:
    sound = samples.noise(6.0, RATE, 5, colour="pink" if colour == "pink" else "white")
    assert sound.dtype == np.float32
    assert sound.shape == (6 * RATE,)
    assert np.sqrt(np.mean(np.square(sound))) == pytest.approx(0.1, rel=0.05)
    frequency, power = spectrum(sound.astype(np.float64))
    chosen = (frequency > 200.0) & (frequency < 8000.0)
    slope = np.polyfit(np.log2(frequency[chosen]), 10.0 * np.log10(power[:, chosen].mean(axis=0)), 1)[0]
    assert slope == pytest.approx(octave, abs=0.2)


def test_noise_depends_on_its_seed_only() -> None:
    np.testing.assert_array_equal(samples.noise(0.5, RATE, 1), samples.noise(0.5, RATE, 1))
    assert not np.array_equal(samples.noise(0.5, RATE, 1), samples.noise(0.5, RATE, 2))


# -- files


def read(path: Path) -> Floats:
    return np.asarray(soundfile.read(path)[0], dtype=np.float64)


def test_files_do_not_depend_on_what_else_is_written(tmp_path: Path) -> None:
    few = samples.write_recordings(tmp_path / "few", per_label=2, seconds=(0.3, 0.9), labels=["siren"])
    many = samples.write_recordings(tmp_path / "many", per_label=3, seconds=(0.3, 0.9), labels=["voice", "siren"])
    written = sorted(path.relative_to(few) for path in few.rglob("*.*"))
    assert written == [Path("siren/siren-00.wav"), Path("siren/siren-01.flac")]
    for path in written:
        assert (few / path).read_bytes() == (many / path).read_bytes()


def test_every_label_gets_its_folder_and_its_files(tmp_path: Path) -> None:
    folder = samples.write_recordings(tmp_path / "new" / "samples", per_label=3, seconds=(0.4, 0.8), sample_rate=16000)
    assert folder == tmp_path / "new" / "samples"
    assert sorted(path.name for path in folder.iterdir()) == list(samples.LABELS)
    lengths = set()
    for label in samples.LABELS:
        names = [f"{label}-00.wav", f"{label}-01.flac", f"{label}-02.ogg"]
        assert sorted(path.name for path in (folder / label).iterdir()) == names
        for name in names:
            facts = soundfile.info(folder / label / name)
            assert facts.samplerate == 16000
            assert facts.channels == 1
            assert facts.subtype == ("VORBIS" if name.endswith("ogg") else "PCM_16")
            assert 0.4 <= facts.duration <= 0.8
            lengths.add(facts.frames)
    assert len(lengths) > 12


def test_a_file_holds_the_recording(tmp_path: Path) -> None:
    folder = samples.write_recordings(tmp_path, per_label=3, seconds=(0.7, 0.7), labels=["bell"], seed=9)
    for index, suffix in enumerate(("wav", "flac")):
        written = read(folder / "bell" / f"bell-{index:02d}.{suffix}")
        np.testing.assert_allclose(written, samples.recording("bell", index, 9, 0.7), atol=1.0 / 32768.0)
    lossy = read(folder / "bell" / "bell-02.ogg")
    assert np.corrcoef(lossy, samples.recording("bell", 2, 9, 0.7))[0, 1] > 0.9


def test_writing_again_replaces_and_leaves_other_files_alone(tmp_path: Path) -> None:
    own = tmp_path / "rain" / "mine.txt"
    own.parent.mkdir()
    own.write_text("keep")
    for seed in (1, 2):
        samples.write_recordings(tmp_path, per_label=1, seconds=(0.5, 0.5), labels=["rain"], seed=seed)
    assert sorted(path.name for path in own.parent.iterdir()) == ["mine.txt", "rain-00.wav"]
    expected = samples.recording("rain", 0, 2, 0.5)
    np.testing.assert_allclose(read(own.parent / "rain-00.wav"), expected, atol=1.0 / 32768.0)


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path, *_: object, **__: object) -> None:
        path.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(soundfile, "write", fail)
    with pytest.raises(OSError, match="disk full"):
        samples.write_recordings(tmp_path, per_label=1, seconds=(0.2, 0.2), labels=["bird"])
    assert not list(tmp_path.rglob("*.*"))


# -- mistakes


def test_unknown_label_names_the_known_and_writes_nothing(tmp_path: Path) -> None:
    known = ", ".join(samples.LABELS)
    with pytest.raises(ValueError, match=f"'whale'; there are {known}"):
        samples.recording("whale", 0)
    with pytest.raises(ValueError, match=f"'whale'; there are {known}"):
        samples.write_recordings(tmp_path / "none", labels=["bird", "whale"])
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("seconds", [0.0, -1.0, 0.09, float("inf"), float("nan")])
def test_impossible_length(seconds: float, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot last"):
        samples.recording("bird", 0, seconds=seconds)
    with pytest.raises(ValueError, match="cannot last"):
        samples.write_recordings(tmp_path, seconds=(1.0, seconds))


def test_impossible_sample_rate() -> None:
    with pytest.raises(ValueError, match="4000 Hz is too low"):
        samples.recording("bird", 0, sample_rate=4000)


# -- the package


def test_names() -> None:
    assert samples.__all__ == sorted(samples.__all__)
    assert samples.LABELS == ("bell", "bird", "engine", "rain", "siren", "voice")


def test_import_is_light() -> None:
    heavy = "{'scipy', 'soundfile', 'matplotlib', 'pandas', 'mxnet'}"
    code = (
        f"import sys, mediaml.samples; sys.exit(str({heavy} & set(sys.modules)) if {heavy} & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
