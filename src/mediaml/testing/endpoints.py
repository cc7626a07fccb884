"""SageMaker's models and endpoints: an endpoint really answers, with the model that it was given."""

from __future__ import annotations

import shutil
import tempfile
import threading
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any

from mediaml.testing.buckets import Buckets, unpack
from mediaml.testing.disks import refuse_key
from mediaml.testing.logs import Logs
from mediaml.testing.refusals import RefusalError, missing, taken
from mediaml.testing.roles import Roles
from mediaml.testing.toolkit import Answer, Server, Toolkit
from mediaml.testing.wire import Reply

REALTIME_BYTES, SERVERLESS_BYTES = 6291456, 4194304
NO_ANSWER = b"Your invocation timed out while waiting for a response from container primary."


@dataclass
class _Endpoint:
    request: dict[str, Any]
    config: dict[str, Any]
    created: datetime
    base: Path
    status: str = "Creating"
    reason: str = ""
    server: Server | None = None
    gone: threading.Event = field(default_factory=threading.Event)
    seen: bool = False
    """Whether it was looked at."""


class Endpoints:
    """The models and endpoints of an offline account.

    Parameters
    ----------
    toolkit
        What serves models.
    buckets, logs
        Where files and lines go.
    roles
        What models may run as.
    folder
        For what servers have on their disks.
    arn
        The start of their ARNs.
    """

    def __init__(self, toolkit: Toolkit, buckets: Buckets, logs: Logs, roles: Roles, folder: Path, arn: str) -> None:
        self.toolkit, self.buckets, self.logs, self.roles, self.folder = toolkit, buckets, logs, roles, folder
        self.arn = arn
        self.step_states = False
        self._lock = threading.Lock()
        self.models: dict[str, tuple[dict[str, Any], datetime]] = {}
        self.configs: dict[str, tuple[dict[str, Any], datetime]] = {}
        self.endpoints: dict[str, _Endpoint] = {}
        self._threads: list[threading.Thread] = []

    # -- models and configurations ------------------------------------------------------------------------------------

    def create_model(self, request: dict[str, Any]) -> Reply:
        """CreateModel."""
        arn = f"{self.arn}:model/{request['ModelName']}"
        if request["ModelName"] in self.models:
            raise taken("model", arn)
        self.roles.assume(request["ExecutionRoleArn"])
        uri = request["PrimaryContainer"].get("ModelDataUrl")
        if uri and not self.buckets.keys(uri):
            raise RefusalError("ValidationException", f"Could not access model data at {uri}.")
        self.models[request["ModelName"]] = (request, datetime.now(UTC))
        return Reply({"ModelArn": arn})

    def describe_model(self, request: dict[str, Any]) -> Reply:
        """DescribeModel."""
        found, created = self._of(self.models, "model", request["ModelName"])
        told = {name: value for name, value in found.items() if name != "Tags"}
        return Reply({**told, "ModelArn": f"{self.arn}:model/{request['ModelName']}", "CreationTime": created})

    def delete_model(self, request: dict[str, Any]) -> Reply:
        """DeleteModel."""
        self._of(self.models, "model", request["ModelName"])
        del self.models[request["ModelName"]]
        return Reply({})

    def listed_models(self, request: dict[str, Any]) -> Reply:
        """ListModels."""
        return Reply({"Models": self._rows(self.models, "Model", "model", request)})

    def create_config(self, request: dict[str, Any]) -> Reply:
        """CreateEndpointConfig."""
        arn = f"{self.arn}:endpoint-config/{request['EndpointConfigName']}"
        if request["EndpointConfigName"] in self.configs:
            raise taken("endpoint configuration", arn)
        variant = request["ProductionVariants"][0]
        self._of(self.models, "model", variant["ModelName"])
        refuse_key(variant.get("InstanceType"), request.get("KmsKeyId"))
        self.configs[request["EndpointConfigName"]] = (request, datetime.now(UTC))
        return Reply({"EndpointConfigArn": arn})

    def describe_config(self, request: dict[str, Any]) -> Reply:
        """DescribeEndpointConfig."""
        name = request["EndpointConfigName"]
        found, created = self._of(self.configs, "endpoint-config", name)
        told = {key: value for key, value in found.items() if key != "Tags"}
        return Reply({**told, "EndpointConfigArn": f"{self.arn}:endpoint-config/{name}", "CreationTime": created})

    def delete_config(self, request: dict[str, Any]) -> Reply:
        """DeleteEndpointConfig."""
        self._of(self.configs, "endpoint-config", request["EndpointConfigName"])
        del self.configs[request["EndpointConfigName"]]
        return Reply({})

    def listed_configs(self, request: dict[str, Any]) -> Reply:
        """ListEndpointConfigs."""
        return Reply({"EndpointConfigs": self._rows(self.configs, "EndpointConfig", "endpoint-config", request)})

    def _rows(
        self, kept: dict[str, tuple[dict[str, Any], datetime]], what: str, kind: str, request: dict[str, Any]
    ) -> list[dict[str, Any]]:
        return [
            {f"{what}Name": name, f"{what}Arn": f"{self.arn}:{kind}/{name}", "CreationTime": created}
            for name, (_, created) in kept.items()
            if request.get("NameContains", "") in name
        ]

    # -- endpoints ----------------------------------------------------------------------------------------------------

    def create(self, request: dict[str, Any]) -> Reply:
        """CreateEndpoint."""
        name = request["EndpointName"]
        if name in self.endpoints:
            raise taken("endpoint", f"{self.arn}:endpoint/{name}")
        config, _ = self._of(self.configs, "endpoint-config", request["EndpointConfigName"])
        endpoint = _Endpoint(request, config, datetime.now(UTC), self.disk())
        self.endpoints[name] = endpoint
        thread = threading.Thread(target=self._bring_up, args=(endpoint,), name=f"offline-aws-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()
        return Reply({"EndpointArn": f"{self.arn}:endpoint/{name}"})

    def describe(self, request: dict[str, Any]) -> Reply:
        """DescribeEndpoint."""
        name = request["EndpointName"]
        found = self._endpoint(name)
        status = "Creating" if self.step_states and not found.seen else found.status
        found.seen = True
        told = {
            "EndpointName": name,
            "EndpointArn": f"{self.arn}:endpoint/{name}",
            "EndpointConfigName": found.request["EndpointConfigName"],
            "EndpointStatus": status,
            "CreationTime": found.created,
            "LastModifiedTime": found.created,
        }
        return Reply({**told, "FailureReason": found.reason} if status == "Failed" else told)

    def delete(self, request: dict[str, Any]) -> Reply:
        """DeleteEndpoint; refused while the endpoint comes up, as people report of AWS."""
        found = self._endpoint(request["EndpointName"])
        if found.status == "Creating":
            arn = f"{self.arn}:endpoint/{request['EndpointName']}"
            raise RefusalError("ValidationException", f'Cannot update in-progress endpoint "{arn}".')
        self._take_down(found)
        self.endpoints.pop(request["EndpointName"], None)
        return Reply({})

    def listed(self, request: dict[str, Any]) -> Reply:
        """ListEndpoints."""
        rows = [
            {
                "EndpointName": name,
                "EndpointArn": f"{self.arn}:endpoint/{name}",
                "CreationTime": one.created,
                "LastModifiedTime": one.created,
                "EndpointStatus": one.status,
            }
            for name, one in self.endpoints.items()
            if request.get("NameContains", "") in name
        ]
        return Reply({"Endpoints": rows})

    def _endpoint(self, name: str) -> _Endpoint:
        if name not in self.endpoints:
            raise missing("endpoint", f"{self.arn}:endpoint/{name}")
        return self.endpoints[name]

    def _of(
        self, kept: dict[str, tuple[dict[str, Any], datetime]], kind: str, name: str
    ) -> tuple[dict[str, Any], datetime]:
        if name not in kept:
            raise missing({"endpoint-config": "endpoint configuration"}.get(kind, kind), f"{self.arn}:{kind}/{name}")
        return kept[name]

    # -- servers ------------------------------------------------------------------------------------------------------

    def disk(self) -> Path:
        """Make a folder for a server; taking it away ends a server that is still coming up."""
        return Path(tempfile.mkdtemp(prefix="serve", dir=self.folder))

    def serve(self, model_name: str, base: Path) -> Server:
        """Start a server of a model, on a disk of its own."""
        model, _ = self._of(self.models, "model", model_name)
        container = model["PrimaryContainer"]
        content = self.buckets.read(container["ModelDataUrl"])
        if not base.exists():
            raise RuntimeError("it was taken away before it came up")
        unpack(content, base / "model")
        return self.toolkit.serve(base, container.get("Environment", {}))

    def _bring_up(self, endpoint: _Endpoint) -> None:
        name = endpoint.request["EndpointName"]
        try:
            server = self.serve(endpoint.config["ProductionVariants"][0]["ModelName"], endpoint.base)
        except Exception as error:  # whatever it is, the endpoint has failed
            if endpoint.gone.is_set():
                shutil.rmtree(endpoint.base, ignore_errors=True)
                return
            endpoint.reason = f"The primary container for production variant AllTraffic did not pass the ping: {error}"
            self.logs.put(f"/aws/sagemaker/Endpoints/{name}", "AllTraffic/i-0", str(error).splitlines())
            endpoint.status = "Failed"
            return
        with self._lock:  # a server belongs to an endpoint that is there, or to nobody
            if not endpoint.gone.is_set():
                endpoint.server, endpoint.status = server, "InService"
                return
        server.close()
        shutil.rmtree(endpoint.base, ignore_errors=True)

    def _take_down(self, endpoint: _Endpoint) -> None:
        with self._lock:
            endpoint.gone.set()
        if endpoint.server is not None:
            endpoint.server.close()
        shutil.rmtree(endpoint.base, ignore_errors=True)

    def running(self) -> list[str]:
        """Name the endpoints that exist."""
        return list(self.endpoints)

    def close(self) -> None:
        """End everything."""
        for endpoint in list(self.endpoints.values()):
            self._take_down(endpoint)
        for thread in self._threads:
            thread.join(70)
        self.endpoints.clear()

    # -- asking -------------------------------------------------------------------------------------------------------

    def invoke(self, request: dict[str, Any]) -> Reply:
        """InvokeEndpoint."""
        endpoint, server = self._asked(request["EndpointName"])
        serverless = "ServerlessConfig" in endpoint.config["ProductionVariants"][0]
        most = SERVERLESS_BYTES if serverless else REALTIME_BYTES
        if len(request["Body"]) > most:
            # AWS's gateway answers before any container: the status is all that is documented
            raise RefusalError("RequestEntityTooLarge", f"Request payload size exceeds {most} bytes", 413)
        answer = asked(server, request["Body"], request["ContentType"], request["Accept"])
        if answer.status != 200:
            raise _model_error(request["EndpointName"], answer)
        return Reply({}, answer.body, {"Content-Type": answer.content_type})

    def invoke_async(self, request: dict[str, Any]) -> Reply:
        """InvokeEndpointAsync."""
        endpoint, server = self._asked(request["EndpointName"])
        output = endpoint.config.get("AsyncInferenceConfig", {}).get("OutputConfig")
        if output is None:
            raise RefusalError("ValidationError", "The endpoint is not an asynchronous endpoint.")
        number = uuid.uuid4().hex
        answer_at = f"{output['S3OutputPath'].rstrip('/')}/{number}.out"
        failed = output.get("S3FailurePath")
        failure_at = f"{(failed or output['S3OutputPath']).rstrip('/')}/{number}-error.out"

        def work() -> None:
            try:
                body = self.buckets.read(request["InputLocation"])
                found = asked(server, body, request["ContentType"], request["Accept"])
            except FileNotFoundError as error:
                found = Answer(404, "text/plain", f"Could not find {error}".encode())
            self.buckets.write(found.body, answer_at if found.status == 200 else failure_at)

        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()
        headers = {"X-Amzn-SageMaker-OutputLocation": answer_at, "X-Amzn-SageMaker-FailureLocation": failure_at}
        return Reply({"InferenceId": number}, None, headers, 202)

    def _asked(self, name: str) -> tuple[_Endpoint, Server]:
        if name not in self.endpoints:
            raise RefusalError("ValidationError", f"Endpoint {name} of account {self.arn.split(':')[4]} not found.")
        endpoint = self.endpoints[name]
        if endpoint.server is None or endpoint.status != "InService":
            raise RefusalError("ValidationError", f"Endpoint {name} is not in service: {endpoint.status}")
        return endpoint, endpoint.server


def asked(server: Server, body: bytes, content_type: str | None, accept: str | None) -> Answer:
    """Ask a server; silence is an answer too, of status 0, as AWS has it."""
    with suppress(OSError, HTTPException):
        return server.invoke(body, content_type, accept)
    return Answer(0, "text/plain", NO_ANSWER)


def _model_error(name: str, answer: Answer) -> RefusalError:
    told = answer.body.decode("utf-8", "replace")
    message = f'Received server error ({answer.status}) from primary with message "{told}".'
    log = f"https://console.aws.amazon.com/cloudwatch/home#logEventViewer:group=/aws/sagemaker/Endpoints/{name}"
    members = {"OriginalStatusCode": answer.status, "OriginalMessage": told, "LogStreamArn": log}
    return RefusalError("ModelError", message, 424, dict(members))
