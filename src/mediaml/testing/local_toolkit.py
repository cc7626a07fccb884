"""Script mode without AWS's packages: a training and a server as processes of this Python."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from mediaml.testing.buckets import unpack
from mediaml.testing.toolkit import Answer

READY_IN = 60.0  # seconds
WORKER = Path(__file__).parent / "worker.py"
ASKED_IN = 60  # seconds


class LocalToolkit:
    """Runs training scripts and servers in this Python, by the rules of AWS's script mode.

    Parameters
    ----------
    python
        The interpreter; it needs what the script imports.
    """

    def __init__(self, python: str = sys.executable) -> None:
        self.python = python

    def train(self, base: Path, environment: Mapping[str, str]) -> LocalTraining:
        """Start a training; see `Toolkit.train`."""
        given = json.loads((base / "input/config/hyperparameters.json").read_text())
        hyper = {name: _decoded(value) for name, value in given.items()}
        code = base / "code"
        unpack(Path(hyper["sagemaker_submit_directory"]).read_bytes(), code)
        own = {name: value for name, value in hyper.items() if not name.startswith("sagemaker_")}
        arguments = [part for name in sorted(own) for part in (f"--{name}", str(own[name]))]
        channels = sorted(path.name for path in (base / "input/data").iterdir())
        told = {
            "SM_MODEL_DIR": str(base / "model"),
            "SM_OUTPUT_DATA_DIR": str(base / "output/data"),
            "SM_CHANNELS": json.dumps(channels),
            **{f"SM_CHANNEL_{name.upper()}": str(base / "input/data" / name) for name in channels},
            "SM_HPS": json.dumps(own),
            **{f"SM_HP_{re.sub('[^A-Z0-9]', '_', name.upper())}": str(value) for name, value in own.items()},
            "SM_NUM_GPUS": "0",
            "SM_NUM_CPUS": str(os.cpu_count()),
            "SM_HOSTS": '["algo-1"]',
            "SM_CURRENT_HOST": "algo-1",
            "MEDIAML_CHECKPOINT_DIR": str(base / "checkpoints"),
            "MEDIAML_OUTPUT_DIR": str(base / "output"),
        }
        told["SM_USER_ARGS"] = json.dumps(arguments)
        told["SM_TRAINING_ENV"] = json.dumps(_training_env(base, channels, own, hyper["sagemaker_program"]))
        command = [self.python, "-u", hyper["sagemaker_program"], *arguments]
        return LocalTraining(command, code, base, {**_clean(), **told, **environment})

    def serve(self, base: Path, environment: Mapping[str, str]) -> LocalServer:
        """Start to serve; see `Toolkit.serve`."""
        return LocalServer(self.python, base, {**_clean(), **environment})


class LocalTraining:
    """A training script at work in a process of its own."""

    def __init__(self, command: list[str], code: Path, base: Path, environment: dict[str, str]) -> None:
        self._base = base
        self._over = False
        self._log = base / "training.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  what the test stages is what the test runs
                command, cwd=code, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def poll(self) -> int | None:
        """Give the exit code, or None while it runs."""
        code = self._process.poll()
        if code is not None and not self._over:
            self._over = True
            _sweep(self._process)  # a container's end is the end of all that runs in it
        failure = self._base / "output/failure"
        if code and not failure.exists():
            failure.write_text(f"ExecuteUserScriptError:\nExitCode {code}\n")
        return code

    def output(self) -> str:
        """Give what it has printed so far."""
        return self._log.read_text(errors="replace")

    def kill(self) -> None:
        """End it at once, with all that it started."""
        _kill(self._process)


class LocalServer:
    """A model server at work in a process of its own."""

    def __init__(self, python: str, base: Path, environment: dict[str, str]) -> None:
        self._log = base / "serving.log"
        handle, name = tempfile.mkstemp(prefix="port", dir=base)
        os.close(handle)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  our own worker
                [python, "-u", str(WORKER), str(base / "model"), name],
                cwd=base,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._url = f"http://127.0.0.1:{self._port(Path(name))}/invocations"

    def _port(self, file: Path) -> int:
        until = time.monotonic() + READY_IN
        # whoever takes its disk away does not want it any more
        with suppress(FileNotFoundError):
            while time.monotonic() < until and self._process.poll() is None:
                if told := file.read_text():
                    return int(told)
                time.sleep(0.02)
        self.close()
        raise RuntimeError(f"the model server does not come up: {self.output()[-2000:]}")

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> Answer:
        """POST to /invocations."""
        headers = {name: value for name, value in (("Content-Type", content_type), ("Accept", accept)) if value}
        request = urllib.request.Request(self._url, data=body, headers=headers)  # noqa: S310  our own server
        try:
            with urllib.request.urlopen(request, timeout=ASKED_IN) as answer:  # noqa: S310
                return Answer(answer.status, answer.headers.get("Content-Type", ""), answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers.get("Content-Type", ""), error.read())

    def output(self) -> str:
        """Give what it has printed so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def close(self) -> None:
        """End it."""
        _kill(self._process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        _sweep(process)
    process.wait()


def _sweep(process: subprocess.Popen[bytes]) -> None:
    """End all of its group."""
    with suppress(ProcessLookupError, PermissionError):  # nobody is left; macOS says so in the second way
        os.killpg(process.pid, signal.SIGKILL)


def _training_env(base: Path, channels: list[str], hyper: dict[str, Any], program: str) -> dict[str, Any]:
    """Give what a script is told in one piece."""
    return {
        "channel_input_dirs": {name: str(base / "input/data" / name) for name in channels},
        "current_host": "algo-1",
        "hosts": ["algo-1"],
        "hyperparameters": hyper,
        "input_config_dir": str(base / "input/config"),
        "input_dir": str(base / "input"),
        "model_dir": str(base / "model"),
        "module_dir": str(base / "code"),
        "module_name": program.removesuffix(".py"),
        "num_cpus": os.cpu_count(),
        "num_gpus": 0,
        "output_data_dir": str(base / "output/data"),
        "output_dir": str(base / "output"),
        "user_entry_point": program,
    }


def _decoded(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _clean() -> dict[str, str]:
    """Give this environment without what leads to our own package, to AWS, or to a coverage tool."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "AWS_", "COV_"))}
