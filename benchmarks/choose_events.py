"""How the defaults of `detect` were chosen: mixtures made of training sounds, ESC-10's folds 1 to 4.

    python benchmarks/choose_events.py

For each of these folds, two recordings of three minutes are made of its clips: cut to their audible part (within 30 dB
of the loudest), -30 to -20 dB, 0.6 to 5 s apart, in coloured noise at -40 dB. They are heard by a model that learned
from the three others. Fold 5, and the mixtures that the benchmark measures on, are not touched. What came out stands in
docs/decisions/0007-events.md.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
from events import COLLAR, baseline

import data
import mediaml as mm
from mediaml.features.items import open_sound
from mediaml.runtime import detecting
from mediaml.runtime.networks import yamnet

RATE, SECONDS = 16000, 180.0
FOLDS, OF_EACH = (1, 2, 3, 4), 2
MOMENT = 320  # samples
AUDIBLE_DB, LONGEST, SHORTEST = 30.0, 4.5, 0.25


@dataclass(frozen=True)
class Choice:
    """What is varied; times in lengths of a patch."""

    window: int = yamnet.WINDOW
    hop: float = detecting.HOP
    offset: float = detecting.OFFSET
    minimum: float = detecting.MINIMUM
    gap: float = detecting.GAP
    threshold: float = 1.0  # times the model's


def main() -> None:
    csv = data.table("esc10.csv")
    data.say_machine()
    sounds = mm.AudioDataset.from_table(csv, root=data.ROOT, group_column="freesound_id")
    with tempfile.TemporaryDirectory() as folder:
        made = [(fold, write(sounds.where(fold=fold), fold, n, Path(folder))) for fold in FOLDS for n in range(OF_EACH)]
        models = {
            fold: mm.LocalAudioModel(network="yamnet").fit(
                sounds.where(fold=[one for one in FOLDS if one != fold]), progress=False
            )
            for fold in FOLDS
        }
        truth = mm.AudioDataset.from_annotations([one for _, (one, _) in made], [one for _, (_, one) in made])
        print(f"{len(made)} recordings, {len(truth)} events")
        for seconds in (5.0, 1.0):
            found = [baseline(models[fold], recording, seconds) for fold, (recording, _) in made]
            say(f"baseline, windows of {seconds:g} s", mm.evaluate_events(found, truth, collar=COLLAR))
        usual = Choice()
        variants = [
            usual,
            *(replace(usual, window=window) for window in (1, 3, 4)),
            *(replace(usual, hop=hop) for hop in (0.5, 0.125)),
            *(replace(usual, offset=offset) for offset in (0.2, 0.5, 0.75, 1.0)),
            *(replace(usual, minimum=minimum) for minimum in (0.0, 0.25, 1.0)),
            *(replace(usual, gap=gap) for gap in (0.0, 0.5, 1.5, 2.0)),
            *(replace(usual, threshold=factor) for factor in (0.87, 0.95, 1.05)),
        ]
        for choice in variants:
            found = [detect(models[fold], recording, choice) for fold, (recording, _) in made]
            say(different(choice, usual), mm.evaluate_events(found, truth, collar=COLLAR))


def detect(model: mm.LocalAudioModel, recording: Path, choice: Choice) -> mm.Timeline:
    yamnet.WINDOW, detecting.OFFSET = choice.window, choice.offset
    patch = yamnet.PATCH_SAMPLES / RATE
    before = model.thresholds
    model.thresholds = before.assign(threshold=np.minimum(1.0, before["threshold"] * choice.threshold))
    found = model.detect(
        recording,
        hop=None if choice.hop == detecting.HOP else choice.hop * patch,
        minimum_seconds=choice.minimum * patch,
        gap_seconds=choice.gap * patch,
        progress=False,
    )
    model.thresholds = before
    return found


def different(choice: Choice, usual: Choice) -> str:
    changed = [f"{name} {value:g}" for name, value in vars(choice).items() if value != getattr(usual, name)]
    return ", ".join(changed) or f"as it is ({usual})"


def say(what: str, report: mm.EventReport) -> None:
    print(
        f"{what}: event F1 {report.event_f1:.3f}, overlap F1 {report.iou_f1:.3f}, segment F1 {report.segment_f1:.3f}",
        flush=True,
    )


# -- mixtures ---------------------------------------------------------------------------------------------------------


def write(sounds: mm.AudioDataset, fold: int, number: int, folder: Path) -> tuple[Path, Path]:
    """Write a mixture and its annotations, a label track of Audacity."""
    random = np.random.RandomState([fold, number])
    mixture, clips = background(random), list(sounds)
    lines, time = [], 1.0
    while True:
        clip = clips[random.randint(len(clips))]
        part = audible(open_sound(clip.path).read(0.0, 5.0, RATE))
        if len(part) < SHORTEST * RATE:
            continue
        end = time + len(part) / RATE
        if end + 1.0 > SECONDS:
            break
        loudness = 10 ** (random.uniform(-30, -20) / 20)
        start = round(time * RATE)
        mixture[start : start + len(part)] += np.clip(part / np.sqrt((part**2).mean()) * loudness, -1, 1)
        lines.append(f"{time:.3f}\t{end:.3f}\t{clip.labels[0]}")
        time = end + random.uniform(0.6, 5)
    recording = folder / f"{fold}-{number}.wav"
    soundfile.write(recording, mixture, RATE, subtype="FLOAT")
    table = recording.with_suffix(".txt")
    table.write_text("\n".join(lines) + "\n")
    return recording, table


def background(random: np.random.RandomState) -> np.ndarray:
    samples = round(SECONDS * RATE)
    frequency = np.fft.rfftfreq(samples, 1 / RATE)
    frequency[0] = frequency[1]
    noise = np.fft.irfft(
        np.fft.rfft(random.standard_normal(samples)) * frequency ** random.choice([0, -0.25, -0.5]), samples
    )
    return noise / noise.std() * 10 ** (-40 / 20)


def audible(samples: np.ndarray) -> np.ndarray:
    """Cut off what is far quieter than the loudest moment, at both ends."""
    moments = samples[: len(samples) // MOMENT * MOMENT].reshape(-1, MOMENT)
    level = 10 * np.log10((moments**2).mean(axis=1) + 1e-12)
    loud = np.flatnonzero(level > level.max() - AUDIBLE_DB)
    return samples[loud[0] * MOMENT : (loud[-1] + 1) * MOMENT][: round(LONGEST * RATE)]


if __name__ == "__main__":
    main()
