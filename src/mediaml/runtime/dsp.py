"""Waveform to log-mel spectrogram: numpy, faster where scipy is present.

With the recipe "librosa" the numbers follow its ``power_to_db(melspectrogram(...), ref=1.0, amin=1e-10, top_db=None)``
with its defaults: periodic Hann window, centred frames with zero padding, power 2, Slaney's mel scale with area
normalisation (Slaney, Auditory Toolbox, Interval Technical Report 1998-010). With "yamnet" they follow the front end of
Google's YAMNet and VGGish (tensorflow/models, research/audioset/yamnet/features.py).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Callable, Dict, Tuple

import numpy as np

from .faults import SpecFault
from .spec import LIBROSA, YAMNET, Spec

try:  # scipy's transform computes in float32 and its sparse product skips the zeros: 2.7 times faster together
    from scipy.fft import rfft as _scipy_rfft
    from scipy.sparse import csr_matrix as _csr_matrix
except ImportError:  # AWS's container has it; a bare numpy works as well
    _scipy_rfft = None
    _csr_matrix = None

DECIBELS_PER_NEPER = np.float32(10.0 / np.log(10.0))
QUIETEST_POWER = np.float32(1e-10)
YAMNET_OFFSET = np.float32(0.001)
BLOCK_SAMPLES = 1 << 16  # of windows transformed at once: more falls out of the cache, or has the allocator give its
# memory back to the system after each call and fetch it again (2.7 times slower)


def log_mel(waveform: np.ndarray, spec: Spec) -> np.ndarray:
    """Compute the log-mel spectrogram of a waveform, without padding it to a clip.

    Parameters
    ----------
    waveform
        Float samples [samples] at ``spec.sample_rate``; full scale is 1.
    spec
        How.

    Returns
    -------
    float32 [mel_bands, frames]; in dB of power, from -100 (silence) to about +50, with the recipe "librosa".

    Raises
    ------
    SpecFault
        The waveform is not one-dimensional.
    """
    if waveform.ndim != 1:
        raise SpecFault("a waveform has one dimension [samples], not {}".format(waveform.ndim))
    windows = _FRAMED[spec.recipe](waveform, spec)
    out = np.empty((spec.mel_bands, len(windows)), np.float32)
    taper, to_mel, strength = hann(spec.window), _mel_product(spec), _STRENGTH[spec.recipe]
    frames = max(1, BLOCK_SAMPLES // spec.n_fft)
    for first in range(0, len(windows), frames):
        block = slice(first, first + frames)
        out[:, block] = to_mel(strength(windows[block] * taper, spec.n_fft))
    return _COMPRESSED[spec.recipe](out)


def shares_frames(spec: Spec, hop: int) -> bool:
    """Tell whether patches that begin `hop` samples apart consist of the same frames where they overlap."""
    return spec.recipe == YAMNET and hop % spec.hop_length == 0


def log_mel_patches(waveform: np.ndarray, patch: int, hop: int, count: int, spec: Spec) -> np.ndarray:
    """Compute the log-mel spectrograms of neighbouring patches, each frame once.

    Parameters
    ----------
    waveform
        Float samples, of which the last patch needs the last ones.
    patch, hop
        Samples of a patch, and from one to the next, for which `shares_frames`.
    count
        Of patches.
    spec
        How.

    Returns
    -------
    float32 [count, mel_bands, frames], what `log_mel` gives of each patch.
    """
    frames = log_mel(waveform[: (count - 1) * hop + patch], spec)
    starts = np.arange(count) * (hop // spec.hop_length)
    return np.stack([frames[:, start : start + spec.frames(patch)] for start in starts])


def _centred(waveform: np.ndarray, spec: Spec) -> np.ndarray:
    """Windows [frames, window] around every hop, the first one around the first sample; zeros beyond both ends."""
    half = spec.n_fft // 2
    padded = np.zeros(max(len(waveform) + 2 * half, spec.n_fft), np.float32)
    padded[half : half + len(waveform)] = waveform
    inset = (spec.n_fft - spec.window) // 2  # a window shorter than its transform stands in the middle of it
    return overlapping(padded[inset:], spec.window, spec.hop_length, spec.frames(len(waveform)))


def _from_the_start(waveform: np.ndarray, spec: Spec) -> np.ndarray:
    """Windows [frames, window] from the first sample on; what does not fill a window at the end is not heard."""
    padded = np.zeros(max(len(waveform), spec.window), np.float32)
    padded[: len(waveform)] = waveform
    return overlapping(padded, spec.window, spec.hop_length, spec.frames(len(waveform)))


def _decibels(power: np.ndarray) -> np.ndarray:
    np.maximum(power, QUIETEST_POWER, out=power)
    np.log(power, out=power)
    power *= DECIBELS_PER_NEPER
    return power


def _log_offset(magnitude: np.ndarray) -> np.ndarray:
    magnitude += YAMNET_OFFSET
    return np.log(magnitude, out=magnitude)


def overlapping(samples: np.ndarray, length: int, hop: int, count: int) -> np.ndarray:
    """View `samples` as `count` overlapping windows, without a copy."""
    step = samples.strides[0]
    return np.lib.stride_tricks.as_strided(samples, (count, length), (hop * step, step), writeable=False)


def _power(windows: np.ndarray, n_fft: int) -> np.ndarray:
    """Power spectra [frames, n_fft / 2 + 1] of tapered windows [frames, window]."""
    spectra = np.fft.rfft(windows, n_fft) if _scipy_rfft is None else _scipy_rfft(windows, n_fft)
    power = spectra.real**2
    power += spectra.imag**2
    return power.astype(np.float32, copy=False)


def _magnitude(windows: np.ndarray, n_fft: int) -> np.ndarray:
    """Magnitude spectra [frames, n_fft / 2 + 1] of tapered windows [frames, window]."""
    return np.sqrt(_power(windows, n_fft))


@lru_cache(maxsize=32)
def hann(length: int) -> np.ndarray:
    """Periodic Hann window [length], float32."""
    phase = 2.0 * np.pi * np.arange(length) / length
    window = (0.5 - 0.5 * np.cos(phase)).astype(np.float32)
    window.setflags(write=False)
    return window


@lru_cache(maxsize=32)
def _mel_product(spec: Spec) -> Callable[[np.ndarray], np.ndarray]:
    """Give the function that takes power [frames, bins] to mel power [mel_bands, frames]."""
    bank = mel_filters(spec)
    if _csr_matrix is not None:
        sparse = _csr_matrix(bank)
        return lambda power: sparse.dot(power.T)
    edges = [_support(row) for row in bank]

    def banded(power: np.ndarray) -> np.ndarray:
        """Each band touches a short run of bins: one small product a band instead of a large one of zeros."""
        out = np.zeros((len(bank), len(power)), np.float32)
        for band, (low, high) in enumerate(edges):
            np.dot(power[:, low:high], bank[band, low:high], out=out[band])
        return out

    return banded


def _support(row: np.ndarray) -> Tuple[int, int]:
    """Give the first and one past the last bin at which a filter is not zero."""
    (bins,) = np.nonzero(row)
    return (int(bins[0]), int(bins[-1]) + 1) if len(bins) else (0, 1)


_FRAMED: Dict[str, Callable[[np.ndarray, Spec], np.ndarray]] = {LIBROSA: _centred, YAMNET: _from_the_start}
_STRENGTH: Dict[str, Callable[[np.ndarray, int], np.ndarray]] = {LIBROSA: _power, YAMNET: _magnitude}
_COMPRESSED: Dict[str, Callable[[np.ndarray], np.ndarray]] = {LIBROSA: _decibels, YAMNET: _log_offset}


@lru_cache(maxsize=32)
def mel_filters(spec: Spec) -> np.ndarray:
    """Triangular mel filters [mel_bands, n_fft / 2 + 1], float32, read-only."""
    bank = (_slaney_filters if spec.recipe == LIBROSA else _htk_filters)(spec).astype(np.float32)
    bank.setflags(write=False)
    return bank


def _htk_filters(spec: Spec) -> np.ndarray:
    """Triangles on HTK's mel scale (O'Shaughnessy 1987), straight in mel and 1 high, as TensorFlow makes them."""
    bins = np.linspace(0.0, spec.sample_rate / 2.0, 1 + spec.n_fft // 2)
    low, high, *mels = 1127.0 * np.log1p(np.concatenate([[spec.fmin, spec.top_frequency], bins]) / 700.0)
    corners = np.linspace(low, high, spec.mel_bands + 2)
    slopes = np.array(mels)[None, :] - corners[:, None]
    widths = np.diff(corners)
    bank = np.maximum(0.0, np.minimum(slopes[:-2] / widths[:-1, None], -slopes[2:] / widths[1:, None]))
    bank[:, 0] = 0.0  # the constant part is not heard
    return bank


def _slaney_filters(spec: Spec) -> np.ndarray:
    """Triangles on Slaney's mel scale, straight in Hz, each of unit area in Hz."""
    bins = np.linspace(0.0, spec.sample_rate / 2.0, 1 + spec.n_fft // 2)
    if spec.n_fft % 2:
        bins = np.arange(1 + spec.n_fft // 2) * (spec.sample_rate / float(spec.n_fft))
    low, high = hz_to_mel(np.array([spec.fmin, spec.top_frequency]))
    corners = mel_to_hz(np.linspace(low, high, spec.mel_bands + 2))
    widths = np.diff(corners)
    slopes = corners[:, None] - bins[None, :]
    rising = -slopes[:-2] / widths[:-1, None]
    falling = slopes[2:] / widths[1:, None]
    bank = np.maximum(0.0, np.minimum(rising, falling))
    bank *= (2.0 / (corners[2:] - corners[:-2]))[:, None]
    return bank


# Slaney's scale: linear below 1 kHz (200/3 Hz a mel), logarithmic above (27 steps to a factor of 6.4).
HZ_PER_MEL = 200.0 / 3.0
LOG_HZ = 1000.0
LOG_MEL = LOG_HZ / HZ_PER_MEL
LOG_STEP = np.log(6.4) / 27.0


def hz_to_mel(hz: np.ndarray) -> np.ndarray:
    """Frequencies in Hz to Slaney's mel scale."""
    hz = np.asarray(hz, dtype=np.float64)
    return np.where(hz < LOG_HZ, hz / HZ_PER_MEL, LOG_MEL + np.log(np.maximum(hz, LOG_HZ) / LOG_HZ) / LOG_STEP)


def mel_to_hz(mel: np.ndarray) -> np.ndarray:
    """Slaney's mel scale to frequencies in Hz."""
    mel = np.asarray(mel, dtype=np.float64)
    return np.where(mel < LOG_MEL, mel * HZ_PER_MEL, LOG_HZ * np.exp(LOG_STEP * (np.maximum(mel, LOG_MEL) - LOG_MEL)))


def fit_length(waveform: np.ndarray, samples: int) -> np.ndarray:
    """Cut a waveform to `samples`, or repeat it from its start until it is that long; an empty one becomes silence.

    Repeating keeps the share of sound in a clip the same for short and long recordings; zeros would tell a network
    how long the file was instead of what is to be heard in it.
    """
    if len(waveform) >= samples:
        return waveform[:samples]
    if len(waveform) == 0:
        return np.zeros(samples, np.float32)
    return np.resize(waveform, samples)


SILENCE_DBFS = -60.0  # nothing louder than this is silence; ESC-10's quietest recording reaches -35.6


def loudest_dbfs(waveform: np.ndarray, sample_rate: int, frame_seconds: float = 0.05) -> float:
    """Give the level of the loudest 50 ms, in dB below full scale, without its constant part.

    A silent, empty or constant (DC) waveform gives -inf or close to it.
    """
    if len(waveform) == 0:
        return float("-inf")
    frame = max(1, min(len(waveform), int(round(frame_seconds * sample_rate))))
    count = len(waveform) // frame
    frames = np.asarray(waveform[: count * frame], np.float64).reshape(count, frame)
    rest = np.asarray(waveform[-frame:], np.float64)  # what is left behind the last whole frame is heard too
    loudest = float(max(np.var(frames, axis=1).max(), np.var(rest)))
    return 10.0 * np.log10(loudest) if loudest > 0 else float("-inf")


def as_waveform(samples: Any) -> np.ndarray:
    """Mix float or integer samples, [samples] or [samples, channels], to mono float32 with full scale 1."""
    samples = np.asarray(samples)
    if samples.dtype.kind == "u":
        middle = float(np.iinfo(samples.dtype).max // 2 + 1)
        samples = (samples.astype(np.float64) - middle) / middle
    elif samples.dtype.kind == "i":
        samples = samples / float(-int(np.iinfo(samples.dtype).min))
    elif samples.dtype.kind != "f":
        raise SpecFault("samples must be numbers, not {}".format(samples.dtype))
    if samples.ndim == 2:
        samples = samples.mean(axis=1)
    if samples.ndim != 1:
        raise SpecFault("samples must be [samples] or [samples, channels], not of shape {}".format(samples.shape))
    return np.ascontiguousarray(samples, dtype=np.float32)
