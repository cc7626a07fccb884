"""The page in Chromium: judged by keys, by mouse and by finger; nothing leaves the folder."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import mediaml as mm
from mediaml.data.pictures.decode import read as decode_picture
from mediaml.review.items import Candidate
from mediaml.review.page import build
from mediaml.values.geometry import Box
from tests.media import coloured
from tests.review.conftest import MARKUP
from tests.review.opened import PHONE, Opened

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


def test_verdicts_survive_a_reload_and_a_rebuilt_page(page: Path, things: list[Candidate], opened: Open) -> None:
    one = opened(page)
    one.press("a", "r")
    before = one.verdicts

    build(things[1:], page.parent, title="To judge", progress=False)
    one.again()

    assert one.verdicts == before[1:]
    assert one.text("#count") == "1 of 7 judged"


def test_two_pages_in_one_browser_do_not_share_verdicts(
    page: Path, things: list[Candidate], tmp_path: Path, opened: Open
) -> None:
    one = opened(page)
    one.press("a")

    other = build(things, tmp_path / "other", progress=False)
    one.page.goto(other.as_uri())
    one.page.wait_for_selector("body[data-ready]")

    assert one.verdicts == []


def test_a_picture_is_labelled_and_boxes_are_drawn_by_mouse(page: Path, tmp_path: Path, opened: Open) -> None:
    one = opened(page)
    one.page.select_option("#by-label", "-")
    one.press("a")
    assert one.text("#labels-title") == "What is it?", "what has no label cannot be accepted as it is"
    one.press("Escape")

    one.press("b")
    frame = one.page.locator("#picture").bounding_box()
    assert frame is not None
    scale = frame["width"] / 400
    one.page.mouse.move(frame["x"] + 150 * scale, frame["y"] + 100 * scale)
    one.page.mouse.down()
    one.page.mouse.move(frame["x"] + 250 * scale, frame["y"] + 200 * scale, steps=4)
    one.page.mouse.up()
    one.page.fill("#label", "square")
    one.press("Enter")

    (saved,) = one.save(tmp_path / "verdicts.json")["items"]
    (box,) = saved["boxes"]
    assert (saved["verdict"], saved["judged"], saved["width"], saved["height"]) == ("accepted", None, 400, 300)
    assert box["label"] == "square"
    assert [box[side] for side in ("left", "top", "width", "height")] == pytest.approx([150, 100, 100, 100], abs=1.5)


def test_boxes_are_drawn_moved_sized_and_taken_away_by_keys(page: Path, opened: Open) -> None:
    one = opened(page)
    one.page.select_option("#by-label", "-")
    one.page.locator("#list").focus()

    one.press("b", "Enter")
    one.page.fill("#label", "square")
    one.press("Enter")
    (before,) = one.verdicts[0]["boxes"]
    one.page.locator("#list").focus()
    one.press("ArrowRight", "Shift+ArrowDown")
    (after,) = one.verdicts[0]["boxes"]
    assert after["left"] > before["left"]
    assert after["height"] > before["height"]
    assert after["top"] == before["top"]
    one.press("Delete")
    assert one.verdicts[0]["boxes"] == []
    one.press("u")
    assert one.verdicts[0]["boxes"] == [after]


def test_boxes_are_drawn_named_and_taken_away_by_the_buttons_alone(page: Path, opened: Open) -> None:
    one = opened(page)
    one.page.select_option("#by-label", "-")

    one.page.locator("#draw").focus()
    one.press("Enter", "Enter")
    one.page.fill("#label", "square")
    one.press("Enter")
    one.page.get_by_role("button", name="Another label for box 1, square").focus()
    one.press("Enter")
    one.page.fill("#label", "sign")
    one.press("Enter")
    assert [box["label"] for box in one.verdicts[0]["boxes"]] == ["sign"]
    assert one.ask("document.activeElement.getAttribute('aria-label')") == "Another label for box 1, sign"
    one.press("Tab")
    one.press("Enter")
    assert one.verdicts[0]["boxes"] == []
    assert one.ask("document.activeElement.id") == "draw"


def test_a_box_is_moved_and_sized_by_mouse(photograph: Path, tmp_path: Path, opened: Open) -> None:
    box = {"label": "square", "left": 100, "top": 100, "width": 80, "height": 60, "confidence": 0.8}
    thing = Candidate(source=str(photograph), kind="picture", sense="seen", label="square", boxes=(box,))
    one = opened(build([thing], tmp_path / "boxes", progress=False))
    frame = one.page.locator("#picture").bounding_box()
    assert frame is not None
    scale = frame["width"] / 400

    def drag(start: tuple[float, float], end: tuple[float, float]) -> None:
        one.page.mouse.move(frame["x"] + start[0] * scale, frame["y"] + start[1] * scale)
        one.page.mouse.down()
        one.page.mouse.move(frame["x"] + end[0] * scale, frame["y"] + end[1] * scale, steps=3)
        one.page.mouse.up()

    drag((140, 130), (190, 150))
    (moved,) = one.verdicts[0]["boxes"]
    assert [moved[side] for side in ("left", "top", "width", "height")] == pytest.approx([150, 120, 80, 60], abs=1.5)
    drag((230, 180), (260, 200))
    (sized,) = one.verdicts[0]["boxes"]
    assert [sized[side] for side in ("left", "top", "width", "height")] == pytest.approx([150, 120, 110, 80], abs=1.5)


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


# -- playing ----------------------------------------------------------------------------------------------------------


def played(one: Opened) -> float:
    """Give where playing stopped, in seconds of the clip."""
    one.until("document.body.dataset.stopped !== undefined && !player.playing")
    return float(one.ask("document.body.dataset.stopped"))


def test_exactly_the_stretch_is_played_or_that_around_it_too(page: Path, opened: Open) -> None:
    one = opened(page)
    item = one.ask("current()")
    assert (item["begins"], item["ends"], item["length"]) == pytest.approx((1.0, 2.5, 3.5))
    one.ask("document.getElementById('audio').addEventListener('playing', () => {"
            " document.body.dataset.started = player.media.currentTime; })")  # fmt: skip

    one.press(" ")
    assert played(one) == pytest.approx(2.5, abs=0.25), "the benchmark measures it finely"
    assert float(one.ask("document.body.dataset.started")) == pytest.approx(1.0, abs=0.25)
    one.ask("delete document.body.dataset.stopped")
    one.press("c")
    assert played(one) == pytest.approx(3.5, abs=0.25)
    one.ask("delete document.body.dataset.stopped")
    one.page.locator("#picture").click(position={"x": 5, "y": 5})
    one.until("player.playing && player.media.currentTime > 1.2")
    one.press(" ")
    assert 1.0 < played(one) < 2.5


def test_going_on_ends_the_sound(page: Path, opened: Open) -> None:
    one = opened(page)

    one.press(" ")
    one.until("player.media.currentTime > 1.1")
    one.press("n")

    assert one.ask("document.getElementById('audio').paused") is True


def test_a_stretch_of_a_video_is_played_judged_and_comes_back_as_a_picture(tmp_path: Path, opened: Open) -> None:
    film = coloured(tmp_path / "film.mkv", [("red", 3.0), ("blue", 3.0)])
    box = Box(label="sky", left=10, top=10, width=30, height=20, confidence=0.7)
    thing = Candidate(
        source=str(film), kind="video", sense="seen", start=3.5, end=4.5, time=4.0, label="sky", boxes=(box,)
    )
    one = opened(build([thing], tmp_path / "page", progress=False))

    one.press(" ")
    assert played(one) == pytest.approx(one.ask("current().ends"), abs=0.25)
    assert one.ask("document.getElementById('video').videoWidth") == 96
    one.press("a")
    one.save(tmp_path / "page" / "verdicts.json")

    (row,) = mm.ImageDataset.from_review(tmp_path / "page")
    assert row.boxes == (box.model_copy(update={"confidence": 0.7}),)
    assert row.labels == ("sky",)
    blue = decode_picture(row.path)[..., 2].mean()
    assert blue > 200


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


# -- everyone ---------------------------------------------------------------------------------------------------------


def test_on_a_phone_all_is_in_reach_of_a_finger(page: Path, opened: Open) -> None:
    one = opened(page, size=PHONE, touch=True)

    assert one.ask("document.scrollingElement.scrollWidth") <= PHONE[0]
    one.page.tap("#accept")
    one.page.tap("#reject")
    assert one.judged() == [("accepted", "hum"), ("rejected", None)]
    small = one.ask(
        "[...document.querySelectorAll('button')].filter(one => one.offsetParent && one.offsetHeight < 44)"
        ".map(one => one.id)"
    )
    assert small == []
    one.page.tap("#switch")
    assert one.ask("document.scrollingElement.scrollWidth") <= PHONE[0]
    one.page.locator(".item").nth(3).tap()
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


def test_a_box_is_drawn_by_finger(page: Path, opened: Open) -> None:
    one = opened(page, size=PHONE, touch=True)
    one.page.select_option("#by-label", "-", force=True)
    one.page.tap("#draw")
    one.page.locator("#picture").scroll_into_view_if_needed()
    frame = one.page.locator("#picture").bounding_box()
    assert frame is not None
    scale = frame["width"] / 400
    finger = one.context.new_cdp_session(one.page)

    for kind, x, y in (("touchStart", 40, 40), ("touchMove", 90, 80), ("touchMove", 140, 120), ("touchEnd", 0, 0)):
        points = [{"x": frame["x"] + x * scale, "y": frame["y"] + y * scale}] if kind != "touchEnd" else []
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    one.page.fill("#label", "square")
    one.page.tap("#labels button[type=submit]")

    (box,) = one.verdicts[0]["boxes"]
    assert [box[side] for side in ("left", "top", "width", "height")] == pytest.approx([40, 40, 100, 80], abs=2.5)


def test_every_step_is_told_to_who_does_not_see_it(page: Path, opened: Open) -> None:
    one = opened(page)

    one.press("r")
    one.until("document.getElementById('said').textContent.startsWith('Rejected hum. Next: hum, ')")
    active = one.ask("document.getElementById(document.getElementById('list').getAttribute('aria-activedescendant'))"
                     ".getAttribute('aria-selected')")  # fmt: skip
    assert active == "true"
    assert one.page.locator("#said[aria-live=polite]").count() == 1
