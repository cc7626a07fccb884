"""The report in a real browser: nothing sticks out on a phone, and nothing is fetched."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import mediaml as mm

WIDTHS = (390, 1100)
FRAME = """<!doctype html><iframe id=page src="report.html" style="width:{width}px;height:900px;border:0"></iframe>
<script>page.onload = () => {{
  const inside = page.contentDocument;
  document.title = [inside.scrollingElement.scrollWidth, inside.images.length,
    [...inside.images].every(image => image.complete && image.naturalWidth > 0),
    page.contentWindow.performance.getEntriesByType("resource")
      .filter(one => !one.name.startsWith("data:")).length].join(" ");
}}</script>"""


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
def test_page_fits_and_stands_alone(width: int, report: mm.AudioReport, tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    report.save(tmp_path / "report.html")
    (tmp_path / "frame.html").write_text(FRAME.format(width=width))
    flags = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    more = "--disable-component-update --disable-sync --allow-file-access-from-files --virtual-time-budget=5000"
    command = [browser, *flags.split(), *more.split(), f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    answer = subprocess.run(
        [*command, (tmp_path / "frame.html").as_uri()], capture_output=True, text=True, timeout=90, check=True
    )
    found = re.search(r"<title>(\d+) (\d+) (true|false) (\d+)</title>", answer.stdout)
    assert found, answer.stdout[-500:]
    scroll_width, pictures, shown, fetched = found.groups()
    assert int(scroll_width) <= width, "the page is wider than the window"
    assert int(pictures) > 0
    assert shown == "true", "a picture does not show"
    assert int(fetched) == 0, "the page fetches something"
