"""Faces (ORL, 20 people of 10 pictures each): few pictures a person, strangers, and faces with boxes.

python benchmarks/faces.py                   # people as labels on this machine, and the offline face collection
python benchmarks/faces.py --boxes           # faces with boxes instead: a detector, on composed pictures (minutes)
python benchmarks/faces.py --skins           # how many drawn faces the offline detector misses, by the colour of skin

What is measured of the collection is the offline AWS's (OpenCV's cascade and local binary patterns), never AWS's.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import mediaml as mm
import mediaml.testing
from data import ROOT, say_machine
from mediaml.samples.backgrounds import scene
from mediaml.samples.drawn_faces import drawn, looks, moment_of, random_of
from mediaml.testing.rekognition.faces import finding

COUNTS = (1, 2, 5, 7)
SEEDS = 5
STRANGERS = 5  # people of whom nothing is learned
THRESHOLDS = (0.80, 0.99)
SKINS = ((238, 205, 180), (198, 150, 115), (150, 105, 75), (105, 72, 55), (80, 55, 42))
BOXED, SCENES = 5, (80, 40)  # people with boxes; composed pictures to learn from, and to measure on


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--boxes", action="store_true")
    parser.add_argument("--skins", action="store_true")
    chosen = parser.parse_args()
    if chosen.skins:
        skins()
        return
    table = ROOT / "images" / "faces_orl.csv"
    if not table.exists():
        sys.exit(f"{table} is missing: set MEDIAML_TEST_DATA to the folder of data")
    say_machine()
    faces = mm.ImageDataset.from_table(table, root=ROOT)
    if chosen.boxes:
        boxes(faces)
        return
    for count in COUNTS:
        found = [labels(*parts(faces, count, seed)) for seed in range(SEEDS)]
        print(f"LocalImageModel, {count} pictures a person: {told(found)}", flush=True)
    for count in COUNTS:
        runs = [collections(*parts(faces, count, seed)) for seed in range(SEEDS)]
        for threshold in THRESHOLDS:
            print(
                f"offline FaceCollection at {threshold:.2f}, {count} pictures a person: "
                f"{told([one[threshold] for one in runs])}",
                flush=True,
            )


def parts(faces: mm.ImageDataset, count: int, seed: int) -> tuple[mm.ImageDataset, mm.ImageDataset, mm.ImageDataset]:
    """So many pictures of each person to learn from, the rest of them to measure, and strangers."""
    random = np.random.RandomState([seed, count])
    people = list(random.permutation(list(faces.labels)))
    strangers, known = people[:STRANGERS], people[STRANGERS:]
    frame = faces.frame
    learned = [row for person in known for row in random.permutation(np.flatnonzero(frame["label"] == person))[:count]]
    rest = frame["label"].isin(known) & ~frame.index.isin(learned)
    return tuple(
        mm.ImageDataset(frame[rows]) for rows in (frame.index.isin(learned), rest, frame["label"].isin(strangers))
    )  # type: ignore[return-value]


Scores = dict[str, float]


def labels(train: mm.ImageDataset, test: mm.ImageDataset, strangers: mm.ImageDataset) -> Scores:
    """People as labels of a model on this machine."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one picture a label: nothing can be held out, and it says so
        model = mm.LocalImageModel().fit(train, progress=False)
    report = model.evaluate(test, progress=False)
    assert isinstance(report, mm.ImageReport)
    named = model.predict(strangers)
    del model
    gc.collect()  # a network is a cycle of references, and large
    return scores(report, np.mean([one.recognised for one in named]))


def collections(train: mm.ImageDataset, test: mm.ImageDataset, strangers: mm.ImageDataset) -> dict[float, Scores]:
    """The same people in the offline AWS's face collection, by threshold."""
    found = {}
    with mediaml.testing.offline_aws() as aws, contextlib.redirect_stderr(io.StringIO()):
        people = mm.FaceCollection("people", session=aws.session, clock=aws.clock).create()
        people.index(train, several="largest", progress=False)
        for threshold in THRESHOLDS:
            report = people.evaluate(test, threshold=threshold, progress=False)
            named = people.search(strangers, threshold=threshold)
            found[threshold] = scores(report, np.mean([one.recognised for one in named]))
    return found


