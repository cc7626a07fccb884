"""Tones, a model that tells them apart, and a command line with a cache of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import mediaml as mm
from mediaml.cli import app
from tests.sounds import small_model, write_tones

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def fresh_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache is not touched."""
    monkeypatch.setenv("MEDIAML_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def run() -> Run:
    """Run a command, and expect an exit code; whatever is no plain ending is raised."""

    def command(*arguments: object, code: int = 0, **environment: str) -> Result:
        words = [str(one) for one in arguments]
        result = CliRunner().invoke(app, words, env=environment, catch_exceptions=False)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return command


@pytest.fixture
def facts(run: Run) -> Callable[..., dict[str, Any]]:
    """Run a command with --json, and give its one document; json.loads refuses anything more."""

    def command(*arguments: object, code: int = 0, **environment: str) -> dict[str, Any]:
        document = json.loads(run(*arguments, "--json", code=code, **environment).stdout)
        assert isinstance(document, dict)
        return document

    return command


@pytest.fixture(scope="session")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight recordings of a second for each of three labels."""
    return write_tones(tmp_path_factory.mktemp("cli") / "tones")


@pytest.fixture(scope="session")
def model(tones: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model that knows the tones."""
    fitted = small_model().fit(mm.AudioDataset.from_folder(tones), progress=False)
    return fitted.save(tmp_path_factory.mktemp("cli") / "model")
