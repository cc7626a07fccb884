"""How sounds become spectrograms: the settings, the numbers and the pictures."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mediaml import _forward
from mediaml.data.decode import resample
from mediaml.data.waveform import Waveform, check_samples
from mediaml.errors import AudioError, SpecMismatchError
from mediaml.runtime.dsp import as_waveform, log_mel
from mediaml.runtime.faults import SpecFault
from mediaml.runtime.networks import default_spec
from mediaml.runtime.spec import Spec

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from mediaml.features.items import Item
    from mediaml.values.clip import Clip

MOST_CHANNELS = 64


@dataclass(frozen=True)
class SpectrogramBuilder(Spec):
    """The settings of a log-mel spectrogram, and what makes one.

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
        ``"librosa"``: Slaney's mel scale and norm, centred windows, power, decibels. ``"yamnet"``: the front end that
        YAMNet was trained with; `for_network` fills in the rest.

    Raises
    ------
    SpecMismatchError
        A value is out of its range.

    Examples
    --------
    >>> builder = SpectrogramBuilder(sample_rate=16000, mel_bands=64)
    >>> builder.transform(np.zeros(16000, np.float32), 16000).shape
    (64, 32)
    """

    def __post_init__(self) -> None:
        try:
            super().__post_init__()
        except SpecFault as fault:
            raise SpecMismatchError(str(fault)) from fault

    @classmethod
    def from_spec(cls, spec: Spec) -> SpectrogramBuilder:
        """Give the builder of a runtime specification."""
        return cls(**spec.to_dict())

    @classmethod
    def for_network(cls, network: str, clip_seconds: float | None = None) -> SpectrogramBuilder:
        """Give the builder that a network was made for.

        Parameters
        ----------
        network
            ``"cnn"`` or ``"yamnet"``.
        clip_seconds
            Seconds of sound that it hears at once; None: its own choice.

        Raises
        ------
        SpecMismatchError
            There is no such network.
        """
        try:
            values = default_spec(network).to_dict()
        except SpecFault as fault:
            raise SpecMismatchError(str(fault)) from fault
        return cls(**values if clip_seconds is None else {**values, "clip_seconds": clip_seconds})

    @property
    def spec(self) -> Spec:
        """The same settings as the runtime's plain value."""
        return Spec(**self.to_dict())

    def transform(self, waveform: npt.ArrayLike, sample_rate: int) -> npt.NDArray[np.float32]:
        """Compute the log-mel spectrogram of samples, without padding them.

        With the recipe "librosa": Slaney's mel scale and norm, centred frames with zero padding, power 2; 0 dB is a
        power of 1, the floor -100 dB. Within 1e-3 dB of librosa's ``power_to_db(melspectrogram(...), top_db=None)``.

        Parameters
        ----------
        waveform
            [samples] or [samples, channels], float (full scale 1) or integer (full scale of its kind).
        sample_rate
            Hz; resampled where it is another than the builder's.

        Returns
        -------
        float32 [mel_bands, frames], dB with the recipe "librosa"; ``frames = 1 + samples // hop_length`` then.

        Raises
        ------
        AudioError
            The array is no sound: its shape, samples that are NaN or infinite, or the rate.
        """
        samples = to_mono(waveform, "array")
        if not is_rate(sample_rate):
            raise AudioError("array", f"the sample rate is a whole number of Hz, not {sample_rate!r}")
        return log_mel(resample(samples, int(sample_rate), self.sample_rate), self)

    def figure(self, item: Item) -> Figure:
        """Draw a sound's spectrogram for people: time in seconds, frequency in Hz, level in dB.

        Parameters
        ----------
        item
            A path, bytes, a binary file, ``(array, sample_rate)`` or a clip of a dataset.

        Returns
        -------
        A matplotlib figure; it shows itself in a notebook, ``figure.savefig("dog.png")`` writes it.

        Raises
        ------
        AudioError
            The sound cannot be read.
        """
        figure: Figure = _forward.call("mediaml.plots", "spectrogram_figure", self, item)
        return figure

    def save_images(self, clips: Iterable[Clip], folder: str | Path) -> pd.DataFrame:
        """Write a small picture of each clip of a dataset, and a table of them, ``spectrograms.csv``.

        Parameters
        ----------
        clips
            A dataset, or clips of one.
        folder
            Made where missing; pictures of the same clips are replaced.

        Returns
        -------
        The table: picture, file, segment, start, end, label, and error where a file could not be read: it has no
        picture.
        """
        table: pd.DataFrame = _forward.call("mediaml.plots", "save_spectrogram_images", self, clips, Path(folder))
        return table


def is_rate(value: object) -> bool:
    """Tell a sample rate, a whole number of Hz of at least 1, from anything else."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not math.isfinite(value):
        return False
    return float(value) >= 1 and float(value).is_integer()


def to_mono(samples: Any, name: str) -> Waveform:
    """Check samples that a user hands over, and mix them to mono float32.

    Raises
    ------
    AudioError
        They are no sound.
    """
    try:
        array = np.asarray(samples)
    except ValueError as error:  # rows of different lengths
        raise AudioError(name, str(error)) from error
    if array.ndim == 2 and array.shape[1] > max(MOST_CHANNELS, array.shape[0]):
        raise AudioError(name, f"of shape {array.shape}; [samples, channels] was expected: transpose it")
    try:
        waveform: Waveform = as_waveform(array)
    except SpecFault as fault:
        raise AudioError(name, str(fault)) from fault
    check_samples(waveform, name)
    return waveform
