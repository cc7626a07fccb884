"""The page says all that the report knows, needs nothing but itself, and can be read by everyone."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from PIL import Image

import mediaml as mm
from mediaml.reports.charts import round_numbers
from mediaml.reports.html import MISTAKES_IN_NOTEBOOK, mix_ups, report_fragment, report_page
from mediaml.reports.players import HIGHEST_RATE, LONGEST, MOST_BYTES, SOUNDS, SOUNDS_IN_NOTEBOOK, flac
from mediaml.reports.words import calibration_remark, cautions, figures, verdict
from mediaml.values.prediction import percentage
from mediaml.values.report import AudioReport, Outcome
from tests.reports.conftest import LABELS, outcome, report_of
from tests.sounds import RATE, tone

EMPTY_ELEMENTS = {"meta", "img", "line", "circle", "polyline", "polygon"}


class Page(HTMLParser):
    """What a browser would make of the page; refuses elements that are not closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.cells: dict[str, list[list[str]]] = {}
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag == "table":
            self.table = self.cells.setdefault(attributes["class"], [])
        elif tag == "tr":
            self.table.append([])
        elif tag in ("td", "th"):
            self.table[-1].append("")
        if tag not in EMPTY_ELEMENTS:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text += data.replace("\u00a0", " ")
            if {"td", "th"} & set(self.open):
                self.table[-1][-1] += data.strip()

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


# -- what it says -----------------------------------------------------------------------------------------------------


def test_every_figure_of_the_report_is_on_the_page(report: AudioReport) -> None:
    text = Page(report_page(report)).text
    assert report.accepted_accuracy is not None
    for share in (report.accuracy, report.coverage, report.accepted_accuracy):
        assert percentage(share) in text
    assert f"{report.macro_f1:.3f}" in text
    assert f"{report.expected_calibration_error:.3f}" in text
    assert "13 of 15" in text


def test_the_matrix_holds_the_counts_and_their_sums(report: AudioReport) -> None:
    header, *rows = Page(report_page(report)).cells["matrix"]
    assert header == ["", *LABELS, "clips"]
    assert [row[0] for row in rows] == list(LABELS)
    assert [[int(cell) for cell in row[1:-1]] for row in rows] == [list(row) for row in report.confusion]
    assert [int(row[-1]) for row in rows] == [6, 4, 5]


def test_the_diagonal_is_right_and_the_rest_is_wrong_as_strongly_as_its_share(report: AudioReport) -> None:
    cells = [cell for cell in Page(report_page(report)).all("td") if "--share" in cell.get("style", "")]
    assert [(cell["class"], cell["style"]) for cell in cells] == [
        ("right", "--share:1.0"),
        ("wrong", "--share:0.25"),
        ("right", "--share:0.5"),
        ("wrong", "--share:0.25"),
        ("right", "--share:1.0"),
    ]


def test_each_label_has_its_precision_recall_f1_and_support(report: AudioReport) -> None:
    rows = {row[0]: row[1:] for row in Page(report_page(report)).cells["labels"][1:]}
    for label, score in report.per_label.items():
        assert rows[label][:3] == [f"{value:.2f}" for value in (score.precision, score.recall, score.f1)]
        assert rows[label][3].endswith(str(score.support))


def test_what_was_measured_on_what(report: AudioReport) -> None:
    page = Page(report_page(report))
    parts = {row[0]: row[1:] for row in page.cells["plain"] if len(row) == 6}
    assert parts["training"] == ["40", "38", "3", "aaaa1111", "part 1 of a split 0.8 / 0.2, seed 11"]
    assert parts["this test"][3] == "bbbb2222"
    for fact in ("LocalAudioModel", "cnn", "mxnet 1.9.1", "2026-11-22", "seed 7", "sample_rate 8000"):
        assert fact in page.text


