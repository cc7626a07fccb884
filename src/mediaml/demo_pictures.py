"""Pictures from beginning to end, on this machine alone: ``mediaml demo --pictures [folder]``."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

from mediaml import samples
from mediaml.backends.local_image import LocalImageModel
from mediaml.data.image import ImageDataset
from mediaml.samples.backgrounds import scene

SEED = 7
PICTURES, SIZE, MOST = 130, (320, 240), 2
SIDE, EPOCHS = 256, 14  # of the detector: small and short, for a demo


def run(data: Path | None, output: Path) -> Path:
    """Check, split, fit, evaluate, deploy and predict; give the report's path.

    Parameters
    ----------
    data
        A folder of pictures per label, for a model that gives labels; None: pictures with brand marks are generated,
        for one that finds boxes.
    output
        A folder for the pictures, the model and the report.
    """
    began = time.monotonic()
    if data is None:
        _say("This takes some minutes on two cores: most of it is the training of a detector.")
        _say("Making pictures with brand marks in them (drawn by a program; nothing is downloaded) ...")
        pictures = samples.logos(output / "logos", pictures=PICTURES, size=SIZE, most=MOST, seed=SEED)
        model = LocalImageModel("ssd", side=SIDE, epochs=EPOCHS, flips="never", seed=SEED)
    else:
        pictures = ImageDataset.from_folder(data)
        model = LocalImageModel(seed=SEED)
    output.mkdir(parents=True, exist_ok=True)
    _say(str(pictures))
    _say(str(pictures.check(service=False)))

    train, validation, test = pictures.labelled.split(0.7, 0.15, 0.15, seed=SEED)
    _say(f"Split: {len(train)} pictures to learn from, {len(validation)} to choose on, {len(test)} to test")
    model.fit(train, validation=validation)
    model.save(output / "model")
    report = model.evaluate(test)
    _say(f"Measured on {report.examples} pictures that the model has never seen:\n{report}")

    known = test.frame["path"].iloc[0]
    with model.deploy() as endpoint:
        _say("Deployed in this process. It is asked for:")
        _say(f"  a picture it has never seen ({Path(known).name}): {endpoint.predict(known)}")
        _say(f"  a white wall: {endpoint.predict(np.full((240, 320, 3), 250, np.uint8))}")
        _say(f"  a scene without any of it: {endpoint.predict(scene(np.random.RandomState(SEED), SIZE))}")
    page = report.save(output / "report.html").resolve()
    _say(f"{time.monotonic() - began:.0f} s in all. The report, with pictures, opens in a browser:")
    return page


def _say(text: str) -> None:
    print(text, flush=True)
