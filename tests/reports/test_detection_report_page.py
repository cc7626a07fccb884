"""The page of a detector says all that the report knows, shows its mistakes, and is a page like the others."""

from __future__ import annotations

import base64
import io
import json
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mediaml.metrics.box_matching import matched_by_label
from mediaml.metrics.box_thresholds import best_thresholds
from mediaml.metrics.detection import detection_report
from mediaml.reports import boxes
from mediaml.reports.boxes import drawn
from mediaml.reports.charts import HEIGHT, WIDTH
from mediaml.reports.curves import MOST_CHARTS
from mediaml.reports.detection import MISTAKES, RIGHT_ONES, box_mix_ups, figures, report_fragment, report_page, verdict
from mediaml.reports.detection_charts import curve, precision_recall_charts
from mediaml.reports.detection_gallery import show
from mediaml.values.detection_report import DetectionOutcome, DetectionReport, Hit
from mediaml.values.geometry import Box
from tests.metrics.test_detection import LABELS, SCENE, box, outcome, random_outcomes
from tests.reports.test_html import Page
from tests.shared_data import shared


@pytest.fixture
def scene(tmp_path: Path) -> DetectionReport:
    Image.new("RGB", (120, 60), (90, 160, 90)).save(tmp_path / "a.png")
    Image.new("RGB", (120, 60), (160, 90, 90)).save(tmp_path / "all right.png")
    right = outcome([box("dog", 5)], [box("dog", 5, sure=0.97)], file="all right.png")
    placed = [
        one.model_copy(update={"picture": one.picture.model_copy(update={"path": str(tmp_path / one.picture.path)})})
        for one in (*SCENE, right)
    ]
    return detection_report(
        placed,
        LABELS,
        (0.5, 0.5, float("inf")),
        ["d.png: gone"],
        model={"model": "ObjectDetector", "network": "yolox", "data": {"train": {"content": "aaaa"}}},
        data={"content": "aaaa"},
        history=[{"epoch": 1, "training_loss": 1.0, "validation_loss": 0.9}],
    )


def picture_in(page: Page, number: int) -> Image.Image:
    data = page.all("img")[number]["src"].removeprefix("data:image/jpeg;base64,")
    return Image.open(io.BytesIO(base64.b64decode(data)))


# -- the page ---------------------------------------------------------------------------------------------------------


def test_every_figure_and_interval_is_on_the_page(scene: DetectionReport) -> None:
    text = Page(report_page(scene)).text
    shown = figures(scene)
    assert len(shown) == 6 and sum(1 for figure in shown if figure.between) >= 5
    for figure in shown:
        assert figure.name in text and figure.value in text and figure.between in text
    assert verdict(scene) in text
    assert verdict(scene) == (
        "4 pictures with 4 true boxes: 2 (50 %) were found; 50 % of the boxes that were given are right."
    )


def test_each_label_has_its_figures(scene: DetectionReport) -> None:
    rows = {row[0]: row[1:] for row in Page(report_page(scene)).cells["labels"][1:]}
    assert rows["cat"][2:6] == ["0.50", "0.50", "0.50", "0.50"]
    assert rows["cat"][-2:] == ["2", "few:2"]
    assert rows["owl"] == [*["not tested"] * 5, "never given", "0", "0"]


def test_mistakes_are_shown_and_told(scene: DetectionReport) -> None:
    page = Page(report_page(scene))
    described = [image["alt"] for image in page.all("img")]
    assert described == ["a.png: 1 of 2 found; missed: 1 dog; false: 1 dog (80 %)", "all right.png: 1 of 1 found"]
    assert "1 of 2 found" in page.text and "Missed: 1 dog" in page.text and "False: 1 dog (80 %)" in page.text
    assert "b.png: there is no such file" in page.text, "b.png does not exist"
    assert picture_in(page, 0).size == (480, 240), "four times as large, for people"


def test_a_box_that_was_missed_has_no_confidence_though_who_drew_it_gave_one(scene: DetectionReport) -> None:
    """Manifests of Ground Truth and of Custom Labels say 1 of every box that a person drew."""
    (first, *others) = scene.outcomes
    sure = tuple(box.model_copy(update={"confidence": 1.0}) for box in first.picture.boxes or ())
    drawn = first.model_copy(update={"picture": first.picture.model_copy(update={"boxes": sure})})
    described = Page(report_page(scene.model_copy(update={"outcomes": (drawn, *others)}))).all("img")[0]["alt"]
    assert "missed: 1 dog;" in described


