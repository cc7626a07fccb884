"""The page in Chromium: judged by keys, by mouse and by finger; nothing leaves the folder."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from mediaml.data.formats.review import read_judgements
from mediaml.review.items import Candidate
from mediaml.review.page import build
from tests.review.conftest import MARKUP
from tests.review.opened import Opened

Open = Callable[..., Opened]
pytestmark = pytest.mark.slow


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Give the address of a folder on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


# -- standing alone ---------------------------------------------------------------------------------------------------


def test_it_works_from_a_server_too(page: Path, opened: Open) -> None:
    with served(page.parent) as address:
        one = opened(address)
        one.press("a", "n")
        one.until("[...document.images].every(image => image.complete)")

        assert one.judged() == [("accepted", "hum")]
        assert {request.startswith(address) for request in one.requests} == {True}
        one.close()


def test_markup_in_labels_and_titles_is_text(things: list[Candidate], tmp_path: Path, opened: Open) -> None:
    one = opened(build(things, tmp_path / "x", title=MARKUP, labels=[MARKUP], progress=False))

    one.page.select_option("#by-label", f"={MARKUP}")

    assert one.text("#what") == f"{MARKUP} 50 %"
    assert one.text("h1") == MARKUP
    assert one.ask("document.title") == f"{MARKUP} · {MARKUP}"
    assert one.ask("document.querySelectorAll('main script, header script').length") == 0


def test_what_cannot_be_read_says_why(page: Path, opened: Open) -> None:
    one = opened(page)

    one.page.fill("#by-file", "lost")

    assert one.text("#problem").startswith("It cannot be shown: ")
    assert one.ask("document.getElementById('listening').hidden") is True


# -- judging ----------------------------------------------------------------------------------------------------------


def test_all_keys(page: Path, opened: Open) -> None:
    one = opened(page)
    assert one.text("#what") == "hum 90 %"

    one.press("a")
    assert one.text("#what") == "hum 80 %"
    assert one.text("#said").startswith("Accepted hum. Next: hum")
    one.press("r")
    one.label("bell")
    assert one.judged() == [("accepted", "hum"), ("rejected", None), ("relabelled", "bell")]
    assert one.text("#count") == "3 of 8 judged"

    one.press("p", "p", "p")
    assert one.text("#what") == "hum 90 %"
    one.press("ArrowDown", "n")
    assert one.text("#what") == "bell"
    assert one.text("#state") == "relabelled, was whistle"
    one.press("?")
    assert one.ask("document.getElementById('help').open") is True
    one.press("a", "Escape")
    assert len(one.judged()) == 3, "no key judges behind a dialog"


def test_undo_goes_back_to_the_beginning_also_after_a_reload(page: Path, opened: Open) -> None:
    one = opened(page)

    one.press("a", "r", "p", "p", "r")
    one.again()
    assert one.judged() == [("rejected", None), ("rejected", None)]
    one.press("u")
    assert one.judged() == [("accepted", "hum"), ("rejected", None)]
    assert one.text("#what") == "hum 90 %"
    one.press("u", "u")
    assert one.judged() == []
    one.press("u")
    one.until("document.getElementById('said').textContent === 'There is nothing to undo.'")
    one.again()
    assert one.judged() == []


def test_verdicts_survive_a_reload_and_a_rebuilt_page(
    page: Path, things: list[Candidate], tmp_path: Path, opened: Open
) -> None:
    one = opened(page)
    one.press("a", "r")
    before = one.verdicts

    build(things[1:], page.parent, title="To judge", progress=False)
    one.again()

    assert one.text("#count") == "1 of 7 judged"
    assert one.verdicts == [before[1], before[0]], "what is no longer on the page was judged all the same"
    assert one.save(tmp_path / "verdicts.json")["items"] == one.verdicts
    assert [entry.label for entry in read_judgements(tmp_path / "verdicts.json").items] == ["hum", "hum"]
    one.press("u", "u")
    assert one.verdicts == []


def test_two_pages_in_one_browser_do_not_share_verdicts(
    page: Path, things: list[Candidate], tmp_path: Path, opened: Open
) -> None:
    one = opened(page)
    one.press("a")

    other = build(things, tmp_path / "other", progress=False)
    one.page.goto(other.as_uri())
    one.page.wait_for_selector("body[data-ready]")

    assert one.verdicts == []


# -- finding one's way ------------------------------------------------------------------------------------------------


def test_the_list_is_filtered_and_ordered(page: Path, opened: Open) -> None:
    one = opened(page)

    def shown() -> list[float]:
        numbers: list[float] = one.ask("list.shown.map(item => item.confidence || 0)")
        return numbers

    assert shown() == [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.1, 0]
    one.page.select_option("#order", "doubt")
    assert shown()[:3] == [0, 0.1, 0.4]
    one.page.select_option("#order", "file")
    one.page.select_option("#by-label", "=hum")
    assert one.text("#matches") == "4 of 8 items"
    one.page.fill("#least", "50")
    assert shown() == [0.9, 0.8]
    one.page.fill("#least", "0")
    one.page.fill("#by-file", "LOST")
    assert shown() == [0.1]
    one.page.fill("#by-file", "")
    one.page.select_option("#by-label", "")
    one.page.locator("#list").focus()
    one.press("a")
    one.page.select_option("#by-state", "open")
    assert one.text("#matches") == "7 of 8 items"
    one.page.select_option("#by-state", "relabelled")
    assert one.text("#none") == "Nothing matches these filters."
    assert one.text("#what") == "Nothing to judge"


def test_only_the_rows_that_are_seen_are_part_of_the_page(
    things: list[Candidate], tmp_path: Path, opened: Open
) -> None:
    many = [things[0].model_copy(update={"source": f"/gone/{number}.wav"}) for number in range(3000)]
    one = opened(build(many, tmp_path / "many", progress=False))

    assert one.ask("document.querySelectorAll('.item').length") < 40
    one.page.locator("#list").focus()
    one.press("End")
    assert one.text("#where").startswith("2999.wav")
    assert one.page.locator(".item[aria-selected=true]").text_content() is not None
    assert one.ask("document.querySelectorAll('.item').length") < 40


# -- files ------------------------------------------------------------------------------------------------------------


def test_verdicts_are_saved_and_loaded_into_another_browser(page: Path, tmp_path: Path, opened: Open) -> None:
    one = opened(page)
    one.press("a", "r")
    saved = one.save(tmp_path / "verdicts.json")
    other = opened(page)
    other.press("r")

    other.page.set_input_files("#file", tmp_path / "verdicts.json")
    other.until("document.getElementById('said').textContent.includes('loaded')")

    assert other.judged() == [("rejected", None), ("rejected", None)], "of two verdicts the later counts"
    assert other.text("#said") == "1 verdict loaded, 1 are older than what is here."
    assert (saved["format"], saved["title"]) == (1, "To judge")
    other.press("u")
    assert other.judged() == [("rejected", None)], "to load is one step"


def load(one: Opened, place: Path, *entries: dict[str, Any]) -> str:
    """Load a file with these entries, and give what is said of it."""
    place.write_text(json.dumps({"format": 1, "review": "r", "items": entries}))
    one.page.set_input_files("#file", place)
    one.until("byId('said').textContent.includes('loaded') || !byId('notice').hidden")
    return one.text("#said")


def test_a_file_that_from_review_reads_is_loaded_though_it_leaves_out_what_is_empty(
    page: Path, things: list[Candidate], tmp_path: Path, opened: Open
) -> None:
    given = [
        {"id": things[0].id, "source": "a.wav", "sense": "heard", "verdict": "accepted", "judged": "hum"},
        {"id": things[1].id, "source": "a.wav", "sense": "heard", "verdict": "rejected"},
    ]
    (tmp_path / "mine.json").write_text(json.dumps({"format": 1, "review": "r", "items": given}))
    assert len(read_judgements(tmp_path / "mine.json").items) == 2
    one = opened(page)

    assert load(one, tmp_path / "mine.json", *given) == "2 verdicts loaded."

    assert one.judged() == [("accepted", "hum"), ("rejected", None)]
    one.save(tmp_path / "verdicts.json")
    assert len(read_judgements(tmp_path / "verdicts.json").items) == 2


def test_of_two_verdicts_of_a_file_on_one_item_the_later_counts(
    page: Path, things: list[Candidate], tmp_path: Path, opened: Open
) -> None:
    one = opened(page)
    late = {"id": things[0].id, "verdict": "rejected", "when": "2026-02-01T00:00:00.000Z"}
    early = {"id": things[0].id, "verdict": "accepted", "judged": "hum", "when": "2026-01-01T00:00:00.000Z"}

    said = load(one, tmp_path / "two.json", late, early)

    assert (one.judged(), said) == ([("rejected", None)], "1 verdict loaded.")


@pytest.mark.parametrize("content", ["{", '{"format": 2, "items": []}', '{"format": 1, "items": [{"id": "x"}]}'])
def test_a_file_that_is_no_verdicts_changes_nothing(content: str, page: Path, tmp_path: Path, opened: Open) -> None:
    one = opened(page)
    one.press("a")
    (tmp_path / "other.json").write_text(content)

    one.page.set_input_files("#file", tmp_path / "other.json")
    one.page.wait_for_selector("#notice:not([hidden])")

    assert one.text("#notice").startswith("other.json cannot be loaded. ")
    assert one.judged() == [("accepted", "hum")]


@pytest.mark.parametrize(
    "broken",
    [
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };",
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }});",
    ],
    ids=["full", "refused"],
)
def test_a_browser_that_keeps_nothing_says_so_and_saves_all_the_same(
    broken: str, page: Path, tmp_path: Path, opened: Open
) -> None:
    one = opened(page, prepare=broken)

    one.press("a", "r")

    assert "before you close the page" in one.text("#notice")
    assert len(one.save(tmp_path / "verdicts.json")["items"]) == 2


def test_names_of_files_that_are_no_text_come_back_as_they_were(
    things: list[Candidate], tmp_path: Path, opened: Open
) -> None:
    odd = things[0].model_copy(update={"source": "/gone/\udcff.wav"})
    one = opened(build([odd], tmp_path / "odd", progress=False))

    one.press("a")

    saved = json.dumps(one.save(tmp_path / "verdicts.json"))
    assert json.loads(saved)["items"][0]["source"] == "/gone/\udcff.wav"
