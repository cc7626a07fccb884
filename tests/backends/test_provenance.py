"""What a model says it was made with."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pytest

from mediaml.backends import provenance


def test_versions_of_what_is_installed() -> None:
    assert provenance.versions()["numpy"] == np.__version__
    assert provenance.versions()["mxnet"] == "1.9.1"


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
