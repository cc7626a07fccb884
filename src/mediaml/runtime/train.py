"""A training job in AWS's container: from the channels to the model's folder, with the code that serves it.

Called as the entry point of a script-mode job. The channels: ``job`` holds ``job.json``, ``data`` the shards, and
``weights``, where the network comes pretrained, ``weights.npz``. See `mediaml.backends.sagemaker`.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
import traceback
from pathlib import Path
from typing import Any, Dict, Mapping, NamedTuple, Optional

import numpy as np

from . import learned
from .faults import Fault, JobFault
from .learning import Course, learn
from .loop import Surroundings
from .network import Network
from .settings import Settings
from .shard_sounds import ShardSounds
from .shards import Shards
from .spec import Spec
from .took import took

FORMAT = 1
JOB, WEIGHTS = "job.json", "weights.npz"
SERVED_BY = "from {}.inference import model_fn, transform_fn\n\n__all__ = ['model_fn', 'transform_fn']\n"


class Places(NamedTuple):
    """Where a job finds and leaves what it works with.

    Parameters
    ----------
    job, data, weights
        The channels; None where there are no weights.
    model
        What is left here becomes model.tar.gz.
    checkpoints
        Kept on S3 while the job runs; None: nowhere.
    output
        The reason of a failure is left here.
    """

    job: Path
    data: Path
    weights: Optional[Path]
    model: Path
    checkpoints: Optional[str]
    output: Path


def places(environment: Mapping[str, str]) -> Places:
    """Find the places where SageMaker's toolkit says that they are."""
    weights = environment.get("SM_CHANNEL_WEIGHTS")
    checkpoints = environment.get("MEDIAML_CHECKPOINT_DIR", "/opt/ml/checkpoints")
    return Places(
        Path(environment["SM_CHANNEL_JOB"]),
        Path(environment["SM_CHANNEL_DATA"]),
        None if weights is None else Path(weights),
        Path(environment["SM_MODEL_DIR"]),
        checkpoints if Path(checkpoints).is_dir() else None,
        Path(environment.get("MEDIAML_OUTPUT_DIR", "/opt/ml/output")),
    )


def main() -> None:
    """Run the job that the environment describes; leave the reason where it fails."""
    output = Path(os.environ.get("MEDIAML_OUTPUT_DIR", "/opt/ml/output"))
    try:
        run(places(os.environ))
    except BaseException as error:
        traceback.print_exc()
        # the toolkit keeps this file, and SageMaker shows it as the job's FailureReason
        reason = str(error) if isinstance(error, Fault) else "{}: {}".format(type(error).__name__, error)
        if output.is_dir():
            (output / "failure").write_text(reason[:1000], encoding="utf-8")
        sys.exit(1)


def run(at: Places) -> None:
    """Train, and leave the model with the code that serves it.

    Raises
    ------
    JobFault
        The channels do not hold what they should.
    """
    began = time.monotonic()
    job = read_job(at.job / JOB)
    settings = Settings(**job["settings"])
    labels = tuple(job["labels"])
    network = Network(job["network"], Spec.from_dict(job["spectrogram"]), len(labels), settings.seed)
    digest = None
    if network.module.PRETRAINED:
        digest = _pretrained(network, at.weights)
    sounds = ShardSounds(network, Shards(str(at.data)), settings.batch_size, settings.seed)
    surroundings = Surroundings(at.checkpoints, job["fingerprint"], _tell)
    course = Course(settings, (job["criterion"][0], float(job["criterion"][1])), job["trains_body"], surroundings)
    found = learn(network, sounds, course)
    record = dict(job["training"], trained_with=_versions(), **took(began))
    if found.best_epoch is not None:
        record["best_epoch"] = found.best_epoch
    model = learned.Learned(
        network,
        found.recogniser,
        labels,
        found.held_out,
        None if job["trains_body"] else digest,
        tuple(found.history),
        record,
        frozenset(job["learned_from"]),
    )
    learned.write(model, str(at.model), job["model"])
    leave_code(at.model)
    print("model={} labels={} calibrated={}".format(job["network"], len(labels), found.calibrated), flush=True)


def read_job(path: Path) -> Dict[str, Any]:
    """Read what is to be done.

    Raises
    ------
    JobFault
        It is missing, or written for other code.
    """
    try:
        job = json.loads(path.read_text(encoding="utf-8"))
        found = job["format"]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise JobFault("{} cannot be read: {}".format(path.name, error))
    if found != FORMAT:
        raise JobFault("{} is in format {!r}, this code reads {}".format(path.name, found, FORMAT))
    return dict(job)


def leave_code(model: Path) -> None:
    """Put this package and the entry point of a server beside the model."""
    here = Path(__file__).resolve().parent
    code = model / "code"
    if code.exists():
        shutil.rmtree(str(code))
    shutil.copytree(str(here), str(code / here.name), ignore=shutil.ignore_patterns("__pycache__", ".*", "*.toml"))
    (code / "inference.py").write_text(SERVED_BY.format(here.name), encoding="utf-8")


def _pretrained(network: Network, channel: Optional[Path]) -> str:
    if channel is None:
        raise JobFault("the network {} comes pretrained, and there is no channel 'weights'".format(network.name))
    try:
        with np.load(str(channel / WEIGHTS), allow_pickle=False) as arrays:
            network.set_body({name: arrays[name] for name in arrays.files if arrays[name].dtype.kind == "f"})
    except (OSError, ValueError, KeyError) as error:
        raise JobFault("the pretrained weights cannot be read: {}".format(error))
    return network.body_digest()


def _tell(measured: Mapping[str, float]) -> None:
    """Print what an epoch measured, as CloudWatch's metrics read it."""
    print(" ".join("{}={:.6g}".format(name, value) for name, value in measured.items()), flush=True)


def _versions() -> Dict[str, str]:
    from . import _mx

    return {"python": sys.version.split()[0], "numpy": np.__version__, "mxnet": str(_mx.load().__version__)}


if __name__ == "__main__":
    main()
