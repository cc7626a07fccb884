"""What holds for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mediaml.features import cache


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what networks heard in a folder of this run: the user's cache is neither read nor written."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(cache.FOLDER, str(tmp_path_factory.mktemp("cache")))
        patch.delenv(cache.LIMIT, raising=False)
        yield
