"""AWS's programs themselves, run with scripts that know nothing of mediaml: what we rely on is so.

`test_life.py` proves that our source obeys these programs; here the ground under it is proven, on numpy and mxnet.
"""

from __future__ import annotations

import json
import os
import shutil
import tarfile
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.conformance import aws_toolkit as programs
from tests.conformance.aws_toolkit import AwsServer, AwsToolkit, AwsTraining

pytestmark = pytest.mark.slow
LIMIT = 6553500  # bytes that multi-model-server takes as a body
SENT = np.array([1, -2, 3, 1e-30], np.float32)
SERVING = {"SAGEMAKER_PROGRAM": "inference.py"}
TRAIN = """
import argparse
import os
import sys
import time

import numpy as np

if "bool" not in np.__dict__:
    np.bool = np.bool_
import mxnet as mx

parser = argparse.ArgumentParser()
parser.add_argument("--factor", type=float)
parser.add_argument("--then", default="")
told = parser.parse_args()
print("begun", sys.argv[1:], os.environ["SM_CURRENT_HOST"], flush=True)
if told.then == "sleep":
    time.sleep(600)
if told.then == "reason":
    with open(os.path.join(os.environ["MEDIAML_OUTPUT_DIR"], "failure"), "w") as file:
        file.write("clip 7 is silent")
if told.then:
    raise ValueError("as told")
values = np.load(os.path.join(os.environ["SM_CHANNEL_TRAINING"], "values.npy"))
mx.nd.save(os.path.join(os.environ["SM_MODEL_DIR"], "weights"), {"weights": told.factor * mx.nd.array(values)})
with open(os.path.join(os.environ["MEDIAML_CHECKPOINT_DIR"], "mark"), "w") as file:
    file.write("here")
"""
INFERENCE = """
import os
import time

import numpy as np

if "bool" not in np.__dict__:
    np.bool = np.bool_
import mxnet as mx
from sagemaker_inference.errors import BaseInferenceToolkitError, GenericInferenceToolkitError


def model_fn(folder):
    return mx.nd.load(os.path.join(folder, "weights"))["weights"]


def transform_fn(model, body, content_type, accept):
    if content_type == "application/x-wait":
        time.sleep(0.1)
        return b"waited", "text/plain"
    if content_type != "application/x-floats":
        raise BaseInferenceToolkitError(415, "only floats", "Unsupported Media Type")
    if not isinstance(body, bytearray) or len(body) != 4 * model.size:
        raise GenericInferenceToolkitError(400, "other than four floats")
    return (model * mx.nd.array(np.frombuffer(body, "<f4"))).asnumpy().tobytes(), "application/x-floats"
"""


@pytest.fixture
def base() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ml") as folder:
        yield Path(folder)


def start(toolkit: AwsToolkit, base: Path, **hyperparameters: object) -> AwsTraining:
    """Lay out /opt/ml as the services do, with a host name that does not resolve here, and start."""
    for name in ("input/config", "input/data/training", "model", "output/data", "code", "checkpoints"):
        (base / name).mkdir(parents=True)
    np.save(base / "input/data/training/values.npy", np.arange(4, dtype=np.float32))
    (base / "train.py").write_text(TRAIN)
    with tarfile.open(base / "source.tar.gz", "w:gz") as archive:
        archive.add(base / "train.py", "train.py")
    source = {"sagemaker_program": "train.py", "sagemaker_submit_directory": str(base / "source.tar.gz")}
    hyper = {name: json.dumps(value) for name, value in {**source, **hyperparameters}.items()}
    channel = {"TrainingInputMode": "File", "S3DistributionType": "FullyReplicated", "RecordWrapperType": "None"}
    hosts = {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "lo"}
    for name, content in (
        ("hyperparameters", hyper),
        ("inputdataconfig", {"training": channel}),
        ("resourceconfig", hosts),
    ):
        (base / f"input/config/{name}.json").write_text(json.dumps(content))
    return toolkit.train(base, {})


def ended(training: AwsTraining, seconds: float = 90) -> int:
    """Wait for the exit code."""
    until = time.monotonic() + seconds
    try:
        while (code := training.poll()) is None:
            assert time.monotonic() < until, training.output()[-2000:]
            time.sleep(0.05)
        return code
    finally:
        training.kill()


def namespace_of(process: AwsTraining | AwsServer) -> str:
    """Name the process namespace that holds all a program has started: exact, whatever it has renamed or detached.

    The link may only be read once the namespace has its first process.
    """
    return str(Path(f"/proc/{process.process.pid}/ns/pid_for_children").readlink())


def living(namespace: str) -> set[int]:
    """Tell the processes of a namespace, by their numbers outside of it."""
    found = set()
    for one in Path("/proc").glob("[0-9]*"):
        try:
            if str((one / "ns/pid").readlink()) == namespace:
                found.add(int(one.name))
        except OSError:  # it has ended meanwhile
            continue
    return found


def zombies() -> set[int]:
    """Tell our own children that have ended and that nobody has waited for."""
    found = set()
    for one in Path("/proc").glob("[0-9]*/stat"):
        try:
            number, rest = one.read_text().split(" ", 1)
        except OSError:
            continue
        state, parent = rest.rsplit(")", 1)[1].split()[:2]
        if state == "Z" and int(parent) == os.getpid():
            found.add(int(number))
    return found


# -- training ---------------------------------------------------------------------------------------------------------