def test_the_training_is_drawn_with_the_epoch_that_was_kept(report: AudioReport) -> None:
    html = report_page(report)
    page = Page(html)
    assert "epoch 2 of 3 were kept" in page.text
    losses = re.findall(r'<polyline class="solid" points="([^"]*)"', html[html.index("<h2>Training</h2>") :])[0]
    heights = [float(point.split(",")[1]) for point in losses.split()]
    assert heights[1] == max(heights)  # SVG counts downwards: the lowest loss is the second
    marks = [attributes for attributes in page.all("line") if attributes["class"] == "mark"]
    assert {mark["x1"] for mark in marks} == {losses.split()[1].split(",")[0]}


def test_unreadable_files_are_listed(report: AudioReport) -> None:
    assert "/x/broken.wav: no such file" in Page(report_page(report)).text


def test_mix_ups_are_listed_by_frequency(outcomes: list[Outcome]) -> None:
    found = mix_ups(report_of([*outcomes, outcomes[8]]))
    assert [(one.truth, one.heard, one.number, one.of) for one in found] == [
        ("hum", "whistle", 2, 5),
        ("hum", "hiss", 1, 5),
    ]


def test_reliability_compares_confidence_with_truth(report: AudioReport) -> None:
    groups = [row for row in Page(report_page(report)).cells["plain"] if len(row) == 3][1:]
    assert sum(int(row[2]) for row in groups) == report.clips
    assert groups[0][:2] == ["53 %", "50 %"]  # the two least sure: right at 44 %, wrong at 62 %


def test_the_reliability_chart_shows_what_chance_would_do(report: AudioReport) -> None:
    page = Page(report_page(report))
    [band] = [one for one in page.all("polygon") if one["class"] == "band"]
    dots = [one for one in page.all("circle") if one["r"] == "4"]
    corners = [tuple(map(float, corner.split(","))) for corner in band["points"].split()]
    assert len(corners) == 2 * len(dots) == 20
    above, below = corners[:10], corners[:9:-1]
    assert all(high[0] == low[0] and high[1] <= low[1] for high, low in zip(above, below, strict=True))
    stems = [one for one in page.all("line") if one["class"] == "stem"]
    for dot, stem in zip(dots, stems, strict=True):
        assert float(stem["y2"]) <= float(dot["cy"]) <= float(stem["y1"])
    assert f"calibration error of {report.expected_calibration_error_by_chance:.3f} on average" in page.text
    one_bin = Page(report_page(report_of(report.outcomes[:1])))
    assert len({corner.split(",")[0] for corner in one_bin.all("polygon")[0]["points"].split()}) == 2


# -- what it means ----------------------------------------------------------------------------------------------------


def test_the_verdict_is_plain(report: AudioReport, outcomes: list[Outcome]) -> None:
    assert verdict(report) == (
        "Heard right: 13 of 15 clips (87 %). It was sure enough to give a label to 14 of them, and 12 of these labels "
        "are true."
    )
    unsure = [outcome(one.clip.path, (one.truth, one.truth, 0.4)) for one in outcomes]
    assert verdict(report_of(unsure)).endswith("It was never sure enough to give a label.")
    assert "–" in [figure.value for figure in figures(report_of(unsure))]  # noqa: RUF001


def test_figures_name_the_reasons_and_the_cheapest_rival(report: AudioReport) -> None:
    meaning = {figure.name: figure.meaning for figure in figures(report)}
    assert "low confidence 1" in meaning["Coverage"]
    assert "40 %" in meaning["Accuracy"]  # 6 of 15 clips are hiss


def test_warnings_stand_before_the_figures(report: AudioReport) -> None:
    assert len(report.warnings) >= 3
    for html in (report_page(report), report_fragment(report)):
        text = Page(html).text
        places = [text.index(warning) for warning in report.warnings]
        assert sorted(places) == places and places[-1] < text.index("Macro F1")


def test_a_report_without_warnings_has_no_box_for_them(report: AudioReport) -> None:
    assert "Before you rely on this" in report_page(report)
    assert "Before you rely on this" not in report_page(report.model_copy(update={"warnings": ()}))


def test_every_figure_has_its_interval_beneath(report: AudioReport) -> None:
    shown = {figure.name: figure.between for figure in figures(report)}
    low, high = report.intervals["accuracy"].low, report.intervals["accuracy"].high
    assert shown["Accuracy"] == f"{percentage(low).removesuffix(' %')} to {percentage(high)}"
    assert shown["Brier score"] == f"{report.intervals['brier'].low:.3f} to {report.intervals['brier'].high:.3f}"
    assert all(shown.values())
    text = Page(report_page(report)).text
    assert all(between in text for between in shown.values())
    assert [figure.between for figure in figures(report.model_copy(update={"intervals": {}}))] == [""] * 7


