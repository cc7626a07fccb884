"""docs/service.md tells of every setting, path and number that there is, and of none that there is not."""

from __future__ import annotations

import re
from pathlib import Path

from mediaml.service.problems import HTTP, KINDS, MALFORMED, NOT_BEGUN, SLOW_BODY, TOO_SLOW
from mediaml.service.settings import ServiceSettings
from tests.service.conftest import Client

PAGE = (Path(__file__).parents[2] / "docs" / "service.md").read_text(encoding="utf-8")


def test_every_setting_stands_there_with_its_usual_value() -> None:
    rows = dict(re.findall(r"^\| `MEDIAML_SERVICE_([A-Z_]+)` \| (\S+) \|", PAGE, flags=re.MULTILINE))
    assert rows == {name.upper(): str(value) for name, value in ServiceSettings().model_dump().items()}


def test_every_path_stands_there(serve: Client) -> None:
    told = set(re.findall(r"^\| `(?:GET|POST) (/\S*)`", PAGE, flags=re.MULTILINE))
    assert told == set(serve().get("/openapi.json").json()["paths"]) | {"/openapi.json"}


def test_every_number_stands_there(serve: Client) -> None:
    told = set(re.findall(r"`(mediaml_service_\w+)`", PAGE))
    lines = serve().get("/metrics").text.splitlines()
    assert told == {line.split()[2] for line in lines if line.startswith("# TYPE") and "_created" not in line}


def test_problems_that_are_named_exist() -> None:
    known = {kind.name for kind in (*KINDS.values(), MALFORMED, TOO_SLOW, NOT_BEGUN, SLOW_BODY)} | set(HTTP.values())
    (listed,) = re.findall(r"`urn:mediaml:problem:(.*?) \.\.\.\)", PAGE, flags=re.DOTALL)
    assert set(re.findall(r"[a-z]+(?:-[a-z]+)*", listed)) <= known
