"""The service keeps to its own OpenAPI, whatever it is sent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import mediaml as mm
from mediaml.service import ServiceSettings, create_app
from tests.service.conftest import Client

OF_BYTES = ("/v1/detect", "/invocations")
"""Any bytes are a file, and few of them a recording: there, a body that fits the schema may be refused with 400."""

schemathesis = pytest.importorskip("schemathesis", reason="needs schemathesis")


def test_it_describes_itself(serve: Client) -> None:
    told = serve().get("/openapi.json").json()
    assert set(told["paths"]) == {"/ping", "/metrics", "/v1/model", "/v1/predict", "/v1/detect", "/invocations"}
    assert {"Problem", "AudioPrediction", "Timeline", "ModelFacts"} <= set(told["components"]["schemas"])
    sent = told["paths"]["/v1/predict"]["post"]
    assert set(sent["responses"]) >= {"200", "408", "413", "422", "429", "503", "504"}
    assert list(sent["responses"]["429"]["content"]) == ["application/problem+json"]
    assert "audio/wav" in told["paths"]["/invocations"]["post"]["requestBody"]["content"]


def tried(operation: Any) -> int:
    """Send what fits the schema of an operation and what does not, and give how often; a failure is raised."""
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    count = 0

    @settings(max_examples=60, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy())
    def check(case: Any) -> None:
        nonlocal count
        count += 1
        case.call_and_validate(excluded_checks=[positive_data_acceptance] if operation.path in OF_BYTES else [])

    check()
    return count


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_schemathesis_finds_nothing(model: mm.LocalAudioModel) -> None:
    app = create_app(model, ServiceSettings(max_body=200_000))
    schema: Any = schemathesis.openapi.from_asgi("/openapi.json", app)
    counts = {one.ok().path: tried(one.ok()) for one in schema.get_all_operations()}
    assert set(counts) == set(app.openapi()["paths"])
    assert min(counts[path] for path in ("/v1/predict", "/v1/detect", "/invocations")) >= 20