def test_untested_labels_are_said(report: AudioReport) -> None:
    untested = report_of(report.outcomes, (*LABELS, "siren"))
    page = Page(report_page(untested))
    assert "no clip of it: siren" in page.text
    assert "not tested" in page.text


def test_labels_with_few_recordings_are_marked(report: AudioReport) -> None:
    rows = {row[0]: row[-1] for row in Page(report_page(report)).cells["labels"][1:]}
    assert rows == {"hiss": "6", "hum": "few:4", "whistle": "5"}


def test_segments_of_one_recording_are_no_independent_proof(outcomes: list[Outcome], report: AudioReport) -> None:
    assert "come from 15 recordings" in " ".join(cautions(report_of([*outcomes, *outcomes])))
    assert "come from" not in " ".join(cautions(report))


def test_too_sure_is_said_only_beyond_chance() -> None:
    def stated(right: int, of: int) -> str:
        guesses = [("hum", "hum" if number < right else "hiss", 0.9) for number in range(of)]
        return calibration_remark([outcome(Path("/a.wav"), guess) for guess in guesses])

    assert "too sure of itself" in stated(60, 100)
    assert "too modest" in stated(200, 200)
    assert "chance" in stated(8, 10)


# -- the gallery ------------------------------------------------------------------------------------------------------


def pictures(html: str) -> dict[str, Image.Image]:
    found: dict[str, Image.Image] = {}
    for attributes in Page(html).all("img"):
        kind, content = attributes["src"].split(",")
        assert kind == "data:image/png;base64"
        found[attributes["alt"]] = Image.open(io.BytesIO(base64.b64decode(content)))
    return found


def test_mistakes_come_first_the_surest_at_the_top(report: AudioReport) -> None:
    shown = list(pictures(report_page(report)))
    assert "09 hum.wav" in shown[0] and "heard as hiss 97 %" in shown[0]
    assert "08 hum.wav" in shown[1] and "heard as whistle 62 %" in shown[1]
    assert len(shown) == 2 + 3 * 2  # and two right ones of each label


def test_the_pictures_are_the_clips_spectrograms(report: AudioReport) -> None:
    builder = mm.SpectrogramBuilder(**report.spectrogram)
    for alt, image in pictures(report_page(report)).items():
        assert image.size == (builder.frames(RATE), builder.mel_bands), alt


def test_a_segment_is_shown_not_its_whole_recording(tmp_path: Path) -> None:
    silence, whistle = np.zeros(RATE * 2, np.float32), tone("whistle", 1, 2.0)
    soundfile.write(tmp_path / "long.wav", np.concatenate([silence, whistle]), RATE)
    parts = [mm.Segment(start=0, end=2), mm.Segment(start=2, end=4)]
    shown = pictures(
        report_page(
            report_of([outcome(tmp_path / "long.wav", ("hum", "whistle", 0.9), segment=part) for part in parts])
        )
    )
    loudest = {alt: np.asarray(image.convert("L")).max() for alt, image in shown.items()}
    assert [(alt[:33], level > 0) for alt, level in loudest.items()] == [
        ("Spectrogram of long.wav, 0–2 s: h", False),  # noqa: RUF001
        ("Spectrogram of long.wav, 2–4 s: h", True),  # noqa: RUF001
    ]


def test_a_recording_that_is_gone_is_said_and_the_others_are_shown(
    report: AudioReport, outcomes: list[Outcome]
) -> None:
    before = len(pictures(report_page(report)))
    outcomes[9].clip.path.unlink()
    html = report_page(report)
    assert len(pictures(html)) == before - 1
    assert "No picture: no such file" in Page(html).text


