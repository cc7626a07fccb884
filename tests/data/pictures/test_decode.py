"""Pictures are decoded as a person sees them, and what cannot be read is told by name."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mediaml.data.pictures import decode
from mediaml.errors import ImageError
from tests.shared_data import SHARED, shared

ORIENTATIONS = range(1, 9)


def scene(width: int = 40, height: int = 24) -> Image.Image:
    """Red to the left, green at the top, blue at the bottom right: no turn leaves it as it is."""
    levels = np.zeros((height, width, 3), np.uint8)
    levels[:, : width // 4, 0] = 255
    levels[: height // 3, :, 1] = 255
    levels[height // 2 :, width // 2 :, 2] = 255
    return Image.fromarray(levels)


def stored(image: Image.Image, orientation: int) -> Image.Image:
    """Turn a picture so that this EXIF orientation brings it back."""
    turns = {
        1: [],
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }
    for turn in turns[orientation]:
        image = image.transpose(turn)
    return image


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_exif_turns_the_picture_upright(tmp_path: Path, orientation: int) -> None:
    exif = Image.Exif()
    exif[decode.ORIENTATION] = orientation
    path = tmp_path / "turned.png"
    stored(scene(), orientation).save(path, exif=exif)

    assert np.array_equal(decode.read(path), np.asarray(scene()))
    found = decode.header(path)
    assert (found.width, found.height, found.orientation) == (40, 24, orientation)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_damaged_exif_leaves_the_picture_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    scene().save(path, exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert decode.read(path).shape == (24, 40, 3)


@pytest.mark.parametrize(
    ("mode", "value", "expected"), [("L", 128, 128), ("1", 1, 255), ("P", 3, None), ("CMYK", None, None)]
)
def test_modes_become_colours(mode: str, value: int | None, expected: int | None) -> None:
    image = scene().convert(mode) if value is None or expected is None else Image.new(mode, (8, 8), value)
    pixels = decode.read(image)
    assert pixels.dtype == np.uint8 and pixels.shape[2] == 3
    if expected is not None:
        assert (pixels == expected).all()


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    path = tmp_path / "deep.png"
    Image.fromarray(np.full((8, 8), 0x8080, np.uint16)).save(path)
    assert (decode.read(path) == 0x80).all()


def test_what_is_seen_through_stands_on_white() -> None:
    image = Image.new("RGBA", (2, 1), (0, 0, 0, 0))
    image.putpixel((1, 0), (10, 20, 30, 255))
    assert decode.read(image).tolist() == [[[255, 255, 255], [10, 20, 30]]]


def test_an_animation_shows_its_first_frame(tmp_path: Path) -> None:
    path = tmp_path / "moving.gif"
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert decode.read(path)[0, 0].tolist() == [255, 0, 0]


def test_a_large_jpeg_is_decoded_small(tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    scene(1600, 1000).save(path)
    found = decode.read_sized(path, 224)
    assert min(found.pixels.shape[:2]) >= 224 and max(found.pixels.shape[:2]) <= 800
    assert (found.width, found.height) == (1600, 1000), "the picture is as large as it was"
    assert decode.read(path).shape == (1000, 1600, 3)


def test_every_kind_of_source_gives_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    scene().save(path)
    content = path.read_bytes()
    expected = np.asarray(scene())
    for source in (
        path,
        str(path),
        content,
        bytearray(content),
        memoryview(content),
        io.BytesIO(content),
        scene(),
        expected,
    ):
        assert np.array_equal(decode.read(source), expected)
    assert np.array_equal(decode.read(expected / 255.0), expected), "fractions from 0 to 1"
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert np.array_equal(decode.read(grey), np.repeat(grey[:, :, None], 3, axis=2))


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"", "no picture"),
        (b"GIF89a", "damaged|no picture"),
        ("no-such.png", "no such file"),
        ("s3://bucket/a.png", "fetch"),
        (np.zeros((4, 4, 2)), "was expected"),
        (np.full((4, 4), 300), "0 to 255"),
        (np.full((4, 4), np.nan), "not finite"),
        (np.full((4, 4), 7.5), "0 to 1"),
        (object(), "was expected"),
    ],
)
def test_what_cannot_be_read_is_told(source: object, reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        decode.read(source)  # type: ignore[arg-type]


def test_a_truncated_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "half.jpg"
    scene(400, 300).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ImageError, match=r"half\.jpg"):
        decode.read(path)


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    content = io.BytesIO()
    Image.new("1", (40, 40)).save(content, "PNG")
    with pytest.raises(ImageError, match=r"too many"):
        decode.read(content.getvalue())


@pytest.mark.filterwarnings("ignore")  # Pillow's, of files that are damaged on purpose
def test_odd_pictures_are_read_where_pillow_reads_them() -> None:
    """960 files: whatever Pillow reads is read, and nothing else happens than an error with the file's name."""
    with shared("odd_images.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 960
    for row in rows:
        path = SHARED / row["path"]
        if row["pillow"] == "ok":
            assert decode.read(path).ndim == 3, row["path"]
            decode.header(path)
        else:
            with pytest.raises(ImageError) as caught:
                decode.read(path)
            assert str(path) in str(caught.value) and caught.value.reason
