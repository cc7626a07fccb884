"""Make logmel.npz: what librosa computes for the cases of `tests/runtime/test_dsp.py`.

librosa is no dependency of mediaml; this runs once, in an environment of its own:

    python3.11 -m venv /tmp/librosa && /tmp/librosa/bin/pip install librosa
    /tmp/librosa/bin/python tests/runtime/references/make_logmel.py

The arrays here were made with librosa 0.11.0, numpy 2.4.6 and scipy 1.17.1 (the file says so, too: `made_with`). Only
results are stored; the waveforms come from formulas and `numpy.random.RandomState`, whose streams never change.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

FILE = Path(__file__).with_name("logmel.npz")
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Case:
    """A signal and the settings of its spectrogram."""

    signal: str
    samples: int
    sample_rate: int
    n_fft: int
    hop_length: int
    mel_bands: int
    fmin: float = 0.0
    fmax: float | None = None

    @property
    def name(self) -> str:
        top = "nyquist" if self.fmax is None else f"{self.fmax:g}"
        return (
            f"{self.signal}-{self.samples}-at-{self.sample_rate}-fft-{self.n_fft}-hop-{self.hop_length}"
            f"-bands-{self.mel_bands}-{self.fmin:g}-to-{top}"
        )


CASES = (
    # the front ends that people use
    Case("bird", 22050, 22050, 1024, 512, 64),
    Case("voice", 22050, 22050, 2048, 1024, 64),
    Case("voice", 8000, 16000, 400, 160, 64, 125.0, 7500.0),
    Case("bird", 22050, 44100, 2048, 441, 128, 50.0, 14000.0),
    Case("noise", 11025, 22050, 2048, 512, 128),
    # 384 kHz, for bats; 8 kHz, for telephones
    Case("bird", 38400, 384000, 4096, 2048, 96, 10000.0, 150000.0),
    Case("voice", 4000, 8000, 256, 80, 40, 20.0, 4000.0),
    # more than one block of frames
    Case("noise", 66000, 8000, 128, 64, 12),
    # shorter than a window, one sample, exactly one hop, one less
    Case("noise", 300, 22050, 1024, 512, 64),
    Case("noise", 1, 22050, 1024, 512, 64),
    Case("noise", 512, 22050, 1024, 512, 64),
    Case("noise", 511, 22050, 1024, 512, 64),
    # a hop longer than the window, a hop of a few samples
    Case("noise", 8000, 16000, 512, 800, 40),
    Case("click", 300, 16000, 512, 7, 40),
    # windows that are no power of two, and odd ones
    Case("bird", 11025, 22050, 1000, 250, 64),
    Case("voice", 9000, 22050, 1023, 512, 64),
    Case("voice", 5000, 11025, 441, 220, 40, 60.0),
    # more bands than the transform can tell apart: some are empty
    Case("noise", 2000, 22050, 256, 256, 128),
    # a single band
    Case("bird", 4000, 16000, 512, 160, 1, 300.0, 3000.0),
    # silence, near silence, clicks in silence, clipping
    Case("silence", 4096, 22050, 1024, 512, 32),
    Case("whisper", 8000, 22050, 1024, 512, 64),
    Case("click", 8000, 22050, 1024, 512, 64),
    Case("clipped", 8000, 22050, 1024, 512, 64),
    # a tone with nothing around it
    Case("tone", 8000, 22050, 1024, 512, 64),
)


def waveform(case: Case) -> Floats:
    """Make the signal of a case, the same to the last bit but for the rounding of sines."""
    time = np.arange(case.samples) / case.sample_rate
    return _SIGNALS[case.signal](time, case).astype(np.float32)


def _hiss(case: Case, seed: int, level: float) -> npt.NDArray[np.float64]:
    return level * np.random.RandomState(seed).standard_normal(case.samples)


def _noise(time: npt.NDArray[np.float64], case: Case) -> npt.NDArray[np.float64]:
    return _hiss(case, 1, 0.1)


def _bird(time: npt.NDArray[np.float64], case: Case) -> npt.NDArray[np.float64]:
    """Chirps from a sixteenth to a quarter of the sample rate, eight to a second, and wind."""
    beat = (time * 8.0) % 1.0
    phase = 2 * np.pi * case.sample_rate * (time / 16 + beat**2 * (3 / 16) / 2 / 8)
    return 0.5 * np.sin(np.pi * beat) ** 2 * np.sin(phase) + _hiss(case, 2, 0.003)


def _voice(time: npt.NDArray[np.float64], case: Case) -> npt.NDArray[np.float64]:
    """Harmonics of 120 Hz under three formants, in syllables, and the noise of a room."""
    harmonics = np.arange(1, int(0.45 * case.sample_rate / 120.0))
    formants = np.array([[700.0, 130.0, 1.0], [1220.0, 170.0, 0.5], [2600.0, 250.0, 0.2]])
    bells = np.exp(-0.5 * ((120.0 * harmonics[:, None] - formants[:, 0]) / formants[:, 1]) ** 2) @ formants[:, 2]
    sound = (bells + 0.01) @ np.sin(2 * np.pi * 120.0 * harmonics[:, None] * time)
    return 0.1 * sound * (0.55 + 0.45 * np.sin(2 * np.pi * 4.0 * time)) + _hiss(case, 3, 0.002)


def _silence(time: npt.NDArray[np.float64], case: Case) -> npt.NDArray[np.float64]:
    return np.zeros(case.samples)


def _whisper(time: npt.NDArray[np.float64], case: Case) -> npt.NDArray[np.float64]:
    """Fade from the level of a 16-bit file's last bit to far below the floor of the scale."""
    return _hiss(case, 4, 3e-5) * 10.0 ** (-3.0 * time / time[-1])


def _click(time: npt.NDArray[np.float64], case: Case) -> npt.NDArray[np.float64]:
    sound = np.zeros(case.samples)
    sound[case.samples // 3] = 1.0
    return sound


def _clipped(time: npt.NDArray[np.float64], case: Case) -> npt.NDArray[np.float64]:
    return np.clip(_hiss(case, 5, 3.0) + 0.2, -1.0, 1.0)


def _tone(time: npt.NDArray[np.float64], case: Case) -> npt.NDArray[np.float64]:
    return np.sin(2 * np.pi * 440.0 * time)


_SIGNALS: dict[str, Callable[[npt.NDArray[np.float64], Case], npt.NDArray[np.float64]]] = {
    "bird": _bird,
    "click": _click,
    "clipped": _clipped,
    "noise": _noise,
    "silence": _silence,
    "tone": _tone,
    "voice": _voice,
    "whisper": _whisper,
}


def by_librosa(case: Case) -> Floats:
    """Compute the log-mel spectrogram of a case as librosa does."""
    import librosa  # type: ignore[import-not-found]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of empty bands and of windows longer than the sound
        power = librosa.feature.melspectrogram(
            y=waveform(case),
            sr=case.sample_rate,
            n_fft=case.n_fft,
            hop_length=case.hop_length,
            n_mels=case.mel_bands,
            fmin=case.fmin,
            fmax=case.fmax,
        )
    decibels: Floats = librosa.power_to_db(power, ref=1.0, amin=1e-10, top_db=None).astype(np.float32)
    return decibels


def main() -> None:
    """Write the file anew."""
    import librosa
    import scipy

    made_with = f"librosa {librosa.__version__}, numpy {np.__version__}, scipy {scipy.__version__}"
    np.savez_compressed(FILE, made_with=made_with, **{case.name: by_librosa(case) for case in CASES})


if __name__ == "__main__":
    main()
