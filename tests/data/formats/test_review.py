"""What a person judged, as training data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

import mediaml as mm
from mediaml.errors import AnnotationError, VideoError
from tests.media import late_sound, numbered

DOG = {"label": "dog", "left": 10, "top": 20, "width": 30, "height": 40}
CAT = {"label": "cat", "left": 1, "top": 2, "width": 3, "height": 4}


def entry(source: object, verdict: str = "accepted", judged: str | None = "dog", **more: Any) -> dict[str, Any]:
    sense = "seen" if str(source).endswith((".jpg", ".png", ".mp4")) else "heard"
    return {
        "id": "x",
        "source": str(source),
        "sense": sense,
        "label": "dog",
        "verdict": verdict,
        "judged": judged,
        **more,
    }


def written(folder: Path, *entries: dict[str, Any]) -> Path:
    place = folder / "verdicts.json"
    place.write_text(json.dumps({"format": 1, "review": "r", "title": "t", "items": entries}))
    return place


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    soundfile.write(tmp_path / "day.wav", np.zeros(8000), 1000)
    return tmp_path / "day.wav"


# -- sounds -----------------------------------------------------------------------------------------------------------


def test_what_was_accepted_or_relabelled_is_labelled_and_the_rest_is_not(sound: Path, tmp_path: Path) -> None:
    written(
        tmp_path,
        entry(sound, start=1, end=2),
        entry(sound, "relabelled", "cat", start=3, end=4),
        entry(sound, "rejected", None, start=5, end=6),
    )

    found = mm.AudioDataset.from_review(tmp_path)

    assert found.frame[["start", "end", "label"]].values.tolist() == [[1, 2, "dog"], [3, 4, "cat"], [5, 6, None]]
    assert set(found.frame["path"]) == {str(sound)}
    assert set(found.frame["group"]) == {str(sound)}
    assert len(found.unlabelled) == 1


def test_verdicts_on_one_stretch_are_one_row(sound: Path, tmp_path: Path) -> None:
    same: dict[str, Any] = {"start": 1, "end": 2}
    written(
        tmp_path,
        entry(sound, **same),
        entry(sound, "relabelled", "cat", **same),
        entry(sound, "rejected", None, **same),
    )

    found = mm.AudioDataset.from_review(tmp_path)

    assert found.frame["label"].tolist() == [("cat", "dog")]


def test_a_stretch_without_length_is_the_whole_recording(sound: Path, tmp_path: Path) -> None:
    found = mm.AudioDataset.from_review(written(tmp_path, entry(sound)))

    assert found.frame[["start", "end"]].values.tolist() == [[0, 8]]


def test_an_address_stays_as_it_is(tmp_path: Path) -> None:
    entries = [entry("s3://b/x.wav", start=1, end=2), entry("s3://b/x.jpg")]
    place = written(tmp_path, *entries)

    heard, seen = mm.AudioDataset.from_review(place).frame, mm.ImageDataset.from_review(place).frame

    assert (heard["path"][0], heard["group"][0]) == ("s3://b/x.wav", "s3://b/x.wav")
    assert (seen["path"][0], seen["group"][0]) == ("s3://b/x.jpg", "s3://b/x.jpg")


def test_the_group_of_the_dataset_comes_back(sound: Path, tmp_path: Path) -> None:
    found = mm.AudioDataset.from_review(written(tmp_path, entry(sound, group="site 7")))

    assert found.frame["group"].tolist() == ["site 7"]


def test_what_is_heard_in_a_film_is_a_stretch_of_its_sound_track(sound: Path, tmp_path: Path) -> None:
    film = late_sound(tmp_path / "film.mkv", sound, by=2.0)
    shown: dict[str, Any] = {"sense": "heard", "start": 4.0, "end": 5.0}

    by_pictures = mm.AudioDataset.from_review(written(tmp_path, entry(film, kind="video", **shown)))
    by_sound = mm.AudioDataset.from_review(written(tmp_path, entry(film, kind="sound", **shown)))

    assert by_pictures.frame[["start", "end"]].values.tolist() == [pytest.approx([2.0, 3.0], abs=0.01)]
    assert by_sound.frame[["start", "end"]].values.tolist() == [[4.0, 5.0]], "a dataset's own times"


# -- pictures ---------------------------------------------------------------------------------------------------------


def test_labels_of_pictures(tmp_path: Path) -> None:
    entries = [entry("/a.jpg"), entry("/b.jpg", "rejected", None), entry("/a.jpg", "relabelled", "cat", group="g")]

    found = mm.ImageDataset.from_review(written(tmp_path, *entries))

    assert found.frame["label"].tolist() == [("cat", "dog"), None]
    assert found.frame["boxes"].tolist() == [None, None]
    assert found.frame["group"].tolist() == ["/a.jpg", "/b.jpg"]
    assert [one.path for one in found.unlabelled] == ["/b.jpg"]


def test_boxes_of_pictures_and_nothing_where_they_were_rejected(tmp_path: Path) -> None:
    entries = [
        entry("/a.jpg", judged=None, boxes=[DOG, CAT], width=100, height=80),
        entry("/a.jpg", judged="dog", boxes=[DOG]),
        entry("/b.jpg", "rejected", None),
        entry("/c.jpg", judged=None, boxes=[]),
    ]

    found = mm.ImageDataset.from_review(written(tmp_path, *entries))

    first, second, third = list(found)
    assert first.boxes is not None
    assert [box.label for box in first.boxes] == ["dog", "cat"]
    assert (first.labels, first.width, first.height) == (("cat", "dog"), 100, 80)
    assert (second.boxes, third.boxes) == ((), ())
    assert len(found.labelled) == 3, "a detector learns from what is empty, too"


@pytest.mark.parametrize("boxes", [None, []])
def test_a_label_that_has_no_box_where_others_have_is_named(boxes: list[Any] | None, tmp_path: Path) -> None:
    entries = [
        entry("/a.jpg", judged="dog", boxes=boxes),
        entry("/a.jpg", judged="cat", boxes=[CAT], width=100, height=80),
    ]

    with pytest.warns(UserWarning, match=r"1 labels were accepted without a box .*: dog in /a\.jpg\. Draw"):
        found = mm.ImageDataset.from_review(written(tmp_path, *entries))

    (row,) = found
    assert (row.labels, row.width, row.height) == (("cat",), 100, 80)


def test_the_picture_of_a_video_that_was_judged_is_written_once_without_a_loss(tmp_path: Path) -> None:
    film = numbered(tmp_path / "film.mp4", seconds=2.0)
    (tmp_path / "review").mkdir()
    place = written(
        tmp_path / "review", entry(film, time=1.0, boxes=[DOG]), entry(film, "relabelled", "cat", time=1.0, boxes=[CAT])
    )

    found = mm.ImageDataset.from_review(place)
    again = mm.ImageDataset.from_review(tmp_path / "review")

    (row,) = found.frame.to_dict("records")
    assert Path(row["path"]).parent == tmp_path / "review" / "frames"
    assert (row["group"], row["video"], row["time"]) == (str(film), str(film), 1.0)
    assert len(row["boxes"]) == 2
    with Image.open(row["path"]) as image:
        grey = int(np.median(np.asarray(image.convert("L"))))
    assert grey == pytest.approx((16 + 25 - 16) * 255 / 219, abs=1.5), "picture 25 of the film, in full range"
    assert again.frame["path"].tolist() == found.frame["path"].tolist()


@pytest.mark.parametrize("shown", [{"kind": "video", "start": 1.0, "end": 1.0}, {"start": 0.5, "end": 1.5}])
def test_a_video_that_the_page_could_not_show_is_no_still_picture(shown: dict[str, Any], tmp_path: Path) -> None:
    film = numbered(tmp_path / "film.mp4", seconds=2.0)

    (row,) = mm.ImageDataset.from_review(written(tmp_path, entry(film, **shown))).frame.to_dict("records")

    assert (Path(row["path"]).suffix, row["video"], row["time"]) == (".png", str(film), 1.0)


def test_a_video_that_is_gone_is_named(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"/gone\.mp4: no such file"):
        mm.ImageDataset.from_review(written(tmp_path, entry("/gone.mp4", time=1.0)))


# -- what is no verdict -----------------------------------------------------------------------------------------------


def test_a_folder_without_verdicts_says_how_they_get_there(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"there is no verdicts\.json in it: press 'Save verdicts'"):
        mm.AudioDataset.from_review(tmp_path)


def test_verdicts_on_other_things_name_the_other_reader(tmp_path: Path) -> None:
    with pytest.raises(AnnotationError, match=r"it has 1 on what is seen: ImageDataset\.from_review"):
        mm.AudioDataset.from_review(written(tmp_path, entry("/a.jpg")))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[]", "is not a JSON object"),
        ("{", "is not JSON"),
        ('{"format": 2, "items": []}', "is of format 2, which a newer mediaml wrote"),
        ('{"format": 1, "review": "r"}', "items: Field required"),
        ('{"format": 1, "review": "r", "items": [{"id": "a", "source": "/b.wav"}]}', r"entry 1 \(/b\.wav\): "),
        ('{"format": 1, "review": "r", "items": [7]}', r"entry 1: "),
    ],
)
def test_a_file_that_is_no_verdicts_says_what_is_wrong(content: str, reason: str, tmp_path: Path) -> None:
    place = tmp_path / "mine.json"
    place.write_text(content)

    with pytest.raises(AnnotationError, match=rf"mine\.json: .*{reason}"):
        mm.AudioDataset.from_review(place)


def test_an_entry_is_named_by_its_number_and_file(tmp_path: Path) -> None:
    place = written(tmp_path, entry("/a.wav"), entry("/b.wav", start=-1))

    with pytest.raises(AnnotationError, match=r"entry 2 \(/b\.wav\): start: "):
        mm.AudioDataset.from_review(place)


def test_names_of_files_that_are_no_text_are_kept(tmp_path: Path) -> None:
    found = mm.AudioDataset.from_review(written(tmp_path, entry("/a\udcff.wav", start=0, end=1)))

    assert found.frame["path"].tolist() == ["/a\udcff.wav"]
