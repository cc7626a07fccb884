"""Small files that claim to be, or become, giants; and files that name others, or programs."""

from __future__ import annotations

import contextlib
import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

import mediaml as mm
from mediaml.data import decode, decode_av, waveform
from mediaml.data.formats import annotations as tables
from mediaml.data.formats import documents
from mediaml.data.formats.coco import read_coco
from mediaml.data.formats.manifest import read_manifest
from mediaml.data.pictures import decode as pictures
from mediaml.data.video import frame_at, media_of
from mediaml.errors import AnnotationError, AudioError, ImageError, MissingExtraError, TableError, VideoError
from mediaml.runtime import wav
from mediaml.runtime.faults import SpecFault
from mediaml.runtime.spec import Spec

# -- sounds ------------------------------------------------------------------------------------------------------------


def at_rate(rate: int, samples: int) -> bytes:
    """A WAV file whose header says this rate."""
    content = bytearray(wav.write(np.full(samples, 0.1, np.float32), 8000))
    content[24:28] = struct.pack("<I", rate)
    return bytes(content)


def test_a_rate_of_1_hz_does_not_make_billions_of_samples() -> None:
    """soxr ends the process where it would make more than 2**31 of them: 400 kB were enough."""
    with pytest.raises(AudioError, match=r"2,205,000,000 samples are too many"):
        decode.read(at_rate(1, 100_000), sample_rate=22050)
    assert len(decode.read(at_rate(1, 100), sample_rate=22050)[0]) == 2_205_000


@pytest.mark.parametrize("rate", [2**31 - 1, 999_983])
def test_rates_that_nobody_records_at(rate: int) -> None:
    assert len(decode.read(at_rate(rate, 1000), sample_rate=22050)[0]) <= 23


def test_a_flac_file_that_claims_to_last_for_days(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(4096, np.float32), 48000, format="FLAC")
    content = bytearray(file.getvalue())
    content[21] |= 0x0F  # 36 bits: how many samples
    content[22:26] = b"\xff\xff\xff\xff"
    if decode_av.available():
        assert len(decode.read(bytes(content))[0]) == 4096  # FFmpeg counts what there is
    monkeypatch.setattr(decode_av, "require", _without_the_extra)
    with pytest.raises(AudioError, match="68,719,476,735 samples are too many to be held at once"):
        decode.read(bytes(content))
    assert len(decode.read(bytes(content), 0.0, 0.05)[0]) == 2400  # a stretch of it can be read


def _without_the_extra(*_: object) -> None:
    raise MissingExtraError("not installed")


@pytest.mark.parametrize("chunk", [b"data", b"fmt ", b"LIST"])
def test_a_wav_header_that_claims_gigabytes(chunk: bytes) -> None:
    content = bytearray(at_rate(8000, 100))
    if chunk == b"LIST":
        content[12:12] = b"LIST" + struct.pack("<I", 0xFFFFFFF0)
    else:
        place = content.index(chunk) + 4
        content[place : place + 4] = struct.pack("<I", 0xFFFFFFF0)
    with contextlib.suppress(AudioError):
        assert len(decode.read(bytes(content))[0]) <= 100


def test_a_sound_that_unpacks_to_more_than_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waveform, "MOST_SAMPLES", 1000)
    for kind in ("FLAC", "MP3", "WAV"):
        file = io.BytesIO()
        soundfile.write(file, np.zeros(16000, np.float32), 16000, format=kind)
        with pytest.raises(AudioError, match="at most 1,000"):
            decode.read(file.getvalue())


# -- pictures ----------------------------------------------------------------------------------------------------------


