"""Things in real videos: bottles that come and go, and a bird, with models of pictures learned in minutes.

    python benchmarks/video.py

Bottles: a detector that learned from generated pictures only: the three bottles of the video's first picture, cut out
and put at random places, sizes and brightnesses into COCO's pictures. Measured on the whole video against the number
of bottles that stand in it each second, which a person counted. Bird: `ImageDataset.from_video` gives pictures of the
film's first half, the COCO pictures are background, the film's second half and the other video are the test.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

import data
import mediaml as mm
from mediaml.data import video

BOTTLES, BIRD = (data.ROOT / "video" / name for name in ("bottle-detection.mp4", "cockatoo.mp4"))
COCO = data.ROOT / "images" / "detection" / "coco"
PLACES = ((58, 108, 125, 313), (287, 110, 345, 312), (510, 107, 570, 313))  # left, top, right, bottom, by eye
# second by second, counted by eye; None: one is being carried in or out
STANDING = [3] * 7 + [None] + [2] * 4 + [None] + [3] * 5 + [1] * 4 + [None] * 2 + [2] * 4 + [3] * 4 + [None]
STANDING += [2] * 2 + [None] * 2 + [3] * 3
PICTURES, SIDE = 96, 384


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--page", type=Path, help="write the timeline of the bottles as a page")
    chosen = parser.parse_args()
    data.say_machine()
    with tempfile.TemporaryDirectory(prefix="mediaml-video-") as scratch:
        timeline = bottles(Path(scratch))
        if chosen.page:
            timeline.save(chosen.page)
        bird(Path(scratch))


def backgrounds() -> list[Image.Image]:
    return [Image.open(path).convert("RGB") for path in sorted(COCO.rglob("*.jpg"))]


def generated(folder: Path) -> mm.ImageDataset:
    """Bottles put into other pictures, in COCO's format."""
    whole = Image.fromarray(video.frame_at(BOTTLES, 0.0).pixels)
    cuts = [whole.crop(place) for place in PLACES]
    random, images, annotations = np.random.RandomState(7), [], []
    scenes = backgrounds()
    for number in range(PICTURES):
        scene = scenes[random.randint(len(scenes))].resize((640, 360))
        for left, top, width, height in free_places(random):
            cut = cuts[random.randint(3)].resize((width, height))
            light = random.uniform(0.7, 1.3)
            scene.paste(Image.fromarray((np.asarray(cut) * light).clip(0, 255).astype(np.uint8)), (left, top))
            box = {"id": len(annotations) + 1, "image_id": number, "category_id": 1, "iscrowd": 0}
            annotations.append({**box, "bbox": [left, top, width, height], "area": width * height})
        scene.save(folder / f"{number}.jpg", quality=90)
        images.append({"id": number, "file_name": f"{number}.jpg", "width": 640, "height": 360})
    told = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "bottle"}]}
    (folder / "bottles.json").write_text(json.dumps(told))
    return mm.ImageDataset.from_coco(folder / "bottles.json")


def free_places(random: np.random.RandomState) -> Iterator[tuple[int, int, int, int]]:
    """None to three upright places that do not touch."""
    for column in random.permutation(3)[: random.randint(0, 4)]:
        height = int(random.uniform(120, 260))
        width = int(height * random.uniform(0.26, 0.36))
        yield int(column * 213 + random.uniform(0, 200 - width)), int(random.uniform(0, 360 - height)), width, height


def bottles(scratch: Path) -> mm.Timeline:
    folder = scratch / "generated"
    folder.mkdir()
    began = time.perf_counter()
    model = mm.LocalImageModel(network="ssd", side=SIDE).fit(generated(folder), progress=False)
    print(f"bottles: learned from {PICTURES} generated pictures in {time.perf_counter() - began:.0f} s", flush=True)
    began = time.perf_counter()
    timeline = model.detect(BOTTLES, every=0.5, progress=False)
    print(f"detect, twice a second: {timeline.duration / (time.perf_counter() - began):.1f} times real time")
    print(timeline)
    onset = next(iter(timeline.model["onset"].values()))
    counts = [0] * len(STANDING)
    for event in timeline:
        for track in event.tracks:
            for second in {
                int(one.time) for one in track.sightings if one.time % 1 < 0.4 and one.box.confidence >= onset
            }:
                counts[second] += 1
    known = [(truth, count) for truth, count in zip(STANDING, counts, strict=False) if truth is not None]
    right = sum(truth == count for truth, count in known)
    tracks = sum(len(event.tracks) for event in timeline)
    print(f"as many bottles as stand there: {right} of {len(known)} seconds; {tracks} tracks in {len(timeline)} events")
    print("counted by a person: ", STANDING, "\ncounted by the model: ", counts, flush=True)
    return timeline


def bird(scratch: Path) -> None:
    pictures = mm.ImageDataset.from_video(BIRD, scratch / "bird", every=0.5).frame
    early = pictures[pictures["time"] < 7].assign(label="cockatoo")
    others = mm.ImageDataset.from_video(BOTTLES, scratch / "others", every=4).frame.assign(label="bottles")
    import pandas as pd

    train = mm.ImageDataset.from_table(pd.concat([early, others])[["path", "label", "group"]])
    coco = sorted(map(str, COCO.rglob("*.jpg")))
    background = mm.ImageDataset.from_table(pd.DataFrame({"path": coco, "label": ["none"] * len(coco)}))
    began = time.perf_counter()
    model = mm.LocalImageModel().fit(train, background=background, progress=False)
    print(f"bird: learned from {len(train)} pictures in {time.perf_counter() - began:.0f} s")
    for path in (BIRD, BOTTLES):
        print(model.detect(path, every=0.5, progress=False), flush=True)


if __name__ == "__main__":
    main()