def scores(report: mm.ImageReport, strangers: Any) -> Scores:
    return {
        "accuracy": report.accuracy,
        "known who are named": report.coverage,
        "names that are right": 1.0 if report.accepted_accuracy is None else report.accepted_accuracy,
        "strangers who are named": float(strangers),
    }


def told(found: list[Scores]) -> str:
    """Mean, standard deviation, least and most, in percent."""
    lines = []
    for name in found[0]:
        values = 100 * np.array([one[name] for one in found])
        lines.append(f"{name} {values.mean():.1f} % +- {values.std():.1f} ({values.min():.1f}-{values.max():.1f})")
    return ", ".join(lines)


def skins() -> None:
    """Draw the same faces with another skin, and count those that are not found."""
    names = ("Ada", "Béla", "Chloé", "Dragan", "Eun-ji", "Farid", "Grace", "Hugo", "Ines", "Jun", "Kofi", "Lena")
    for skin in SKINS:
        missed = 0
        for name in names:
            for number in range(4):
                random = random_of(7, name, number)
                moment = moment_of(random)
                levels, mask = drawn(looks(name)._replace(skin=skin), moment, 120)
                behind = scene(random, (120, 120))
                noisy = levels * mask + behind * (1 - mask) + random.normal(0, moment.noise, levels.shape)
                missed += not finding.usual(np.clip(np.rint(noisy), 0, 255).astype(np.uint8))
        print(f"skin {skin}: {missed} of {4 * len(names)} faces not found", flush=True)


# -- boxes ------------------------------------------------------------------------------------------------------------


def boxes(faces: mm.ImageDataset) -> None:
    """A detector whose labels are people, on pictures that are composed of faces and computed scenes."""
    people = faces.labels[:BOXED]
    chosen = faces.where(label=list(people))
    with tempfile.TemporaryDirectory() as folder:
        train, test = (
            composed(chosen.where(split=part), Path(folder, part), count, number)
            for number, (part, count) in enumerate(zip(("train", "test"), SCENES, strict=True))
        )
        model = mm.LocalImageModel("ssd", side=256).fit(train, progress=False)
        report = model.evaluate(test, progress=False)
        print(f"SSD, {len(people)} people, {len(train)} composed pictures to learn from, {len(test)} of other pictures")
        print(report)


def composed(faces: mm.ImageDataset, folder: Path, count: int, seed: int) -> mm.ImageDataset:
    """Faces of one to three people in a scene, with the boxes of their pictures."""
    folder.mkdir()
    random, frame, lines = np.random.RandomState(seed), faces.frame, []
    for number in range(count):
        picture = scene(random, (360, 270))
        taken: list[tuple[int, int, int, int]] = []
        for row in random.permutation(len(frame))[: random.randint(1, 4)]:
            face = Image.open(frame["path"][row]).convert("RGB")
            height = int(random.uniform(90, 150))
            width = round(height * face.width / face.height)
            left, top = int(random.randint(0, 360 - width)), int(random.randint(0, 270 - height))
            if any(left < b and a < left + width and top < d and c < top + height for a, b, c, d in taken):
                continue
            taken.append((left, left + width, top, top + height))
            picture[top : top + height, left : left + width] = np.asarray(face.resize((width, height)))
            lines.append(f"{number}.png,{frame['label'][row]},{left},{top},{width},{height}")
        Image.fromarray(picture).save(folder / f"{number}.png")
    return from_lines(folder, lines)


def from_lines(folder: Path, lines: list[str]) -> mm.ImageDataset:
    """Write COCO's JSON, and read it."""
    import json

    rows = [line.split(",") for line in lines]
    people = sorted({row[1] for row in rows})
    names = sorted({row[0] for row in rows})
    document = {
        "images": [{"id": number, "file_name": name, "width": 360, "height": 270} for number, name in enumerate(names)],
        "categories": [{"id": number, "name": person} for number, person in enumerate(people)],
        "annotations": [
            {
                "id": number,
                "image_id": names.index(row[0]),
                "category_id": people.index(row[1]),
                "bbox": [int(one) for one in row[2:]],
            }
            for number, row in enumerate(rows)
        ],
    }
    (folder / "coco.json").write_text(json.dumps(document))
    return mm.ImageDataset.from_coco(folder / "coco.json")


if __name__ == "__main__":
    main()
