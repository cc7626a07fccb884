"""Good files to begin with: generated ones, and real ones where the shared data is at hand."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import soundfile

from mediaml.runtime import wav
from tests.shared_data import SHARED

LARGEST = 1 << 15  # bytes; larger ones make it slow, and tell no more


def real(folder: str, pattern: str, most: int = 40) -> list[bytes]:
    """Give the small files of a folder of the shared data; none where it is not at hand."""
    files = sorted((SHARED / folder).rglob(pattern)) if (SHARED / folder).is_dir() else []
    return [path.read_bytes() for path in files if path.is_file() and path.stat().st_size <= LARGEST][:most]


def lines(contents: Iterable[bytes]) -> list[bytes]:
    """Give the lines of files."""
    return [line for content in contents for line in content.splitlines() if line.strip()]


def manifest_lines() -> list[bytes]:
    """Lines as Ground Truth and Custom Labels write them."""
    label = {"source-ref": "s3://bucket/a.jpg", "class": 0, "class-metadata": _metadata("image-classification")}
    label["class-metadata"] = {**_metadata("image-classification"), "class-name": "cat", "confidence": 0.9}
    several = {
        "source-ref": "s3://bucket/b.jpg",
        "kinds": [0, 1],
        "kinds-metadata": {
            **_metadata("image-classification-multilabel"),
            "class-map": {"0": "cat", "1": "dog"},
            "confidence-map": {"0": 0.5, "1": 0.5},
        },
    }
    box = {"class_id": 0, "left": 1, "top": 2, "width": 30, "height": 40}
    boxes = {
        "source-ref": "s3://bucket/c.jpg",
        "bounding-box": {"image_size": [{"width": 640, "height": 480, "depth": 3}], "annotations": [box, box]},
        "bounding-box-metadata": {
            **_metadata("object-detection"),
            "objects": [{"confidence": 1}, {"confidence": 0}],
            "class-map": {"0": "logo"},
        },
    }
    made = [json.dumps(line).encode() for line in (label, several, boxes)]
    return [*made, *(line for line in lines(real("manifests", "*.manifest")) if line.startswith(b"{"))]


def _metadata(kind: str) -> dict[str, object]:
    dated = {"creation-date": "2026-11-29T12:00:00", "human-annotated": "yes", "job-name": "job"}
    return {**dated, "type": f"groundtruth/{kind}"}


def wav_files() -> list[bytes]:
    """WAV files of every kind of samples, from several writers."""
    sound = np.linspace(-0.9, 0.9, 600, dtype=np.float32)
    made = [wav.write(sound, 8000)]
    for kind, suffix in (("WAV", "wav"), ("WAVEX", "wav"), ("RF64", "wav"), ("W64", "w64"), ("AIFF", "aiff")):
        for subtype in ("PCM_16", "PCM_24", "FLOAT", "ULAW"):
            file = io.BytesIO()
            file.name = f"sound.{suffix}"
            soundfile.write(file, np.stack([sound, -sound], axis=1), 8000, format=kind, subtype=subtype)
            made.append(file.getvalue())
    return [*made, *real("odd_audio", "*.wav")]


def sound_files() -> list[bytes]:
    """Small files of other formats."""
    made = []
    for kind in ("FLAC", "OGG", "MP3", "AU", "CAF"):
        file = io.BytesIO()
        soundfile.write(file, np.linspace(-0.9, 0.9, 4000, dtype=np.float32), 16000, format=kind)
        made.append(file.getvalue())
    return [*made, *(one for suffix in ("flac", "ogg", "aiff", "m4a") for one in real("odd_audio", f"*.{suffix}", 8))]


RAVEN = (
    b"Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tLow Freq (Hz)\tBegin File\tFile Offset (s)\tAnnotation\n"
    b"1\tSpectrogram 1\t1\t0.5\t1.25\t300.0\tday.wav\t0.5\tsong\n"
    b"1\tWaveform 1\t1\t0.5\t1.25\t300.0\tday.wav\t0.5\tsong\n"
    b"2\tSpectrogram 1\t1\t2\t3\t\tday.wav\t2\tcall\n"
)
AUDACITY = b"0.000000\t1.500000\thum\n\\\t100.000000\t-1.000000\n2,5\t2,5\tclick\n"
RTTM = b";; a comment\nSPEAKER day 1 0.50 1.25 <NA> <NA> anna <NA> <NA>\n"
RTTM += b"SPKR-INFO day 1 <NA> <NA> <NA> unknown anna <NA>\n"


def tables() -> list[bytes]:
    """Tables of annotations."""
    found = [one for suffix in ("txt", "rttm") for one in real("audio_long", f"*.{suffix}", 12)]
    return [RAVEN, AUDACITY, RTTM, AUDACITY.decode().encode("utf-16"), *found]


def csv_tables() -> list[bytes]:
    """Tables of clips."""
    return [
        b"path,start,end,label,group\na.wav,0,1.5,hum,one\nb.wav,1,2,hiss,two\na.wav,,,hum,\n",
        b'path,label\n"a.wav","hum, low"\nb.wav,007\n',
        b"path,label,split\na.wav,hum;hiss,train\n",
    ]


def written(folder: Path, name: str, content: bytes) -> Path:
    """Put a file in place of the last one."""
    path = folder / name
    path.write_bytes(content)
    return path


def pick(seeds: Sequence[bytes], most: int = LARGEST) -> list[bytes]:
    """Leave out what is too large to be changed often."""
    return [one for one in seeds if len(one) <= most]
