"""How sharp a picture is."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter
from scipy import ndimage

from mediaml.data.pictures.sharpness import sharpness

RANDOM = np.random.default_rng(0)
FINE = RANDOM.integers(0, 256, (300, 400, 3), dtype=np.uint8)


def test_it_is_the_variance_of_the_laplacian():
    small = FINE[:200]
    grey = np.asarray(Image.fromarray(small).convert("L"), np.float64)

    expected = ndimage.laplace(grey)[1:-1, 1:-1].var()

    assert sharpness(small) == pytest.approx(expected, rel=1e-4)


def test_it_falls_as_a_picture_is_blurred():
    picture = Image.fromarray(FINE)
    found = [sharpness(np.asarray(picture.filter(ImageFilter.GaussianBlur(radius)))) for radius in (0, 1, 2, 4)]

    assert found == sorted(found, reverse=True)
    assert found[-1] < found[0] / 100


def test_a_larger_copy_of_a_picture_is_about_as_sharp():
    smooth = Image.fromarray(FINE[:32, :48]).resize((768, 512), Image.Resampling.BICUBIC)

    small, large = np.asarray(smooth), np.asarray(smooth.resize((1920, 1280), Image.Resampling.BICUBIC))

    assert sharpness(large) == pytest.approx(sharpness(small), rel=0.1)


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 50, 3), (3, 3, 3), (1000, 2, 3)])
def test_pictures_too_small_to_have_edges_are_not_sharp(shape):
    assert sharpness(np.full(shape, 7, np.uint8)) == 0
