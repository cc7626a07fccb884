"""The main job from beginning to end, on this machine alone: ``mediaml demo [folder]``."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import soundfile

from mediaml import samples
from mediaml.backends.local_audio import LocalAudioModel
from mediaml.data.audio import AudioDataset
from mediaml.features import weights
from mediaml.features.items import open_sound
from mediaml.features.spectrogram import SpectrogramBuilder

SECONDS = 4.0
SEED = 7
EPOCHS = 6  # of the network that learns from scratch
PAUSE = 6.0  # seconds of noise between the sounds of the long recording
SOUNDS = 6


def run(data: Path | None, output: Path) -> Path:
    """Check, split, fit, evaluate, deploy, predict and detect; give the report's path.

    Parameters
    ----------
    data
        A folder of recordings per label; None: synthetic recordings are made.
    output
        A folder for the recordings, the model and the report.
    """
    began = time.monotonic()
    if data is None:
        _say("Making synthetic recordings: birds, engines, sirens ... (computed, not recorded)")
        data = samples.write_recordings(output / "recordings", per_label=20, seed=SEED)
    sounds = AudioDataset.from_folder(data)
    output.mkdir(parents=True, exist_ok=True)
    _say(f"{sounds}\n  from {data}")
    _say(str(sounds.check()))

    clips = sounds.labelled.segments(seconds=SECONDS)
    train, validation, test = clips.split(0.7, 0.15, 0.15, seed=SEED)
    _say(
        f"Split by recording: {len(train)} segments to learn from, {len(validation)} to choose on, {len(test)} to test"
    )

    model = _model()
    model.fit(train, validation=validation)
    model.save(output / "model")
    report = model.evaluate(test)
    _say(f"Measured on {report.recordings} recordings that the model has never heard:\n{report}")

    known = test.frame["path"].iloc[0]
    rate = model.builder.sample_rate
    with model.deploy() as endpoint:
        _say("Deployed in this process. It is asked for:")
        for what, item in (
            (f"a recording it has never heard ({Path(known).name})", known),
            ("silence", (samples.silence(SECONDS, rate), rate)),
            ("noise", (samples.noise(SECONDS, rate, seed=SEED), rate)),
        ):
            _say(f"  {what}: {endpoint.predict(item)}")

    timeline = model.detect(write_long_recording(test, output / "long.wav", rate))
    _say(f"Some of them, one after another with noise in between, as one long recording:\n{timeline}")
    timeline.save(output / "long.html")
    timeline.plot().savefig(output / "long.png")
    page = report.save(output / "report.html").resolve()
    _say(f"{time.monotonic() - began:.0f} s in all. The report and the timeline open in a browser:")
    return page


def _model() -> LocalAudioModel:
    """Make a model: a pretrained one where its weights are on this machine."""
    if weights.path("yamnet").exists():
        _say("Pretrained: YAMNet, with a head that learns these sounds")
        return LocalAudioModel(SpectrogramBuilder.for_network("yamnet", SECONDS), network="yamnet", seed=SEED)
    _say("No pretrained weights (`mediaml weights fetch yamnet` gets them): a small network learns from scratch")
    return LocalAudioModel(SpectrogramBuilder(clip_seconds=SECONDS), epochs=EPOCHS, seed=SEED)


def write_long_recording(sounds: AudioDataset, path: Path, rate: int) -> Path:
    """Write some sounds, each of another label than the one before, with faint noise around them."""
    frame = sounds.frame
    turns = frame.groupby("label").cumcount()
    chosen = frame.assign(turn=turns).sort_values(["turn", "label"], kind="stable").head(SOUNDS)
    pause = samples.noise(PAUSE, rate, seed=SEED)
    quiet = 0.01 * pause / np.abs(pause).max()
    pieces = [quiet]
    for source, start, end in chosen[["path", "start", "end"]].itertuples(index=False):
        pieces += [open_sound(source).read(start, end, rate), quiet]
    soundfile.write(path, np.concatenate(pieces), rate)
    return path


def _say(text: str) -> None:
    print(text, flush=True)
