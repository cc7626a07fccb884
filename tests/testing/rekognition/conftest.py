"""An offline AWS whose Custom Labels learns colours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mediaml.testing import OfflineAws, offline_aws
from tests.colours import colour_fit


@pytest.fixture
def aws() -> Iterator[OfflineAws]:
    with offline_aws() as account:
        account.rekognition.fit = colour_fit
        yield account
