"""The service's paths."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import dataclass
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, File, Query, Request, UploadFile
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from mediaml.errors import PayloadTooLarge
from mediaml.runtime.inference import Refusal
from mediaml.service import metrics, openapi
from mediaml.service.asked import Asked
from mediaml.service.invocations import JSON, Invocation
from mediaml.service.metrics import Metrics
from mediaml.service.problems import described
from mediaml.service.queue import Handler, Queue
from mediaml.service.schemas import Answers, Health, ModelFacts
from mediaml.service.serving import Served
from mediaml.service.settings import ServiceSettings
from mediaml.service.uploads import Recording, Upload, on_disk
from mediaml.values.timeline import Timeline

Files = Annotated[list[UploadFile], File(min_length=1, description="Recordings or pictures, one or several.")]
OneFile = Annotated[UploadFile, File(description="A recording or a video.")]
Hop = Annotated[float | None, Query(gt=0, allow_inf_nan=False, description="Seconds from one window to the next.")]
Every = Annotated[
    float | None,
    Query(ge=0, allow_inf_nan=False, description="Seconds from one picture that is looked at to the next; 0: all."),
]
OK, MODEL_ERROR = 200, 424
REFUSED = (408, 413, 422, 429, 500, 503, 504)


@dataclass(frozen=True)
class House:
    """All that a request may need."""

    served: Served
    queue: Queue
    metrics: Metrics
    settings: ServiceSettings


def router(served: Served) -> APIRouter:
    """Give the paths of a service that serves this model."""
    made = APIRouter()
    problems = described(*REFUSED)
    made.add_api_route("/ping", ping, response_model=Health, responses=openapi.unhealthy(), tags=["service"])
    made.add_api_route("/metrics", numbers, response_class=Response, responses=openapi.NUMBERS, tags=["service"])
    made.add_api_route("/v1/model", model, response_model=ModelFacts, tags=["model"])
    answers = Answers[served.prediction]  # type: ignore[name-defined]  # which one is known when the service starts
    made.add_api_route(
        "/v1/predict", predict, methods=["POST"], response_model=answers, responses=problems, tags=["model"]
    )
    made.add_api_route(
        "/v1/detect",
        detect_sounds if served.kind == "sound" else detect_things,
        methods=["POST"],
        response_model=Timeline,
        responses={**problems, **described(400, 501)},
        tags=["model"],
    )
    made.add_api_route(
        "/invocations",
        invocations,
        methods=["POST"],
        response_class=Response,
        responses={**problems, **openapi.invoked(served.kind)},
        openapi_extra=openapi.invocation(served.kind),
        tags=["Amazon SageMaker"],
    )
    # for boto3 with this service as its endpoint_url; what its answers are is AWS's to describe
    made.add_api_route("/endpoints/{name}/invocations", endpoint_invocations, methods=["POST"], include_in_schema=False)
    return made


async def ping(request: Request, response: Response) -> Health:
    """Tell whether the service takes requests: 200, or 503."""
    queue = _house(request).queue
    if queue.draining or not queue.alive:
        response.status_code = 503
        return Health(status="ending" if queue.draining else "broken")
    return Health(status="healthy")


async def numbers(request: Request) -> Response:
    """Give what the service counts, for Prometheus."""
    return Response(_house(request).metrics.told(), media_type=metrics.TYPE)


async def model(request: Request) -> ModelFacts:
    """Tell what the service serves, and what a request may hold."""
    return _house(request).served.facts


async def predict(request: Request, files: Files) -> Any:
    """Tell what is to be heard or seen in each file; one that cannot be read does not harm the others."""
    house = _house(request)
    if len(files) > house.settings.max_items:
        raise PayloadTooLarge(f"a request holds {house.settings.max_items} files at most, not {len(files)}")
    uploads = [Upload(await one.read(), one.filename or f"file {number}") for number, one in enumerate(files, 1)]
    found = await _answered(request, house.served.predict, uploads, len(uploads))
    unread = sum(one.error is not None for one in found)
    house.metrics.items.labels("answered").inc(len(found) - unread)
    house.metrics.items.labels("unreadable").inc(unread)
    return {"model": house.served.facts.version, "predictions": found}


async def detect_sounds(request: Request, file: OneFile, hop: Hop = None) -> Response:
    """Find the sounds in a recording, and where they begin and end."""
    return await _detected(request, file, hop)


async def detect_things(request: Request, file: OneFile, every: Every = None) -> Response:
    """Find things in a video, and when they come and go."""
    return await _detected(request, file, every)


async def invocations(request: Request) -> Response:
    """Answer one sound or picture as an endpoint of Amazon SageMaker does."""
    headers = request.headers
    body = await request.body()
    asked = Invocation(body, headers.get("Content-Type"), headers.get("Accept"), threading.Event())
    try:
        told = await _answered(request, _house(request).served.invoke, asked, 1, alone=asked.takes_long)
    except Refusal as refusal:
        return Response(str(refusal.message), refusal.status_code, media_type="text/plain")
    finally:
        asked.given_up.set()
    return Response(told, media_type=JSON)


async def endpoint_invocations(request: Request, name: str) -> Response:
    """Answer what boto3 asks an endpoint, whatever its name, as the service of Amazon SageMaker itself would."""
    answer = await invocations(request)
    if answer.status_code == OK:
        answer.headers["X-Amzn-Invoked-Production-Variant"] = "AllTraffic"
        return answer
    told = bytes(answer.body).decode("utf-8", "replace")
    message = f'Received server error ({answer.status_code}) from primary with message "{told}".'
    facts = {"OriginalStatusCode": answer.status_code, "OriginalMessage": told, "Message": message}
    return Response(json.dumps(facts), MODEL_ERROR, {"X-Amzn-ErrorType": "ModelError"}, JSON)


async def _detected(request: Request, file: UploadFile, step: float | None) -> Response:
    house = _house(request)
    sent: BinaryIO = file.file
    async with on_disk(sent) as path:
        wanted = Recording(path, file.filename or "file", step, threading.Event())
        try:
            timeline: Timeline = await _answered(request, house.served.detect, wanted, 1, alone=True)
        finally:
            wanted.given_up.set()
    return Response(timeline.model_dump_json(), media_type=JSON)


async def _answered(request: Request, handler: Handler, payload: Any, items: int, alone: bool = False) -> Any:
    """Wait for the model's answer; whoever hangs up, or is told that it took too long, is no longer worked for."""
    asked: Asked = request.state.asked
    asked.items = len(payload) if isinstance(payload, list) else 1
    asked.job = _house(request).queue.submit(handler, payload, items, alone)
    answer, gone = asyncio.wrap_future(asked.job.future), asyncio.ensure_future(_hung_up(request))
    try:
        await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            raise ClientDisconnect
        return answer.result()
    finally:
        gone.cancel()
        answer.cancel()
        asked.job.future.cancel()  # at once: the other one tells this one later


async def _hung_up(request: Request) -> None:
    """Wait until whoever asked hangs up: once the body was read, the server has nothing else to tell."""
    kind = ""
    while kind != "http.disconnect":
        kind = (await request.receive())["type"]


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house
