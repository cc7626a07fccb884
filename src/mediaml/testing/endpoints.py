"""SageMaker's models and endpoints: an endpoint really answers, with the model that it was given."""

from __future__ import annotations

import shutil
import tempfile
import threading
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mediaml.testing.buckets import Buckets, unpack
from mediaml.testing.logs import Logs
from mediaml.testing.refusals import RefusalError, missing, taken
from mediaml.testing.toolkit import Answer, Server, Toolkit
from mediaml.testing.wire import Reply

REALTIME_BYTES, SERVERLESS_BYTES = 6291456, 4194304


@dataclass
class _Endpoint:
    request: dict[str, Any]
    config: dict[str, Any]
    created: datetime
    status: str = "Creating"
    reason: str = ""
    server: Server | None = None
    base: Path | None = None
    gone: threading.Event = field(default_factory=threading.Event)


class Endpoints:
    """The models and endpoints of an offline account.

    Parameters
    ----------
    toolkit
        What serves models.
    buckets, logs
        Where files and lines go.
    folder
        For what servers have on their disks.
    arn
        The start of their ARNs.
    """

    def __init__(self, toolkit: Toolkit, buckets: Buckets, logs: Logs, folder: Path, arn: str) -> None:
        self.toolkit, self.buckets, self.logs, self.folder, self.arn = toolkit, buckets, logs, folder, arn
        self.models: dict[str, tuple[dict[str, Any], datetime]] = {}
        self.configs: dict[str, tuple[dict[str, Any], datetime]] = {}
        self.endpoints: dict[str, _Endpoint] = {}
        self._threads: list[threading.Thread] = []

    # -- models and configurations ------------------------------------------------------------------------------------

    def create_model(self, request: dict[str, Any]) -> Reply:
        """CreateModel."""
        arn = f"{self.arn}:model/{request['ModelName']}"
        if request["ModelName"] in self.models:
            raise taken(arn)
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

    def create_config(self, request: dict[str, Any]) -> Reply:
        """CreateEndpointConfig."""
        arn = f"{self.arn}:endpoint-config/{request['EndpointConfigName']}"
        if request["EndpointConfigName"] in self.configs:
            raise taken(arn)
        self._of(self.models, "model", request["ProductionVariants"][0]["ModelName"])
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

    # -- endpoints ----------------------------------------------------------------------------------------------------

    def create(self, request: dict[str, Any]) -> Reply:
        """CreateEndpoint."""
        name = request["EndpointName"]
        if name in self.endpoints:
            raise taken(f"{self.arn}:endpoint/{name}")
        config, _ = self._of(self.configs, "endpoint-config", request["EndpointConfigName"])
        endpoint = _Endpoint(request, config, datetime.now(UTC))
        self.endpoints[name] = endpoint
        thread = threading.Thread(target=self._bring_up, args=(endpoint,), name=f"offline-aws-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()
        return Reply({"EndpointArn": f"{self.arn}:endpoint/{name}"})

    def describe(self, request: dict[str, Any]) -> Reply:
        """DescribeEndpoint."""
        name = request["EndpointName"]
        found = self._endpoint(name)
        told = {
            "EndpointName": name,
            "EndpointArn": f"{self.arn}:endpoint/{name}",
            "EndpointConfigName": found.request["EndpointConfigName"],
            "EndpointStatus": found.status,
            "CreationTime": found.created,
            "LastModifiedTime": found.created,
        }
        return Reply({**told, "FailureReason": found.reason} if found.reason else told)

    def delete(self, request: dict[str, Any]) -> Reply:
        """DeleteEndpoint."""
        found = self._endpoint(request["EndpointName"])
        found.gone.set()
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
            raise missing(f"{self.arn}:endpoint/{name}")
        return self.endpoints[name]

    def _of(
        self, kept: dict[str, tuple[dict[str, Any], datetime]], kind: str, name: str
    ) -> tuple[dict[str, Any], datetime]:
        if name not in kept:
            raise missing(f"{self.arn}:{kind}/{name}")
        return kept[name]

    # -- servers ------------------------------------------------------------------------------------------------------

    def serve(self, model_name: str) -> tuple[Server, Path]:
        """Start a server of a model; gives it, and its disk."""
        model, _ = self._of(self.models, "model", model_name)
        base = Path(tempfile.mkdtemp(prefix="serve", dir=self.folder))
        container = model["PrimaryContainer"]
        unpack(self.buckets.read(container["ModelDataUrl"]), base / "model")
        return self.toolkit.serve(base, container.get("Environment", {})), base

    def _bring_up(self, endpoint: _Endpoint) -> None:
        name = endpoint.request["EndpointName"]
        try:
            server, endpoint.base = self.serve(endpoint.config["ProductionVariants"][0]["ModelName"])
        except Exception as error:  # whatever it is, the endpoint has failed
            endpoint.reason = f"The primary container for production variant AllTraffic did not pass the ping: {error}"
            self.logs.put(f"/aws/sagemaker/Endpoints/{name}", "AllTraffic/i-0", str(error).splitlines())
            endpoint.status = "Failed"
            return
        if endpoint.gone.is_set():
            server.close()
            return
        endpoint.server = server
        endpoint.status = "InService"

    @staticmethod
    def _take_down(endpoint: _Endpoint) -> None:
        if endpoint.server is not None:
            endpoint.server.close()
        if endpoint.base is not None:
            shutil.rmtree(endpoint.base, ignore_errors=True)

    def running(self) -> list[str]:
        """Name the endpoints that exist."""
        return list(self.endpoints)

    def close(self) -> None:
        """End everything."""
        for endpoint in list(self.endpoints.values()):
            endpoint.gone.set()
        for thread in self._threads:
            thread.join(70)
        for endpoint in list(self.endpoints.values()):
            self._take_down(endpoint)
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
        answer = server.invoke(request["Body"], request["ContentType"], request["Accept"])
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
            found = server.invoke(
                self.buckets.read(request["InputLocation"]), request["ContentType"], request["Accept"]
            )
            self.buckets.write(found.body, answer_at if found.status == 200 else failure_at)

        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()
        headers = {"X-Amzn-SageMaker-OutputLocation": answer_at, "X-Amzn-SageMaker-FailureLocation": failure_at}
        return Reply({"InferenceId": number}, None, headers, 202)

    def _asked(self, name: str) -> tuple[_Endpoint, Server]:
        if name not in self.endpoints:
            raise RefusalError("ValidationError", f"Endpoint {name} of account not found.")
        endpoint = self.endpoints[name]
        if endpoint.server is None or endpoint.status != "InService":
            raise RefusalError("ValidationError", f"Endpoint {name} is not in service: {endpoint.status}")
        return endpoint, endpoint.server


def _model_error(name: str, answer: Answer) -> RefusalError:
    told = answer.body.decode("utf-8", "replace")
    message = f'Received server error ({answer.status}) from primary with message "{told}".'
    log = f"https://console.aws.amazon.com/cloudwatch/home#logEventViewer:group=/aws/sagemaker/Endpoints/{name}"
    members = {"OriginalStatusCode": answer.status, "OriginalMessage": told, "LogStreamArn": log}
    return RefusalError("ModelError", message, 424, dict(members))
