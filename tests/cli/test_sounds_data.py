"""`mediaml sounds check` and `split`: what would spoil a training, and parts that share no recording."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mediaml as mm
from tests.cli.conftest import Run
from tests.sounds import write_tones

Facts = Callable[..., dict[str, Any]]


def test_check_says_what_python_says(tones: Path, run: Run, facts: Facts) -> None:
    expected = mm.AudioDataset.from_folder(tones).check()
    assert run("sounds", "check", tones).stdout == f"{expected}\n"
    found = facts("sounds", "check", tones)
    assert found["ok"] is True
    assert found["verdict"] == expected.verdict
    assert found["summary"]["clips"] == 24
    assert [(one["severity"], one["problem"]) for one in found["findings"]] == list(
        zip(expected.findings["severity"], expected.findings["problem"], strict=True)
    )


def test_errors_in_the_data_are_exit_code_1_and_are_listed(tmp_path: Path, facts: Facts) -> None:
    folder = write_tones(tmp_path / "tones", per_label=2)
    (folder / "hum" / "0.wav").write_bytes(b"neither fish nor flesh")
    found = facts("sounds", "check", folder, code=1)
    assert found["ok"] is False
    first = found["findings"][0]
    assert (first["severity"], first["problem"]) == ("error", "unreadable")
    assert first["path"].endswith("0.wav")
    assert first["remedy"]


def test_check_writes_a_page(tones: Path, tmp_path: Path, run: Run) -> None:
    page = tmp_path / "pages" / "check.html"
    assert run("sounds", "check", tones, "--report", page).stdout.endswith(f"report: {page}\n")
    assert "few_recordings" in page.read_text()


def test_split_writes_what_python_splits(tones: Path, tmp_path: Path, facts: Facts) -> None:
    out = tmp_path / "parts"
    found = facts("sounds", "split", tones, "--out", out, "--fractions", "0.5,0.25,0.25", "--seed", "3")
    expected = mm.AudioDataset.from_folder(tones).split(0.5, 0.25, 0.25, seed=3)
    for name, part in zip(("train", "validation", "test"), expected, strict=True):
        assert found[name] == {"table": str(out / f"{name}.csv"), "clips": len(part), "labels": [*part.labels]}
        again = mm.AudioDataset.from_table(out / f"{name}.csv")
        assert again.content_hash() == part.content_hash()
        pd.testing.assert_frame_equal(again.frame, part.frame, check_exact=False)


def test_split_keeps_groups_together_and_says_so_in_its_tables(tones: Path, tmp_path: Path, run: Run) -> None:
    table = tmp_path / "clips.csv"
    clips = [(tones / label / f"{n}.wav", label, f"day{n}") for label in ("hum", "whistle") for n in range(8)]
    pd.DataFrame(clips, columns=["path", "label", "group"]).to_csv(table, index=False)
    run("sounds", "split", table, "--out", tmp_path / "parts")
    days = [set(pd.read_csv(tmp_path / "parts" / f"{name}.csv")["group"]) for name in ("train", "validation", "test")]
    assert set.union(*days) == {f"day{n}" for n in range(8)}
    assert sum(map(len, days)) == 8, "no day is in two parts"


def test_two_parts_are_train_and_test(tones: Path, tmp_path: Path, run: Run) -> None:
    run("sounds", "split", tones, "--out", tmp_path, "--fractions", "0.75,0.25")
    assert sorted(path.name for path in tmp_path.glob("*.csv")) == ["test.csv", "train.csv"]


def test_a_validation_of_another_split_is_not_left_beside(tones: Path, tmp_path: Path, run: Run) -> None:
    run("sounds", "split", tones, "--out", tmp_path, "--seed", "1")
    before = (tmp_path / "train.csv").read_bytes()
    told = run("sounds", "split", tones, "--out", tmp_path, "--fractions", "0.75,0.25", code=1).stderr
    assert "validation.csv" in told
    assert (tmp_path / "train.csv").read_bytes() == before


@pytest.mark.filterwarnings("default")
def test_a_label_that_cannot_be_in_every_part(tmp_path: Path, run: Run) -> None:
    folder = write_tones(tmp_path / "tones", per_label=4)
    for path in sorted((folder / "hum").iterdir())[1:]:
        path.unlink()
    refused = run("sounds", "split", folder, "--out", tmp_path / "parts", code=1)
    assert "'hum' exists in only 1 recording" in refused.stderr
    assert not (tmp_path / "parts").exists()
    told = run("sounds", "split", folder, "--out", tmp_path / "parts", "--allow-missing")
    assert told.stderr.startswith("warning: label 'hum'")
