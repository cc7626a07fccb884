"""Manifests, sounds and tables that are damaged: read, or refused by an error of mediaml's own; nothing else, ever."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

import mediaml as mm
from mediaml.data import decode
from mediaml.data.formats import annotations as tables
from mediaml.data.formats.coco import read_coco
from mediaml.data.formats.manifest import read_manifest
from mediaml.data.formats.voc import read_voc
from mediaml.data.formats.yolo import read_yolo
from mediaml.data.formats.yolo_names import read_names
from mediaml.data.preflight.line import check_line
from mediaml.errors import MediamlError
from mediaml.runtime import wav
from mediaml.runtime.faults import Fault
from tests.security import seeds
from tests.security.mutations import Meter, fuzz

pytestmark = pytest.mark.filterwarnings("ignore")
FEW, MANY = 60, 10_000


def counts(many: int = MANY) -> pytest.MarkDecorator:
    """A few in every run, the thousands in the slow one."""
    return pytest.mark.parametrize("count", [FEW, pytest.param(many, marks=pytest.mark.slow)])


@pytest.fixture
def meter() -> Meter:
    return Meter()


@counts()
def test_lines_of_manifests(count: int, meter: Meter, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(line: bytes) -> None:
        check_line(line.decode("utf-8", "replace"), 1)  # what it holds never raises
        with meter.example(MediamlError):
            read_manifest(seeds.written(tmp_path, "output.manifest", line))

    fuzz(seeds.manifest_lines(), count, run)
    meter.tell("lines of manifests", capsys)


@counts(2_000)
def test_whole_manifests(count: int, meter: Meter, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = b"\n".join(seeds.manifest_lines()[:3] * 3)

    def run(content: bytes) -> None:
        path = seeds.written(tmp_path, "output.manifest", content)
        with meter.example(MediamlError):
            str(mm.check_manifest(path))
            mm.ImageDataset.from_manifest(path).frame  # noqa: B018

    fuzz([whole], min(count, 2_000) // 4, run)
    meter.tell("whole manifests", capsys)


@counts()
def test_wav_in_the_container(count: int, meter: Meter, capsys: pytest.CaptureFixture[str]) -> None:
    def run(content: bytes) -> None:
        with meter.example(Fault):
            found = wav.opened(content)
            found.read(0, found.frames)
            wav.read(content)

    fuzz(seeds.wav_files(), count, run)
    meter.tell("WAV files in the container", capsys)


@counts()
def test_wav_by_the_library(count: int, meter: Meter, capsys: pytest.CaptureFixture[str]) -> None:
    def run(content: bytes) -> None:
        with meter.example(MediamlError):
            decode.info(content)
            decode.read(content, 0.01, 0.05, sample_rate=16000)

    fuzz(seeds.wav_files(), count, run)
    meter.tell("WAV files by the library", capsys)


@counts(1_000)
def test_other_sounds(count: int, meter: Meter, capsys: pytest.CaptureFixture[str]) -> None:
    def run(content: bytes) -> None:
        with meter.example(MediamlError):
            decode.read(content, sample_rate=16000)

    fuzz(seeds.sound_files(), count, run)
    meter.tell("other sounds", capsys)


@counts()
def test_tables_of_annotations(count: int, meter: Meter, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(content: bytes) -> None:
        with meter.example(MediamlError):
            tables.read(seeds.written(tmp_path, "table.txt", content))

    fuzz(seeds.tables(), count, run)
    meter.tell("tables of annotations", capsys)


@counts(1_000)
def test_tables_of_clips(count: int, meter: Meter, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.wav", "b.wav"):
        seeds.written(tmp_path, name, seeds.wav_files()[0])

    def run(content: bytes) -> None:
        with meter.example(MediamlError):
            mm.AudioDataset.from_table(seeds.written(tmp_path, "clips.csv", content), root=tmp_path)

    fuzz(seeds.csv_tables(), count, run)
    meter.tell("tables of clips", capsys)


COCO = b"""{"images": [{"id": 1, "file_name": "a.jpg", "width": 64, "height": 48}], "categories":
[{"id": 1, "name": "cat", "supercategory": "pet"}], "annotations": [{"id": 1, "image_id": 1, "category_id": 1,
"bbox": [1, 2.5, 30, 20], "area": 600, "iscrowd": 0}]}"""
VOC = b"""<annotation><filename>a.jpg</filename><size><width>64</width><height>48</height><depth>3</depth></size>
<object><name>cat</name><difficult>0</difficult><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30</xmax><ymax>40</ymax>
</bndbox></object></annotation>"""
NAMES = b"path: .\nnames:\n  # animals\n  0: \"a cat\"\n  1: 'dog'\n  2: &x owl\n  3: [*x]\n"
YOLO = b"0 0.5 0.5 0.25 0.25\n1 0.1 0.1 0.2 0.2 0.9\n0 0.1 0.1 0.2 0.1 0.2 0.2 0.1 0.2\n"


@counts(1_500)
@pytest.mark.parametrize("kind", ["coco", "voc", "yolo", "names of yolo"])
def test_boxes(kind: str, count: int, meter: Meter, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for folder in ("labels", "images"):
        (tmp_path / folder).mkdir()
    Image.new("RGB", (64, 48)).save(tmp_path / "images" / "a.jpg")

    def yolo(content: bytes) -> None:
        seeds.written(tmp_path / "labels", "a.txt", content)
        read_yolo(tmp_path, names=["cat", "dog"], size_of=lambda path: (64, 48))

    readers: dict[str, Callable[[bytes], object]] = {
        "coco": lambda content: read_coco(seeds.written(tmp_path, "coco.json", content)),
        "voc": lambda content: read_voc(seeds.written(tmp_path, "a.xml", content).parent),
        "yolo": yolo,
        "names of yolo": lambda content: read_names(tmp_path, seeds.written(tmp_path, "data.yaml", content)),
    }

    def run(content: bytes) -> None:
        with meter.example(MediamlError):
            readers[kind](content)

    fuzz([{"coco": COCO, "voc": VOC, "yolo": YOLO, "names of yolo": NAMES}[kind]], count, run)
    meter.tell(f"boxes of {kind}", capsys)
