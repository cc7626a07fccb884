"""What holds for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

if "PYTEST_XDIST_WORKER" in os.environ:  # each of several processes has a core to itself
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")

from mediaml.features import cache  # numpy reads these when it is imported

# how long something takes is never a test's assertion
hypothesis.settings.register_profile("mediaml", deadline=None)
hypothesis.settings.load_profile("mediaml")


TESTS = Path(__file__).parent
LONGEST = (
    "backends/sagemaker/test_sweep.py",
    "backends/rekognition/test_sweep.py",
    "conformance/test_toolkits.py",
    "notebooks/test_notebooks.py",
    "conformance/test_life.py",
    "conformance/test_jobs.py",
    "backends/pictures/test_labels.py",
    "docs/test_docs.py",
    "backends/sagemaker/test_faults.py",
    "backends/sagemaker/test_training.py",
    "archive/test_scan.py",
    "backends/rekognition/test_life.py",
    "install/test_install.py",
    "test_demo.py",
    "cli/test_page.py",
    "conformance/test_awscli.py",
    "archive/test_ray_engine.py",
)
"""Files whose slow proofs take longest: `make test-all` begins with them, so that no process is left alone with one."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {TESTS / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(LONGEST)))


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what networks heard in a folder of this run: the user's cache is neither read nor written."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(cache.FOLDER, str(tmp_path_factory.mktemp("cache")))
        patch.delenv(cache.LIMIT, raising=False)
        yield