def test_a_report_without_outcomes_history_or_spectrogram_is_still_a_page(report: AudioReport) -> None:
    bare = report.model_copy(
        update={"outcomes": (), "history": (), "spectrogram": {}, "model": {}, "data": {}, "unreadable": ()}
    )
    assert percentage(report.accuracy) in Page(report_page(bare)).text
    Page(report_page(report.model_copy(update={"spectrogram": {"bands": 3}})))


# -- the recordings that were heard wrong -----------------------------------------------------------------------------


def sounds(html: str) -> list[tuple[npt.NDArray[np.float64], int]]:
    """The samples and the rate of every player."""
    found = []
    for attributes in Page(html).all("audio"):
        kind, content = attributes["src"].split(",")
        assert kind == "data:audio/flac;base64" and "controls" in attributes and attributes["aria-label"]
        found.append(soundfile.read(io.BytesIO(base64.b64decode(content))))
    return found


def wrong_rows(html: str) -> list[list[str]]:
    return [[cell.replace("\u00a0", " ") for cell in row] for row in Page(html).cells["wrong-ones"][1:]]


def written(path: Path, samples: npt.NDArray[Any], rate: int = RATE) -> Path:
    soundfile.write(path, samples, rate)
    return path


def test_wrong_recordings_are_listed_with_their_sound(report: AudioReport) -> None:
    html = report_page(report)
    assert wrong_rows(html) == [
        ["09 hum.wav", "hum", "1 of 1", "hiss 97 %", "0–1 s"],  # noqa: RUF001
        ["08 hum.wav", "hum", "1 of 1", "whistle 62 %", "0–1 s"],  # noqa: RUF001
    ]
    (samples, rate), other = sounds(html)
    assert rate == RATE
    assert samples == pytest.approx(tone("hum", 9), abs=2 / 32768)
    assert other[0] == pytest.approx(tone("hum", 8), abs=2 / 32768)


def test_the_surest_wrong_clip_is_played_and_only_that(tmp_path: Path) -> None:
    long = written(tmp_path / "long.wav", np.concatenate([np.full(RATE, level) for level in (0.1, 0.2, 0.3)]))
    parts = [mm.Segment(start=start, end=start + 1) for start in (0, 1, 2)]
    guesses = [("hum", "hum", 0.99), ("hum", "hiss", 0.9), ("hum", "hiss", 0.6)]
    html = report_page(
        report_of([outcome(long, guess, segment=part) for guess, part in zip(guesses, parts, strict=True)])
    )
    assert wrong_rows(html) == [["long.wav", "hum", "2 of 3", "hiss 75 %", "1–2 s"]]  # noqa: RUF001
    [(samples, _)] = sounds(html)
    assert samples == pytest.approx(np.full(RATE, 0.2), abs=1e-4)


def test_sounds_are_mono_slow_enough_and_not_too_long(tmp_path: Path) -> None:
    stereo = np.stack([np.full(20 * 44100, 0.5), np.full(20 * 44100, -0.1)], axis=1)
    html = report_page(report_of([outcome(written(tmp_path / "a.wav", stereo, 44100), ("hum", "hiss", 0.9))]))
    [(samples, rate)] = sounds(html)
    assert rate == HIGHEST_RATE and samples.shape == (round(LONGEST * rate),)
    assert np.median(samples) == pytest.approx(0.2, abs=1e-3)
    assert wrong_rows(html)[0][-1] == "0–15 s; the first 15 s of the clip"  # noqa: RUF001


def test_what_is_louder_than_full_scale_is_turned_down_not_clipped() -> None:
    loud = np.asarray(3 * np.sin(np.arange(800) / 9), np.float32)
    samples, _ = soundfile.read(io.BytesIO(flac(loud, RATE)))
    assert samples == pytest.approx(loud / np.abs(loud).max(), abs=2e-4)


def test_a_recording_that_cannot_be_heard_now_says_so(report: AudioReport, outcomes: list[Outcome]) -> None:
    outcomes[9].clip.path.unlink()
    outcomes[8].clip.path.write_bytes(b"no sound")
    first, second = wrong_rows(report_page(report))
    assert first[-1] == "no player: no such file"
    assert second[-1].startswith("no player: ")
    assert not sounds(report_page(report))


