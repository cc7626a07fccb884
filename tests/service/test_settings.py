"""Where the bounds of a service come from."""

from __future__ import annotations

import pytest

from mediaml.errors import EnvironmentSettingError
from mediaml.service.settings import ServiceSettings, settings_from


def test_what_the_environment_does_not_name_is_as_usual() -> None:
    assert settings_from({}) == ServiceSettings()
    assert settings_from({"MEDIAML_SERVICE_MAX_QUEUE": "3", "OTHER": "x"}) == ServiceSettings(max_queue=3)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MEDIAML_SERVICE_MAX_BODY", "0"),
        ("MEDIAML_SERVICE_MAX_BODY", "16 MB"),
        ("MEDIAML_SERVICE_TIMEOUT", "inf"),
        ("MEDIAML_SERVICE_LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_value_is_an_error_that_names_its_variable(variable: str, value: str) -> None:
    with pytest.raises(EnvironmentSettingError, match=f"{variable}='{value}'"):
        settings_from({variable: value})
