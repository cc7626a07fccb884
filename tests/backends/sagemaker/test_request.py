"""Which disks a key of the user's is asked for."""

from __future__ import annotations

import pytest

from mediaml.backends.sagemaker.request import volume_key
from mediaml.testing.disks import FAMILIES


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_machines_that_encrypt_their_own_disks_are_given_no_key(family: str) -> None:
    assert volume_key("key", f"ml.{family}.xlarge") == {}


@pytest.mark.parametrize("family", ["m5", "c5", "c5n", "c6i", "p3", "inf2", "m7i-flex", "t3"])
def test_all_others_are(family: str) -> None:
    assert volume_key("key", f"ml.{family}.xlarge") == {"VolumeKmsKeyId": "key"}
    assert volume_key("key", f"ml.{family}.xlarge", "KmsKeyId") == {"KmsKeyId": "key"}
    assert volume_key(None, f"ml.{family}.xlarge") == {}
