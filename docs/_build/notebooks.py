"""For the site: each notebook of `notebooks/` is a page, with the outputs that it has when it is run.

`NOTEBOOKS=plain` leaves the outputs out: nothing is run, and the site is built in seconds.
"""

from __future__ import annotations

import json
import os
import re
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from run_notebook import NOTEBOOKS, NotebookFailedError, executed

FOLDER = "notebooks"
TO_NOTEBOOK = re.compile(r"\]\(\.\./((?:\.\./)*)notebooks/([\w-]+)\.ipynb")
TO_DOCS = re.compile(r"\]\(\.\./docs/")
# The theme's style of text is not for what cells show: views have one of their own. So the text ends before it, and
# begins again behind it.
AROUND = (
    '</article><div class="notebook-output">',
    '</div><article class="md-content__inner md-typeset notebook-text">',
)
OUTPUTS: dict[str, str] = {}
"""The comment that stands in for a cell's outputs while the page is made, and the outputs."""


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each notebook, and the notebook itself to take along."""
    OUTPUTS.clear()
    for source in sorted(NOTEBOOKS.glob("*.ipynb")):
        page = _page(source.stem, _cells(source))
        files.append(File.generated(config, f"{FOLDER}/{source.stem}.md", content=page))
        files.append(File.generated(config, f"{FOLDER}/{source.name}", content=source.read_bytes()))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Let links to notebooks lead to their pages, and those from notebooks to the pages of the site."""
    if page.file.src_uri.startswith(f"{FOLDER}/"):
        return TO_DOCS.sub("](../", markdown)
    return TO_NOTEBOOK.sub(r"](\1notebooks/\2.md", markdown)


def on_post_page(output: str, page: Page, **_: Any) -> str:
    """Put the outputs in, last of all: the search does not know of them, nor the table of contents."""
    if page.file.src_uri.startswith(f"{FOLDER}/"):
        for key, shown in OUTPUTS.items():
            output = output.replace(key, shown)
    return output


def _cells(source: Path) -> list[dict[str, Any]]:
    """Give the cells as they are in git, those of code as they ran: prose may have changed since."""
    cells: list[dict[str, Any]] = json.loads(source.read_text())["cells"]
    if os.environ.get("NOTEBOOKS") == "plain":
        return cells
    try:
        ran = json.loads(executed(source.stem).read_text())["cells"]
    except NotebookFailedError as error:
        raise PluginError(str(error)) from error
    code = iter([cell for cell in ran if cell["cell_type"] == "code"])
    return [next(code) if cell["cell_type"] == "code" else cell for cell in cells]


def _page(name: str, cells: list[dict[str, Any]]) -> str:
    parts = []
    for number, cell in enumerate(cells):
        source = "".join(cell["source"])
        parts.append(source if cell["cell_type"] == "markdown" else f"```python\n{source}\n```")
        if shown := "".join(_output(one) for one in cell.get("outputs", ())):
            key = f"<!-- output of cell {number} of {name} -->"
            OUTPUTS[key] = shown.join(AROUND)
            parts.append(key)
    first, *rest = parts
    return "\n\n".join([first, _how(name, cells), *rest]) + "\n"


def _how(name: str, cells: list[dict[str, Any]]) -> str:
    """Say where the notebook is, and how long it took."""
    times = [cell["metadata"]["execution"] for cell in cells if "execution" in cell.get("metadata", {})]
    took = ""
    if times:
        begun, ended = times[0]["iopub.status.busy"], times[-1]["iopub.status.idle"]
        seconds = (datetime.fromisoformat(ended) - datetime.fromisoformat(begun)).total_seconds()
        took = (
            f" All outputs below are its own: it was run for this page, from top to bottom, in {seconds:.0f} seconds."
        )
    return f'!!! note ""\n    This page is a notebook: [{name}.ipynb]({name}.ipynb).{took}'


def _output(output: dict[str, Any]) -> str:
    if output["output_type"] == "stream":
        return _text("".join(output["text"]), output["name"])
    data = output.get("data", {})
    if "text/html" in data:
        return f'<div class="notebook-html">{"".join(data["text/html"])}</div>'
    if "image/png" in data:
        size = output.get("metadata", {}).get("image/png", {})
        alt = escape("".join(data.get("text/plain", "")), quote=True)
        width = f' width="{size["width"]}"' if "width" in size else ""
        return f'<img src="data:image/png;base64,{"".join(data["image/png"]).strip()}" alt="{alt}"{width}>'
    return _text("".join(data.get("text/plain", "")), "stdout")


def _text(text: str, stream: str) -> str:
    """Write text as a terminal shows it: of a line that was written again and again, the last state."""
    lines = [line.rstrip("\r").rpartition("\r")[2].rstrip() for line in text.split("\n")]
    shown = "\n".join(lines).strip("\n")
    return f'<pre class="notebook-{stream}">{escape(shown)}</pre>' if shown else ""
