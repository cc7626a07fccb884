"""A model behind an address passes the checks that every model passes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

import mediaml as mm
from mediaml.models import checks
from mediaml.service import create_app
from tests.pictures import pretrained, small_image_model, write_shapes
from tests.service.running import in_thread
from tests.sounds import small_model


class Behind:
    """Makes models that are asked over HTTP only, once they have learned.

    Parameters
    ----------
    make
        Makes a local model.
    services
        Ends their services.
    """

    def __init__(self, make: Any, services: ExitStack) -> None:
        self.local: Any = make()
        self._services = services
        self._endpoint: Any = None

    def fit(self, *parts: Any, **options: Any) -> Behind:
        self.local.fit(*parts, progress=False, **options)
        self.url = self._services.enter_context(in_thread(create_app(self.local)))
        self._endpoint = self._services.enter_context(mm.connect(self.url))
        return self

    def evaluate(self, dataset: Any) -> Any:
        return self.local.evaluate(dataset, progress=False)

    def predict(self, items: Any, **options: Any) -> Any:
        return (self._endpoint or self.local).predict(items, **options)

    @property
    def labels(self) -> tuple[str, ...]:
        labels: tuple[str, ...] = self.local.labels
        return labels

    def deploy(self) -> Any:
        self.local.deploy()
        return mm.connect(self.url)


@pytest.fixture(scope="module")
def sound_case(sounds: tuple[Any, ...]) -> Iterator[checks.Case]:
    with ExitStack() as services:
        yield checks.Case(lambda: Behind(small_model, services), *sounds)  # type: ignore[arg-type, return-value]


@pytest.fixture(scope="module")
def picture_case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[checks.Case]:
    pretrained()
    shapes = mm.ImageDataset.from_folder(write_shapes(tmp_path_factory.mktemp("shapes"), 10))
    parts = shapes.split(0.5, 0.2, 0.3, seed=7, near_duplicates=False)
    with ExitStack() as services:
        yield checks.Case(lambda: Behind(small_image_model, services), *parts, checks.PICTURES)  # type: ignore[arg-type, call-arg, return-value]


@pytest.mark.slow
@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_sounds(check: checks.Check, sound_case: checks.Case) -> None:
    check(sound_case)


@pytest.mark.slow
@pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
def test_pictures(check: checks.Check, picture_case: checks.Case) -> None:
    check(picture_case)
