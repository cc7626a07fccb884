"""What every fitted model of pictures can do, whether it gives labels or boxes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol, Self

from mediaml.backends.pictures.items import PictureItem, is_single
from mediaml.backends.pictures.watching import Watcher
from mediaml.backends.tracing import Embedder, Trace
from mediaml.errors import ImageError
from mediaml.values.prediction import ImagePrediction

if TYPE_CHECKING:
    import pandas as pd


class FittedPictures(Protocol):
    """A model of pictures that has learned."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that it tells apart."""
        ...

    @property
    def history(self) -> tuple[Mapping[str, float], ...]:
        """What each epoch measured."""
        ...

    @property
    def training(self) -> Mapping[str, Any]:
        """With which data, split, seed and versions it was trained."""
        ...

    @property
    def learned_from(self) -> frozenset[str]:
        """Hashes of the files that it learned from, or that anything was chosen on."""
        ...

    def predictions(self, items: Iterable[PictureItem]) -> Iterator[ImagePrediction | ImageError]:
        """Give the verdict on each item, or the error, in order."""
        ...

    @property
    def embedder(self) -> Embedder | None:
        """What makes the embeddings of `traced`; None: there are none."""
        ...

    def traced(self, items: Iterable[PictureItem]) -> Iterator[tuple[ImagePrediction | ImageError, Trace]]:
        """Give the verdict on each item with what it is like, in order."""
        ...

    def watcher(self) -> Watcher:
        """Give what looks at the pictures of videos."""
        ...

    def threshold_table(self) -> pd.DataFrame:
        """Give a row a label: its threshold, and how it does there on what was held out."""
        ...

    def with_thresholds(self, table: pd.DataFrame | Mapping[str, float]) -> Self:
        """Give the model with other thresholds."""
        ...


def predict(
    fitted: FittedPictures, items: PictureItem | Iterable[PictureItem], on_error: str
) -> ImagePrediction | list[ImagePrediction]:
    """Give the verdict on one item, or a list of verdicts on several; see `models.base.Predictor.predict`."""
    if on_error not in ("raise", "skip"):
        raise ValueError(f"on_error is 'raise' or 'skip', not {on_error!r}")
    single = is_single(items)
    found = []
    for seen in fitted.predictions([items] if single else items):  # type: ignore[list-item, arg-type]
        if not isinstance(seen, ImageError):
            found.append(seen)
        elif on_error == "skip":
            found.append(ImagePrediction(error=str(seen), source=seen.source))
        else:
            raise seen
    return found[0] if single else found
