"""The page for everyone: on a phone, for who does not see it, and axe's own view."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.review.opened import PHONE, Opened

Open = Callable[..., Opened]
pytestmark = pytest.mark.slow


def test_on_a_phone_all_is_in_reach_of_a_finger(page: Path, opened: Open) -> None:
    one = opened(page, size=PHONE, touch=True)

    assert one.ask("document.scrollingElement.scrollWidth") <= PHONE[0]
    one.page.tap("#accept")
    one.until("verdicts.size === 1")  # a browser takes its time to make a click of a touch
    one.page.tap("#reject")
    one.until("verdicts.size === 2")
    assert one.judged() == [("accepted", "hum"), ("rejected", None)]
    small = one.ask(
        "[...document.querySelectorAll('button')].filter(one => one.offsetParent && one.offsetHeight < 44)"
        ".map(one => one.id)"
    )
    assert small == []
    one.page.tap("#switch")
    one.page.locator(".item").first.wait_for()
    assert one.ask("document.scrollingElement.scrollWidth") <= PHONE[0]
    one.page.locator(".item").nth(3).tap()
    one.page.locator("#accept").wait_for()
    assert one.text("#what") == "whistle 60 %"
    assert one.page.locator("#accept").is_visible()


@pytest.mark.parametrize("look", ["light", "dark", "phone", "dialog", "boxes"])
def test_axe_finds_nothing_serious(look: str, page: Path, opened: Open) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    one = opened(page, dark=look == "dark", **({"size": PHONE, "touch": True} if look == "phone" else {}))
    one.press("a", "r")
    if look == "dialog":
        one.press("l")
    if look == "boxes":
        one.page.select_option("#by-label", "-")
        one.page.locator("#list").focus()
        one.press("b", "Enter")
        one.page.fill("#label", "square")
        one.press("Enter")

    found = axe.Axe().run(one.page, options={"preload": False}).response  # the policy lets it fetch no styles

    told = [f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]]
    assert told == []
    assert len(found["passes"]) > 10


def test_every_step_is_told_to_who_does_not_see_it(page: Path, opened: Open) -> None:
    one = opened(page)

    one.press("r")
    one.until("document.getElementById('said').textContent.startsWith('Rejected hum. Next: hum, ')")
    active = one.ask("document.getElementById(document.getElementById('list').getAttribute('aria-activedescendant'))"
                     ".getAttribute('aria-selected')")  # fmt: skip
    assert active == "true"
    assert one.page.locator("#said[aria-live=polite]").count() == 1
