"""What a model says it was made with."""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pytest

from mediaml.backends import provenance
from mediaml.runtime import _mx


def test_versions_of_what_is_installed() -> None:
    assert provenance.versions()["numpy"] == np.__version__
    assert provenance.versions()["mxnet"] == "1.9.1"


def test_a_model_is_measured_with_what_ran_it_and_not_with_all_that_is_loaded() -> None:
    """Both runtimes are loaded where an exported model is compared with its original."""
    _mx.load()
    importlib.import_module("onnxruntime")
    told = provenance.measured_with("onnxruntime")
    assert told["onnxruntime"] == version("onnxruntime") and "mxnet" not in told
    assert "onnxruntime" not in provenance.measured_with("mxnet")


def test_a_service_is_named_and_nothing_of_this_machine_but_what_counted() -> None:
    told = provenance.measured_by("SageMaker: the endpoint one")
    assert set(told) == {"verdicts by", "figures by", "date"}
    assert told["figures by"] == f"mediaml {version('mediaml')}"


def test_where_there_is_no_mxnet_a_training_on_aws_starts_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Python 3.12 and newer."""

    def without(package: str) -> str:
        if package == "mxnet":
            raise PackageNotFoundError(package)
        return version(package)

    monkeypatch.setattr(provenance, "version", without)
    told = provenance.versions()
    assert "mxnet" not in told
    assert {"mediaml", "python", "date"} <= set(told)
