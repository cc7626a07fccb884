"""Each network gives in ONNX Runtime what it gives in MXNet, whatever goes in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.backends.onnx.eye import OnnxEye
from mediaml.backends.onnx.finder import OnnxFinder
from mediaml.backends.onnx.graph import Graph, Layer
from mediaml.backends.onnx.graphs import sounds
from mediaml.backends.onnx.network import OnnxNetwork
from mediaml.runtime.faults import SpecFault, StoreFault
from mediaml.runtime.network import Network
from mediaml.runtime.networks import NETWORKS, default_spec
from mediaml.runtime.spec import Spec
from mediaml.vision.efficientnet import pretrained as lite0
from mediaml.vision.eye import Eye
from mediaml.vision.finder import Finder
from tests.backends.onnx.examples import SIDE, agree, anchors, detector_weights, noise
from tests.pictures import SHAPES, pretrained
from tests.weights import yamnet_weights

SPECS = {
    "cnn": Spec(sample_rate=8000, n_fft=512, hop_length=256, mel_bands=41, clip_seconds=0.7),  # odd in both directions
    "yamnet": Spec.from_dict({**default_spec("yamnet").to_dict(), "clip_seconds": 2.2}),
}
SEEDS = st.integers(0, 2**32 - 1)
FEW = settings(max_examples=4)
LEVELS = [(0, 1, 2, 3), *(pytest.param(one, marks=pytest.mark.slow) for one in [(1, 1, 2), (3,)])]


def both(name: str) -> tuple[Network, OnnxNetwork]:
    """A network in MXNet with weights none of which is neutral, and the same in ONNX Runtime."""
    network = Network(name, SPECS[name], 3, seed=5)
    if name == "yamnet":
        network.set_body(yamnet_weights().arrays)
    else:
        arrays = network.arrays()
        moved = {key: one + noise(len(key), one.shape, 0.01, 0.3) for key, one in arrays.items() if "norm" in key}
        network.set_arrays({**arrays, **moved, "cnn_standardise0_mean": arrays["cnn_standardise0_mean"] - 40})
    same = OnnxNetwork(name, SPECS[name], 3)
    same.set_arrays(network.arrays())
    return network, same


@pytest.fixture(scope="module", params=["cnn", "yamnet"])
def networks(request: pytest.FixtureRequest) -> tuple[Network, OnnxNetwork]:
    return both(request.param)


@FEW
@given(seed=SEEDS, count=st.integers(1, 5), quiet=st.floats(0, 1))
def test_sounds(networks: tuple[Network, OnnxNetwork], seed: int, count: int, quiet: float) -> None:
    theirs, ours = networks
    spec = theirs.spec
    heard = noise(seed, (count, spec.mel_bands, spec.clip_frames), -7, 3)
    heard[:, :, : int(quiet * spec.clip_frames)] = -6.5  # what yamnet takes for silence
    assert agree(ours.embed(heard, 2), theirs.embed(heard, 2))
    assert agree(ours.logits(heard), theirs.logits(heard))
    frames = getattr(theirs.module, "PATCH_FRAMES", spec.clip_frames)
    assert agree(ours.hear(heard[:, :, :frames]), theirs.hear(heard[:, :, :frames]))


def test_a_network_of_sounds_has_the_same_weights_head_and_name(networks: tuple[Network, OnnxNetwork]) -> None:
    theirs, ours = networks
    assert ours.body_digest() == theirs.body_digest()
    assert all(np.array_equal(one, ours.arrays()[name]) for name, one in theirs.arrays().items())
    assert np.array_equal(ours.get_head().weight, theirs.get_head().weight)
    assert np.array_equal(ours.get_head().bias, theirs.get_head().bias)


def test_every_network_of_sounds_has_a_graph() -> None:
    assert sounds.GRAPHS.keys() == NETWORKS.keys()


def test_a_front_end_that_a_network_cannot_hear_through_is_refused() -> None:
    with pytest.raises(SpecFault, match="yamnet hears through its own front end"):
        OnnxNetwork("yamnet", SPECS["cnn"], 2)


@pytest.fixture(scope="module")
def eyes() -> tuple[Eye, OnnxEye]:
    pretrained()
    eye = Eye(lite0())
    return eye, OnnxEye(eye.arrays)


@FEW
@given(seed=SEEDS, count=st.integers(1, 3))
def test_labels_of_pictures(eyes: tuple[Eye, OnnxEye], seed: int, count: int) -> None:
    theirs, ours = eyes
    views = noise(seed, (count, 224, 224, 3), 0, 256).astype(np.uint8)
    assert agree(ours.embed(views), theirs.embed(views))


def test_an_eye_has_the_same_name_and_sees_nothing_in_nothing(eyes: tuple[Eye, OnnxEye]) -> None:
    theirs, ours = eyes
    assert ours.digest == theirs.digest
    assert ours.embed(np.zeros((0, 224, 224, 3), np.uint8)).shape == (0, 1280)


@pytest.mark.parametrize(
    "levels",
    [(0, 1, 2, 3), pytest.param((1, 1, 2), marks=pytest.mark.slow), pytest.param((3,), marks=pytest.mark.slow)],
    ids=str,
)
def test_boxes_with_anchors_on_these_levels(levels: tuple[int, ...]) -> None:
    pretrained()
    found = anchors(*levels)
    theirs = Finder(detector_weights(found), len(SHAPES), found, SIDE, "both")
    ours = OnnxFinder(theirs.arrays, len(SHAPES), found, SIDE, "both")
    squares = noise(1, (2, SIDE, SIDE, 3), 0, 256).astype(np.uint8)
    for one, other in zip(ours.look(squares), theirs.look(squares), strict=True):
        assert one.shape == other.shape
        assert agree(one, other)
    for mine, other_boxes in zip(ours.find(squares), theirs.find(squares), strict=True):
        assert agree(mine.scores, other_boxes.scores)


def changed(arrays: dict[str, Any], how: str) -> dict[str, Any]:
    first, *_ = (name for name in arrays if name.endswith("conv0_weight"))
    if how == "missing":
        return {name: one for name, one in arrays.items() if name != first}
    if how == "too many":
        return {**arrays, "further": arrays[first]}
    return {**arrays, first: arrays[first][:, :, :1] if how == "shape" else arrays[first].astype(np.float64)}


@pytest.mark.parametrize("how", ["missing", "too many", "shape", "type"])
def test_weights_of_another_network_are_refused(how: str) -> None:
    arrays = Network("cnn", SPECS["cnn"], 3).arrays()
    with pytest.raises(StoreFault, match=r"conv0_weight|further"):
        OnnxNetwork("cnn", SPECS["cnn"], 3).set_arrays(changed(arrays, how))


def test_a_graph_takes_batches_of_any_size_and_names_its_ends() -> None:
    graph = Graph({"one_weight": np.ones((2, 1, 1, 1), np.float32), "one_bias": np.zeros(2, np.float32)})
    seen = graph.convolution("x", "one", Layer(1, 2, 1))
    model = graph.model(("x", np.float32, (1, 4, 4)), {"seen": (seen, (2, 4, 4))})
    (put,), (got,) = model.graph.input, model.graph.output
    assert (put.name, got.name) == ("x", "seen")
    assert put.type.tensor_type.shape.dim[0].dim_param == got.type.tensor_type.shape.dim[0].dim_param == "n"
    assert {one.name for one in model.graph.initializer} == {"one_weight", "one_bias"}