def png(width: int, height: int) -> bytes:
    """A PNG file of a few bytes that claims this size."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(40_000, 40_000), (10_000, 9_000), (2**31 - 1, 2**31 - 1), (1_000_000, 1_000)])
@pytest.mark.filterwarnings("ignore")
def test_a_picture_that_claims_a_billion_pixels(size: tuple[int, int]) -> None:
    with pytest.raises(ImageError, match="too many"):
        pictures.read(png(*size))


def test_what_pillow_would_hand_to_a_program_is_no_picture(tmp_path: Path) -> None:
    """Ghostscript runs PostScript, which is a language."""
    script = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n(%pipe%touch owned) (w) file\n"
    (tmp_path / "a.jpg").write_bytes(script)
    for source in (script, tmp_path / "a.jpg"):
        with pytest.raises(ImageError, match="no picture of a kind"):
            pictures.read(source)
    assert {"JPEG", "PNG", "TIFF", "WEBP"} <= set(pictures._formats())
    assert not pictures.BY_PROGRAMS & set(pictures._formats())


def test_a_text_in_a_png_that_unpacks_to_megabytes() -> None:
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    bomb = b"Comment\x00\x00" + zlib.compress(bytes(200 << 20), 9)
    chunk = struct.pack(">I", len(bomb)) + b"zTXt" + bomb + struct.pack(">I", zlib.crc32(b"zTXt" + bomb))
    content = file.getvalue()
    with pytest.raises(ImageError):
        pictures.read(content[:33] + chunk + content[33:])


# -- videos ------------------------------------------------------------------------------------------------------------


def test_a_recording_that_is_a_list_of_other_files(tmp_path: Path) -> None:
    """FFmpeg would open them, whatever the file's name says: what it names may be none of its author's business."""
    pytest.importorskip("av")
    soundfile.write(tmp_path / "private.wav", np.full(8000, 0.1), 8000)
    lists = {
        "concat.wav": b"ffconcat version 1.0\nfile private.wav\n",
        "hls.mp4": b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nprivate.wav\n#EXT-X-ENDLIST\n",
        "stream.wav": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
    }
    for name, content in lists.items():
        (tmp_path / name).write_bytes(content)
        for source in (tmp_path / name, content):
            with pytest.raises(AudioError):
                decode.read(source)
        with pytest.raises((VideoError, AudioError)):
            media_of(tmp_path / name)


def test_a_video_whose_pictures_are_giants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    av = pytest.importorskip("av")
    with av.open(str(tmp_path / "a.mkv"), "w") as out:
        stream = out.add_stream("mpeg4", rate=25)
        stream.width, stream.height = 320, 240
        frame = av.VideoFrame.from_ndarray(np.zeros((240, 320, 3), np.uint8), format="rgb24")
        for packet in [*stream.encode(frame), *stream.encode()]:
            out.mux(packet)
    assert frame_at(tmp_path / "a.mkv", 0.0).pixels is not None
    monkeypatch.setattr("mediaml.data.ffmpeg.MOST_PIXELS", 320 * 200)
    for call in (lambda: frame_at(tmp_path / "a.mkv", 0.0), lambda: media_of(tmp_path / "a.mkv")):
        with pytest.raises(VideoError, match="320 x 240 pixels, too many"):
            call()
    monkeypatch.setattr("mediaml.data.decode_video._refuse_giants", lambda *_: None)
    with pytest.raises(VideoError):  # FFmpeg itself: pictures may grow in the middle of a video
        frame_at(tmp_path / "a.mkv", 0.0)


def test_pixels_a_thousand_times_as_wide_as_high_do_not_stretch_a_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    from fractions import Fraction

    from mediaml.data.decode_video import _square

    assert _square(720, 576, Fraction(16, 15)) == (768, 576)
    assert _square(7200, 5760, Fraction(1_000_000, 1)) == (7200, 5760)


# -- texts -------------------------------------------------------------------------------------------------------------


def test_a_line_of_a_hundred_megabytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "LONGEST_LINE", 1000)
    path = tmp_path / "output.manifest"
    path.write_bytes(b'{"source-ref": "s3://b/a.jpg", "x": "' + b"x" * 2000 + b'"}\n')
    with pytest.raises(AnnotationError, match=r"line 1: is longer than 1,000 bytes"):
        read_manifest(path)


def test_a_document_or_a_table_that_would_fill_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents.content_of, "__defaults__", (1000,))
    monkeypatch.setattr("mediaml.data.formats.text.LARGEST_TABLE", 1000)
    (tmp_path / "a.json").write_bytes(b" " * 2000)
    for reader in (read_coco, tables.read):
        with pytest.raises(AnnotationError, match="more than 1,000 bytes"):
            reader(tmp_path / "a.json")


@pytest.mark.parametrize("value", ["[" * 100_000, '{"a":' * 100_000, "1e999", "-1e999", "NaN"])
def test_json_that_is_nested_too_deep_or_holds_what_is_no_number(tmp_path: Path, value: str) -> None:
    text = f'{{"source-ref": "s3://b/a.jpg", "images": [], "x": {value}'
    (tmp_path / "a.json").write_text(f"{text}}}" if value[-1] not in "[:" else text)
    for reader in (read_manifest, read_coco):
        with pytest.raises(AnnotationError):
            reader(tmp_path / "a.json")


def test_a_whole_number_that_no_float_holds(tmp_path: Path) -> None:
    giant = 10**400
    images = [{"id": 1, "file_name": "a.jpg", "width": giant}]
    boxes = [{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, giant]}]
    document = {"images": images, "categories": [{"id": 1, "name": "cat"}], "annotations": boxes}
    (tmp_path / "a.json").write_text(json.dumps(document))
    with pytest.raises(AnnotationError, match="bbox of four numbers"):
        read_coco(tmp_path / "a.json")


def test_a_number_of_400_digits_in_a_table_of_clips(tmp_path: Path) -> None:
    """pandas takes it for a number, and then cannot make one of it."""
    (tmp_path / "a.wav").write_bytes(at_rate(8000, 100))
    (tmp_path / "clips.csv").write_text(f"path,start,end,label\na.wav,{'1' * 400},2,hum\n")
    with pytest.raises(TableError, match=r"clips\.csv: cannot be read"):
        mm.AudioDataset.from_table(tmp_path / "clips.csv", root=tmp_path)


# -- front ends --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        {"mel_bands": 10**9},
        {"n_fft": 10**12},
        {"clip_seconds": 1e12},
        {"clip_seconds": 1e5, "hop_length": 1},
        {"sample_rate": 10**9},
    ],
    ids=str,
)
def test_a_front_end_that_no_network_can_hear_with(settings: dict[str, float]) -> None:
    with pytest.raises(SpecFault, match="too much"):
        Spec(**settings).check_size()  # type: ignore[arg-type]


@pytest.mark.parametrize("settings", [{}, {"clip_seconds": 3600}, {"sample_rate": 384_000, "hop_length": 512}], ids=str)
def test_those_that_people_use_are_let_through(settings: dict[str, float]) -> None:
    Spec(**settings).check_size()  # type: ignore[arg-type]
