"""AWS's real programs as what plays the containers: sagemaker-training and multi-model-server, without Docker."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from mediaml.testing.toolkit import Answer

ALONE = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child=KILL"]
READY_IN = 120.0  # seconds
SERVE = """
import os
import numpy as np
if "bool" not in np.__dict__:
    np.bool = np.bool_
import sagemaker_inference.model_server as server
server.MMS_CONFIG_FILE = os.environ["MEDIAML_MMS_CONFIG"]
from sagemaker_mxnet_serving_container import serving
serving.main()
"""


def environment_of(venv: Path, base: Path, given: Mapping[str, str]) -> dict[str, str]:
    """Give what AWS's image sets, with `base` for /opt/ml."""
    return {
        "PATH": f"{venv / 'bin'}:{os.environ['PATH']}",
        "HOME": str(base),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "SAGEMAKER_BASE_DIR": str(base),
        "SAGEMAKER_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        **given,
    }


class AwsToolkit:
    """Runs containers by AWS's own toolkits.

    Parameters
    ----------
    environments
        The folder that `environments.toolkits` gives.
    """

    def __init__(self, environments: Path) -> None:
        self.environments = environments

    def train(self, base: Path, environment: Mapping[str, str]) -> AwsTraining:
        """Start a training; see `Toolkit.train`."""
        hosts = base / "input/config/resourceconfig.json"
        told = json.loads(hosts.read_text())  # names must resolve: algo-1 does not here
        hosts.write_text(json.dumps({**told, "current_host": "localhost", "hosts": ["localhost"]}))
        venv = self.environments / "train"
        given = {
            "SAGEMAKER_TRAINING_MODULE": "sagemaker_mxnet_container.training:main",
            "TRAINING_JOB_NAME": "conformance",
            "MEDIAML_CHECKPOINT_DIR": str(base / "checkpoints"),
            "MEDIAML_OUTPUT_DIR": str(base / "output"),
            **environment,
        }
        return AwsTraining([*ALONE, str(venv / "bin/train")], base, environment_of(venv, base, given))

    def serve(self, base: Path, environment: Mapping[str, str]) -> AwsServer:
        """Start to serve; see `Toolkit.serve`."""
        return AwsServer(self.environments / "serve", base, environment)


class _Process:
    """A program in a process namespace of its own, that takes all it started with it."""

    def __init__(self, command: list[str], base: Path, environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                command, cwd=base, env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
            )

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """End the first process of the namespace, not unshare: it is gone, and unshare ends, once all others are."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it has just ended
                children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
                # unshare has no child yet: then nothing has begun
                os.kill(int(children[0]) if children else self.process.pid, signal.SIGKILL)
        self.process.wait()


class AwsTraining(_Process):
    """sagemaker-training at work."""

    def __init__(self, command: list[str], base: Path, environment: dict[str, str]) -> None:
        self.base = base
        super().__init__(command, base, environment, base / "training.log")

    def poll(self) -> int | None:
        """Give the exit code, or None while it runs; without ``output/success`` it has failed, whatever it says."""
        code = self.process.poll()
        return 1 if code == 0 and not (self.base / "output/success").exists() else code


class AwsServer(_Process):
    """multi-model-server at work."""

    def __init__(self, venv: Path, base: Path, environment: Mapping[str, str]) -> None:
        # its unix sockets' names must be shorter than 108 characters
        self.short = Path(tempfile.mkdtemp(prefix="mms", dir="/tmp"))
        (self.short / "model").symlink_to(base / "model")
        self.port = free_port()
        entry = self.short / "serve.py"
        entry.write_text(SERVE)
        for name in ("tmp", "logs"):
            (self.short / name).mkdir()
        given = {
            "SAGEMAKER_BIND_TO_PORT": str(self.port),
            "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
            "MEDIAML_MMS_CONFIG": str(self.short / "mms.properties"),
            "TMPDIR": str(self.short / "tmp"),
            "TEMP": str(self.short / "tmp"),
            "LOG_LOCATION": str(self.short / "logs"),
            "METRICS_LOCATION": str(self.short / "logs"),
            **environment,
            "SAGEMAKER_SUBMIT_DIRECTORY": str(self.short / "model/code"),
        }
        command = [*ALONE, str(venv / "bin/python"), str(entry)]
        super().__init__(command, self.short, environment_of(venv, self.short, given), base / "serving.log")
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def _wait(self) -> None:
        """Wait for an answer of the model itself: /ping says yes before it is loaded, and goes on when it is broken."""
        until, refused = time.monotonic() + READY_IN, ""
        while time.monotonic() < until and self.process.poll() is None:
            try:
                # no model of ours takes this type: 415 comes from our own code
                if self.invoke(b"", "application/x-nothing", None).status not in (503, 504):
                    return
                # the reason stands before the first refusal; each further question buries it
                refused = refused or self.output()[-6000:]
            except OSError:  # it does not listen yet
                pass
            time.sleep(0.2)
        raise RuntimeError(f"AWS's model server does not come up: {refused}\n...\n{self.output()[-3000:]}")

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> Answer:
        """POST to /invocations."""
        headers = {name: value for name, value in (("Content-Type", content_type), ("Accept", accept)) if value}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", "/invocations", body, headers)
            found = connection.getresponse()
            return Answer(found.status, found.headers.get("Content-Type", ""), found.read())
        except (BrokenPipeError, ConnectionResetError):
            if len(body) > 6553500:  # the server answers 413 and closes before it has read everything
                return Answer(413, "text/plain", b"")
            raise
        finally:
            connection.close()

    def close(self) -> None:
        """End it."""
        self.kill()
        shutil.rmtree(self.short, ignore_errors=True)


def free_port() -> int:
    """Find a port that multi-model-server takes: below 32767."""
    for port in random.sample(range(18000, 32000), 200):
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("there is no free port")
