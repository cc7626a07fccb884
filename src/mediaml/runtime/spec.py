"""The one description of how a waveform becomes a spectrogram, shared by training and serving."""

from __future__ import annotations

import hashlib
import json
import math
import numbers
from dataclasses import asdict, dataclass, fields
from typing import Any, Dict, Optional

from .faults import SpecFault

LIBROSA = "librosa"
YAMNET = "yamnet"
RECIPES = (LIBROSA, YAMNET)
HIGHEST_RATE = 1000000  # Hz
LARGEST_CLIP = 1 << 23  # numbers in a clip's spectrogram: an hour and a half with the usual settings
LARGEST_FILTER = 1 << 26  # numbers in the matrix from frequencies to bands


@dataclass(frozen=True)
class Spec:
    """How a waveform becomes a log-mel spectrogram.

    Parameters
    ----------
    sample_rate
        Hz. Recordings are resampled to it.
    n_fft
        Length of the Fourier transform of an analysis window, in samples.
    hop_length
        Samples between the centres of two windows.
    mel_bands
        Bands on the mel scale.
    fmin, fmax
        Hz; the lowest and the highest frequency of the bands. ``fmax=None``: half the sample rate.
    clip_seconds
        Seconds of sound that a network hears at once.
    window_length
        Samples in an analysis window (periodic Hann), at most `n_fft`. None: `n_fft`.
    recipe
        ``"librosa"``: centred windows, power, Slaney's mel scale and norm, decibels. ``"yamnet"``: the front end that
        the network of this name was trained with: windows from the first sample on, magnitude, HTK's mel scale without
        a norm, natural logarithm of the magnitude plus 0.001.

    Raises
    ------
    SpecFault
        A value is out of its range.
    """

    sample_rate: int = 22050
    n_fft: int = 2048
    hop_length: int = 1024
    mel_bands: int = 64
    fmin: float = 0.0
    fmax: Optional[float] = None
    clip_seconds: float = 5.0
    window_length: Optional[int] = None
    recipe: str = LIBROSA

    def __post_init__(self) -> None:
        if self.recipe not in RECIPES:
            raise SpecFault("recipe is one of {}, not {!r}".format(", ".join(RECIPES), self.recipe))
        whole = ("sample_rate", "n_fft", "hop_length", "mel_bands", "window_length")
        for name in whole[: None if self.window_length is not None else -1]:
            value = _number(name, getattr(self, name))
            if value != int(value) or value < 1:
                raise SpecFault("{} must be a whole number of at least 1, not {!r}".format(name, value))
            object.__setattr__(self, name, int(value))
        for name in ("fmin", "fmax", "clip_seconds"):
            if getattr(self, name) is not None or name != "fmax":
                object.__setattr__(self, name, float(_number(name, getattr(self, name))))
        if self.n_fft < 2:
            raise SpecFault("n_fft must be at least 2, not {}".format(self.n_fft))
        if not 2 <= self.window <= self.n_fft:
            raise SpecFault("window_length must be from 2 to n_fft={}, not {}".format(self.n_fft, self.window))
        if not 0 <= self.fmin < self.top_frequency <= self.sample_rate / 2:
            raise SpecFault(
                "0 <= fmin < fmax <= sample_rate / 2 must hold; fmin={:g}, fmax={:g}, sample_rate={}".format(
                    self.fmin, self.top_frequency, self.sample_rate
                )
            )
        if self.clip_seconds * self.sample_rate < 1:
            raise SpecFault("clip_seconds must hold at least one sample, not {!r}".format(self.clip_seconds))

    @property
    def top_frequency(self) -> float:
        """Hz; `fmax`, or half the sample rate where that is None."""
        return self.sample_rate / 2 if self.fmax is None else float(self.fmax)

    @property
    def window(self) -> int:
        """Samples in an analysis window."""
        return self.n_fft if self.window_length is None else self.window_length

    @property
    def decibel(self) -> float:
        """How much a spectrogram's numbers grow when the sound gets a decibel louder (loud parts, with "yamnet")."""
        return 1.0 if self.recipe == LIBROSA else math.log(10.0) / 20.0

    @property
    def floor(self) -> float:
        """The number that a spectrogram has where there is no sound at all."""
        return -100.0 if self.recipe == LIBROSA else math.log(0.001)

    def in_decibels(self) -> "Spec":
        """Give the same resolution in decibels, for pictures."""
        return self if self.recipe == LIBROSA else Spec(**dict(self.to_dict(), recipe=LIBROSA))

    @property
    def clip_samples(self) -> int:
        """Samples in a clip of `clip_seconds`."""
        return int(round(self.clip_seconds * self.sample_rate))

    @property
    def clip_frames(self) -> int:
        """Frames in the spectrogram of a clip of `clip_seconds`."""
        return self.frames(self.clip_samples)

    def frames(self, samples: int) -> int:
        """Count the frames of `samples` samples; "librosa" centres the windows, so both ends have one."""
        unheard = self.n_fft % 2 if self.recipe == LIBROSA else self.window
        return max(1, 1 + (samples - unheard) // self.hop_length)

    def check_size(self) -> None:
        """Refuse what no network is to hear at once: the numbers may come from a file that is anyone's.

        Raises
        ------
        SpecFault
            The rate, the bands, the transform or the clip are too large.
        """
        filters = self.mel_bands * (self.n_fft // 2 + 1)
        if self.sample_rate > HIGHEST_RATE or filters > LARGEST_FILTER:
            raise SpecFault(
                "{} Hz with n_fft={} and mel_bands={} are too much for a network".format(
                    self.sample_rate, self.n_fft, self.mel_bands
                )
            )
        samples = self.clip_seconds * self.sample_rate
        if not samples / self.hop_length * self.mel_bands <= LARGEST_CLIP or samples > 1 << 30:
            raise SpecFault(
                "clip_seconds={:g} at hop_length={} with mel_bands={} are too much to be heard at once".format(
                    self.clip_seconds, self.hop_length, self.mel_bands
                )
            )

    def to_dict(self) -> Dict[str, Any]:
        """Give the values under their names, ready for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Dict[str, Any]) -> "Spec":
        """Rebuild a specification from `to_dict`.

        Raises
        ------
        SpecFault
            A name is unknown or a value out of its range.
        """
        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            raise SpecFault("unknown spectrogram settings: {}".format(", ".join(unknown)))
        return cls(**values)

    @property
    def digest(self) -> str:
        """A short name for exactly these values, the same on every machine and in every release."""
        later = {"window_length": None, "recipe": LIBROSA}  # left out where they say what was so before they came
        values = {name: value for name, value in self.to_dict().items() if name not in later or value != later[name]}
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def _number(name: str, value: Any) -> Any:
    """Refuse what is no finite number."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise SpecFault("{} must be a number, not {!r}".format(name, value))
    return value
