"""What a model does with sounds that it has never learned: ESC-10 against everything else.

    python benchmarks/nothing_recognised.py                 # yamnet
    python benchmarks/nothing_recognised.py --network cnn

Learned: ESC-10, folds 1 to 4, `accept=0.95`. Known: fold 5. Unknown: UrbanSound8K without its dogs (recorded steady
noise, air conditioners and idling engines, is among it), LibriSpeech, and made sounds: noise of several colours and
bands, hum, tones, clicks, a constant, digital silence. The made sounds here are computed by other code, with other
seeds and other ranges than the ones that every model is warned of (runtime/noise.py).

Printed: the area under the ROC curve of the score and of the confidence alone, known against unknown recordings; and
which share of each kind is given a label. Nothing is chosen here (docs/decisions/0006).
"""

from __future__ import annotations

import argparse

import numpy as np
from scipy.stats import rankdata

import data
import mediaml as mm

RATE = 16000
OF_EACH = 40


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--network", default="yamnet", choices=["cnn", "yamnet"])
    parser.add_argument("--fold", type=int, default=5)
    chosen = parser.parse_args()
    tables = [data.table(name) for name in ("esc10.csv", "urbansound8k.csv", "librispeech.csv")]
    data.say_machine()
    sounds = mm.AudioDataset.from_table(tables[0], root=data.ROOT, group_column="freesound_id")
    train = sounds.where(fold=[one for one in range(1, 6) if one != chosen.fold])
    model = mm.LocalAudioModel(network=chosen.network, accept=0.95).fit(train, progress=False)
    known = sounds.where(fold=chosen.fold)
    kept = model.predict(list(known))
    urban = mm.AudioDataset.from_table(tables[1], root=data.ROOT)
    unknown = {label: model.predict(list(urban.where(label=label))) for label in urban.labels if label != "dog_bark"}
    speech = mm.AudioDataset.from_table(tables[2], root=data.ROOT, label_column="speaker")
    unknown["speech (LibriSpeech)"] = model.predict(list(speech))
    strangers = [one for answers in unknown.values() for one in answers]
    for what in ("score", "confidence"):
        of = [np.array([getattr(one, what) for one in answers]) for answers in (kept, strangers)]
        print(f"AUROC of the {what}, {len(kept)} known against {len(strangers)} unknown recordings: {auroc(*of):.4f}")
    print(f"known sounds (fold {chosen.fold}) that are given a label: {share(kept)}")
    for label in sounds.labels:
        own = [one for one, clip in zip(kept, known, strict=True) if clip.labels == (label,)]
        print(f"    {label:24} {share(own)}")
    print("unknown recordings that are given a label:")
    for kind, answers in unknown.items():
        print(f"    {kind:24} {share(answers)}  {reasons(answers)}")
    print(f"    {'all':24} {share(strangers)}")
    print("made sounds that are given a label:")
    noise = []
    for kind, made in made_sounds().items():
        answers = model.predict([(one, RATE) for one in made])
        print(f"    {kind:24} {share(answers)}  {reasons(answers)}")
        noise += [] if kind in ("silence", "constant") else answers
    print(f"    {'all noise':24} {share(noise)}")


def auroc(known: np.ndarray, unknown: np.ndarray) -> float:
    """The chance that a known sound has the higher score (Mann-Whitney)."""
    ranks = rankdata(np.concatenate([known, unknown]))[: len(known)]
    return float((ranks.sum() - len(known) * (len(known) + 1) / 2) / (len(known) * len(unknown)))


def share(answers: list[mm.AudioPrediction]) -> str:
    given = sum(one.recognised for one in answers)
    return f"{100 * given / len(answers):5.1f} %  ({given} of {len(answers)})"


def reasons(answers: list[mm.AudioPrediction]) -> str:
    found = [one.reason for one in answers if one.reason]
    return ", ".join(f"{found.count(reason)} {reason}" for reason in sorted(set(found)))


def made_sounds() -> dict[str, list[np.ndarray]]:
    random = np.random.RandomState(20270101)
    kinds = {
        "white noise": lambda: filtered(random, 0.0),
        "pink noise": lambda: filtered(random, -0.5),
        "brown noise": lambda: filtered(random, -1.0),
        "noise between colours": lambda: filtered(random, random.uniform(-1.2, 0.3)),
        "band of noise": lambda: band(random),
        "hum": lambda: hum(random),
        "clicks": lambda: clicks(random),
    }
    made = {kind: [loud(make(), random) for _ in range(OF_EACH)] for kind, make in kinds.items()}
    made["constant"] = [np.full(5 * RATE, level, np.float32) for level in np.linspace(-0.9, 0.9, OF_EACH)]
    made["silence"] = [np.zeros(int(seconds * RATE), np.float32) for seconds in np.linspace(0.1, 20, OF_EACH)]
    return made


def loud(samples: np.ndarray, random: np.random.RandomState) -> np.ndarray:
    return (samples / np.abs(samples).max() * 10 ** (random.uniform(-45, 0) / 20)).astype(np.float32)


def filtered(random: np.random.RandomState, exponent: float) -> np.ndarray:
    spectrum = np.fft.rfft(random.uniform(-1, 1, 5 * RATE))
    frequency = np.maximum(np.fft.rfftfreq(5 * RATE, 1 / RATE), 20.0)
    return np.fft.irfft(spectrum * frequency**exponent)


def band(random: np.random.RandomState) -> np.ndarray:
    frequency = np.fft.rfftfreq(5 * RATE, 1 / RATE)
    middle, width = np.exp(random.uniform(np.log(150), np.log(5000))), random.uniform(0.1, 1.0)
    spectrum = np.fft.rfft(random.standard_normal(5 * RATE)) * np.exp(
        -0.5 * ((frequency - middle) / (width * middle)) ** 2
    )
    return np.fft.irfft(spectrum)


def hum(random: np.random.RandomState) -> np.ndarray:
    time = np.arange(5 * RATE) / RATE
    base = random.choice([50, 60]) * random.uniform(0.99, 1.01)
    partials = [random.exponential(1 / (1 + n)) * np.sin(2 * np.pi * n * base * time + n) for n in range(1, 16)]
    return np.sum(partials, axis=0) + random.uniform(0, 0.02) * random.standard_normal(len(time))


def clicks(random: np.random.RandomState) -> np.ndarray:
    samples = np.zeros(5 * RATE)
    for start in random.randint(0, len(samples) - 60, random.randint(2, 40)):
        length = random.randint(1, 60)
        samples[start : start + length] += random.uniform(-1, 1) * np.exp(-np.arange(length) / random.uniform(0.5, 12))
    return samples


if __name__ == "__main__":
    main()
