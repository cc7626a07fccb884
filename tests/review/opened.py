"""A review page in Chromium, and what a person does with it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
WIDE, PHONE = (1280, 800), (360, 740)
PATIENCE = 20_000  # milliseconds


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium; skip the test where it is not here."""
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install playwright")
    place = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if place is None:
        pytest.skip("no Chromium here: apt-get install chromium")
    with api.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=place, args=FLAGS)
        yield started
        started.close()


class Opened:
    """A page that is open.

    Parameters
    ----------
    browser
        Chromium.
    address
        Of the page.
    size
        Pixels, width and height.
    touch
        Whether it is a phone.
    prepare
        A script that runs before those of the page.
    """

    def __init__(
        self,
        browser: Browser,
        address: str,
        *,
        size: tuple[int, int] = WIDE,
        touch: bool = False,
        dark: bool = False,
        prepare: str = "",
    ) -> None:
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            has_touch=touch,
            is_mobile=touch,
            color_scheme="dark" if dark else "light",
        )
        self.context.set_default_timeout(PATIENCE)
        if prepare:
            self.context.add_init_script(prepare)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.faults: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", lambda told: self.faults.append(told.text) if told.type == "error" else None)
        self.address = address
        self.again()

    def again(self) -> None:
        """Load the page, anew or for the first time."""
        self.page.goto(self.address)
        self.page.wait_for_selector("body[data-ready]")

    def close(self) -> None:
        self.context.close()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def text(self, selector: str) -> str:
        return (self.page.text_content(selector) or "").strip()

    def ask(self, expression: str) -> Any:
        return self.page.evaluate(expression)

    def until(self, expression: str) -> None:
        """Wait until something is true; the page's own policy keeps Playwright's wait_for_function from asking."""
        for _ in range(PATIENCE // 50):
            if self.ask(expression):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"never true: {expression}")

    @property
    def verdicts(self) -> list[dict[str, Any]]:
        """What the page would save."""
        items: list[dict[str, Any]] = self.ask("fileOfVerdicts().items")
        return items

    def judged(self) -> list[tuple[str, str | None]]:
        """Verdict and label of each judged item, in the page's order."""
        return [(one["verdict"], one["judged"]) for one in self.verdicts]

    def save(self, place: Path) -> dict[str, Any]:
        """Press "Save verdicts", and give what is in the file."""
        with self.page.expect_download() as waiting:
            self.page.click("#save")
        waiting.value.save_as(place)
        saved: dict[str, Any] = json.loads(place.read_bytes())
        return saved

    def label(self, text: str) -> None:
        """Press l, write a label, and take it."""
        self.press("l")
        self.page.fill("#label", text)
        self.press("Enter")
