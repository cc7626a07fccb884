"""The folder of a review page."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from mediaml.data import decode
from mediaml.review import page as pages
from mediaml.review.items import Candidate
from mediaml.review.page import build


def told(page: Path) -> dict[str, Any]:
    """What the page's scripts know."""
    content: dict[str, Any] = json.loads(
        (page.parent / "items.js").read_text().removeprefix("const REVIEW = ").removesuffix(";\n")
    )
    return content


def test_it_holds_all_it_needs_and_nothing_points_outside(page: Path, things: list[Candidate]) -> None:
    content = told(page)
    html = page.read_text()

    assert content["title"] == "To judge"
    assert len(content["items"]) == len(things)
    assert {"bell", "rain", "hum"} <= set(content["labels"])
    named = [one[key] for one in content["items"] for key in ("thumb", "picture", "clip") if key in one]
    named += re.findall(r'(?:src|href)="([^"]+)"', html)
    assert len(named) > 20
    assert all((page.parent / name).is_file() and ".." not in name and ":" not in name for name in named)
    assert "default-src 'none'" in html
    assert not re.search(r"\son\w+=|style=|<script>", html)


def test_a_title_is_text(things: list[Candidate], tmp_path: Path) -> None:
    html = build(things[:1], tmp_path, title="<img src=x>", progress=False).read_text()

    assert "<img src=x>" not in html
    assert "&lt;img src=x&gt;" in html


def test_each_thing_stands_there_once(things: list[Candidate], tmp_path: Path) -> None:
    assert len(told(build([things[0], things[0]], tmp_path, progress=False))["items"]) == 1


def test_what_cannot_be_read_has_the_reason_and_the_rest_goes_on(recording: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    given = [
        Candidate(source=str(tmp_path / "empty.wav"), kind="sound", sense="heard"),
        Candidate(source=str(tmp_path / "broken.png"), kind="picture", sense="seen"),
        Candidate(source=str(tmp_path / "broken.png"), kind="video", sense="seen", end=1.0),
        Candidate(source="s3://bucket/a.wav", kind="sound", sense="heard"),
        Candidate(source=str(recording), kind="sound", sense="heard", start=20, end=21),
        Candidate(source=str(recording), kind="sound", sense="heard", start=2, end=3),
    ]

    items = told(build(given, tmp_path / "page", progress=False))["items"]

    assert all(item["problem"] and "clip" not in item for item in items[:5]), items
    assert items[0]["problem"] == "empty: it has no bytes"
    assert items[3]["problem"] == "it lies elsewhere: download it first"
    assert "problem" not in items[5]


def test_a_folder_that_cannot_be_written_is_raised_and_no_problem_of_the_items(recording: Path, tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    for number in range(256):
        (tmp_path / "media" / f"{number:02x}").touch()  # where folders are wanted

    with pytest.raises(OSError, match="media"):
        build([Candidate(source=str(recording), kind="sound", sense="heard", end=1.0)], tmp_path, progress=False)


def test_a_page_that_is_built_again_keeps_its_name_and_its_media(
    page: Path, things: list[Candidate], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = told(page)
    made = {path: path.stat().st_mtime_ns for path in (page.parent / "media").rglob("*.*")}
    monkeypatch.setattr(pages, "MAKERS", dict.fromkeys(("sound", "picture", "video"), _fail))
    build(things, page.parent, title="Once more", labels=["bell"], progress=False)

    after = told(page)
    assert after["id"] == before["id"]
    assert after["items"] == before["items"]
    assert {path: path.stat().st_mtime_ns for path in (page.parent / "media").rglob("*.*")} == made


def _fail(one: Candidate, shelf: object) -> Any:
    raise AssertionError(f"{one.source} is made again")


def test_what_is_missing_or_cut_off_is_made_again(page: Path, things: list[Candidate]) -> None:
    before = told(page)
    first, second, third = (page.parent / before["items"][number]["clip"] for number in range(3))
    first.unlink()
    second.with_suffix(".json").write_text('{"clip": ')
    third.with_suffix(".json").unlink()

    build(things, page.parent, title="To judge", labels=["bell", "rain"], progress=False)

    assert told(page) == before
    assert first.is_file()
    assert third.with_suffix(".json").is_file()


def test_a_file_that_has_changed_is_shown_anew(recording: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(recording, tmp_path / "copy.wav"))
    thing = Candidate(source=str(copy), kind="sound", sense="heard", start=1, end=2, label="hum")
    (before,) = told(build([thing], tmp_path / "page", progress=False))["items"]

    copy.write_bytes(recording.read_bytes()[:-8000])
    (after,) = told(build([thing], tmp_path / "page", progress=False))["items"]

    assert after["id"] == before["id"], "verdicts stay"
    assert after["clip"] != before["clip"]


def test_ids_tell_file_time_label_and_model_apart(things: list[Candidate]) -> None:
    one = things[0]
    changes: list[dict[str, Any]] = [{"source": "/x"}, {"start": 1.25}, {"end": 9.0}, {"label": "x"}, {"model": "x"}]

    assert one.model_copy(update={"confidence": 0.2, "value": 3.0}).id == one.id
    assert len({one.id, *(one.model_copy(update=change).id for change in changes)}) == 6


def test_things_that_share_a_stretch_are_made_at_once_without_harm(recording: Path, tmp_path: Path) -> None:
    given = [
        Candidate(source=str(recording), kind="sound", sense="heard", start=2, end=3, label=f"label {number}")
        for number in range(40)
    ]

    items = told(build(given, tmp_path, progress=False))["items"]

    assert [one["problem"] for one in items if "problem" in one] == []
    assert len({one["clip"] for one in items}) == 1
    assert [path for path in tmp_path.rglob("*.tmp") if path.is_file()] == []


BUILD = """
import sys
from mediaml.review.items import Candidate
from mediaml.review.page import build
given = [
    Candidate(source=sys.argv[1], kind="sound", sense="heard", start=n / 50, end=n / 50 + 2) for n in range(300)
]
build(given, sys.argv[2], progress=False)
"""


@pytest.mark.slow
def test_a_page_whose_making_was_killed_is_made_to_its_end(recording: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", BUILD, str(recording), str(tmp_path / "page")]
    with subprocess.Popen(command) as process:
        while process.poll() is None and len(list(tmp_path.rglob("*.json"))) < 20:
            time.sleep(0.01)
        process.kill()
    made = {path: path.stat().st_mtime_ns for path in (tmp_path / "page" / "media").rglob("[!.]*.json")}
    assert 15 < len(made) < 300
    assert not (tmp_path / "page" / "index.html").exists()

    subprocess.run(command, check=True)

    items = told(tmp_path / "page" / "index.html")["items"]
    assert len(items) == 300
    assert [one for one in items if "problem" in one] == []
    assert {path: path.stat().st_mtime_ns for path in made} == made
    for one in items[::50]:
        assert decode.info(tmp_path / "page" / one["clip"]).duration == pytest.approx(one["length"], abs=0.1)
