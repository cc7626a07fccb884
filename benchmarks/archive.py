"""An archive made of the shared data, sifted: what is found, what is missed, what kills and clusters change, how fast.

    python benchmarks/archive.py                    # everything
    python benchmarks/archive.py --only finds       # or: kills, ray, speed, memory, catalog

The archive: ESC-10's fold 5 (80 clips of 5 s), two mixtures of it with events (also as the sound track of a video),
hand signs that were kept for validation, meetings, finches and soundscapes with nothing of all that in them, real
videos, and all odd and broken files. Models: sounds of ESC-10's folds 1 to 4 (YAMNet), hand signs of the training
part.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import psutil
import soundfile

import data
import mediaml as mm
from mediaml.archive.entrants import Entrant
from mediaml.archive.examined import Examined, Found
from mediaml.archive.journal import Journal
from mediaml.archive.places import Place
from mediaml.backends import mxnet_thread
from mediaml.data import decode
from mediaml.runtime.cores import available_cores
from mediaml.runtime.dsp import log_mel
from mediaml.values.geometry import Segment
from mediaml.values.media import Media
from mediaml.values.timeline import Event

PARTS = ("finds", "kills", "ray", "speed", "memory", "catalog")
KILLS = 20
HOP = 0.96
RATE = 16000
VIDEO = "bottle-detection.mp4"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", choices=PARTS, action="append")
    parser.add_argument("--scan", nargs=3, metavar=("ARCHIVE", "STORE", "MODELS"), help="one scan, in this process")
    parser.add_argument("--peak", nargs=3, metavar=("ARCHIVE", "STORE", "MODELS"), help="one scan, and its memory")
    chosen = parser.parse_args()
    if chosen.scan:
        scanned(*map(Path, chosen.scan))
        return
    if chosen.peak:
        print(json.dumps(peak(*map(Path, chosen.peak))))
        return
    data.say_machine()
    wanted = chosen.only or PARTS
    with tempfile.TemporaryDirectory(prefix="mediaml-archive-") as scratch:
        folder = Path(scratch)
        learn(folder / "models")
        if {"finds", "kills", "ray"} & set(wanted):
            build(folder / "archive")
        for part in wanted:
            {"finds": finds, "kills": kills, "ray": cluster, "speed": speed, "memory": memory, "catalog": catalog}[
                part
            ](folder)


# -- what is sifted, and by what --------------------------------------------------------------------------------------


def learn(folder: Path) -> None:
    """Train both models."""
    sounds = mm.AudioDataset.from_table(data.table("esc10.csv"), root=data.ROOT, group_column="freesound_id")
    model = mm.LocalAudioModel(network="yamnet").fit(sounds.where(fold=[1, 2, 3, 4]), progress=False)
    model.save(folder / "sounds")
    signs = mm.ImageDataset.from_folder(data.ROOT / "images" / "classification" / "hand_signs" / "train")
    mm.LocalImageModel().fit(signs, progress=False).save(folder / "signs")


def models_of(folder: Path) -> dict[str, object]:
    return {name: mm.load(folder / name) for name in ("sounds", "signs")}


def build(folder: Path) -> None:
    """Put the archive together."""
    sounds = mm.AudioDataset.from_table(data.table("esc10.csv"), root=data.ROOT, group_column="freesound_id")
    for path, label in sounds.where(fold=[5]).frame[["path", "label"]].itertuples(index=False):
        place = folder / "clips" / f"{label}__{Path(path).name}"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    signs = data.ROOT / "images" / "classification" / "hand_signs" / "val"
    for path in sorted(signs.rglob("*.*")):
        place = folder / "signs" / f"{path.parent.name}__{path.name}"
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, place)
    for name in ("mixtures", "meeting", "finch", "soundscape"):
        shutil.copytree(data.ROOT / "audio_long" / name, folder / name)
    for name in ("video", "odd_audio", "odd_images"):
        shutil.copytree(data.ROOT / name, folder / name)
    for number, path in enumerate(sorted((folder / "mixtures").glob("*.ogg"))):
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-stream_loop", "-1", "-i", folder / "video" / VIDEO]
        command += ["-i", path, "-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac", "-shortest"]
        subprocess.run([*map(str, command), str(folder / f"film-{number}.mp4")], check=True)


def scanned(archive: Path, store: Path, models: Path, **options: object) -> mm.Catalog:
    return mm.scan(archive, models_of(models), store, every=1.0, progress=False, **options)


# -- what is found ----------------------------------------------------------------------------------------------------


def planted(archive: Path) -> list[tuple[str, str, float, float]]:
    """File, label, start and end of all that is known to be there."""
    rows = [(str(path), path.name.split("__")[0], 0.0, 5.0) for path in sorted((archive / "clips").iterdir())]
    tables = sorted((archive / "mixtures").glob("*.selections.txt"))
    truth = mm.AudioDataset.from_annotations(archive / "mixtures", tables).frame
    films = {str(path): number for number, path in enumerate(sorted((archive / "mixtures").glob("*.ogg")))}
    for path, label, start, end in truth[["path", "label", "start", "end"]].itertuples(index=False):
        rows += [(one, label, start, end) for one in (str(path), str(archive / f"film-{films[str(path)]}.mp4"))]
    return rows


def finds(folder: Path) -> None:
    archive = folder / "archive"
    began = time.perf_counter()
    found = scanned(archive, folder / "finds.sqlite", folder / "models")
    spent = time.perf_counter() - began
    files = found.files
    print(
        f"archive: {len(files)} files, {files['duration'].sum() / 3600:.2f} hours, {spent:.0f} s; "
        + ", ".join(f"{count} {state}" for state, count in files["state"].value_counts().items()),
        flush=True,
    )
    truth = planted(archive)
    known = {row[0] for row in truth}
    segments = [row for row in found.segments(model="sounds").itertuples(index=False) if row.file in known]
    missed = [row for row in truth if not any(hits(row, one) for one in segments)]
    right = sum(any(hits(row, one) for row in truth) for one in segments)
    print(
        f"planted sounds: {len(truth)}, found {len(truth) - len(missed)}, recall {1 - len(missed) / len(truth):.3f}; "
        f"segments in these files: {len(segments)}, right {right}, precision {right / len(segments):.3f}"
    )
    for file, label, start, end in missed:
        print(f"  missed: {Path(file).name} {label} {start:.1f}-{end:.1f} s")
    elsewhere = found.segments(model="sounds")
    quiet = elsewhere[elsewhere["file"].str.contains("/(?:meeting|finch|soundscape)/")]
    print(f"segments in meetings, finches and soundscapes, where nothing of it was planted: {len(quiet)}")
    pictures = found.segments(model="signs")
    signs = pictures[pictures["file"].str.contains("/signs/")]
    right = sum(Path(row.file).name.split("__")[0] == row.label for row in signs.itertuples())
    count = len(list((archive / "signs").iterdir()))
    print(
        f"hand signs: {count}, found {right}, recall {right / count:.3f}, precision {right / len(signs):.3f}",
        flush=True,
    )


def hits(row: tuple[str, str, float, float], one: object) -> bool:
    file, label, start, end = row
    return one.file == file and one.label == label and one.start < end and one.end > start


# -- kills and clusters -----------------------------------------------------------------------------------------------


def kills(folder: Path) -> None:
    archive, store, models = folder / "archive", folder / "killed.sqlite", folder / "models"
    began = time.perf_counter()
    expected = scanned(archive, folder / "undisturbed.sqlite", models)
    whole = time.perf_counter() - began
    random, done, finished = np.random.RandomState(7), 0, 0
    while done < KILLS:
        process = started(archive, store, models)
        try:
            process.wait(random.uniform(2.0, 4.0 + whole / 4))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            done += 1
        else:
            finished += 1
            check(store, expected, f"after {done} kills")
            store.unlink()
    catalog = scanned(archive, store, models)
    check(catalog.store, expected, f"after {done} kills")
    print(f"{done} kills by SIGKILL, {finished + 1} scans completed by resuming: all catalogs identical", flush=True)


def started(archive: Path, store: Path, models: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, __file__, "--scan", str(archive), str(store), str(models)])


def check(store: Path, expected: mm.Catalog, when: str) -> None:
    catalog = mm.Catalog(store)
    with sqlite3.connect(store) as database:
        whole = database.execute("PRAGMA integrity_check").fetchone()[0]
    if whole != "ok" or not catalog.segments().equals(expected.segments()) or not catalog.files.equals(expected.files):
        for one, other in ((expected.segments(), catalog.segments()), (expected.files, catalog.files)):
            both = one.merge(other, how="outer", indicator=True)
            print(both[both["_merge"] != "both"].head(20).to_string())
        sys.exit(f"{when}: the catalog is another one")


def command_of(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it has just ended
        return ""


def cluster(folder: Path) -> None:
    import ray

    archive, models = folder / "archive", folder / "models"
    expected = scanned(archive, folder / "local.sqlite", models)
    ray.init(num_cpus=2, log_to_driver=False, include_dashboard=False)
    killed: list[int] = []

    def kill() -> None:
        while not killed:
            for process in psutil.Process().children(recursive=True):  # of this cluster: there may be others
                if "Worker.examine" in command_of(process):
                    killed.append(process.pid)
                    os.kill(process.pid, signal.SIGKILL)
                    return
            time.sleep(0.05)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    catalog = scanned(archive, folder / "ray.sqlite", models, engine="ray", workers=2)
    ray.shutdown()
    check(catalog.store, expected, "on Ray")
    print(f"Ray, 2 workers, {len(killed)} killed: rows identical to the local ones", flush=True)


# -- how fast, and in how much memory ---------------------------------------------------------------------------------


def noise(path: Path, hours: float) -> None:
    """Quiet noise with bursts of tones, 16 kHz."""
    random = np.random.RandomState(0)
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    with soundfile.SoundFile(path, "w", RATE, 1) as file:
        for _ in range(round(hours * 60)):
            minute = 0.02 * random.standard_normal(60 * RATE)
            minute[: len(tone)] += tone
            file.write(minute)


def speed(folder: Path) -> None:
    """The whole beside its parts, each with all cores, in the same run."""
    archive = folder / "hours"
    archive.mkdir()
    for number in range(6):
        noise(archive / f"{number}.flac", 1 / 6)
    model = mm.load(folder / "models" / "sounds")
    network, spec = model.hearer().network, model.hearer().spec
    paths = sorted(map(str, archive.iterdir()))
    patch = network.module.patch_samples(spec)
    waveform = decode.read(paths[0], 0, 60, RATE)[0][: 60 * RATE // patch * patch].reshape(-1, patch)
    spectrograms = np.stack([log_mel(one, spec) for one in np.resize(waveform, (128, patch))])

    def decoding() -> float:
        with ThreadPoolExecutor(available_cores()) as pool:
            list(pool.map(lambda path: decode.read(path, sample_rate=RATE), paths))
        return 3600.0

    def features() -> float:
        with ThreadPoolExecutor(available_cores()) as pool:
            for _ in range(20):
                list(pool.map(lambda one: log_mel(one, spec), waveform))
        return 20 * len(waveform) * HOP

    def forward() -> float:
        for _ in range(8):
            mxnet_thread.run(lambda: network.hear(spectrograms, model.batch_size))
        return 8 * len(spectrograms) * HOP

    def whole() -> float:
        store = folder / "speed.sqlite"
        store.unlink(missing_ok=True)
        mm.scan(archive, model, store, hop=HOP, progress=False)
        return 3600.0

    works = {"decode": decoding, "features": features, "network": forward, "whole": whole}
    rates: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(4):  # in turn: the machine's other work hits all alike
        for name, work in works.items():
            began = time.perf_counter()
            seconds = work()
            rates[name].append(seconds / (time.perf_counter() - began))
    show_rates({name: some[1:] for name, some in rates.items()})


def show_rates(rates: dict[str, list[float]]) -> None:
    middle = {name: float(np.median(some)) for name, some in rates.items()}
    data.head(f"times real time, yamnet at a hop of {HOP} s", *middle)
    for number, some in enumerate(zip(*rates.values(), strict=True), start=1):
        data.row(f"round {number}", *(f"{one:,.0f}" for one in some))
    data.row("median", *(f"{one:,.0f}" for one in middle.values()))
    slowest = min(middle[name] for name in ("decode", "features", "network"))
    print(f"the whole is {middle['whole'] / slowest:.2f} of its slowest part alone", flush=True)


def memory(folder: Path) -> None:
    peaks = []
    for name, hours in (("10 minutes", 1 / 6), ("10 hours", 10.0)):
        archive = folder / name.replace(" ", "-")
        archive.mkdir()
        noise(archive / "long.wav", hours)
        command = [sys.executable, __file__, "--peak", str(archive), str(folder / f"{archive.name}.sqlite")]
        done = subprocess.run([*command, str(folder / "models")], capture_output=True, text=True, check=True)
        peaks.append(json.loads(done.stdout)["peak"])
        print(f"{name}: highest resident memory {peaks[-1] / 2**20:.0f} MiB", flush=True)
        shutil.rmtree(archive)
    print(f"memory ratio {peaks[1] / peaks[0]:.3f}", flush=True)


def peak(archive: Path, store: Path, models: Path) -> dict[str, int]:
    loaded = models_of(models)
    highest, over, process = 0, threading.Event(), psutil.Process()

    def watch() -> None:
        nonlocal highest
        while not over.wait(0.05):
            highest = max(highest, process.memory_info().rss)

    watching = threading.Thread(target=watch)
    watching.start()
    mm.scan(archive, loaded, store, hop=HOP, progress=False)
    over.set()
    watching.join()
    return {"peak": highest}


# -- a large catalog --------------------------------------------------------------------------------------------------


def catalog(folder: Path) -> None:
    """A million segments in a thousand files."""
    store, labels = folder / "million.sqlite", tuple(f"label {number}" for number in range(50))
    random = np.random.RandomState(0)
    journal = Journal(store, create=True)
    entrant = Entrant("sounds", "sound", labels, "key", None)
    journal.register([entrant])
    media = Media(duration=36000, sample_rate=48000, channels=2)
    for number in range(1000):
        sure = random.uniform(0.3, 1, 1000)
        events = tuple(
            Event(
                label=labels[random.randint(50)], segment=Segment(start=36.0 * n, end=36.0 * n + 5), confidence=sure[n]
            )
            for n in range(1000)
        )
        place = Place(f"/archive/{number:04d}.wav", "recording", 1, 1)
        journal.commit(Examined(place, str(number), media, (Found("key", events),)), {"key": "sounds"}, "tools")
    journal.close()
    found = mm.Catalog(store)
    for name, query in {
        "one label above 0.95": lambda: found.segments("label 7", 0.95),
        "all of a file": lambda: found.segments(file="/archive/0500.wav"),
        "the 100 surest of a label": lambda: found.segments("label 7", top=100),
        "all labels above 0.999": lambda: found.segments(min_confidence=0.999),
    }.items():
        began = time.perf_counter()
        rows = len(query())
        print(f"1,000,000 segments, {name}: {rows} rows in {time.perf_counter() - began:.3f} s", flush=True)
    for ending in (".otio", ".edl", ".fcpxml", ".xml"):
        began = time.perf_counter()
        reel = found.reel(["label 7"], 0.0, top=10_000)
        reel.save(folder / f"reel{ending}")
        print(f"{len(reel)} segments to {ending}: {time.perf_counter() - began:.2f} s", flush=True)


if __name__ == "__main__":
    main()