def test_a_script_trains(aws_toolkit: AwsToolkit, base: Path) -> None:
    training = start(aws_toolkit, base, factor=2.5)
    assert ended(training) == 0, training.output()[-2000:]
    assert "begun ['--factor', '2.5'] localhost" in training.output()
    assert (base / "output/success").exists() and not (base / "output/failure").exists()
    assert [one.name for one in (base / "model").iterdir()] == ["weights"]
    assert (base / "checkpoints/mark").read_text() == "here"


def test_a_failure_tells_no_reason_of_its_own(aws_toolkit: AwsToolkit, base: Path) -> None:
    training = start(aws_toolkit, base, factor=1.0, then="raise")
    assert ended(training) == 1
    told = (base / "output/failure").read_text()
    assert told.startswith("ExecuteUserScriptError:\nExitCode 1")
    assert "as told" in training.output() and not (base / "output/success").exists()


def test_the_reason_that_a_script_writes_is_kept(aws_toolkit: AwsToolkit, base: Path) -> None:
    assert ended(start(aws_toolkit, base, factor=1.0, then="reason")) == 1
    assert (base / "output/failure").read_text() == "clip 7 is silent"


def test_a_training_without_success_has_failed(base: Path) -> None:
    """AWS's program may exit 0 for a script that failed: the file alone tells."""
    (base / "output").mkdir()
    training = AwsTraining(["true"], base, dict(os.environ))
    assert ended(training) == 1
    (base / "output/success").touch()
    assert training.poll() == 0


def test_killing_a_training_leaves_nothing(aws_toolkit: AwsToolkit, base: Path) -> None:
    training = start(aws_toolkit, base, factor=1.0, then="sleep")
    until = time.monotonic() + 60
    try:
        while "begun" not in training.output():
            assert time.monotonic() < until and training.poll() is None, training.output()[-2000:]
            time.sleep(0.05)
        namespace = namespace_of(training)
        assert len(living(namespace)) >= 2, "the toolkit and the script"
    finally:
        training.kill()
    assert living(namespace) == set() and zombies() == set()
    training.kill()
    assert training.poll() not in (None, 0)


# -- serving ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained(aws_toolkit: AwsToolkit) -> Iterator[Path]:
    """Give what a training has left in ``model``, with the code that serves it."""
    with tempfile.TemporaryDirectory(prefix="ml") as folder:
        training = start(aws_toolkit, Path(folder), factor=2.0)
        assert ended(training) == 0, training.output()[-2000:]
        model = Path(folder, "model")
        (model / "code").mkdir()
        (model / "code/inference.py").write_text(INFERENCE)
        yield model


@pytest.fixture(scope="module")
def server(aws_toolkit: AwsToolkit, trained: Path) -> Iterator[AwsServer]:
    with tempfile.TemporaryDirectory(prefix="ml") as folder:
        # deeper than a unix socket's name may be
        base = Path(folder, "d" * 120)
        shutil.copytree(trained, base / "model")
        served = aws_toolkit.serve(base, SERVING)
        try:
            yield served
        finally:
            served.close()


def test_a_binary_body_comes_through(server: AwsServer) -> None:
    answer = server.invoke(SENT.tobytes(), "application/x-floats", "application/x-floats")
    assert (answer.status, answer.content_type) == (200, "application/x-floats"), answer.body
    # the weights are 0, 2, 4, 6: 0x80 and other bytes that are no text
    assert np.array_equal(np.frombuffer(answer.body, "<f4"), np.arange(0, 8, 2, dtype=np.float32) * SENT)


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (bytes(16), "application/x-nope", 415),
        (bytes(16), None, 415),
        (bytes(15), "application/x-floats", 400),
        (bytes(LIMIT), "application/x-floats", 400),
        (bytes(LIMIT + 1), "application/x-floats", 413),
        (bytes(4 * LIMIT), "application/x-floats", 413),
    ],
)
def test_what_is_refused(server: AwsServer, body: bytes, content_type: str | None, status: int) -> None:
    assert server.invoke(body, content_type, None).status == status
    assert server.invoke(bytes(16), "application/x-floats", None).status == 200, "and it goes on"


def test_too_many_at_once_are_sent_away(server: AwsServer) -> None:
    """The queue holds a hundred."""
    with ThreadPoolExecutor(160) as pool:
        statuses = list(pool.map(lambda _: server.invoke(b"", "application/x-wait", None).status, range(160)))
    assert set(statuses) == {200, 503}
    assert server.invoke(bytes(16), "application/x-floats", None).status == 200


def test_closing_a_server_leaves_nothing(aws_toolkit: AwsToolkit, trained: Path, base: Path) -> None:
    shutil.copytree(trained, base / "model")
    server = aws_toolkit.serve(base, SERVING)
    try:
        namespace = namespace_of(server)
        assert len(living(namespace)) >= 3, "the toolkit, Java and a worker"
    finally:
        server.close()
    assert living(namespace) == set() and zombies() == set()
    assert not server.short.exists()
    server.close()
    assert server.output(), "what it has printed can still be read"


def test_a_server_that_cannot_load_its_code_says_why(
    aws_toolkit: AwsToolkit, trained: Path, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """/ping says 200 to the end; /invocations says 503."""
    shutil.copytree(trained, base / "model")
    (base / "model/code/inference.py").write_text("import nothing_of_this_name\n")
    monkeypatch.setattr(programs, "READY_IN", 15.0)
    with pytest.raises(RuntimeError, match="nothing_of_this_name"):
        aws_toolkit.serve(base, SERVING)
    assert zombies() == set()