def test_an_empty_recording_has_no_player(tmp_path: Path) -> None:
    html = report_page(report_of([outcome(written(tmp_path / "a.wav", np.zeros(0)), ("hum", "hiss", 0.9))]))
    assert wrong_rows(html)[0][-1] == "0–0 s; no player: it has no samples"  # noqa: RUF001


def test_what_does_not_fit_says_so_and_the_rest_is_counted(tmp_path: Path) -> None:
    noise = 0.3 * np.random.default_rng(0).standard_normal(15 * 16000)
    path = written(tmp_path / "noise.wav", noise, 16000)
    paths = [path, *(tmp_path / f"{number}.wav" for number in range(30))]
    for copy in paths[1:]:
        copy.symlink_to(path)
    loud = report_of([outcome(one, ("hum", "hiss", 0.9)) for one in paths])
    html = report_page(loud)
    rows, shown = wrong_rows(html), Page(html).all("audio")
    assert len(rows) == SOUNDS and "and 11 more" in Page(html).text
    assert 0 < len(shown) < SOUNDS and sum(len(one["src"]) for one in shown) <= MOST_BYTES
    assert sum("the page would grow too large" in row[-1] for row in rows) == SOUNDS - len(shown)
    assert len(wrong_rows(report_fragment(loud))) == SOUNDS_IN_NOTEBOOK
    assert len(report_fragment(loud)) < 1_000_000


def test_all_right_has_no_list_of_wrong_ones(outcomes: list[Outcome]) -> None:
    assert "Recordings heard wrong" not in report_page(report_of(outcomes[:6]))


# -- the page itself --------------------------------------------------------------------------------------------------


def test_the_page_needs_nothing_but_itself(report: AudioReport) -> None:
    html = report_page(report)
    page = Page(html)
    assert "http:" not in html and "https:" not in html
    assert not re.search(r'(src|href|srcset|action|data)="(?!data:)', html)
    assert not page.all("script") and not page.all("link") and not page.all("iframe")
    assert "url(" not in html and "@import" not in html
    assert all(attributes["src"].startswith("data:") for tag in ("img", "audio") for attributes in page.all(tag))


def test_labels_and_names_of_files_cannot_inject_anything(tmp_path: Path) -> None:
    evil = "<script>alert('x')</script>"
    path = tmp_path / 'a<img src=x onerror=alert(1)> & "b".wav'
    soundfile.write(path, tone("hum", 1), RATE)
    labels = ("hum", evil)
    nasty = report_of([outcome(path, (evil, "hum", 0.9), labels)] * 2, labels, [f"{path}: {evil}"])
    for html in (report_page(nasty), report_fragment(nasty)):
        page = Page(html)
        assert not page.all("script")
        assert not any("onerror" in attributes for _, attributes in page.elements)
        assert evil in page.text and path.name in page.text


def test_file_names_that_are_no_text_are_shown_with_question_marks(report: AudioReport) -> None:
    odd = report.model_copy(update={"unreadable": ("/x/\udce9t\udce9.wav: empty", "/x/a\x07b.wav: empty")})
    html = report_page(odd)
    html.encode("utf-8")
    assert "/x/?t?.wav: empty" in html and "/x/a?b.wav: empty" in html


def test_pictures_tables_and_charts_can_be_heard_by_those_who_do_not_see(report: AudioReport) -> None:
    page = Page(report_page(report))
    assert page.all("html")[0]["lang"] == "en"
    assert all(attributes["alt"] for attributes in page.all("img"))
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(attributes["scope"] in ("row", "col") for attributes in page.all("th"))
    assert all(attributes["role"] == "img" and attributes["aria-label"] for attributes in page.all("svg"))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


Colour = tuple[float, float, float]


