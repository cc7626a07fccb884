"""The one description of how a waveform becomes a spectrogram, shared by training and serving."""

from __future__ import annotations

import hashlib
import json
import math
import numbers
from dataclasses import asdict, dataclass, fields
from typing import Any, Dict, Optional

from .faults import SpecFault


@dataclass(frozen=True)
class Spec:
    """How a waveform becomes a log-mel spectrogram.

    Parameters
    ----------
    sample_rate
        Hz. Recordings are resampled to it.
    n_fft
        Samples in an analysis window (periodic Hann), and the length of its Fourier transform.
    hop_length
        Samples between the centres of two windows.
    mel_bands
        Bands on Slaney's mel scale.
    fmin, fmax
        Hz; the lowest and the highest frequency of the bands. ``fmax=None``: half the sample rate.
    clip_seconds
        Seconds of sound that a network hears at once.

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

    def __post_init__(self) -> None:
        for name in ("sample_rate", "n_fft", "hop_length", "mel_bands"):
            value = _number(name, getattr(self, name))
            if value != int(value) or value < 1:
                raise SpecFault("{} must be a whole number of at least 1, not {!r}".format(name, value))
            object.__setattr__(self, name, int(value))
        for name in ("fmin", "fmax", "clip_seconds"):
            if getattr(self, name) is not None or name != "fmax":
                object.__setattr__(self, name, float(_number(name, getattr(self, name))))
        if self.n_fft < 2:
            raise SpecFault("n_fft must be at least 2, not {}".format(self.n_fft))
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
    def clip_samples(self) -> int:
        """Samples in a clip of `clip_seconds`."""
        return int(round(self.clip_seconds * self.sample_rate))

    @property
    def clip_frames(self) -> int:
        """Frames in the spectrogram of a clip of `clip_seconds`."""
        return self.frames(self.clip_samples)

    def frames(self, samples: int) -> int:
        """Count the frames of `samples` samples: the windows are centred, so both ends have one."""
        return max(1, 1 + (samples - self.n_fft % 2) // self.hop_length)

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
        """A short name for exactly these values, the same on every machine."""
        return hashlib.sha256(json.dumps(self.to_dict(), sort_keys=True).encode()).hexdigest()[:16]


def _number(name: str, value: Any) -> Any:
    """Refuse what is no finite number."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise SpecFault("{} must be a number, not {!r}".format(name, value))
    return value
