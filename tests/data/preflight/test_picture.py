"""What the service would say of a picture's file."""

from __future__ import annotations

import pytest

from mediaml.data.preflight.picture import check_picture_facts


@pytest.mark.parametrize(
    ("format", "width", "height", "bytes", "codes"),
    [
        ("JPEG", 640, 480, 100_000, []),
        ("png", 64, 64, 15_000_000, []),
        ("PNG", 4096, 4096, 1, []),
        ("PNG", 4096, 205, 1, []),
        (None, 0, 0, 12, ["ERROR_INVALID_IMAGE"]),
        ("GIF", 640, 480, 100, ["ERROR_INVALID_IMAGE"]),
        ("JPEG", 640, 480, 15_000_001, ["ERROR_INVALID_IMAGE"]),
        ("JPEG", 4096, 204, 100, ["ERROR_INVALID_IMAGE"]),
        ("JPEG", 63, 640, 100, ["ERROR_INVALID_IMAGE_DIMENSION"]),
        ("JPEG", 640, 4097, 100, ["ERROR_INVALID_IMAGE_DIMENSION"]),
        ("TIFF", 0, 0, 20_000_000, ["ERROR_INVALID_IMAGE", "ERROR_INVALID_IMAGE", "ERROR_INVALID_IMAGE_DIMENSION"]),
    ],
)
def test_a_picture(format, width, height, bytes, codes):
    assert [fault.code for fault in check_picture_facts(format, width, height, bytes)] == codes
