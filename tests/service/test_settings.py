"""Where the bounds of a service come from."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from mediaml.errors import EnvironmentSettingError, MissingExtraError, SavedModelError
from mediaml.service import create_app, from_environment
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


def test_the_model_is_named_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, saved: Path) -> None:
    monkeypatch.delenv("MEDIAML_SERVICE_MODEL", raising=False)
    with pytest.raises(EnvironmentSettingError, match="MEDIAML_SERVICE_MODEL"):
        from_environment()
    monkeypatch.setenv("MEDIAML_SERVICE_MODEL", str(tmp_path))
    with pytest.raises(SavedModelError):
        from_environment()
    monkeypatch.setenv("MEDIAML_SERVICE_MODEL", str(saved))
    monkeypatch.setenv("MEDIAML_SERVICE_MAX_QUEUE", "5")
    house: Any = from_environment().state.house
    assert house.queue.places == 5 and len(house.served.facts.version) == 16


def test_a_missing_extra_names_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fastapi", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'mediaml\[service\]'"):
        create_app(None)  # type: ignore[arg-type]
