"""What the service is sent of a picture, or of a part of it."""

from __future__ import annotations

from collections.abc import Mapping
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
CLOSELY = 0.1  # where a larger face stands beside it
CLOSER = (AROUND, CLOSELY)


class Part(NamedTuple):
    """A part of a picture.

    Parameters
    ----------
    body
        What is sent of it.
    left, top, width, height
        Where it was cut out, in pixels of the picture.
    """

    body: Body
    left: float
    top: float
    width: float
    height: float

    def box(self, place: Mapping[str, float], label: str) -> Box:
        """Give a place that the service names, in shares of the part, as one of the picture."""
        return Box(
            label=label,
            left=self.left + float(place["Left"]) * self.width,
            top=self.top + float(place["Top"]) * self.height,
            width=float(place["Width"]) * self.width,
            height=float(place["Height"]) * self.height,
        )


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

    def part(self, pixels: Pixels, box: Box, name: str, around: float) -> Part:
        """Give what is sent of a face and what is around it; small ones are made larger, as the service wants.

        Parameters
        ----------
        pixels, name
            The picture.
        box
            The face.
        around
            What is cut out with it on each side, as a share of the box.

        Raises
        ------
        ImageError
            The box lies outside of the picture.
        """
        height, width = pixels.shape[:2]
        across, down = around * box.width, around * box.height
        left, right = (round(np.clip(one, 0, width)) for one in (box.left - across, box.right + across))
        top, bottom = (round(np.clip(one, 0, height)) for one in (box.top - down, box.bottom + down))
        cut = pixels[top:bottom, left:right]
        if cut.size == 0:
            raise ImageError(name, f"the box {box} lies outside of the picture")
        body = self.whole(_enlarged(cut))._replace(name=name)
        return Part(body, left, top, right - left, bottom - top)

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


def _enlarged(pixels: Pixels) -> Pixels:
    from PIL import Image

    height, width = pixels.shape[:2]
    if min(height, width) >= LEAST:
        return pixels
    scale = LEAST / min(height, width)
    size = (max(LEAST, round(width * scale)), max(LEAST, round(height * scale)))
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC), np.uint8)
