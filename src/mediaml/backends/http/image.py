"""A service of a model of pictures."""

from __future__ import annotations

import io
from collections.abc import Iterable
from os import PathLike, fspath
from pathlib import Path
from typing import Any, NamedTuple, overload

from mediaml.backends.http.deployment import HttpDeployment
from mediaml.backends.http.files import content_of
from mediaml.backends.http.wire import Sent
from mediaml.backends.mistaken import no_hop
from mediaml.backends.pictures.items import PictureItem, is_single
from mediaml.data.pictures import decode
from mediaml.errors import ImageError
from mediaml.models.base import OnError
from mediaml.values.picture import Picture
from mediaml.values.prediction import ImagePrediction
from mediaml.values.timeline import Timeline


class HttpImageDeployment(HttpDeployment[PictureItem, ImagePrediction]):
    """A model of pictures behind an address; `mediaml.connect` gives it.

    Parameters
    ----------
    wire
        The way to the service.
    facts
        What it said of itself.
    """

    prediction = ImagePrediction
    error = ImageError

    @overload
    def predict(  # type: ignore[overload-overlap]  # bytes are one item, though one can iterate over them
        self, items: PictureItem, *, on_error: OnError = "raise"
    ) -> ImagePrediction: ...

    @overload
    def predict(self, items: Iterable[PictureItem], *, on_error: OnError = "raise") -> list[ImagePrediction]: ...

    def predict(
        self, items: PictureItem | Iterable[PictureItem], *, on_error: OnError = "raise"
    ) -> ImagePrediction | list[ImagePrediction]:
        """Tell what is to be seen. May be called from several threads.

        Files are sent as they are, arrays and images of Pillow's as PNG; several go in one request.

        Parameters
        ----------
        items
            A path, the bytes of a file, a binary file, an array (uint8 [height, width, 3]), an image of Pillow's or a
            row of a dataset: one prediction. A list of them or a dataset: a list of predictions, one an item, in
            order.
        on_error
            ``"raise"``: an item that cannot be read, or is larger than a request may be, raises `ImageError`.
            ``"skip"``: a prediction with its `error` stands in its place. What else the service refuses is raised
            always.

        Raises
        ------
        NotDeployedError
            The connection was closed.
        ImageError
            An item cannot be read, and `on_error` is ``"raise"``.
        ServiceBusyError
            The service has no place, even after some tries.
        ServiceError
            It refused, failed, or cannot be reached.
        """
        found: ImagePrediction | list[ImagePrediction] = self._predict(items, on_error)
        return found

    @no_hop
    def detect(self, video: str | Path, every: float | None = None) -> Timeline:
        """Find things in a video, and where they come and go; see `LocalImageModel.detect`.

        Parameters
        ----------
        video
            The file; it is sent as a whole.
        every
            Seconds from one picture that is looked at to the next; 0: every picture; None: 1.

        Raises
        ------
        NotDeployedError
            The connection was closed.
        ImageError
            The file cannot be read.
        PayloadTooLarge
            It is larger, or longer, than the service takes.
        ServiceError
            The service has no place, refused, failed, or cannot be reached.
        """
        return self._detect(video, {"every": every})

    def _is_single(self, items: Any) -> bool:
        return is_single(items)

    def _hold(self, item: Any) -> Any:
        """Read a binary file while it is open."""
        if not hasattr(item, "read") or hasattr(item, "getexif"):
            return item
        name = decode.name_of(item)
        try:
            return _Held(name, bytes(item.read()))
        except Exception as error:  # of a download, say
            return _Held(name, ImageError(name, f"{type(error).__name__}: {error}"))

    def _sent(self, item: Any) -> Sent:
        if isinstance(item, _Held):
            if isinstance(item.content, ImageError):
                raise item.content
            return Sent(item.name, item.content)
        source = item.path if isinstance(item, Picture) else item
        name = decode.name_of(source)
        if isinstance(source, bytes | bytearray | memoryview):
            return Sent(name, bytes(source))
        if not isinstance(source, str | PathLike):
            return Sent(name, _png(source))
        if fspath(source).startswith("s3://"):
            raise ImageError(name, "lies on S3: dataset.fetch() brings its pictures to this machine")
        try:
            return Sent(name, content_of(source))
        except FileNotFoundError as error:
            raise ImageError(name, "there is no such file") from error
        except (OSError, ValueError) as error:
            raise ImageError(name, str(error)) from error


class _Held(NamedTuple):
    """A file that was read while it was open."""

    name: str
    content: bytes | ImageError


def _png(source: Any) -> bytes:
    """Give pixels as a file that loses nothing."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(decode.read(source)).save(out, "PNG", compress_level=1)
    return out.getvalue()
