"""What is wrong with pictures is mended in a copy; good ones stay byte for byte; nothing is lost in silence."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from mediaml import ImageDataset
from mediaml.data.formats.pictured import Pictured
from mediaml.data.pictures import renew, repair
from mediaml.data.pictures.measure import measure
from mediaml.data.pictures.repair import Repaired
from mediaml.data.pictures.rows import frame_of
from mediaml.errors import DataError
from mediaml.values.geometry import Box
from tests.data.pictures.drawn import loaded, picture, saved
from tests.shared_data import shared


def box(left: float, top: float, width: float, height: float) -> Box:
    return Box(label="thing", left=left, top=top, width=width, height=height, attributes={"difficult": 1})


def dataset(*pictures: Pictured | Path) -> ImageDataset:
    return ImageDataset(
        frame_of([one if isinstance(one, Pictured) else Pictured(str(one), ("x",)) for one in pictures])
    )


def only(found: Repaired[ImageDataset]) -> tuple[Path, tuple[Box, ...], tuple[int, int], str]:
    """Path, boxes, size and what was done, of the only row that is left."""
    (one,) = list(found.dataset)
    assert one.width is not None and one.height is not None
    what = found.done.set_index("new_path").loc[one.path, "what"]
    return Path(one.path), one.boxes or (), (one.width, one.height), str(what)


def red_spot(
    path: Path, size: tuple[int, int], spot: tuple[int, int, int, int], orientation: int | None = None
) -> Path:
    """A grey picture with a red rectangle at left, top, right, bottom."""
    image = Image.new("RGB", size, (90, 90, 90))
    image.paste((255, 0, 0), spot)
    return saved(path, image, 100, orientation)


def redness(path: Path, place: Box) -> float:
    """The share of red in a box, less that around it."""
    pixels = np.asarray(loaded(path).convert("RGB"), np.float64)
    red = pixels[:, :, 0] - pixels[:, :, 1] > 80
    inside = red[round(place.top) : round(place.bottom), round(place.left) : round(place.right)]
    return float(inside.mean() - (red.sum() - inside.sum()) / red.size)


# --- pictures -------------------------------------------------------------------------------------------------------


def test_good_pictures_are_copied_byte_for_byte(tmp_path):
    paths = [saved(tmp_path / "in" / "cat" / "a.png", picture(1)), saved(tmp_path / "in" / "dog" / "b.JPG", picture(2))]
    found = ImageDataset.from_folder(tmp_path / "in").repair(tmp_path / "out", progress=False)
    assert found.done["what"].tolist() == ["copied", "copied"]
    assert [Path(path).relative_to(tmp_path / "out").as_posix() for path in found.done["new_path"]] == [
        "cat/a.png", "dog/b.JPG",
    ]  # fmt: skip
    assert [Path(path).read_bytes() for path in found.done["new_path"]] == [path.read_bytes() for path in paths]
    assert found.dataset.labels == ("cat", "dog")
    assert found.dataset.origin[-1] == {"repair": str(tmp_path / "out")}


@pytest.mark.parametrize(
    ("name", "mode", "format"),
    [
        ("a.bmp", "RGB", "PNG"),
        ("a.tiff", "CMYK", "PNG"),
        ("a.gif", "P", "PNG"),
        ("a.webp", "RGB", "JPEG"),
        ("a.png", "RGBA", "PNG"),
        ("a.png", "P", "PNG"),
        ("a.png", "1", "PNG"),
        ("a.png", "I;16", "PNG"),
        ("a.jpg", "CMYK", "JPEG"),
    ],
)
def test_other_formats_and_colours_become_plain_ones(tmp_path, name, mode, format):
    image = picture(1).convert("L").convert("I").point(lambda grey: grey * 257) if mode == "I;16" else picture(1)
    path, _, size, what = only(
        dataset(saved(tmp_path / "in" / name, image.convert(mode))).repair(tmp_path / "out", progress=False)
    )
    with Image.open(path) as written:
        assert (written.format, written.mode, written.size) == (format, "RGB", (160, 120))
    assert size == (160, 120)
    assert path.suffix == {"PNG": ".png", "JPEG": ".jpg"}[format]
    assert "made" in what or "plain colours" in what


def test_large_ones_are_made_smaller_and_small_ones_enlarged(tmp_path):
    large = Pictured(str(saved(tmp_path / "in" / "large.jpg", picture(1, 5000, 500))), (), (box(500, 100, 1000, 200),))
    path, (moved,), size, what = only(dataset(large).repair(tmp_path / "out", progress=False))
    assert loaded(path).size == size == (4096, 410)
    assert moved.left == pytest.approx(500 * 4096 / 5000)
    assert moved.height == pytest.approx(200 * 410 / 500)
    assert what == "made smaller: 5,000 x 500 to 4,096 x 410"
    small = Pictured(str(saved(tmp_path / "in" / "small.png", picture(1, 20, 30))), (), (box(2, 3, 10, 12),))
    path, boxes, size, what = only(dataset(small).repair(tmp_path / "out", progress=False))
    assert size == (80, 120), "by a whole factor"
    assert boxes == (box(8, 12, 40, 48),)
    assert np.array_equal(np.asarray(loaded(path))[::4, ::4], np.asarray(picture(1, 20, 30))), "nothing is invented"


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        ((7, 100), "left out, so small that nothing can be seen: 7 x 100 pixels"),
        ((2000, 90), "left out, too narrow: 2,000 x 90 is 22.2 to 1, at most 20 to 1"),
    ],
)
def test_hopeless_shapes_are_left_out(tmp_path, size, reason):
    found = dataset(saved(tmp_path / "in" / "a.png", picture(1, *size))).repair(tmp_path / "out", progress=False)
    assert len(found.dataset) == 0
    assert found.done["what"].tolist() == [reason]
    assert found.done["new_path"].tolist() == [None]


def test_more_than_15_megabytes_are_made_less(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (2300, 2300, 3), dtype=np.uint8)
    (tmp_path / "in").mkdir()
    Image.fromarray(noise).save(tmp_path / "in" / "noise.png", compress_level=0)
    path, _, _, what = only(dataset(tmp_path / "in" / "noise.png").repair(tmp_path / "out", progress=False))
    assert what == "fewer bytes: 15.9 MB before"
    assert path.suffix == ".jpg"
    assert path.stat().st_size < 15e6


def test_a_wrong_ending_is_put_right(tmp_path):
    source = saved(tmp_path / "in" / "a.jpg", picture(1))
    wrong = source.rename(tmp_path / "in" / "a.png")
    path, _, _, what = only(dataset(wrong).repair(tmp_path / "out", progress=False))
    assert path.name == "a.jpg"
    assert path.read_bytes() == wrong.read_bytes()
    assert what == "copied; renamed: it is JPEG"


def test_what_cannot_be_opened_and_copies_are_left_out_aloud(tmp_path):
    first = saved(tmp_path / "in" / "a.png", picture(1))
    copy, wrong = first.with_name("copy.png"), first.with_name("wrong.png")
    copy.write_bytes(first.read_bytes())
    wrong.write_bytes(first.read_bytes())
    (tmp_path / "in" / "text.png").write_text("no picture")
    rows = [(first, "x"), (copy, "x"), (wrong, "y"), (tmp_path / "in" / "text.png", "x"), (tmp_path / "gone.png", "x")]
    table = pd.DataFrame({"path": [str(path) for path, _ in rows], "label": [label for _, label in rows]})
    with pytest.warns(UserWarning, match="1 files do not exist"):
        pictures = ImageDataset.from_table(table)
    found = pictures.repair(tmp_path / "out", progress=False)
    assert found.done["path"].tolist() == table["path"].tolist(), "every row is told of"
    assert found.done["what"].tolist() == [
        "copied",
        f"left out, a copy, labelled alike: of {first}",
        "copied",
        "left out, cannot be opened: is no picture of a kind that can be read",
        "left out, cannot be opened: No such file or directory",
    ]
    assert len(found.dataset) == 2
    assert "2  left out, cannot be opened" in str(found)
    assert "5 rows were looked at" in str(found)


def test_pictures_on_s3_stay_as_they_are(tmp_path):
    away = Pictured("s3://bucket/a.bmp", ("x",), (box(-5, 0, 10, 10),), 100, 100)
    found = dataset(away, saved(tmp_path / "in" / "a.png", picture(1))).repair(tmp_path / "out", progress=False)
    first, _ = list(found.dataset)
    assert (first.path, first.boxes, first.width) == (away.path, away.boxes, 100)
    assert found.done["what"][0].startswith("left as it is")


# --- names ----------------------------------------------------------------------------------------------------------


def test_names_stay_where_they_can_and_are_never_shared(tmp_path):
    names = ["a.bmp", "a.png", "A.webp", "sub/a.png", "odd?name.png"]
    paths = [saved(tmp_path / "in" / name, picture(seed)) for seed, name in enumerate(names)]
    found = dataset(*paths).repair(tmp_path / "out", progress=False)
    new = [Path(path).relative_to(tmp_path / "out").as_posix() for path in found.done["new_path"]]
    assert new == ["a-2.png", "a.png", "A.jpg", "sub/a.png", "odd_name.png"]


def test_the_pictures_themselves_are_never_written_over(tmp_path):
    path = saved(tmp_path / "in" / "a.png", picture(1, 20, 20))
    before = path.read_bytes()
    with pytest.raises(DataError, match="holds the pictures themselves"):
        dataset(path).repair(tmp_path / "in", progress=False)
    assert path.read_bytes() == before


# --- boxes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", [2, 3, 4, 5, 6, 7, 8])
def test_a_turned_picture_is_turned_upright_and_its_boxes_with_it(tmp_path, orientation):
    """Drawn on the unturned picture where the annotation states its size, and on the upright one where it does not."""
    path = red_spot(tmp_path / "in" / "a.png", (200, 100), (20, 10, 80, 30), orientation)
    sideways = orientation >= 5
    if sideways:
        drawn = Pictured(str(path), (), (box(20, 10, 60, 20),), 200, 100)
    else:
        upright = {2: (120, 10), 3: (120, 70), 4: (20, 70)}[orientation]
        drawn = Pictured(str(path), (), (box(*upright, 60, 20),), 200, 100)
    new, (moved,), size, what = only(dataset(drawn).repair(tmp_path / "out", progress=False))
    assert loaded(new).size == size == ((100, 200) if sideways else (200, 100))
    assert measure(str(new)).header.orientation == 1  # type: ignore[union-attr]
    assert redness(new, moved) > 0.95
    assert moved.attributes == {"difficult": 1}
    assert "turned upright" in what
    assert ("boxes turned with the picture" in what) == sideways


def test_boxes_that_were_drawn_on_the_upright_picture_stay(tmp_path):
    path = red_spot(tmp_path / "in" / "a.png", (200, 100), (20, 10, 80, 30), 6)
    drawn = Pictured(str(path), (), (box(70, 20, 20, 60),), 100, 200)
    new, boxes, _, what = only(dataset(drawn).repair(tmp_path / "out", progress=False))
    assert boxes == drawn.boxes
    assert redness(new, boxes[0]) > 0.95
    assert "boxes" not in what


def test_boxes_of_a_smaller_copy_are_brought_to_the_real_size(tmp_path):
    path = red_spot(tmp_path / "in" / "a.png", (400, 200), (40, 20, 160, 60))
    drawn = Pictured(str(path), (), (box(20, 10, 60, 20),), 200, 100)
    new, (moved,), size, _ = only(dataset(drawn).repair(tmp_path / "out", progress=False))
    assert size == (400, 200)
    assert redness(new, moved) == pytest.approx(1)


def test_boxes_are_cut_off_at_the_edge_or_left_out(tmp_path):
    path = saved(tmp_path / "in" / "a.png", picture(1))
    bad = (
        box(150, 10, 50, 20),
        box(10, 10, 20, 20),
        box(300, 5, 9, 9),
        box(5, 5, 0, 9),
        box(5, 5, -9, 9),
        box(9, 9, 1, 9),
    )
    _, boxes, _, what = only(dataset(Pictured(str(path), (), bad, 160, 120)).repair(tmp_path / "out", progress=False))
    assert boxes == (box(150, 10, 10, 20), box(10, 10, 20, 20))
    assert what == "copied; boxes cut off at the edge: 1; boxes left out (outside, without area or tiny): 4"


def test_labels_follow_the_boxes_that_are_left(tmp_path):
    path = saved(tmp_path / "in" / "a.png", picture(1))
    gone = Box(label="gone", left=500, top=0, width=5, height=5)
    found = dataset(Pictured(str(path), ("gone", "thing"), (box(1, 1, 50, 50), gone), 160, 120))
    assert found.repair(tmp_path / "out", progress=False).dataset.labels == ("thing",)


# --- runs -----------------------------------------------------------------------------------------------------------


def mixed(folder: Path) -> ImageDataset:
    paths = [saved(folder / f"{seed}{suffix}", picture(seed)) for seed, suffix in enumerate((".png", ".bmp", ".jpg"))]
    return dataset(*paths, saved(folder / "turned.jpg", picture(9), orientation=8))


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_two_runs_give_the_same_and_the_second_writes_nothing(tmp_path, monkeypatch):
    pictures = mixed(tmp_path / "in")
    first = pictures.repair(tmp_path / "out", progress=False)
    before = content(tmp_path / "out")
    monkeypatch.setattr(repair, "renewed", lambda *_: pytest.fail("it was written already"))
    second = pictures.repair(tmp_path / "out", progress=False)
    pd.testing.assert_frame_equal(first.done, second.done)
    pd.testing.assert_frame_equal(first.dataset.frame, second.dataset.frame)
    assert content(tmp_path / "out") == before


def test_a_run_that_was_killed_goes_on(tmp_path, monkeypatch):
    pictures = mixed(tmp_path / "in")
    whole = pictures.repair(tmp_path / "whole", progress=False)
    written: list[str] = []

    def killed(path: str, planned: renew.Plan) -> bytes:
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(path)
        return renew.renewed(path, planned)

    monkeypatch.setattr(repair, "available_cores", lambda: 1)
    with monkeypatch.context() as patch:
        patch.setattr(repair, "renewed", killed)
        with pytest.raises(KeyboardInterrupt):
            pictures.repair(tmp_path / "out", progress=False)
    assert len(content(tmp_path / "out")) == 2, "whole files only"
    later: list[str] = []

    def counted(path: str, planned: renew.Plan) -> bytes:
        later.append(path)
        return renew.renewed(path, planned)

    monkeypatch.setattr(repair, "renewed", counted)
    pictures.repair(tmp_path / "out", progress=False)
    assert not set(later) & set(written)
    assert content(tmp_path / "out") == content(tmp_path / "whole")
    assert len(whole.dataset) == 4


def test_a_picture_that_changed_is_written_again(tmp_path):
    pictures = mixed(tmp_path / "in")
    pictures.repair(tmp_path / "out", progress=False)
    changed = saved(tmp_path / "in" / "0.png", picture(50))
    os.utime(changed, ns=(5, 5))
    pictures.repair(tmp_path / "out", progress=False)
    assert (tmp_path / "out" / "0.png").read_bytes() == changed.read_bytes()


def test_a_full_disk_is_a_data_error_that_names_the_file(tmp_path, monkeypatch):
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(repair, "write_whole", full)
    with pytest.raises(DataError, match=r"0\.png: .*No space left on device"):
        mixed(tmp_path / "in").repair(tmp_path / "out", progress=False)


def test_a_folder_that_is_a_file_is_a_data_error(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(DataError, match="out"):
        mixed(tmp_path / "in").repair(tmp_path / "out", progress=False)


# --- repaired data are good -----------------------------------------------------------------------------------------

sides = st.sampled_from([8, 30, 63, 64, 100, 400, 4100])
places = st.floats(-300, 5000, width=32)
pictures_made = st.tuples(
    sides, sides, st.sampled_from([".png", ".jpg", ".bmp", ".webp"]), st.sampled_from([None, 1, 3, 6, 8]),
    st.lists(st.builds(box, places, places, places, places), max_size=4),
    st.sampled_from(["none", "real", "unturned", "half"]),
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(pictures_made, min_size=1, max_size=4))
def test_no_error_is_left_in_repaired_pictures(tmp_path_factory, made):
    folder = tmp_path_factory.mktemp("made")
    good = [saved(folder / f"good{seed}.png", picture(seed)) for seed in range(2)]
    found = [Pictured(str(path), ("thing",), (box(1, 1, 50, 50),), 160, 120) for path in good]
    for number, (width, height, suffix, orientation, boxes, stated) in enumerate(made):
        turn = orientation if suffix in (".png", ".jpg", ".webp") else None
        path = saved(folder / f"{number}{suffix}", picture(10 + number, width, height), 80, turn)
        upright = (height, width) if turn in (6, 8) else (width, height)
        half = (max(1, upright[0] // 2), max(1, upright[1] // 2))
        size = {"none": (None, None), "real": upright, "unturned": (width, height), "half": half}[stated]
        found.append(Pictured(str(path), (), tuple(boxes), *size))
    repaired = dataset(*found).repair(folder / "out", progress=False)
    errors = repaired.dataset.check().findings.query("severity == 'error'")
    assert errors.empty, errors[["path", "detail"]].to_string()
    assert repaired.done["path"].tolist() == [one.path for one in found], "every row is told of"
    assert len(repaired.dataset) == repaired.done["new_path"].notna().sum()


def test_repaired_blood_cells_have_no_error(tmp_path):
    cells = ImageDataset.from_voc(shared("images", "detection", "bccd"))
    assert not cells.check().ok
    found = cells.repair(tmp_path / "out", progress=False)
    assert found.dataset.check().ok
    assert len(found.dataset) == len(cells)


def test_repaired_odd_files_are_all_taken_by_the_service(tmp_path):
    table = pd.read_csv(shared("odd_images.csv"))
    frame = pd.DataFrame({"path": table["path"], "label": [f"label{number % 2}" for number in range(len(table))]})
    odd = ImageDataset.from_table(frame, root=shared("odd_images").parent)
    found = odd.repair(tmp_path / "out", progress=False)
    assert len(found.done) == 960
    problems = set(found.dataset.check().findings.query("severity == 'error'")["problem"])
    assert problems <= {"duplicate_across_labels"}
    assert len(found.dataset) > 700
