"""DetectCustomLabels: what a running version says of a picture, as often as its inference units let it."""

from __future__ import annotations

import threading
from typing import Any

from mediaml.data.pictures import decode
from mediaml.data.preflight import quotas
from mediaml.errors import ImageError
from mediaml.testing.refusals import RefusalError
from mediaml.testing.rekognition.learner import Found
from mediaml.testing.rekognition.requests import invalid
from mediaml.testing.rekognition.resources import Account, Version, not_ready

Request = dict[str, Any]
INLINE = 4 << 20  # bytes of a picture that is sent: "4 MB" on AWS's page of limits
LARGEST = 15 << 20  # bytes of one on S3
FORMATS = ("JPEG", "PNG", "MPO")
GROWS_AFTER = (
    60.0  # seconds of refusals after which a unit is added, where there may be more: AWS says only "automatically"
)


class Throttle:
    """Lets so many calls a second through; what was not used of a second is lost."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._left: dict[str, tuple[float, float]] = {}
        self._refused_since: dict[str, float] = {}
        self.calls_per_second: float | None = None
        self.refused = 0

    def take(self, version: Version) -> None:
        """Count a call.

        Raises
        ------
        RefusalError
            There were too many.
        """
        if self.calls_per_second is None:
            return
        rate, now = self.calls_per_second * version.working_units, self._account.clock.now()
        left, then = self._left.get(version.arn, (rate, now))
        left = min(rate, left + (now - then) * rate)
        if left >= 1 - 1e-9:
            self._left[version.arn] = (left - 1, now)
            return
        self._left[version.arn] = (left, now)
        self.refused += 1
        self._grow(version, now)
        raise RefusalError(
            "ProvisionedThroughputExceededException", "The number of requests exceeded your throughput limit."
        )

    def _grow(self, version: Version, now: float) -> None:
        since = self._refused_since.setdefault(version.arn, now)
        if version.most_units is not None and now - since >= GROWS_AFTER:
            version.working_units = min(version.most_units, version.working_units + 1)
            self._refused_since[version.arn] = now


class Detecting:
    """Answers about pictures.

    Parameters
    ----------
    account
        Where.
    lock
        Of all operations: looking at a picture is done outside of it.
    """

    def __init__(self, account: Account, lock: threading.RLock) -> None:
        self._account, self._lock = account, lock
        self.throttle = Throttle(account)

    def detect(self, request: Request) -> Request:
        """DetectCustomLabels."""
        with self._lock:
            _, version = self._account.version(request["ProjectVersionArn"])
            if version.status != "RUNNING" or version.learner is None:
                raise not_ready(f"The project version is not ready: it is {version.status}.")
            self.throttle.take(version)
            learner = version.learner
        pixels = pixels_of(content_of(request["Image"], self._account))
        height, width = pixels.shape[:2]
        least = request.get("MinConfidence")
        found = [
            one
            for one in learner.look([pixels])[0]
            if one.confidence >= (learner.thresholds.get(one.label, 1.0) if least is None else least / 100)
        ]
        most = request.get("MaxResults")
        return {"CustomLabels": [_told(one, width, height) for one in found[:most]]}


def content_of(image: Request, account: Account, inline: int = INLINE) -> bytes:
    """Give the bytes of a picture that a request holds, or names on S3.

    Raises
    ------
    RefusalError
        It does neither, is too large, or may not be read.
    """
    if ("Bytes" in image) == ("S3Object" in image):
        raise invalid("Image has either Bytes or an S3Object.")
    if "Bytes" in image:
        if len(image["Bytes"]) > inline:
            raise RefusalError("ImageTooLargeException", "Image size is too large.")
        content: bytes = image["Bytes"]
        return content
    at = image["S3Object"]
    try:
        if account.may(at.get("Bucket", "")):
            content = account.buckets.read(f"s3://{at['Bucket']}/{at.get('Name', '')}")
            if len(content) > LARGEST:
                raise RefusalError("ImageTooLargeException", "Image size is too large.")
            return content
    except FileNotFoundError:
        pass  # refused below
    raise RefusalError(
        "InvalidS3ObjectException",
        "Unable to get object metadata from S3. Check object key, region and/or access permissions.",
    )


def pixels_of(content: bytes, shortest: int = quotas.SHORTEST_SIDE) -> decode.Pixels:
    """Decode a picture.

    Raises
    ------
    RefusalError
        It is none, or not of a kind and size that the service takes.
    """
    try:
        found = decode.header(content)
        if found.format not in FORMATS:
            raise RefusalError("InvalidImageFormatException", "Request has invalid image format")
        if max(found.width, found.height) > quotas.LONGEST_SIDE:
            raise RefusalError("ImageTooLargeException", "Image dimensions are too large.")
        narrow = max(found.width, found.height) > quotas.MOST_RATIO * min(found.width, found.height)
        if min(found.width, found.height) < shortest or narrow:
            raise invalid("Request has invalid image dimensions.")
        return decode.read(content)
    except ImageError as error:
        raise RefusalError("InvalidImageFormatException", "Request has invalid image format") from error


def _told(one: Found, width: int, height: int) -> Request:
    told: Request = {"Name": one.label, "Confidence": 100 * one.confidence}
    if one.box is not None:
        box = one.box
        told["Geometry"] = {
            "BoundingBox": {
                "Left": box.left / width,
                "Top": box.top / height,
                "Width": box.width / width,
                "Height": box.height / height,
            }
        }
    return told
