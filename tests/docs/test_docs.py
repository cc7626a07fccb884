"""The code of every page runs, and prints what the page says."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_examples import CodeExample, EvalExample, find_examples

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[None]:
    """Pages write files; not into the repository."""
    before = Path.cwd()
    os.chdir(tmp_path)
    yield
    os.chdir(before)


@pytest.mark.slow
@pytest.mark.usefixtures("elsewhere")
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_page(page: Path, eval_example: EvalExample) -> None:
    names: dict[str, object] = {}
    blocks = [one for one in find_examples(page) if "python" in one.prefix_tags() and "notest" not in one.prefix_tags()]
    for example in blocks:
        names = run(example, eval_example, names)
    if page.name == "sounds.md":
        assert sum("#>" in example.source for example in blocks) >= 8, "the outputs of this page are checked"


def run(example: CodeExample, eval_example: EvalExample, names: dict[str, object]) -> dict[str, object]:
    """A page is one session: each block goes on with the names of the one before."""
    if "#>" in example.source:
        return eval_example.run_print_check(example, module_globals=names, rewrite_assertions=False)
    return eval_example.run(example, module_globals=names, rewrite_assertions=False)


def test_every_relative_link_leads_somewhere() -> None:
    import re

    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page}: {target}"


def test_readme_holds_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text()
    assert "make demo" in text
    assert "make test" in text