def luminance(colour: Colour) -> float:
    """WCAG 2.1, relative luminance."""
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Colour, other: Colour) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [0, 1, 2], ids=["light", "dark", "print"])
def test_every_text_stands_out_from_its_ground(report: AudioReport, scheme: int) -> None:
    blocks = re.findall(r"--ink:.*?;\s*\n.*?--wrong: [\d ]+;", report_page(report), re.S)
    assert len(blocks) == 3
    colours: dict[str, Colour] = {}
    for name, digits in re.findall(r"--(\w+): #(\w{6});", blocks[scheme]):
        red, green, blue = bytes.fromhex(digits)
        colours[name] = (red / 255, green / 255, blue / 255)
    for text in ("ink", "quiet", "accent", "alarm"):
        assert contrast(colours[text], colours["paper"]) >= 4.5, text
    for ground in ("right", "wrong"):
        found = re.search(rf"--{ground}: (\d+) (\d+) (\d+);", blocks[scheme])
        assert found
        for opacity in (0.12, 0.7):  # the palest and the strongest cell of the matrix
            mixed = [
                opacity * int(part) / 255 + (1 - opacity) * paper
                for part, paper in zip(found.groups(), colours["paper"], strict=True)
            ]
            assert contrast(colours["ink"], (mixed[0], mixed[1], mixed[2])) >= 4.5, ground


def test_dark_screens_paper_and_phones_are_thought_of(report: AudioReport) -> None:
    html = report_page(report)
    assert "@media (prefers-color-scheme: dark)" in html
    assert "@media print" in html
    assert Page(html).all("meta")[1]["content"].startswith("width=device-width")


def test_a_page_of_sixty_noises_stays_small(tmp_path: Path) -> None:
    """Noise is what PNG can do least about."""
    random = np.random.default_rng(0)
    noises = []
    for number in range(60):
        soundfile.write(tmp_path / f"{number}.wav", 0.1 * random.standard_normal(5 * 22050), 22050)
        truth = f"label {number % 20}"
        labels = [f"label {n}" for n in range(20)]
        noises.append(outcome(tmp_path / f"{number}.wav", (truth, truth if number < 40 else "label 3", 0.9), labels))
    noisy = report_of(noises, [f"label {n}" for n in range(20)])
    noisy = noisy.model_copy(update={"spectrogram": mm.SpectrogramBuilder(mel_bands=128, hop_length=256).to_dict()})
    html = report_page(noisy)
    assert len(pictures(html)) >= 55
    assert all(image.width <= 240 and image.height <= 96 for image in pictures(html).values())
    sounds = sum(len(one["src"]) for one in Page(html).all("audio"))
    assert 0.5 * MOST_BYTES < sounds <= MOST_BYTES
    assert len(html) - sounds < 1_500_000


def test_a_matrix_too_large_to_read_is_left_out(tmp_path: Path) -> None:
    labels = [f"species {number}" for number in range(80)]
    wide = report_of([outcome(tmp_path / "gone.wav", (label, "species 0", 0.9), labels) for label in labels], labels)
    page = Page(report_page(wide))
    assert "matrix" not in page.cells
    assert "80 labels is too large to read" in page.text
    assert "species 79" in page.text


@pytest.mark.parametrize(
    ("top", "numbers"),
    [
        (0.0, [0, 1]),
        (0.9, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (2.3, [0, 0.5, 1, 1.5, 2, 2.5]),
        (6.2, [0, 2, 4, 6, 8]),
        (1000.0, [0, 200, 400, 600, 800, 1000]),
    ],
)
def test_axes_have_round_numbers(top: float, numbers: list[float]) -> None:
    assert round_numbers(top) == pytest.approx(numbers)


# -- in a notebook ----------------------------------------------------------------------------------------------------


def test_a_report_shows_itself_in_a_notebook(report: AudioReport) -> None:
    fragment = report._repr_html_()
    page = Page(fragment)
    assert fragment.lstrip().startswith("<div") and not page.all("body") and not page.all("h1")
    assert percentage(report.accuracy) in page.text
    assert len(page.all("img")) == min(MISTAKES_IN_NOTEBOOK, 2)


def test_its_style_touches_nothing_else_in_the_notebook(report: AudioReport) -> None:
    style = re.search(r"<style>(.*?)</style>", report_fragment(report), re.S)
    assert style
    selectors = re.findall(r"([^{}]+)\{", re.sub(r"@media[^{]+\{", "", style.group(1)))
    assert len(selectors) > 50
    for selector in selectors:
        for one in selector.split(","):
            assert one.strip().startswith((".mediaml-report", ".mediaml-page")), one
