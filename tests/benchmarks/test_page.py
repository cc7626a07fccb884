"""The page of measurements is what the scripts printed, and no script is forgotten."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2] / "benchmarks"
CALLED_BY_OTHERS = {"data", "logmel_rivals", "lite0_rivals", "measured", "page", "run"}

sys.path.insert(0, str(HERE))
measured = pytest.importorskip("measured", reason="psutil is not installed")
page = pytest.importorskip("page")
run = pytest.importorskip("run")

COMMANDS = run.MEASURED.findall((HERE / "page.md").read_text())
RESULT = measured.Result(
    command="esc10.py --network yamnet",
    date="2026-11-29",
    commit="abc1234",
    seconds=24.4,
    others=0.02,
    machine="a machine",
    versions={"python": "3.11.7"},
    output="said\n| a | b |\n| --- | --- |\n| 1 | 2 |\nsaid again\n",
)


def test_every_benchmark_is_run_or_chose_a_default() -> None:
    scripts = {path.stem for path in HERE.glob("*.py")} - CALLED_BY_OTHERS
    assert {run.name_of(command) for command in COMMANDS} == {one for one in scripts if not one.startswith("choose_")}


def test_the_page_is_what_was_measured() -> None:
    written = page.page_of((HERE / "page.md").read_text(), measured.results_of(COMMANDS))
    assert page.PAGE.read_text() == written, "python benchmarks/run.py --page"


def test_every_command_has_a_result_of_its_own() -> None:
    assert len({measured.file_of(command) for command in COMMANDS}) == len(COMMANDS)


def test_what_was_printed_takes_the_place_of_the_command() -> None:
    told = page.page_of("before\n\n<!-- measured: esc10.py --network yamnet -->\n\nafter", {RESULT.command: RESULT})
    assert told == (
        "before\n\n"
        "`python benchmarks/esc10.py --network yamnet`, 2026-11-29, commit abc1234, 24 s; nothing else ran:\n\n"
        "```text\nsaid\n```\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n```text\nsaid again\n```\n\nafter"
    )


def test_a_second_table_is_a_table_of_its_own() -> None:
    tables = "| a |\n| --- |\n| 1 |\n| b |\n| --- |\n| 2 |"
    assert page.shown(tables) == "| a |\n| --- |\n| 1 |\n\n| b |\n| --- |\n| 2 |"


def test_what_a_terminal_alone_shows_and_where_this_machine_keeps_its_data_is_left_out() -> None:
    printed = f"found 2\n\x1b[33m(raylet)\x1b[0m A worker died\n{measured.ROOT}/video/a.mp4: \x1b[1m1\x1b[0m event\n"
    assert measured.plain(printed) == "found 2\nvideo/a.mp4: 1 event\n"


def test_other_work_on_the_machine_is_said() -> None:
    assert "**other work took 40% of the processor**" in page.section(
        RESULT.command, RESULT.model_copy(update={"others": 0.4})
    )


def test_a_figure_of_before_says_that_its_machine_was_not_recorded() -> None:
    earlier = RESULT.model_copy(update={"others": None})
    assert "abc1234, before machine and other work were recorded:" in page.section(RESULT.command, earlier)
    assert page.machines([RESULT, earlier]) == "a machine; python 3.11.7"


def test_what_was_not_measured_says_so() -> None:
    assert page.section("logmel.py", None) == "`python benchmarks/logmel.py`: not measured yet."


def test_a_benchmark_that_fails_keeps_its_older_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "RESULTS", tmp_path)
    (tmp_path / "fails.py").write_text("print('half a figure'); raise SystemExit(3)")
    monkeypatch.setattr(run, "HERE", tmp_path)
    RESULT.model_copy(update={"command": "fails.py"}).keep()
    assert not run.measured("fails.py")
    assert measured.results_of(["fails.py"])["fails.py"].output == RESULT.output


def test_a_benchmark_that_runs_is_kept_with_its_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measured, "RESULTS", tmp_path / "results")
    (tmp_path / "runs.py").write_text("print('figure', 7)")
    monkeypatch.setattr(run, "HERE", tmp_path)
    assert run.measured("runs.py")
    (kept,) = measured.results_of(["runs.py"]).values()
    assert kept.output == "figure 7\n"
    assert kept.versions["python"] == measured.platform.python_version()
    assert 0 <= kept.others <= 1
