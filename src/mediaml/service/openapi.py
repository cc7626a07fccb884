"""What OpenAPI cannot know of the service by itself: bodies that are files, and problems."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from mediaml.service.problems import Problem, described
from mediaml.service.schemas import Health, MediaKind

BINARY = {"schema": {"type": "string", "format": "binary"}}
TEXT = {"text/plain": {"schema": {"type": "string"}}}
NUMBERS: dict[int | str, dict[str, Any]] = {200: {"description": "Numbers by name.", "content": TEXT}}
SAMPLES = {
    "type": "object",
    "properties": {
        "samples": {"type": "array", "items": {"type": "number"}},
        "sample_rate": {"type": "integer", "minimum": 1, "maximum": 1000000},
    },
    "required": ["samples", "sample_rate"],
}
SOUNDS = {"audio/wav": BINARY, "application/x-npy": BINARY, "application/json": {"schema": SAMPLES}}
PICTURES = {"image/jpeg": BINARY, "image/png": BINARY, "application/octet-stream": BINARY}
DETAILS = (
    "What AWS's container answers. ``Accept: application/json; detail=impression`` asks for what a verdict is made of, "
    "``; detail=events`` for all sounds in a recording."
)


class Described(FastAPI):
    """An app whose OpenAPI knows what a problem is."""

    def openapi(self) -> dict[str, Any]:
        """Describe the paths; made once."""
        if self.openapi_schema is None:
            told = super().openapi()
            told["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        return super().openapi()


def unhealthy() -> dict[int | str, dict[str, Any]]:
    """Describe what /ping answers when no requests are taken."""
    return {503: {"model": Health, "description": "No requests are taken."}}


def invocation(kind: MediaKind) -> dict[str, Any]:
    """Describe the body that SageMaker's contract takes."""
    return {"requestBody": {"required": True, "content": SOUNDS if kind == "sound" else PICTURES}}


def invoked(kind: MediaKind) -> dict[int | str, dict[str, Any]]:
    """Describe what SageMaker's contract answers: JSON, or the reason in plain text."""
    answer = {"type": "object", "required": ["label"] if kind == "picture" else []}
    refusals = {400: "It cannot be read.", 406: "No JSON is wanted.", 415: "It is of another type."}
    told: dict[int | str, dict[str, Any]] = {
        200: {"description": DETAILS, "content": {"application/json": {"schema": answer}}},
        **{status: {"description": reason, "content": TEXT} for status, reason in refusals.items()},
    }
    too_large = described(413)[413]
    told[413] = {"description": "It is too large or too long.", "content": {**TEXT, **too_large["content"]}}
    return told
