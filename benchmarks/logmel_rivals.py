"""One rival's log-mel, timed in its own environment; called by logmel.py."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

RATE, N_FFT, HOP, BANDS, SECONDS = 22050, 1024, 512, 128, 5
REPEATS = 200


def mediaml() -> tuple[str, Callable[[Any], Any]]:
    import mediaml as package

    builder = package.SpectrogramBuilder(sample_rate=RATE, n_fft=N_FFT, hop_length=HOP, mel_bands=BANDS)
    return package.__version__, lambda waveform: builder.transform(waveform, RATE)


def librosa() -> tuple[str, Callable[[Any], Any]]:
    import librosa as package

    def transform(waveform: Any) -> Any:
        mel = package.feature.melspectrogram(y=waveform, sr=RATE, n_fft=N_FFT, hop_length=HOP, n_mels=BANDS)
        return package.power_to_db(mel, ref=1.0, amin=1e-10, top_db=None)

    return package.__version__, transform


def torch() -> tuple[str, Callable[[Any], Any]]:
    import torch as package

    window, bank = package.hann_window(N_FFT), package.rand(BANDS, N_FFT // 2 + 1)

    def transform(waveform: Any) -> Any:
        spectrum = package.stft(
            package.from_numpy(waveform), N_FFT, HOP, window=window, return_complex=True, pad_mode="constant"
        )
        return (10 * package.log10((bank @ spectrum.abs() ** 2).clamp(min=1e-10))).numpy()

    return package.__version__, transform


def main() -> None:
    version, transform = {"mediaml": mediaml, "librosa": librosa, "torch": torch}[sys.argv[1]]()
    time_axis = np.arange(RATE * SECONDS) / RATE
    noise = np.random.RandomState(0).standard_normal(len(time_axis))
    waveform = (0.2 * np.sin(2 * np.pi * (200 + 300 * time_axis) * time_axis) + 0.05 * noise).astype(np.float32)
    for _ in range(5):
        result = transform(waveform)
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        transform(waveform)
        times.append(time.perf_counter() - start)
    answer = {"version": version, "milliseconds": 1000 * float(np.median(times)), "checksum": float(np.mean(result))}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
