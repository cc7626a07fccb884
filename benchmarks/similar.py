"""Search by example: whether what is found is like the example, and how long it takes.

    python benchmarks/similar.py                   # both
    python benchmarks/similar.py --only speed      # or: finds

Finds: each of ESC-10's 400 clips (by YAMNet), each of the 275 hand signs and each of the 200 faces of ORL (by
EfficientNet-Lite0) is the example once; counted is how many of the nearest 1, 5 and 10 have its label. What was taken
from the example's own recording is left out. Speed: the vectors of 10,000 to 1,000,000 moments in a store, compared by
usearch and, beside it, by numpy.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np

import data
import mediaml as mm
from mediaml.archive.entrants import Entrant
from mediaml.archive.examined import Examined, Found
from mediaml.archive.examples import embedding_of
from mediaml.archive.journal import Journal
from mediaml.archive.places import Place
from mediaml.archive.similar import _nearest, _vectors
from mediaml.backends.tracing import Embedder, Moment
from mediaml.runtime.networks import yamnet
from mediaml.values.media import Media

NEAREST = (1, 5, 10)
COUNTS = (10_000, 100_000, 1_000_000)
NUMBERS = 1024
A_FILE = 1000  # moments
RUNS = 5


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=("finds", "speed"))
    only = parser.parse_args().only
    data.say_machine()
    if only != "speed":
        data.head("share with the example's label", *(f"nearest {count}" for count in NEAREST))
        finds()
    if only != "finds":
        with tempfile.TemporaryDirectory(prefix="mediaml-similar-") as scratch:
            data.head("moments (of 5 s)", "store, GB", "usearch, s", "numpy, s")
            for count in COUNTS:
                speed(Path(scratch) / f"{count}.sqlite", count)


# -- what is found ----------------------------------------------------------------------------------------------------


def finds() -> None:
    sounds = mm.AudioDataset.from_table(data.table("esc10.csv"), root=data.ROOT, group_column="freesound_id").frame
    model = mm.LocalAudioModel(network="yamnet").fit(some_of(sounds), progress=False)
    told("ESC-10", sounds["path"], sounds["label"], sounds["group"], model.hearer().embedder)
    for name, folder in (("hand signs", "classification/hand_signs"), ("ORL faces", "faces_orl")):
        paths = sorted((data.ROOT / "images" / folder).rglob("*.[jp][pn]g"))
        labels = [path.parent.name for path in paths]
        signs = mm.ImageDataset.from_folder(data.ROOT / "images" / "classification" / "hand_signs" / "val")
        embedder = mm.LocalImageModel(view="squash").fit(signs, progress=False).looker().embedder
        told(name, paths, labels, range(len(paths)), embedder)


def some_of(frame):
    few = frame.groupby("label").head(4)
    return mm.AudioDataset(few)


def told(name: str, paths, labels, groups, embedder: Embedder) -> None:
    vectors = np.stack([embedding_of(path, None, embedder) for path in paths])
    labels, groups = np.array(labels), np.array(groups)
    cosines = vectors @ vectors.T
    cosines[groups[:, None] == groups[None]] = -2
    order = np.argsort(-cosines, axis=1)
    right = labels[order] == labels[:, None]
    data.row(f"{name}, {len(paths)} examples", *(f"{right[:, :count].mean():.3f}" for count in NEAREST))


# -- how fast ---------------------------------------------------------------------------------------------------------


def speed(store: Path, count: int) -> None:
    random = np.random.default_rng(0)
    with closing(Journal(store, create=True)) as journal:
        embedder = Embedder("sound", "yamnet", "none", str(yamnet.SPEC.to_dict()))
        journal.register([Entrant("sounds", "sound", ("a",), "key", None, embedder)])
        media = Media(duration=5.0 * A_FILE, sample_rate=16000, channels=1)
        for number in range(count // A_FILE):
            vectors = random.standard_normal((A_FILE, NUMBERS), np.float32)
            moments = tuple(Moment(5.0 * n, 5.0 * n + 5, vector) for n, vector in enumerate(vectors))
            place = Place(f"/archive/{number:06}.wav", "recording", 1, 1)
            journal.commit(Examined(place, str(number), media, (Found("key", moments=moments),)), {"key": "sounds"}, "")
        wanted = random.standard_normal(NUMBERS).astype(np.float32)
        wanted /= np.linalg.norm(wanted)
        ours, theirs = timed(lambda: _nearest(journal, [1], wanted, 50)), timed(lambda: by_numpy(journal, wanted))
        size = store.stat().st_size / 1e9
    data.row(f"{count:,}", f"{size:.2f}", f"{ours:.3f}", f"{theirs:.3f}")


def by_numpy(journal: Journal, wanted) -> None:
    best = np.zeros(0, np.float32)
    for _, vectors in _vectors(journal, [1], NUMBERS):
        cosines = vectors.astype(np.float32) @ wanted
        best = np.sort(np.concatenate([best, cosines]))[-50:]


def timed(work) -> float:
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return float(np.median(times))


if __name__ == "__main__":
    main()
