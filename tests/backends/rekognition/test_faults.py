"""Deploying and closing that fail or are interrupted at any of their calls leave nothing that the ledger has not."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator

import pytest

import mediaml as mm
from mediaml.aws.ledger import Ledger
from mediaml.testing import Fault, OfflineAws, offline_aws
from tests.backends.rekognition.conftest import Parts, rekognition_model
from tests.colours import colour_fit

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


@pytest.fixture(scope="module")
def fitted(parts: Parts) -> Iterator[tuple[OfflineAws, mm.RekognitionModel]]:
    with offline_aws() as aws:
        aws.rekognition.fit = colour_fit
        aws.clock = types.SimpleNamespace(now=lambda: 0.0, sleep=lambda seconds: None)
        yield aws, rekognition_model(aws).fit(parts.train, parts.validation, progress=False)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries need not wait here."""
    monkeypatch.setattr("botocore.endpoint.time", types.SimpleNamespace(sleep=lambda seconds: None))
    monkeypatch.setattr("botocore.retries.bucket.TokenBucket.acquire", lambda self, amount=1, block=True: True)


def known(aws: OfflineAws) -> set[tuple[str, str]]:
    return {(one.resource.kind, one.resource.name) for one in Ledger(aws.ledger).standing()}


@pytest.mark.parametrize("pace", ["at once", "by look"])
@pytest.mark.parametrize("times", [1, pytest.param(1000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("keep", [False, True], ids=["ends", "stays"])
def test_nothing_runs_that_the_ledger_does_not_have(
    fitted: tuple[OfflineAws, mm.RekognitionModel],
    pace: str,
    times: int,
    keep: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:
    aws, model = fitted
    aws.rekognition.pace = pace  # type: ignore[assignment]

    def life() -> None:
        model.deploy(max_hours=1, keep=keep).close()

    def end() -> None:
        aws.rekognition.pace = "at once"
        aws.heal()
        model.deploy(max_hours=1).close()
        for name in aws.rekognition.running():
            stop(aws, name)
        aws.rekognition.pace = pace  # type: ignore[assignment]

    first = len(aws.calls)
    life()
    calls = [call for call in aws.calls[first:] if call.service == "rekognition"]
    end()
    assert len(calls) >= 4
    cases = 0
    for number in range(len(calls)):
        for name, (what, acts) in FAULTS.items():
            case = f"{name} at call {number} ({calls[number].operation})"
            aws.fail("rekognition", "*", what, after=number, times=times, acts=acts)
            came_up = False
            try:
                deployed = model.deploy(max_hours=1, keep=keep)
                came_up = True
                deployed.close()
            except (mm.errors.MediamlError, KeyboardInterrupt):
                pass
            running = {kind_and_name for kind_and_name in aws.running() if kind_and_name[0] == "rekognition-model"}
            assert running <= known(aws), f"{case}: this runs, and stands in no ledger"
            if times == 1 and not came_up:
                assert running == set(), f"{case}: this was left running"
            end()
            assert aws.running() == [], f"{case}: the same code again does not converge"
            assert known(aws) == set(), f"{case}: the ledger has what is gone"
            cases += 1
    with capsys.disabled():
        sys.stdout.write(f"\n{cases} faults injected into deploying and closing a version ({pace}, {times} times)\n")
    assert cases == len(calls) * len(FAULTS)


def stop(aws: OfflineAws, name: str) -> None:
    """End a version as `mediaml aws stop` does."""
    from mediaml.aws.ledger import ledger
    from mediaml.aws.session import aws as aws_of
    from mediaml.backends.inventory import inventory
    from mediaml.backends.inventory import stop as end

    account = aws_of(aws.session, aws.clock)
    end(account, ledger(), [one for one in inventory(account, ledger()).found if one.name == name])
