"""A version that is to stay, whose deploying fails or is interrupted at any of its calls, is known to the ledger.

What is to end with its block is swept in test_sweep.py, with all other parts of the cycle.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

import mediaml as mm
from mediaml.testing import OfflineAws, SteppedClock, offline_aws
from tests.backends.rekognition.conftest import Parts, rekognition_model
from tests.backends.sweeping import FAULTS, known, no_pauses
from tests.colours import colour_fit


@pytest.fixture(scope="module")
def fitted(parts: Parts) -> Iterator[tuple[OfflineAws, mm.RekognitionModel]]:
    with offline_aws() as aws:
        aws.rekognition.fit = colour_fit
        aws.clock = SteppedClock()
        yield aws, rekognition_model(aws).fit(parts.train, parts.validation, progress=False)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    no_pauses(monkeypatch)


@pytest.mark.slow  # the sweep goes through the same calls
@pytest.mark.parametrize("pace", ["at once", "by look"])
@pytest.mark.parametrize("times", [1, 1000])
def test_nothing_runs_that_the_ledger_does_not_have(
    fitted: tuple[OfflineAws, mm.RekognitionModel],
    pace: str,
    times: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    aws, model = fitted
    aws.rekognition.pace = pace  # type: ignore[assignment]

    def life() -> None:
        model.deploy(max_hours=1, keep=True).close()

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
        for name, what in FAULTS.items():
            case = f"{name} at call {number} ({calls[number].operation})"
            aws.fail("rekognition", "*", what, after=number, times=times, acts=name.endswith("after"))
            came_up = False
            try:
                deployed = model.deploy(max_hours=1, keep=True)
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