def test_warnings_training_data_and_unreadable_are_there(scene: DetectionReport) -> None:
    text = Page(report_page(scene)).text
    for warning in scene.warnings:
        assert warning in text
    for said in ("d.png: gone", "Loss by epoch", "yolox", "aaaa", "cat: precision over recall"):
        assert said in text


def test_it_shows_itself_and_is_saved_as_page_and_as_json(scene: DetectionReport, tmp_path: Path) -> None:
    fragment = scene._repr_html_()
    assert fragment == report_fragment(scene) and not Page(fragment).all("h1")
    assert scene.warnings[0] in unescape(fragment)
    assert scene.save(tmp_path / "report.html").read_text().startswith("<!DOCTYPE html>")
    text = scene.save(tmp_path / "report.json").read_text()
    assert DetectionReport.model_validate_json(text) == scene


def test_names_cannot_inject_anything() -> None:
    evil = "<script>alert(1)</script>"
    nasty = detection_report(
        [outcome([box(evil, 0)], [box(evil, 60, sure=0.9), box(evil, 0, sure=0.6)], file=f"{evil}.png")],
        (evil,),
        (0.5,),
    )
    for html in (report_page(nasty), report_fragment(nasty)):
        assert not Page(html).all("script")
        assert evil in Page(html).text


def test_a_test_with_nothing_to_find_is_still_a_page() -> None:
    empty = detection_report([SCENE[2]], LABELS, (0.5,) * 3)
    assert "–" in [figure.value for figure in figures(empty)]  # noqa: RUF001
    assert "there is nothing to find" in Page(report_page(empty)).text
    without = empty.model_copy(update={"outcomes": ()})
    assert not Page(report_page(without)).all("img")


def test_a_page_shows_some_pictures_of_many() -> None:
    report = detection_report(random_outcomes(2, pictures=40), LABELS, (0.5,) * 3, intervals=False)
    text = Page(report_page(report)).text
    wrong = len(report.hardest(1000))
    assert MISTAKES + RIGHT_ONES <= 24 and wrong > MISTAKES
    assert text.count("no picture: ") <= 24
    assert f"and {wrong - MISTAKES} more with mistakes" in text


def test_what_is_found_in_the_place_of_something_else_is_a_mix_up(scene: DetectionReport) -> None:
    assert box_mix_ups(scene) == []
    taken = [outcome([box("cat", 0)], [box("dog", 1, sure=0.9), box("owl", 40, sure=0.8)])] * 2
    report = detection_report([*taken, outcome([box("cat", 0)], [])], LABELS, (0.5,) * 3)
    assert [tuple(one) for one in box_mix_ups(report)] == [("cat", "dog", 2, 3)], "the owl is nowhere near"
    assert "cat seen as dog 2 of 3" in " ".join(Page(report_page(report)).text.split())


# -- curves -----------------------------------------------------------------------------------------------------------


def test_a_curve_falls_in_steps_to_where_recall_ends() -> None:
    corners = curve(matched_by_label(SCENE)["cat"])
    ((left, top), (middle, level), (step, low), (right, same), (end, bottom)) = corners
    assert level == top and middle == step and same == low and end == right and top < low < bottom
    assert 0 < left < middle < right < WIDTH and bottom < HEIGHT
    assert (right - left) == pytest.approx(2 * (middle - left), abs=0.2)


def test_curves_are_of_labels_that_were_found_and_not_too_many() -> None:
    report = detection_report(SCENE, LABELS, (0.5,) * 3)
    assert [chart.title for chart in precision_recall_charts(report)] == ["cat: precision over recall"]
    names = [f"label {number}" for number in range(MOST_CHARTS + 3)]
    many = [outcome([box(name, 0)] * (n + 1), [box(name, 0, sure=0.9)]) for n, name in enumerate(names)]
    charts = precision_recall_charts(detection_report(many, names, [0.5] * len(names), intervals=False))
    assert [chart.title.split(":")[0] for chart in charts] == names[3:], "those with the most true boxes"


# -- pictures ---------------------------------------------------------------------------------------------------------


def test_boxes_are_drawn_where_they_are() -> None:
    image = Image.new("RGB", (560, 280), (128, 128, 128))
    shown = drawn(image, [], [box("cat", 300, 100, 80, 80)], [box("cat", 20, 100, 80, 60, sure=0.8)])
    colours = np.asarray(shown).astype(int)
    red = np.argwhere(np.abs(colours - boxes.RED).sum(axis=2) == 0)
    assert (red[:, 1].min(), red[:, 1].max(), red[:, 0].max()) == (300, 380, 180)
    yellow = np.argwhere(np.abs(colours - boxes.YELLOW).sum(axis=2) == 0)
    assert (yellow[:, 1].min(), yellow[:, 0].max()) == (20, 160)
    assert np.asarray(image).max() == 128, "the picture itself stays as it was"
    assert (colours[140:150, 45:55] != 128).any(), "crossed out"


