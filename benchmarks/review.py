"""The review page in Chromium: 5,000 items load, are walked through and scrolled; stretches stop at their end.

    python benchmarks/review.py                 # needs Chromium and playwright

Sounds are real where the shared data is at hand: 5,000 stretches of ESC-10's recordings, half a second to three seconds
long. Times are of a fresh browser and `file://`; `performance.now()` of the page, from the start of its navigation.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from playwright.sync_api import sync_playwright

import data
from mediaml.review.items import Candidate
from mediaml.review.page import build

if TYPE_CHECKING:
    from playwright.sync_api import Page

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
READY = "performance.timing.domContentLoadedEventEnd - performance.timing.navigationStart"
LOADED = "performance.timing.loadEventEnd - performance.timing.navigationStart"
LOADS, PLAYED, MOVED = 5, 20, 100
SCROLL = """() => new Promise(done => {
  const box = document.getElementById("list"), times = [];
  let before = performance.now();
  const step = now => {
    times.push(now - before); before = now;
    box.scrollTop += 400;
    if (times.length < 240) requestAnimationFrame(step); else done(times.slice(5));
  };
  requestAnimationFrame(step);
})"""
WALK = """count => new Promise(done => {
  const times = [];
  const step = () => {
    const start = performance.now();
    document.dispatchEvent(new KeyboardEvent("keydown", {key: "n", bubbles: true}));
    document.body.getBoundingClientRect();
    times.push(performance.now() - start);
    if (times.length < count) requestAnimationFrame(step); else done(times);
  };
  step();
})"""
JUDGE = WALK.replace('key: "n"', 'key: "a"')


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=5000)
    parser.add_argument("--page", type=Path, help="keep the page here, and use it again")
    chosen = parser.parse_args()
    data.say_machine()
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.page or Path(scratch)
        start = time.perf_counter()
        page = build(stretches(chosen.items), folder, title="ESC-10", progress=False)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        print(f"built in {time.perf_counter() - start:.0f} s: {size / 1e6:.0f} MB", flush=True)
        start = time.perf_counter()
        build(stretches(chosen.items), folder, title="ESC-10", progress=False)
        print(f"built again in {time.perf_counter() - start:.1f} s", flush=True)
        measure(page)


def stretches(count: int) -> list[Candidate]:
    """So many stretches of recordings, the same in every run."""
    root = data.table("esc10.csv").parent / "esc10"
    paths = sorted(path for path in root.rglob("*") if path.is_file())
    random = np.random.RandomState(7)
    found = []
    for number in range(count):
        start, seconds = random.uniform(0.0, 2.0), random.uniform(0.5, 3.0)
        path = paths[number % len(paths)]
        found.append(
            Candidate(
                source=str(path),
                kind="sound",
                sense="heard",
                start=round(start, 3),
                end=round(start + seconds, 3),
                label=path.parent.name,
                confidence=round(random.uniform(), 4),
                model="sounds",
            )
        )
    return found


def measure(page: Path) -> None:
    place = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if place is None:
        sys.exit("Chromium is missing: apt-get install chromium")
    with sync_playwright() as driver:
        loads, firsts = [], []
        for _ in range(LOADS):
            browser = driver.chromium.launch(executable_path=place, args=FLAGS)
            one = browser.new_page(viewport={"width": 1280, "height": 800})
            one.goto(page.as_uri())
            one.wait_for_selector("body[data-ready]")
            loads.append(one.evaluate(READY))
            one.wait_for_load_state("load")
            firsts.append(one.evaluate(LOADED))
            browser.close()
        print(
            f"loaded {LOADS} times: ready to judge {told(loads)} ms, all pictures in view {told(firsts)} ms", flush=True
        )
        browser = driver.chromium.launch(executable_path=place, args=FLAGS)
        one = browser.new_page(viewport={"width": 1280, "height": 800})
        one.goto(page.as_uri())
        one.wait_for_selector("body[data-ready]")
        print(f"{MOVED} items moved through: {told(one.evaluate(WALK, MOVED))} ms each", flush=True)
        print(f"{MOVED} items judged: {told(one.evaluate(JUDGE, MOVED))} ms each", flush=True)
        print(f"frames of scrolling: {told(one.evaluate(SCROLL))} ms", flush=True)
        filters = one.evaluate(
            "(() => { const start = performance.now(); filterList(); return performance.now() - start; })()"
        )
        print(f"filtered and ordered in {filters:.0f} ms", flush=True)
        print(f"{PLAYED} stretches: {told(stops(one))} ms from the end where playing stopped", flush=True)
        browser.close()


def stops(page: Page) -> list[float]:
    """Milliseconds between where playing stopped and where it should have; below 0: before."""
    off = []
    for _ in range(PLAYED):
        page.keyboard.press("n")
        page.evaluate("delete document.body.dataset.stopped")
        page.keyboard.press(" ")
        while page.evaluate("document.body.dataset.stopped") is None:
            page.wait_for_timeout(50)
        off.append(1000 * page.evaluate("Number(document.body.dataset.stopped) - player.until"))
    return off


def told(values: list[float]) -> str:
    ordered = sorted(values)
    return f"median {statistics.median(ordered):.1f}, from {ordered[0]:.1f} to {ordered[-1]:.1f}"


if __name__ == "__main__":
    main()
