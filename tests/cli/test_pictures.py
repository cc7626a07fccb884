"""``mediaml pictures``: every format goes in, answers come out, errors are sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import mediaml as mm
from mediaml.cli import app
from tests.data.test_image import boxed
from tests.pictures import pretrained, write_shapes


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["pictures", *map(str, arguments)])


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shapes(tmp_path_factory.mktemp("cli") / "shapes", 8)


def test_check_answers_in_json(shapes: Path, tmp_path: Path) -> None:
    done = run("check", shapes, "--json", "--report", tmp_path / "check.html")
    facts = json.loads(done.stdout)
    assert done.exit_code == 0 and facts["ok"] and facts["summary"]["pictures"] == 24
    assert (tmp_path / "check.html").exists()


def test_a_broken_picture_is_an_error(tmp_path: Path) -> None:
    (write_shapes(tmp_path / "a", 2) / "cross" / "broken.png").write_bytes(b"no picture")
    done = run("check", tmp_path / "a")
    assert done.exit_code == 1 and "broken.png" in done.stdout


def test_the_way_from_pictures_to_a_model(shapes: Path, tmp_path: Path) -> None:
    pretrained()
    assert run("split", shapes, "--out", tmp_path / "parts", "--fractions", "0.6,0.4").exit_code == 0
    fitted = run("fit", tmp_path / "parts" / "train.csv", "--out", tmp_path / "model", "--view", "squash", "--json")
    assert fitted.exit_code == 0 and json.loads(fitted.stdout)["network"] == "efficientnet-lite0"
    measured = run("evaluate", tmp_path / "model", tmp_path / "parts" / "test.csv", "--json")
    assert json.loads(measured.stdout)["accuracy"] > 0.8
    said = run("predict", tmp_path / "model", shapes / "cross" / "0.png", "none.png")
    assert said.exit_code == 1 and "cross" in said.stdout and "none.png" in said.stderr


@pytest.mark.parametrize("kind", ["coco", "manifest", "voc", "yolo"])
def test_formats_are_converted(tmp_path: Path, kind: str) -> None:
    (tmp_path / "a" / "images").mkdir(parents=True)
    found = boxed(tmp_path / "a" / "images")
    found.to_coco(tmp_path / "a.json", absolute=True)
    out = tmp_path / {"coco": "b.json", "manifest": "b.manifest"}.get(kind, "a")
    done = run("convert", tmp_path / "a.json", out, "--to", kind, "--bucket", "media", "--json")
    facts = json.loads(done.stdout)
    assert done.exit_code == 0 and facts["boxes"] == 5
    again = run(
        "convert", out, tmp_path / "again.json", "--to", "coco", "--images", tmp_path / "a" / "images", "--json"
    )
    assert json.loads(again.stdout)["boxes"] == 5


def test_parts_with_boxes_are_coco(tmp_path: Path) -> None:
    boxed(tmp_path).to_coco(tmp_path / "a.json")
    done = run("split", tmp_path / "a.json", "--out", tmp_path / "parts", "--fractions", "0.5,0.5", "--allow-missing")
    assert done.exit_code == 0
    parts = [mm.ImageDataset.from_coco(tmp_path / "parts" / f"{name}.json") for name in ("train", "test")]
    assert sum(map(len, parts)) == 5 and all(Path(path).exists() for part in parts for path in part.frame["path"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "no-such-folder"], "there is no such folder or file"),
        (["fit", "a.csv", "--out", "m", "--network", "vgg"], "Invalid value"),
        (["convert", "a", "b"], "Missing option"),
    ],
)
def test_errors_are_sentences(arguments: list[str], message: str) -> None:
    done = run(*arguments)
    assert done.exit_code in (1, 2) and message in done.output


def test_settings_of_the_other_network_are_refused(shapes: Path, tmp_path: Path) -> None:
    done = run("fit", shapes, "--out", tmp_path / "m", "--side", "256")
    assert done.exit_code == 2 and "for boxes only" in done.output
