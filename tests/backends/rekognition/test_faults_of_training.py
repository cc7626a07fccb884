"""A training that fails or is interrupted at any of its calls is in the ledger, and goes on."""

from __future__ import annotations

import types
from pathlib import Path

import pytest

import mediaml as mm
from mediaml.testing import offline_aws
from tests.backends.rekognition.conftest import divided, rekognition_model
from tests.backends.rekognition.test_faults import FAULTS, known, no_pauses
from tests.colours import colour_fit, colours

__all__ = ["no_pauses"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["denied", "internal", "lost after", "Ctrl-C before", "Ctrl-C after"])
def test_a_training_that_is_interrupted_anywhere_is_in_the_ledger_and_goes_on(tmp_path: Path, name: str) -> None:
    """Whatever call goes wrong, the same code again ends with the one version, and with nothing twice."""
    what, acts = FAULTS[name]
    few = colours(tmp_path / "all", 12, labels=("blue", "red"))  # no fewer than the service wants: it is learned often
    train, validation = divided(few, 10 / 12, 2 / 12)
    number, over = 0, False
    while not over:
        with offline_aws() as aws:
            aws.rekognition.fit = colour_fit
            clock = types.SimpleNamespace(now=lambda: 0.0, sleep=lambda seconds: None)
            model = rekognition_model(aws, clock=clock)
            aws.fail("rekognition", "*", what, after=number, acts=acts)
            try:
                model.fit(train, validation, progress=False)
            except (mm.errors.MediamlError, KeyboardInterrupt):
                training = {one for one in aws.running() if one[0] == "rekognition-training"}
                assert training <= known(aws), f"{name} at call {number}: this trains, and stands in no ledger"
            over = len([call for call in aws.calls if call.service == "rekognition"]) <= number
            aws.heal()
            again = rekognition_model(aws, clock=clock).fit(train, validation, progress=False)
            assert list(again.versions()["status"]) == ["TRAINING_COMPLETED"], f"{name} at call {number}"
            assert again.service_evaluation.training_pictures == len(train)
            assert known(aws) == set() and aws.running() == []
        number += 1
    assert number >= 10
