"""Real recordings and tables that are too large for the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("MEDIAML_TEST_DATA", _REPOSITORY.parent / "shared" / "data"))


def shared(*parts: str) -> Path:
    """Return a file or folder of the shared data; skip the test where it is not at hand."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs the shared test data: {path} is missing (set MEDIAML_TEST_DATA to its folder)")
    return path
