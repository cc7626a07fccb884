"""A deployment that fails or is interrupted at any of its calls leaves nothing that the ledger does not have."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

import mediaml as mm
from mediaml.aws.ledger import Ledger
from mediaml.testing import Fault, HurriedClock, LocalToolkit, OfflineAws, offline_aws
from mediaml.testing.local_toolkit import LocalServer
from mediaml.testing.toolkit import Answer
from tests.backends.sagemaker.conftest import sagemaker_model

FAULTS: dict[str, tuple[Fault | BaseException, bool]] = {
    "throttled": (Fault.THROTTLED, False),
    "denied": (Fault.ACCESS_DENIED, False),
    "quota": (Fault.LIMIT_EXCEEDED, False),
    "internal": (Fault.INTERNAL, False),
    "lost before": (Fault.LOST_BEFORE, False),
    "lost after": (Fault.LOST_AFTER, True),
    "Ctrl-C before": (KeyboardInterrupt(), False),
    "Ctrl-C after": (KeyboardInterrupt(), True),
}


class Quick(LocalToolkit):
    """Trains in earnest, and serves at once: what is asked here is not what an endpoint says."""

    def serve(self, base: Path, environment: Mapping[str, str]) -> LocalServer:
        class Server:
            def invoke(self, *_: object) -> Answer:
                return Answer(200, "application/json", b"{}")

            def output(self) -> str:
                return ""

            def close(self) -> None:
                pass

        return Server()  # type: ignore[return-value]


@pytest.fixture(scope="module")
def trained(parts: tuple[mm.AudioDataset, ...]) -> Iterator[tuple[OfflineAws, mm.SageMakerAudioModel]]:
    with offline_aws(toolkit=Quick(), clock=HurriedClock(0.01)) as aws:  # waited for a thousand times
        yield aws, sagemaker_model(aws, epochs=1).fit(parts[0], parts[1], progress=False)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries need not wait here."""
    monkeypatch.setattr("botocore.endpoint.time", types.SimpleNamespace(sleep=lambda seconds: None))
    monkeypatch.setattr("botocore.retries.bucket.TokenBucket.acquire", lambda self, amount=1, block=True: True)


def known(aws: OfflineAws) -> set[tuple[str, str]]:
    return {(one.resource.kind, one.resource.name) for one in Ledger(aws.ledger).standing()}


def left(aws: OfflineAws) -> set[tuple[str, str]]:
    """What exists, billed or not."""
    found = aws._endpoints
    return {
        *(("endpoint", name) for name in found.endpoints),
        *(("endpoint-config", name) for name in found.configs),
        *(("model", name) for name in found.models),
    }


@pytest.mark.parametrize(
    ("kind", "times"),
    [
        pytest.param("serverless", 1, id="serverless-once", marks=pytest.mark.slow),
        pytest.param("serverless", 1000, id="serverless-from then on", marks=pytest.mark.slow),
        pytest.param("realtime", 1, id="realtime-once", marks=pytest.mark.slow),
        pytest.param("realtime", 1000, id="realtime-from then on", marks=pytest.mark.slow),
    ],
)
def test_nothing_is_left_that_the_ledger_does_not_have(
    trained: tuple[OfflineAws, mm.SageMakerAudioModel], kind: str, times: int, capsys: pytest.CaptureFixture[str]
) -> None:
    aws, model = trained
    first = len(aws.calls)
    model.deploy(kind=kind, max_hours=1).close()  # type: ignore[arg-type]
    calls = [call for call in aws.calls[first:] if call.service == "sagemaker"]
    assert len(calls) >= 10
    cases = 0
    for number in range(len(calls)):
        for name, (what, acts) in FAULTS.items():
            aws.fail("sagemaker", "*", what, after=number, times=times, acts=acts)
            came_up = False
            try:
                endpoint = model.deploy(kind=kind, max_hours=1)  # type: ignore[arg-type]
                came_up = True
                endpoint.close()
            except (mm.errors.MediamlError, KeyboardInterrupt):
                pass
            case = f"{name} at call {number} ({calls[number].operation})"
            assert left(aws) <= known(aws), f"{case}: this stands in no ledger"
            if times == 1 and not came_up:
                assert left(aws) == set(), f"{case}: this was left"
            aws.heal()
            model.deploy(kind=kind, max_hours=1).close()  # type: ignore[arg-type]
            assert left(aws) == set(), f"{case}: the same code again does not converge"
            assert known(aws) == set(), f"{case}: the ledger has what is gone"
            cases += 1
    with capsys.disabled():
        sys.stdout.write(f"\n{cases} faults injected into deploying and closing ({kind}, {times} times)\n")
    assert cases == len(calls) * len(FAULTS)


@pytest.mark.parametrize("name", ["denied", "lost after", "Ctrl-C after"])
def test_a_batch_transform_leaves_nothing_either(trained: tuple[OfflineAws, mm.SageMakerAudioModel], name: str) -> None:
    aws, model = trained
    what, acts = FAULTS[name]
    aws.session.client("s3").put_object(Bucket=aws.bucket, Key="in/a.wav", Body=b"x")
    for number in range(8):
        aws.fail("sagemaker", "*", what, after=number, acts=acts)
        with suppress(mm.errors.MediamlError, KeyboardInterrupt):
            model.transform(f"s3://{aws.bucket}/in/", f"s3://{aws.bucket}/out/")
        aws.heal()
        transforms = {
            ("transform-job", name) for name, job in aws._transforms.jobs.items() if job.status == "InProgress"
        }  # one that is being stopped is as good as gone
        assert left(aws) | transforms <= known(aws)
