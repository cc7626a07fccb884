"""`mediaml cache`: how full it is, and a new beginning."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mediaml.features import cache
from tests.cli.conftest import Run

Facts = Callable[..., dict[str, Any]]


def fill(entries: int) -> None:
    """Keep some clips of 40,000 bytes each."""
    numbers = np.zeros((10, 1000), np.float32)
    cache.put({f"clip{number}": cache.Kept(0.0, 1.0, -20.0, numbers) for number in range(entries)})


def test_an_empty_cache(fresh_cache: Path, facts: Facts) -> None:
    found = facts("cache", "info", MEDIAML_CACHE_BYTES="5000000")
    assert found == {"path": str(fresh_cache / cache.FILE), "entries": 0, "bytes": 0, "limit": 5_000_000}


def test_info_counts_and_clear_forgets(fresh_cache: Path, facts: Facts, run: Run) -> None:
    fill(3)
    told = run("cache", "info", MEDIAML_CACHE_BYTES="5000000").stdout
    assert told == f"{fresh_cache / cache.FILE}\n3 clips, 0.1 MB of at most 5.0 MB\n"
    assert facts("cache", "clear") == {"entries": 3, "bytes": 120_000}
    assert run("cache", "clear").stdout == "0 clips, 0.0 MB, forgotten\n"
    assert list(fresh_cache.iterdir()) == []


@pytest.mark.filterwarnings("default")
def test_a_damaged_cache_is_said_and_can_be_cleared(fresh_cache: Path, run: Run) -> None:
    fill(1)
    (fresh_cache / cache.FILE).write_bytes(b"no database, but long enough to look like one" * 100)
    assert run("cache", "info").stderr.startswith(f"warning: the cache {fresh_cache / cache.FILE} is not used")
    run("cache", "clear")
    assert list(fresh_cache.iterdir()) == []


def test_a_limit_that_is_no_number_is_refused(run: Run) -> None:
    fill(1)
    for command in ("info", "clear"):
        assert "MEDIAML_CACHE_BYTES" in run("cache", command, code=1, MEDIAML_CACHE_BYTES="1 GB").stderr
