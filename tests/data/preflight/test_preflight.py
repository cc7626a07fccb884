"""How it is told what was found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mediaml.data.preflight.manifest import check_manifest
from mediaml.data.preflight.rules import CODES
from tests.data.preflight.manifests import animals, image_level, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "output.manifest"


def test_of_many_faults_the_first_are_kept_and_all_are_counted(path):
    found = check_manifest(write(path, [*animals(2000), *["{}"] * 150]))

    assert found.counts["ERROR_MISSING_SOURCE_REF"] == 150
    assert [fault.line for fault in found.faults if fault.code == "ERROR_MISSING_SOURCE_REF"] == [*range(2001, 2101)]


def test_it_prints_the_worst_first_with_three_lines_and_the_remedy(path):
    found = check_manifest(write(path, [*animals(), image_level(200, "eel"), *["{}"] * 4, image_level(3)]))
    text = str(found)

    assert text.startswith("train: 30 lines, 25 usable pictures, 0 boxes, 3 labels; IMAGE_LEVEL_LABELS\n")
    assert re.findall(r"^(?:error|warning) +(\S+) \((\d+)\)", text, re.MULTILINE) == [
        ("ERROR_MISSING_SOURCE_REF", "4"),
        ("dropped_duplicate_source_ref", "1"),
        ("few_pictures", "1"),
    ]
    assert "           line 26: it has nothing at all\n" in text
    assert "           and 1 more: see .findings\n" in text
    assert f"         > {CODES['few_pictures'].remedy}" in text
    assert repr(found) == "<Preflight of 30 lines: 5 errors, 1 warning>"


def test_findings_are_a_table(path):
    table = check_manifest(write(path, [*animals(), ""])).findings

    assert list(table.columns) == ["severity", "code", "part", "line", "attribute", "detail", "remedy"]
    assert table[["severity", "code", "line"]].to_numpy().tolist() == [["error", "ERROR_INVALID_JSON_LINE", 25]]
