"""The loop closes: what a model finds is judged by a person, and makes a better model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mediaml as mm
from tests.pictures import SHAPES, SIDE, drawn, pretrained, small_image_model, write_shapes
from tests.review.opened import Opened
from tests.shared_data import shared
from tests.weights import yamnet_weights

FEW = 1  # clips a label to begin with
SCANNED = 6  # clips a label that are scanned


def some_of_each(sounds: mm.AudioDataset, count: int) -> mm.AudioDataset:
    """So many recordings of each label."""
    return mm.AudioDataset(sounds.frame.groupby("label", sort=True).head(count))


def judge(page: Opened, truth: dict[str, str]) -> None:
    """What a person does who knows every recording: accept what is right, say what it is where it is wrong."""
    for _ in range(page.ask("REVIEW.items.length")):
        item = page.ask("({name: current().name, label: current().label})")
        if item["label"] == truth[item["name"]]:
            page.press("a")
        else:
            page.label(truth[item["name"]])


def accuracy(model: mm.LocalAudioModel, test: mm.AudioDataset) -> float:
    report = model.evaluate(test, progress=False)
    assert isinstance(report, mm.AudioReport)
    return report.accuracy


@pytest.mark.slow
def test_a_judged_scan_makes_a_better_model(tmp_path: Path, opened: Callable[..., Opened]) -> None:
    yamnet_weights()
    sounds = mm.AudioDataset.from_table(shared("audio", "esc10.csv"), root=shared(), group_column="freesound_id")
    few = some_of_each(sounds.where(fold=1), FEW)
    unknown = some_of_each(sounds.where(fold=[2, 3]), SCANNED)
    validation, test = sounds.where(fold=4), sounds.where(fold=5)
    truth = {Path(path).name: label for path, label in unknown.frame[["path", "label"]].itertuples(index=False)}
    model = mm.LocalAudioModel(network="yamnet", target_precision=0.9, seed=7).fit(few, validation, progress=False)
    before = accuracy(model, test)

    catalog = mm.scan(unknown.frame["path"].tolist(), {"sounds": model}, tmp_path / "catalog.sqlite", progress=False)
    page = opened(catalog.review(tmp_path / "review", progress=False))
    judge(page, truth)
    page.save(tmp_path / "review" / "verdicts.json")
    judged = mm.AudioDataset.from_review(tmp_path / "review")
    better = model.improve(judged.labelled, progress=False).new
    after = accuracy(better, test)

    wrong = sum(one["verdict"] == "relabelled" for one in page.verdicts)
    print(  # noqa: T201  the figures are what this is about
        f"{len(few)} clips known, {len(unknown)} scanned, {len(page.verdicts)} finds judged ({wrong} were wrong): "
        f"accuracy on {len(test)} others {before:.3f}, then {after:.3f}"
    )
    assert len(page.verdicts) == len(catalog.segments()) > 10
    assert wrong > 0
    assert after > before


@pytest.mark.slow
def test_pictures_that_were_labelled_and_rejected_make_a_model(tmp_path: Path, opened: Callable[..., Opened]) -> None:
    pretrained()
    folder = write_shapes(tmp_path / "shapes", 5)
    for number in range(6):  # none of the shapes
        pixels = np.random.RandomState(number).randint(0, 255, (SIDE, SIDE, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"noise-{number}.png")
    pictures = mm.ImageDataset.from_folder(folder, labels=None)

    page = opened(pictures.review(tmp_path / "review", labels=SHAPES, progress=False))
    for _ in range(len(pictures)):
        truth = Path(page.ask("current().source")).parent.name
        if truth in SHAPES:
            page.label(truth)
        else:
            page.press("r")
    page.save(tmp_path / "review" / "verdicts.json")
    judged = mm.ImageDataset.from_review(tmp_path / "review")
    model = small_image_model().fit(judged.labelled, background=judged.unlabelled, progress=False)

    assert (len(judged.labelled), len(judged.unlabelled)) == (15, 6)
    seen = model.predict([drawn(label, 50) for label in SHAPES])
    assert [one.alternatives[0].label for one in seen] == list(SHAPES)
