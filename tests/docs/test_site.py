"""The documentation site: built strictly, whole, and without anything from outside."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mediaml as mm
import mediaml.testing
from tests.review.opened import PHONE, WIDE, chromium
from tests.weights import yamnet_weights

if TYPE_CHECKING:
    from playwright.sync_api import Request

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FENCED = re.compile(r"^( *)```.*?^\1```", re.DOTALL | re.MULTILINE)
ELSEWHERE = re.compile(r"""(?:url\(|@import )["']?(?:https?:)?//[^)"']+""")
# What pages tell people to import by a name of its own.
MORE = [
    *("mediaml.backends.doctor.doctor", "mediaml.backends.doctor.Finding", "mediaml.features.weights"),
    *("mediaml.service.create_app", "mediaml.service.from_environment", "mediaml.service.ServiceSettings"),
    *("mediaml.models.checks", "mediaml.testing.plugin"),
]
ASSET = re.compile(r"""<(?:script|img|iframe|source|audio|video)\b[^>]*\ssrc=["']([^"']+)|<link\b([^>]*)>""")


def directives() -> list[str]:
    return re.findall(r"^::: (\S+)", "\n".join(page.read_text() for page in REFERENCE.glob("*.md")), re.MULTILINE)


def test_every_public_name_is_on_exactly_one_reference_page() -> None:
    expected = [f"mediaml.{name}" for name in mm.__all__ if name != "samples"]
    samples = [f"mediaml.samples.{name}" for name in mm.samples.__all__]
    assert sorted(directives()) == sorted([*expected, *samples, "mediaml.testing", *MORE])


def test_what_pages_import_by_a_name_of_its_own_is_on_a_reference_page() -> None:
    pages = [one for one in (ROOT / "docs").rglob("*.md") if one.parent != REFERENCE]
    text = "\n".join(page.read_text() for page in (*pages, ROOT / "README.md"))
    found = re.findall(r"^from (mediaml[\w.]*) import (\w+)$", text, re.MULTILINE)
    imported = {f"{module}.{name}" for module, name in found if module != "mediaml.errors"}
    served = {name.replace(":", ".") for name in re.findall(r"mediaml\.service[.:]\w+", text)}
    assert len(imported) >= 2
    assert len(served) >= 3
    assert (imported | served) - set(directives()) == set()


def test_every_page_is_in_the_navigation() -> None:
    pages = {str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")}
    pages |= {f"notebooks/{notebook.stem}.md" for notebook in NOTEBOOKS}
    named = re.findall(r"^ +- (?:.*: )?(\S+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(pages)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("mkdocs", reason="the extra docs is not installed")
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--clean", "--site-dir", str(out)]
    yamnet_weights()  # two notebooks build on them
    settings = os.environ | {"NO_MKDOCS_2_WARNING": "1", "NOTEBOOKS": ""}
    run = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=2400, check=False)
    assert run.returncode == 0, run.stderr
    assert "WARNING" not in run.stdout + run.stderr
    return out


def built(site: Path, page: Path) -> Path:
    name = page.relative_to(ROOT / "docs").with_suffix(".html")
    return site / str(name).replace("README", "index")


@pytest.mark.slow
def test_the_strict_build_has_no_warning_and_all_pages(site: Path) -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        assert built(site, page).stat().st_size > 2000


@pytest.mark.slow
def test_every_block_of_code_is_shown_as_one_and_every_heading_is_there(site: Path) -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        shown = built(site, page).read_text()
        headings = re.findall(r"^#{1,4} ", FENCED.sub("", page.read_text()), re.MULTILINE)
        assert "```" not in shown, page
        assert len(re.findall(r"<h[1-4]\b", shown)) >= len(headings), page


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.stem)
def test_a_notebook_is_a_page_with_all_its_cells_and_what_they_show(site: Path, notebook: Path) -> None:
    page = (site / "notebooks" / f"{notebook.stem}.html").read_text()
    cells = json.loads(notebook.read_text())["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert page.count('<div class="highlight">') >= len(code)
    assert page.count('class="notebook-output"') > len(code) / 3
    assert "<!-- output of" not in page, "all that stood in for an output was replaced"
    assert re.search(r"run for this page, from top to bottom, in \d+ seconds", page)
    assert (site / "notebooks" / notebook.name).read_bytes() == notebook.read_bytes(), "to take along, without outputs"
    assert not re.search(r'href="[^"]*\.\./docs/', page)


@pytest.mark.slow
def test_what_cells_show_is_on_the_page_and_not_in_the_search(site: Path) -> None:
    assert '<div class="notebook-html"><div class="mediaml-report' in (site / "notebooks" / "1-sounds.html").read_text()
    found = json.loads((site / "search" / "search_index.json").read_text())["docs"]
    titles = [one["title"] for one in found if one["location"].startswith("notebooks/1-sounds.html")]
    assert titles[:3] == ["1 · Sounds, on this machine", "Recordings", "Look before you train"]
    assert not [one["location"] for one in found if "mediaml-report" in one["text"]]


@pytest.mark.slow
def test_pages_lead_to_the_pages_of_notebooks(site: Path) -> None:
    assert 'href="notebooks/1-sounds.html"' in (site / "tutorial.html").read_text()
    assert 'href="2-sagemaker.html"' in (site / "notebooks" / "1-sounds.html").read_text()


@pytest.mark.slow
def test_no_page_fetches_anything_from_outside(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    fetched = [(page.name, one) for page in pages for one in assets(page.read_text())]
    assert len(fetched) > 2 * len(pages), "each page has its style and its script"
    assert [(page, one) for page, one in fetched if "//" in one] == []
    assert [found for style in site.rglob("*.css") for found in ELSEWHERE.findall(style.read_text())] == []


def assets(page: str) -> list[str]:
    """Give what a browser would fetch to show a page: links to click are not among it."""
    found = [source or link(rest) for source, rest in ASSET.findall(page)]
    return [one for one in found if one and not one.startswith("data:")]


def link(attributes: str) -> str:
    if re.search(r"""rel=["']?(?:next|prev|canonical)""", attributes):
        return ""
    target = re.search(r"""href=["']?([^"'\s>]+)""", attributes)
    return target[1] if target else ""


@pytest.mark.slow
def test_a_reference_page_holds_signatures_units_and_errors(site: Path) -> None:
    page = (site / "reference" / "datasets.html").read_text()
    assert 'id="mediaml.AudioDataset.split"' in page, "inherited methods are on it"
    assert "SplitError" in page
    testing = (site / "reference" / "testing.html").read_text()
    for name in mediaml.testing.__all__:
        assert f'id="mediaml.testing.{name}"' in testing
    errors = (site / "reference" / "errors.html").read_text()
    for error in (mm.errors.MediamlError, mm.errors.SplitError, mm.errors.WaitedTooLongError):
        assert f'id="mediaml.errors.{error.__name__}"' in errors


@pytest.mark.slow
def test_what_a_function_gives_is_said_in_a_sentence_beside_its_type(site: Path) -> None:
    page = (site / "reference" / "models.html").read_text()
    assert "<code>Both models, their reports" not in page, "a sentence is no type"
    assert re.search(r"</code>\s*\S\s*<div class=\"doc-md-description\">\s*<p>Both models, their reports", page)


@pytest.mark.slow
def test_parameters_that_are_explained_together_have_each_its_own_type(site: Path) -> None:
    page = re.sub(r"<[^>]+>", "", (site / "reference" / "reports.html").read_text())
    assert re.search(r"accuracy\s*\(float", page)
    assert re.search(r"per_label\s*\(Mapping\[str, LabelScore\]", page)
    assert not re.search(r"per_label\s*\(float", page)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["screen", "phone"])
def test_every_page_fits_and_asks_nobody_else(site: Path, size: tuple[int, int]) -> None:
    pages = [one for one in sorted(site.rglob("*.html")) if one.name != "404.html"]
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    with chromium() as browser:
        page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        page.on("request", note)
        for one in pages:
            page.goto(one.as_uri())
            beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert beyond <= 0, f"{one.name} scrolls sideways"
    assert len(asked) > len(pages)
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


@pytest.mark.slow
def test_from_a_disk_the_theme_is_switched_and_what_cannot_work_there_is_not_shown(site: Path) -> None:
    faults: list[str] = []
    with chromium() as browser:
        page = browser.new_page(color_scheme="light")
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto((site / "sounds.html").as_uri())
        page.wait_for_selector(".md-code__button")
        page.click("label[for^=__palette_]:visible")
        page.wait_for_selector("body[data-md-color-scheme=slate]")
        searching = page.is_visible(".md-search__input")
    assert faults == []
    assert not searching
