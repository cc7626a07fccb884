"""``mediaml export-onnx``: a saved model for machines without MXNet."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mediaml as mm
from tests.cli.conftest import Run

pytest.importorskip("onnxruntime", reason="needs the extra 'onnx'")


def test_it_says_what_was_exported_where(facts: Callable[..., dict[str, Any]], model: Path, tmp_path: Path) -> None:
    told = facts("export-onnx", model, tmp_path / "onnx")
    assert told["labels"] == ["hiss", "hum", "whistle"]
    assert Path(told["graph"]).suffix == ".onnx"
    assert Path(told["graph"]).exists()
    exported = mm.load(told["model"])
    assert isinstance(exported, mm.LocalAudioModel)
    assert exported.labels == ("hiss", "hum", "whistle")


def test_an_exported_model_answers_on_the_command_line(run: Run, model: Path, tones: Path, tmp_path: Path) -> None:
    run("export-onnx", model, tmp_path / "onnx")
    sound = tones / "hum" / "0.wav"
    assert run("sounds", "predict", tmp_path / "onnx", sound).stdout == run("sounds", "predict", model, sound).stdout


def test_what_is_no_saved_model_is_refused(run: Run, tmp_path: Path) -> None:
    said = json.loads(run("export-onnx", tmp_path, tmp_path / "onnx", "--json", code=1).stdout)
    assert said["error"]["kind"] == "SavedModelError"
