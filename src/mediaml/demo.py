"""The main job from beginning to end, on this machine alone: ``python -m mediaml.demo [folder]``."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from mediaml import samples
from mediaml.backends.local_audio import LocalAudioModel
from mediaml.data.audio import AudioDataset
from mediaml.errors import MediamlError
from mediaml.features.spectrogram import SpectrogramBuilder

SECONDS = 4.0
SEED = 7
EPOCHS = 6


def main(arguments: list[str] | None = None) -> int:
    """Run the demo and give the exit code."""
    parser = argparse.ArgumentParser(prog="mediaml.demo", description=__doc__)
    parser.add_argument("data", nargs="?", type=Path, help="a folder of recordings per label; default: synthetic ones")
    parser.add_argument("--output", type=Path, default=Path("demo-output"), help="where the report goes")
    chosen = parser.parse_args(arguments)
    try:
        run(chosen.data, chosen.output)
    except MediamlError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    return 0


def run(data: Path | None, output: Path) -> Path:
    """Check, split, fit, evaluate, deploy and predict; give the report's path.

    Parameters
    ----------
    data
        A folder of recordings per label; None: synthetic recordings are made.
    output
        A folder for the recordings, the model and the report.
    """
    began = time.monotonic()
    output.mkdir(parents=True, exist_ok=True)
    if data is None:
        _say("Making synthetic recordings: birds, engines, sirens ... (computed, not recorded; nothing is downloaded)")
        data = samples.write_recordings(output / "recordings", per_label=20, seed=SEED)
    sounds = AudioDataset.from_folder(data)
    _say(f"{sounds}\n  from {data}")
    _say(str(sounds.check()))

    clips = sounds.labelled.segments(seconds=SECONDS)
    train, validation, test = clips.split(0.7, 0.15, 0.15, seed=SEED)
    _say(
        f"Split by recording: {len(train)} segments to learn from, {len(validation)} to choose on, {len(test)} to test"
    )

    model = LocalAudioModel(SpectrogramBuilder(clip_seconds=SECONDS), epochs=EPOCHS, seed=SEED)
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
    _say("(A network knows what it was taught: an unknown sound is refused only where it is unsure of it.)")
    page = report.save(output / "report.html").resolve()
    _say(f"{time.monotonic() - began:.0f} s in all. The report, to open in a browser:\n{page}")
    return page


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
