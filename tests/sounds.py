"""Small recordings that a network learns to tell apart in a second or two."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

import mediaml as mm

RATE = 8000
SPEC: dict[str, Any] = {"sample_rate": RATE, "n_fft": 512, "hop_length": 256, "mel_bands": 32, "clip_seconds": 1.0}


def tone(label: str, number: int, seconds: float = 1.0) -> npt.NDArray[np.float32]:
    """A hum, a whistle or a hiss; each number is another one."""
    random = np.random.RandomState([ord(label[1]), number])
    time = np.arange(int(seconds * RATE)) / RATE
    noise = random.standard_normal(len(time))
    if label == "hiss":
        return np.asarray(0.1 * noise, np.float32)
    low, high = {"hum": (80, 200), "whistle": (1000, 2500)}[label]
    pitch = random.uniform(low, high)
    wave = np.sin(2 * np.pi * pitch * time) + 0.3 * np.sin(4 * np.pi * pitch * time)
    return np.asarray(0.3 * wave + 0.01 * noise, np.float32)


def write_tones(folder: Path, per_label: int = 8, seconds: float = 1.0) -> Path:
    """A folder per label."""
    for label in ("hiss", "hum", "whistle"):
        (folder / label).mkdir(parents=True)
        for number in range(per_label):
            soundfile.write(folder / label / f"{number}.wav", tone(label, number, seconds), RATE)
    return folder


def small_model(**settings: Any) -> mm.LocalAudioModel:
    """A model that learns the tones in a few epochs."""
    arguments = {"builder": mm.SpectrogramBuilder(**SPEC), "epochs": 6, "batch_size": 8, "seed": 7, **settings}
    return mm.LocalAudioModel(**arguments)
