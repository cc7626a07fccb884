"""What holds for every view: it is there, it is safe, it stands alone, and everyone can read it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import mediaml as mm
from mediaml.reports.pages import templates
from tests.reports.views.page import Seen, view
from tests.reports.views.values import ESCAPED, VALUES
from tests.review.opened import chromium

AS_TEXT = {
    # models and what is deployed: their names and states are a line
    *("LocalAudioModel", "LocalImageModel", "SageMakerAudioModel", "RekognitionModel", "Model", "FaceCollection"),
    *("Deployment", "LocalDeployment", "LocalImageDeployment", "SageMakerEndpoint", "RekognitionDeployment"),
    *("HttpAudioDeployment", "HttpImageDeployment", "SpectrogramBuilder"),
    # small parts of other values, which have a view
    *(
        "Box",
        "Event",
        "Face",
        "FaceMatch",
        "FrameRate",
        "Interval",
        "Media",
        "Notes",
        "RefusedFace",
        "Score",
        "Segment",
    ),
    *("Sighting", "Track", "Price", "PriceTable", "AwsPriceList"),
}
TOLERATED = 60_000  # signs of a view without sounds and pictures


@pytest.fixture(params=VALUES)
def value(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    return VALUES[request.param](tmp_path)


def test_every_public_value_has_a_view_or_is_well_read_as_text() -> None:
    without = {
        name
        for name in mm.__all__
        if isinstance(getattr(mm, name), type) and not hasattr(getattr(mm, name), "_repr_html_")
    }
    assert without == AS_TEXT


def test_no_label_and_no_name_is_markup(value: Any) -> None:
    html = value._repr_html_()
    assert ESCAPED in html
    assert not re.search(r"<script|<b>|<i>|\x1b", html)
    Seen(html)  # all is closed in order


def test_it_stands_alone(value: Any) -> None:
    html = value._repr_html_()
    assert html.lstrip().startswith("<div")
    assert not re.search(r"""<link|@import|url\(|\son\w+=|(?:src|href)=["'](?!data:)""", html)
    assert len(re.sub(r'"data:[^"]+"', "", html)) < TOLERATED


def test_its_style_touches_nothing_else_in_the_notebook(value: Any) -> None:
    style = re.search(r"<style>(.*?)</style>", value._repr_html_(), re.S)
    assert style
    selectors = re.findall(r"([^{}]+)\{", re.sub(r"@media[^{]+\{", "", style.group(1)))
    strangers = [one for many in selectors for one in many.split(",") if not one.strip().startswith(".mediaml-")]
    assert strangers == []


def test_those_who_do_not_see_it_are_told(value: Any) -> None:
    seen = view(value)
    assert all(one["alt"] for one in seen.all("img"))
    assert all(one["aria-label"] for one in seen.all("audio"))
    assert all(one.get("scope") in ("col", "row") for one in seen.all("th"))
    assert len(seen.all("caption")) == len(seen.all("table"))


def test_a_theme_has_the_colours_of_the_page() -> None:
    """What a notebook's theme asks for, and what the system prefers, are the same two sets of colours."""

    def palettes(name: str) -> list[dict[str, str]]:
        source = templates().get_template(name).render()
        return [dict(re.findall(r"--(\w+): ([^;]+);", block)) for block in re.findall(r"--ink:[^}]+", source)]

    page, themes = palettes("style.css"), palettes("themes.css")
    assert len(themes) == 2
    assert themes == page[:2]


JUPYTERLAB = """
<style>
.jp-OutputArea-output dt { float: left; width: 20%; }
.jp-OutputArea-output dd { float: left; width: 80%; }
:not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon :is(td, th, tr) { text-align: right; }
</style>
"""
"""What its stylesheet, and the pages that nbconvert writes, say of lists and tables."""
ASTRAY = """() => [
    ...[...document.querySelectorAll("dt")].filter(one => one.offsetWidth < 0.6 * one.parentElement.clientWidth),
    ...[...document.querySelectorAll("tbody th")].filter(one =>
        !one.matches(".number") && getComputedStyle(one).textAlign !== "left"),
].map(one => one.outerHTML)"""


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["true", "false"], ids=["light", "dark"])
def test_in_a_browser_axe_finds_nothing_serious_and_nothing_sticks_out(theme: str, tmp_path: Path) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    views = "".join(make(tmp_path)._repr_html_() for make in VALUES.values())
    page = tmp_path / "views.html"
    cell = f"<main class='jp-OutputArea-output jp-RenderedHTMLCommon'><h1>Views</h1>{views}</main>"
    page.write_text(
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Views</title>{JUPYTERLAB}"
        f"<body data-jp-theme-light='{theme}'>{cell}"
    )
    with chromium() as browser:
        # the theme counts, whatever the system prefers
        against = browser.new_context(color_scheme="dark" if theme == "true" else "light")
        opened = against.new_page()
        opened.set_viewport_size({"width": 390, "height": 900})
        opened.goto(page.as_uri())
        found = axe.Axe().run(opened).response
        paper = opened.evaluate("getComputedStyle(document.querySelector('.mediaml-report')).backgroundColor")
        wide = opened.evaluate("document.documentElement.scrollWidth")
        opened.set_viewport_size({"width": 1000, "height": 900})
        astray = opened.evaluate(ASTRAY)
    told = [f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]]
    assert told == []
    assert paper == ("rgb(255, 255, 255)" if theme == "true" else "rgb(20, 23, 28)")
    assert wide <= 390
    assert astray == []
