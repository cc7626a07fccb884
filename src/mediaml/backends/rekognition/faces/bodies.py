"""What the service is sent of a picture, or of a part of it."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mediaml.aws.s3 import Storage, is_uri, location
from mediaml.backends.rekognition.bodies import Body, Sender
from mediaml.backends.rekognition.holding import Named
from mediaml.data.pictures import decode
from mediaml.data.pictures.decode import Pixels
from mediaml.errors import AwsError, ImageError
from mediaml.values.geometry import Box
from mediaml.values.picture import Picture

LEAST = 80  # pixels: "the minimum pixel resolution for height and width" (AWS, Rekognition guide, limits)
AROUND = 0.4  # of a face's box, that is cut out with it on each side: faces are found in what is around them


class Bodies(NamedTuple):
    """Turns pictures into what is sent: as they are where the service takes them, else made smaller or upright.

    Parameters
    ----------
    storage
        S3.
    """

    storage: Storage

    def whole(self, item: Any) -> Body:
        """Give what is sent of a picture.

        Raises
        ------
        ImageError
            It cannot be read.
        """
        if isinstance(item, Named):
            try:
                return self.whole(item.content)._replace(name=item.name)
            except ImageError as error:
                raise ImageError(item.name, error.reason) from error
        body = Sender(self.storage, None).body(item)
        if body.image is not None and min(body.width, body.height) < LEAST:
            return body._replace(image=None, nothing="too_small")
        return body

    def part(self, pixels: Pixels, box: Box, name: str) -> Body:
        """Give what is sent of a face and what is around it; small ones are made larger, as the service wants.

        Raises
        ------
        ImageError
            The box lies outside of the picture.
        """
        cut = _cut(pixels, box)
        if cut.size == 0:
            raise ImageError(name, f"the box {box} lies outside of the picture")
        return self.whole(_enlarged(cut))._replace(name=name)

    def pixels(self, item: Any) -> Pixels:
        """Decode a picture.

        Raises
        ------
        ImageError
            It cannot be read.
        """
        if isinstance(item, Picture):
            item = item.path
        name = item.name if isinstance(item, Named) else decode.name_of(item)
        try:
            if is_uri(item):
                return decode.read(self.storage.get(location(item)))
            return decode.read(item.content if isinstance(item, Named) else item)
        except AwsError as error:
            raise ImageError(name, str(error)) from error
        except ImageError as error:
            raise ImageError(name, error.reason) from error


def _cut(pixels: Pixels, box: Box) -> Pixels:
    height, width = pixels.shape[:2]
    across, down = AROUND * box.width, AROUND * box.height
    left, right = (round(np.clip(one, 0, width)) for one in (box.left - across, box.right + across))
    top, bottom = (round(np.clip(one, 0, height)) for one in (box.top - down, box.bottom + down))
    return pixels[top:bottom, left:right]


def _enlarged(pixels: Pixels) -> Pixels:
    from PIL import Image

    height, width = pixels.shape[:2]
    if min(height, width) >= LEAST:
        return pixels
    scale = LEAST / min(height, width)
    size = (max(LEAST, round(width * scale)), max(LEAST, round(height * scale)))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC), np.uint8)
