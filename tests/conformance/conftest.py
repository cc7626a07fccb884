from __future__ import annotations

import pytest

from tests.conformance.aws_toolkit import AwsToolkit
from tests.conformance.environments import toolkits


@pytest.fixture(scope="session", params=["3.8", "3.11"])
def aws_toolkit(request: pytest.FixtureRequest) -> AwsToolkit:
    """AWS's own programs, on the Python of their image and on ours."""
    return AwsToolkit(toolkits(request.param))


@pytest.fixture(scope="session")
def aws_image() -> AwsToolkit:
    """The same on the Python of AWS's image alone: for what takes long."""
    return AwsToolkit(toolkits("3.8"))
