"""EfficientNet-Lite0 is the network that its weights were trained in."""

from __future__ import annotations

import pickle
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from mediaml.errors import WeightsError
from mediaml.runtime import _mx
from mediaml.vision import checkpoint, efficientnet, noise, views
from mediaml.vision.eye import Eye
from tests.pictures import pretrained

GOLDEN = (0.6343633, 0.0, 1.9035956, 0.0, 0.0, 0.0, 0.0, 0.0)
GOLDEN_SUM = 164.74524


@pytest.fixture(scope="module")
def eye() -> Eye:
    pretrained()
    from mediaml.backends import mxnet_thread

    return mxnet_thread.run(lambda: Eye(efficientnet.pretrained()))


def embed(eye: Eye, squares: np.ndarray) -> np.ndarray:
    from mediaml.backends import mxnet_thread

    return np.asarray(mxnet_thread.run(lambda: eye.embed(squares)))


def test_embeddings_are_those_of_the_original(eye: Eye) -> None:
    """The numbers were computed with torch 2.13 from the same checkpoint, batch norms and all."""
    square = np.random.RandomState(0).randint(0, 256, (1, 224, 224, 3)).astype(np.uint8)
    found = embed(eye, square)[0]
    assert found.shape == (efficientnet.EMBEDDING,)
    assert found[:8] == pytest.approx(np.array(GOLDEN), abs=2e-4)
    assert float(found.sum()) == pytest.approx(GOLDEN_SUM, rel=1e-4)


def test_a_batch_does_not_matter(eye: Eye) -> None:
    squares = np.stack([views.squash(one) for one in noise.pictures()])[:35]
    together = embed(eye, squares)
    alone = np.concatenate([embed(eye, squares[n : n + 1]) for n in (0, 17, 34)])
    assert np.abs(together[[0, 17, 34]] - alone).max() < 1e-4


def test_taps_are_the_strides_of_a_pyramid() -> None:
    from mediaml.backends import mxnet_thread

    def shapes() -> list[tuple[int, ...]]:
        mx = _mx.load()
        net = efficientnet.backbone((4, 10, 15))
        net.initialize(mx.init.Zero())
        return [one.shape for one in net(mx.nd.zeros((2, 3, 128, 192)))]

    assert mxnet_thread.run(shapes) == [(2, 40, 16, 24), (2, 112, 8, 12), (2, 320, 4, 6)]


class TestTheCheckpoint:
    def test_another_file_is_not_read(self, tmp_path: Path) -> None:
        path = tmp_path / "a.pth"
        path.write_bytes(pickle.dumps(print))
        with pytest.raises(WeightsError, match="another SHA-256"):
            checkpoint.read(path)
        with pytest.raises(WeightsError, match="cannot be read"):
            checkpoint.read(tmp_path / "none.pth")

    def test_code_is_refused_even_with_the_right_hash(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        import hashlib

        content = pickle.dumps(checkpoint.MAGIC) + pickle.dumps(1001) + pickle.dumps({}) + pickle.dumps(print)
        (tmp_path / "a.pth").write_bytes(content)
        monkeypatch.setattr(checkpoint, "SHA256", hashlib.sha256(content).hexdigest())
        with pytest.raises(WeightsError, match=r"asks for builtins.print|asks for"):
            checkpoint.read(tmp_path / "a.pth")

    def test_all_weights_are_used(self) -> None:
        pretrained()
        found = efficientnet.pretrained()
        assert len(found) == 2 * 49 + 2
        assert all(np.isfinite(array).all() for array in found.values())
        assert found["classifier_weight"].shape == (efficientnet.CLASSES, efficientnet.EMBEDDING)


class TestViews:
    def test_crop_takes_the_middle_of_the_shorter_side(self) -> None:
        pixels = np.zeros((100, 300, 3), np.uint8)
        pixels[:, 100:200] = 255
        assert views.crop(pixels).shape == (224, 224, 3)
        assert (views.crop(pixels)[:, 20:-20] == 255).all()

    def test_squash_sees_all_of_it(self) -> None:
        pixels = np.zeros((100, 300, 3), np.uint8)
        pixels[:, :30] = 255
        assert (views.squash(pixels)[:, :15] == 255).all() and not views.squash(pixels)[:, 40:].any()

    @pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (8, 9), (223, 225)])
    def test_any_size_will_do(self, size: tuple[int, int]) -> None:
        pixels = np.full((*size, 3), 7, np.uint8)
        for view in views.VIEWS.values():
            assert view(pixels).shape == (224, 224, 3)

    @pytest.mark.parametrize("size", [(1, 65535), (65535, 1), (8, 30000)])
    def test_a_line_of_pixels_does_not_fill_the_memory(self, size: tuple[int, int]) -> None:
        pixels = np.zeros((*size, 3), np.uint8)
        middle = [slice(side // 2 - 2, side // 2 + 3) if side > 8 else slice(None) for side in size]
        pixels[middle[0], middle[1]] = 255
        tracemalloc.start()
        found = views.crop(pixels)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (found[100:124, 100:124] == 255).all(), "what is in the middle is looked at"
        assert most < 10 * found.nbytes

    def test_numbers_are_the_networks_own(self) -> None:
        found = views.as_input(np.array([[[[127, 255, 0]]]], np.uint8))
        assert found.ravel().tolist() == pytest.approx([0, 1, -127 / 128]) and found.shape == (1, 3, 1, 1)


def test_noise_is_the_same_at_every_call() -> None:
    one, other = list(noise.pictures()), list(noise.pictures())
    assert len(one) == len(noise.KINDS) * noise.OF_EACH
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert all(picture.dtype == np.uint8 and picture.shape == (256, 256, 3) for picture in one)
