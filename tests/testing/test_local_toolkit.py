"""The toolkit of this machine keeps the contract of AWS's script mode."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mediaml.testing import LocalToolkit
from mediaml.testing.local_toolkit import LocalServer
from tests.testing.containers import INFERENCE, archive, until

LARGEST = 6553500


def laid_out(base: Path, script: str, **hyper: object) -> Path:
    """A folder that plays /opt/ml."""
    for name in ("input/config", "input/data/train", "model", "output/data", "code", "checkpoints"):
        (base / name).mkdir(parents=True)
    (base / "source.tar.gz").write_bytes(archive({"go.py": script}))
    told = {"sagemaker_program": "go.py", "sagemaker_submit_directory": str(base / "source.tar.gz"), **hyper}
    encoded = {name: json.dumps(value) for name, value in told.items()}
    (base / "input/config/hyperparameters.json").write_text(json.dumps(encoded))
    return base


def test_hyperparameters_are_sorted_arguments(tmp_path: Path) -> None:
    base = laid_out(tmp_path / "ml", "import sys; print(sys.argv[1:])", zeta=0.1, alpha="two words", flag=True)
    training = LocalToolkit().train(base, {})
    until(lambda: training.poll() is not None, "the script ends")
    assert training.poll() == 0
    assert training.output().strip() == str(["--alpha", "two words", "--flag", "True", "--zeta", "0.1"])


def test_killing_ends_all_that_the_script_has_started(tmp_path: Path) -> None:
    script = (
        "import pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    training = LocalToolkit().train(laid_out(tmp_path / "ml", script), {})
    until(lambda: training.output().endswith("\n"), "the script has a child")
    child = int(training.output())
    assert alive(child)
    training.kill()
    until(lambda: not alive(child), "the child is gone")
    assert training.poll() != 0


def test_the_surroundings_do_not_leak_into_the_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    script = "import json, os; print(json.dumps(dict(os.environ)))"
    training = LocalToolkit().train(laid_out(tmp_path / "ml", script), {"OWN": "given"})
    until(lambda: training.poll() is not None, "the script ends")
    told = json.loads(training.output())
    assert told["OWN"] == "given"
    assert not {"PYTHONPATH", "AWS_SECRET_ACCESS_KEY"} & set(told)
    assert told["MEDIAML_CHECKPOINT_DIR"] == str(tmp_path / "ml/checkpoints")
    assert told["SM_CHANNEL_TRAIN"] == str(tmp_path / "ml/input/data/train")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    base = model(tmp_path_factory.mktemp("serving"), INFERENCE)
    serving = LocalToolkit().serve(base, {})
    yield serving
    serving.close()
    serving.close()


def model(base: Path, inference: str) -> Path:
    (base / "model/code").mkdir(parents=True)
    (base / "model/name.txt").write_text("little")
    (base / "model/code/inference.py").write_text(inference)
    return base


def test_a_server_answers_errors_with_the_status_of_the_exception(server: LocalServer) -> None:
    refused = server.invoke(b"refuse", None, None)
    assert (refused.status, refused.body) == (415, b"no such sound")
    broken = server.invoke(b"break", None, None)
    assert broken.status == 500
    assert b"Traceback" in broken.body and b"the network broke" in broken.body


def test_text_that_is_no_text_is_an_answer_too(server: LocalServer) -> None:
    assert server.invoke(b"\xff\xfe", "text/csv", None).status == 500
    assert server.invoke(b"after", None, None).status == 200


def test_a_request_may_be_as_large_as_aws_lets_it_be(server: LocalServer) -> None:
    assert json.loads(server.invoke(bytes(LARGEST), "audio/wav", None).body)["size"] == LARGEST


def test_a_server_that_does_not_come_up_shows_its_log(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no such module"):
        LocalToolkit().serve(model(tmp_path, "raise ImportError('no such module')"), {})


def test_a_closed_server_is_gone(tmp_path: Path) -> None:
    serving = LocalToolkit().serve(model(tmp_path, INFERENCE), {})
    serving.close()
    with pytest.raises(OSError, match="refused"):
        serving.invoke(b"x", None, None)


def test_the_worker_needs_nothing_but_the_standard_library() -> None:
    worker = Path(__file__).parents[2] / "src/mediaml/testing/worker.py"
    code = f"import sys, runpy; runpy.run_path({str(worker)!r}, run_name='w'); print('mediaml' in sys.modules)"
    told = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
