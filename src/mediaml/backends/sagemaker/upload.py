"""A job's data and code on S3, each under the name of its content: what is there already is not sent again."""

from __future__ import annotations

import hashlib
import io
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mediaml.aws.s3 import Location, Storage
from mediaml.aws.staging import Source, source
from mediaml.backends.sagemaker.job_data import JobData
from mediaml.backends.sagemaker.request import Inputs
from mediaml.data.progress import bar
from mediaml.features import weights
from mediaml.runtime.shards import INDEX
from mediaml.runtime.train import JOB, WEIGHTS


class Store(NamedTuple):
    """Where a model's files are kept.

    Parameters
    ----------
    storage
        S3.
    root
        The start of all keys.
    """

    storage: Storage
    root: Location


def send(store: Store, data: JobData, document: dict[str, Any], name: str) -> Inputs:
    """Send what a job needs, and give where it lies."""
    code = source()
    shards, size = _data(store, data)
    channels = {"job": _job(store, document, name), "data": shards}
    if document["network"] != "cnn":
        channels["weights"] = _weights(store, data)
    return Inputs(channels, _source(store, code), size)


def _source(store: Store, code: Source) -> Location:
    at = store.root / f"source/{code.digest}/sourcedir.tar.gz"
    if not store.storage.exists(at):
        store.storage.put(code.content, at)
    return at


def _job(store: Store, document: dict[str, Any], name: str) -> Location:
    store.storage.put_json(document, store.root / f"jobs/{name}/job/{JOB}")
    return store.root / f"jobs/{name}/job/"


def _data(store: Store, data: JobData) -> tuple[Location, int]:
    """Send the shards, the index last: where it is, all of it is."""
    at = store.root / f"data/{data.digest}"
    if store.storage.exists(at / INDEX):
        return at / "", sum(one.size for one in store.storage.listed(at / "", own=True))
    with tempfile.TemporaryDirectory(prefix="mediaml-data-") as folder:
        size = data.write(Path(folder))
        files = sorted(Path(folder).iterdir(), key=lambda path: (path.name == INDEX, path.name))
        with bar(len(files), "uploading", "file", data.training.progress) as sent:
            for path in files:
                store.storage.upload(path, at / path.name)
                sent()
    return at / "", size


def _weights(store: Store, data: JobData) -> Location:
    known = weights.load(data.training.network, data.training.weights_from)
    content = io.BytesIO()
    np.savez(content, **known.arrays)
    digest = hashlib.sha256(content.getvalue()).hexdigest()[:16]
    at = store.root / f"weights/{data.training.network}-{known.digest}-{digest}"
    if not store.storage.exists(at / WEIGHTS):
        store.storage.put(content.getvalue(), at / WEIGHTS)
    return at / ""
