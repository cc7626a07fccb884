"""The limits of Rekognition Custom Labels, from AWS's page "Guidelines and quotas" unless another source is named.

Where a page says GB or MB it does not say which: the smaller reading is taken, so that what passes here passes there.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Part = Literal["train", "test"]
UseCase = Literal["IMAGE_LEVEL_LABELS", "OBJECT_LOCALIZATION", "NOT_DETERMINED"]
"""In the words of the service's manifest summary."""

MANIFEST_BYTES = 1_000_000_000
LINE_CHARACTERS = 100_000  # page "Terminal errors" of datasets; DatasetEntry in the API's model
MOST_LABELS = 250
LEAST_LABELS: dict[UseCase, int] = {"IMAGE_LEVEL_LABELS": 2, "OBJECT_LOCALIZATION": 1, "NOT_DETERMINED": 1}
LABEL_CHARACTERS = 255  # DatasetLabel in the API's model; the page of errors says 256
LABELS_PER_PICTURE = 50
BOXES_PER_PICTURE = 50
TEST_PICTURES_PER_LABEL = 1000
WISE_PICTURES_PER_LABEL = 10  # "use at least 10 images to train", page "Preparing images"

BAD_LINES = 0.20  # of all, page "Validation rules for manifest files"
LABEL_OVERLAP = 0.50  # common labels / labels of the training manifest, same page

FORMATS = ("JPEG", "PNG")
PICTURE_BYTES = 15_000_000
SHORTEST_SIDE, LONGEST_SIDE = 64, 4096  # pixels
MOST_RATIO = 20.0
TRAINED_SIDE = 1280  # the service makes larger pictures as small as this, page of ERROR_BOUNDING_BOX_TOO_SMALL
SMALLEST_BOX = 1.0  # pixels, after that; it must be larger

BUCKET_CHARACTERS = (3, 255)  # S3Bucket in the API's model
KEY_BYTES = 1024  # S3ObjectName in the API's model, S3's own limit


class Rows(NamedTuple):
    """How many lines a manifest may have."""

    train: int = 250_000
    test: int = 250_000


SMALL_REGIONS = {region: Rows(28_000, 7_000) for region in ("ap-south-1", "eu-west-2")}
"""Mumbai and London. Classification has 500,000 pictures by request elsewhere, but a manifest has 250,000 lines."""


def rows_of(region: str | None) -> Rows:
    """Give the limits of a region, or those that hold in most."""
    return SMALL_REGIONS.get(region or "", Rows())
