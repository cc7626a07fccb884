"""The page opens in Chromium: the one test of it that is no slow one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.review.opened import Opened


def test_it_opens_by_a_double_click_and_asks_for_nothing_outside_its_folder(
    page: Path, opened: Callable[..., Opened]
) -> None:
    one = opened(page)

    one.press("n", "n", "End", "Home")
    one.until("[...document.images].every(image => image.complete)")

    assert one.text("#count") == "0 of 8 judged"
    assert len(one.requests) > 10
    assert {address.startswith(page.parent.as_uri() + "/") for address in one.requests} == {True}
    assert one.ask("[...document.images].filter(image => image.src && !image.naturalWidth).length") == 0
