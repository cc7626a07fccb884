"""A serverless endpoint that fails or is interrupted at any of its calls leaves nothing that the ledger has not.

A realtime one, with its schedule, is swept in test_sweep.py, with all other parts of the cycle. As there, `make sweep`
lets every call fail, and `make test-all` the first one of each operation.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress

import pytest

import mediaml as mm
from mediaml.testing import HurriedClock, OfflineAws, offline_aws
from tests.backends.sagemaker.conftest import sagemaker_model
from tests.backends.sagemaker.toolkits import Quick
from tests.backends.sweeping import FAULTS, WHOLE, known, no_pauses


@pytest.fixture(scope="module")
def trained(parts: tuple[mm.AudioDataset, ...]) -> Iterator[tuple[OfflineAws, mm.SageMakerAudioModel]]:
    with offline_aws(toolkit=Quick(), clock=HurriedClock(0.01)) as aws:  # waited for a thousand times
        yield aws, sagemaker_model(aws, epochs=1).fit(parts[0], parts[1], progress=False)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    no_pauses(monkeypatch)


def left(aws: OfflineAws) -> set[tuple[str, str]]:
    """What exists, billed or not."""
    found = aws._endpoints
    return {
        *(("endpoint", name) for name in found.endpoints),
        *(("endpoint-config", name) for name in found.configs),
        *(("model", name) for name in found.models),
    }


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 1000], ids=["once", "from then on"])
def test_nothing_is_left_that_the_ledger_does_not_have(
    trained: tuple[OfflineAws, mm.SageMakerAudioModel], times: int, capsys: pytest.CaptureFixture[str]
) -> None:
    aws, model = trained
    first = len(aws.calls)
    model.deploy(max_hours=1).close()
    calls = [call for call in aws.calls[first:] if call.service == "sagemaker"]
    assert len(calls) >= 10
    first_ones = {call.operation: number for number, call in reversed(list(enumerate(calls)))}
    swept = range(len(calls)) if WHOLE else sorted(first_ones.values())
    cases = 0
    for number in swept:
        for name, what in FAULTS.items():
            aws.fail("sagemaker", "*", what, after=number, times=times, acts=name.endswith("after"))
            came_up = False
            try:
                endpoint = model.deploy(max_hours=1)
                came_up = True
                endpoint.close()
            except (mm.errors.MediamlError, KeyboardInterrupt):
                pass
            case = f"{name} at call {number} ({calls[number].operation})"
            assert left(aws) <= known(aws), f"{case}: this stands in no ledger"
            if times == 1 and not came_up:
                assert left(aws) == set(), f"{case}: this was left"
            aws.heal()
            model.deploy(max_hours=1).close()
            assert left(aws) == set(), f"{case}: the same code again does not converge"
            assert known(aws) == set(), f"{case}: the ledger has what is gone"
            cases += 1
    with capsys.disabled():
        sys.stdout.write(f"\n{cases} faults injected into deploying and closing (serverless, {times} times)\n")
    assert cases == len(swept) * len(FAULTS)


@pytest.mark.parametrize("name", ["denied", "lost after", "Ctrl-C after"])
def test_a_batch_transform_leaves_nothing_either(trained: tuple[OfflineAws, mm.SageMakerAudioModel], name: str) -> None:
    aws, model = trained
    aws.session.client("s3").put_object(Bucket=aws.bucket, Key="in/a.wav", Body=b"x")
    for number in range(8):
        aws.fail("sagemaker", "*", FAULTS[name], after=number, acts=name.endswith("after"))
        with suppress(mm.errors.MediamlError, KeyboardInterrupt):
            model.transform(f"s3://{aws.bucket}/in/", f"s3://{aws.bucket}/out/")
        aws.heal()
        transforms = {
            ("transform-job", name) for name, job in aws._transforms.jobs.items() if job.status == "InProgress"
        }  # one that is being stopped is as good as gone
        assert left(aws) | transforms <= known(aws)