def test_hits_show_both_boxes() -> None:
    hit = Hit(box("cat", 100, 100, 100, 100), box("cat", 120, 110, 100, 100, sure=0.9), 0.6)
    colours = np.asarray(drawn(Image.new("RGB", (560, 280)), [hit], [], [])).astype(int)
    blue = np.argwhere(np.abs(colours - boxes.BLUE).sum(axis=2) == 0)
    assert (blue[:, 1].max(), blue[:, 0].max()) == (220, 210)
    assert (colours[100, 100:120] == 255).any(), "the corner of the true one"


@pytest.mark.parametrize(
    "odd",
    [
        box("cat", -1e9, -1e9, 2e9, 2e9, sure=0.5),
        box("cat", 1e9, 5, sure=0.5),
        box("cat", 30, 30, -20, -20, sure=0.5),
        box("cat", 5, 5, 0, 0, sure=0.5),
        box("日本\n" * 30, 5, 5, 8, 8, sure=0.5),
    ],
)
@pytest.mark.parametrize("size", [(1, 1), (3000, 10), (300, 200)])
def test_odd_boxes_and_sizes_can_be_drawn(odd: Box, size: tuple[int, int]) -> None:
    shown = drawn(Image.new("L", size), [Hit(odd, odd, 1.0)], [odd], [odd])
    assert max(shown.size) == min(560, 4 * max(size))


def test_pictures_stand_upright(tmp_path: Path) -> None:
    image, turned = Image.new("RGB", (80, 40)), Image.Exif()
    turned[0x0112] = 6
    image.save(tmp_path / "turned.jpg", exif=turned)
    (tmp_path / "broken.jpg").write_bytes((tmp_path / "turned.jpg").read_bytes()[:300])
    shown, broken = show([outcome([], [], file=str(tmp_path / name)) for name in ("turned.jpg", "broken.jpg")])
    data = base64.b64decode(shown.picture.removeprefix("data:image/jpeg;base64,"))
    assert Image.open(io.BytesIO(data)).size == (160, 320)
    assert not broken.picture and "is damaged" in broken.problem


# -- blood cells ------------------------------------------------------------------------------------------------------


def blood_cells(pictures: int) -> list[DetectionOutcome]:
    """Real pictures with true boxes that were moved, dropped and made up."""
    folder = shared("images", "detection", "bccd")
    table = json.loads((folder / "derived.coco.json").read_text())
    names = {one["id"]: one["name"] for one in table["categories"]}
    random = np.random.default_rng(1)
    outcomes = []
    for image in table["images"][:pictures]:
        truth = [
            Box(
                label=names[one["category_id"]],
                **dict(zip(("left", "top", "width", "height"), one["bbox"], strict=True)),
            )
            for one in table["annotations"]
            if one["image_id"] == image["id"]
        ]
        moves = random.normal(0, 6, (len(truth), 2))
        found = [
            one.model_copy(
                update={"left": one.left + x, "top": one.top + y, "confidence": float(random.uniform(0.3, 1))}
            )
            for one, (x, y) in zip(truth, moves, strict=True)
            if random.random() < 0.9
        ]
        found.append(Box(label="RBC", left=5, top=5, width=60, height=50, confidence=float(random.uniform(0.1, 0.7))))
        path = next(folder.rglob(Path(image["file_name"]).name))
        outcomes.append(outcome(truth, found, least=0, file=str(path)))
    return outcomes


def test_a_page_of_real_pictures() -> None:
    outcomes = blood_cells(30)
    labels = ("Platelets", "RBC", "WBC")
    thresholds = best_thresholds(outcomes, labels)
    least = dict(zip(labels, thresholds, strict=True))
    reached = [
        one.model_copy(update={"given": tuple(b for b in one.found if (b.confidence or 0) >= least[b.label])})
        for one in outcomes
    ]
    report = detection_report(reached, labels, thresholds)
    assert report.f1 >= detection_report(outcomes, labels, thresholds, intervals=False).f1, "the thresholds are of use"
    html = report_page(report)
    images = Page(html).all("img")
    assert 10 < len(images) <= 24 and all(image["src"].startswith("data:image/jpeg") for image in images)
    assert len(html) < 3_000_000
    assert picture_in(Page(html), 0).size == (560, 420)
