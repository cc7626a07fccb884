"""A pytest plugin: ``pytest_plugins = ["mediaml.testing.plugin"]`` gives the fixture ``offline_aws``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mediaml.testing.offline import OfflineAws
from mediaml.testing.offline import offline_aws as _offline_aws


@pytest.fixture
def offline_aws() -> Iterator[OfflineAws]:
    """An account of the offline AWS, for one test."""
    with _offline_aws() as aws:
        yield aws
