"""What holds for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import hypothesis
import pytest

if "PYTEST_XDIST_WORKER" in os.environ:  # each of several processes has a core to itself
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")

from mediaml.features import cache  # numpy reads these when it is imported

# how long something takes is never a test's assertion
hypothesis.settings.register_profile("mediaml", deadline=None)
hypothesis.settings.load_profile("mediaml")


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what networks heard in a folder of this run: the user's cache is neither read nor written."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(cache.FOLDER, str(tmp_path_factory.mktemp("cache")))
        patch.delenv(cache.LIMIT, raising=False)
        yield
