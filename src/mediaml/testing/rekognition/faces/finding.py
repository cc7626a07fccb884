"""Where faces are in a picture: OpenCV's cascade of Haar features, or, without OpenCV, the picture as a whole."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mediaml.data.pictures.decode import Pixels

LONGEST = 1280  # pixels that a picture is looked at with
LEAST_FACE = 40.0  # pixels in a picture of 1,920; of larger ones more ("Limits in Amazon Rekognition")
FULL = 1920.0
MARGIN = 0.25  # of the shorter side, put around a picture: the cascade wants to see what is around a face
STEP = 1.1  # from one size of faces to the next
NEIGHBOURS = 3  # finds in one place that make a face
CASCADE = "haarcascade_frontalface_alt2.xml"


class FoundFace(NamedTuple):
    """A face: left, top, width and height in pixels, and how sure it is that it is one, 0 to 1."""

    left: float
    top: float
    width: float
    height: float
    confidence: float


def usual(pixels: Pixels) -> list[FoundFace]:
    """Find faces, the largest first.

    With OpenCV (it comes with the extra ``video``): its cascade for frontal faces (Viola & Jones 2001; Lienhart's
    training), which is no match for AWS's detector. Without: the whole picture is taken for one face.
    """
    height, width = pixels.shape[:2]
    if not _CASCADE.there:
        return [FoundFace(0.0, 0.0, float(width), float(height), 1.0)]
    return _CASCADE.find(pixels)


class _Cascade:
    """OpenCV's cascade, read once; it is not made for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cascade: Any = None

    @property
    def there(self) -> bool:
        """Whether OpenCV is installed; threads must not ask while another one imports it."""
        with self._lock:
            return self._cascade is not None or find_spec("cv2") is not None

    def find(self, pixels: Pixels) -> list[FoundFace]:
        """See `usual`."""
        with self._lock:
            import cv2.data

            if self._cascade is None:
                self._cascade = cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / CASCADE))
        height, width = pixels.shape[:2]
        scale = min(1.0, LONGEST / max(height, width))
        grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
        if scale < 1:
            grey = cv2.resize(grey, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
        margin = round(MARGIN * min(grey.shape))
        around = cv2.copyMakeBorder(grey, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
        least = max(24, round(scale * LEAST_FACE * max(1.0, max(height, width) / FULL)))
        with self._lock:
            boxes, _, weights = self._cascade.detectMultiScale3(
                around, STEP, NEIGHBOURS, minSize=(least, least), outputRejectLevels=True
            )
        found = [
            _inside([box[0] - margin, box[1] - margin, box[2], box[3]], scale, width, height, float(weight))
            for box, weight in zip(boxes, np.ravel(weights), strict=True)
        ]
        return sorted(found, key=lambda one: -one.width * one.height)


def _inside(box: Sequence[float], scale: float, width: int, height: int, weight: float) -> FoundFace:
    """Give a box in pixels of the picture, as far as it lies inside."""
    left, top, right, bottom = (float(one) / scale for one in (*box[:2], box[0] + box[2], box[1] + box[3]))
    left, top, right, bottom = max(0.0, left), max(0.0, top), min(right, float(width)), min(bottom, float(height))
    # the cascade's weights are no probabilities; this only keeps their order
    return FoundFace(left, top, right - left, bottom - top, 1.0 - 0.5 * float(np.exp(-max(0.0, weight))))


_CASCADE = _Cascade()
