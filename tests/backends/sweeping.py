"""Faults injected one at a time into what calls AWS: how each ends, and what is left."""

from __future__ import annotations

import functools
import os
import re
import sys
import threading
import types
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import pytest

import mediaml as mm
from mediaml.aws.ledger import Ledger
from mediaml.aws.plan import Plan
from mediaml.aws.refusals import REMEDIES
from mediaml.testing import Fault, OfflineAws
from mediaml.testing.buckets import Buckets, apart
from mediaml.testing.clocks import SteppedClock

FAULTS: dict[str, Fault | BaseException] = {
    "throttled": Fault.THROTTLED,
    "denied": Fault.ACCESS_DENIED,
    "limit exceeded": Fault.LIMIT_EXCEEDED,
    "internal": Fault.INTERNAL,
    "lost before": Fault.LOST_BEFORE,
    "lost after": Fault.LOST_AFTER,
    "Ctrl-C before": KeyboardInterrupt(),
    "Ctrl-C after": KeyboardInterrupt(),
}
RETRIED = ("throttled", "internal", "lost before", "lost after")
ONCE, FROM_THEN_ON = 1, 1_000_000  # calls
STARTS = ("sagemaker", "rekognition")
"""Services that start what bills: there Ctrl-C comes, too."""
Named = set[tuple[str, str]]


class Phase(NamedTuple):
    """A part of a cycle.

    Parameters
    ----------
    name
        Of it.
    begin
        Brings the account to where it begins.
    run
        What a user's program does, from nothing: run again it is another process.
    once
        Asserts what must be there once when it has come to its end.
    """

    name: str
    begin: Callable[[], None]
    run: Callable[[], None]
    once: Callable[[], None]


class At(NamedTuple):
    """A call: the number is that among the calls of its service."""

    service: str
    number: int
    operation: str


class Fails(NamedTuple):
    """How a call goes wrong, and how many after it."""

    kind: str
    times: int


ALL = [*(Fails(kind, ONCE) for kind in FAULTS), Fails("denied", FROM_THEN_ON), Fails("lost after", FROM_THEN_ON)]
WHOLE = os.environ.get("MEDIAML_SWEEP") == "whole"
"""`make sweep`: all ways at every call of all phases. Else all ways at the first call of each operation of the usual
phases: `make test-all` has half an hour for everything."""


def sweep(aws: OfflineAws, phase: Phase, ways: Sequence[Fails] = ALL) -> Counter[str]:
    """Let each call of a phase go wrong in each of these ways; gives how many faults were injected, by service.

    Parameters
    ----------
    aws
        The account.
    phase
        What is swept.
    ways
        How calls go wrong.
    """
    injected: Counter[str] = Counter()
    again = () if ways is ALL and not WHOLE else ways
    called: set[tuple[str, str]] = set()
    for at in calls_of(aws, phase):
        operation = (at.service, at.operation)
        chosen = again if operation in called else ways
        called.add(operation)
        for way in chosen:
            if way.kind.startswith("Ctrl-C") and at.service not in STARTS:
                continue
            case = f"{phase.name}: {way.kind} at {at.service} {at.number} ({at.operation}), {way.times} times"
            try:
                _one(aws, phase, at, way)
            except BaseException as error:
                error.add_note(case)
                raise
            injected[at.service] += 1
    return injected


def calls_of(aws: OfflineAws, phase: Phase) -> list[At]:
    """Let a phase go well, and give its calls."""
    aws.heal()
    phase.begin()
    first = len(aws.calls)
    phase.run()
    seen: Counter[str] = Counter()
    found = []
    for call in aws.calls[first:]:
        found.append(At(call.service, seen[call.service], call.operation))
        seen[call.service] += 1
    _assert_over(aws, phase)
    return found


def _one(aws: OfflineAws, phase: Phase, at: At, way: Fails) -> None:
    phase.begin()
    acts = way.kind.endswith("after")
    aws.fail(at.service, "*", FAULTS[way.kind], after=at.number, times=way.times, acts=acts)
    error = _raised_by(phase.run)
    assert aws._wire.faults._planned[0].times < way.times, "the fault was injected"
    if way.times == ONCE and way.kind in RETRIED:
        assert error is None, f"it was not made again: {error}"
    if isinstance(error, mm.errors.MediamlError):
        _assert_tells(error)
    _assert_known(aws)
    aws.heal()
    phase.run()
    _assert_over(aws, phase)


def _raised_by(run: Callable[[], None]) -> mm.errors.MediamlError | KeyboardInterrupt | None:
    try:
        run()
    except (mm.errors.MediamlError, KeyboardInterrupt) as error:  # any other ends the test
        return error
    return None


def _assert_tells(error: mm.errors.MediamlError) -> None:
    """It says what was being done, and what to do."""
    told = str(error)
    assert re.search(r"\b[a-z]+ing .+: ", told), f"this does not say what was being done: {told}"
    if isinstance(error, mm.errors.AwsError):
        assert any(remedy and remedy in told for remedy in REMEDIES.values()), f"this gives no remedy: {told}"


def _assert_known(aws: OfflineAws) -> None:
    """What bills, and what will call AWS later, stands in the ledger."""
    assert costly(aws) <= known(aws), "this stands in no ledger"


def _assert_over(aws: OfflineAws, phase: Phase) -> None:
    """Nothing runs, is scheduled, or stands in the ledger; and nothing was made twice."""
    aws.clock.sleep(0)
    assert aws.running() == [] and aws.schedules() == [], f"{phase.name}: this was left"
    assert known(aws) == set(), f"{phase.name}: the ledger has what is gone"
    phase.once()


def costly(aws: OfflineAws) -> Named:
    """Give what bills or was made for it, as the ledger names it; a job that is being stopped is as good as gone."""
    stopped = {("transform-job", name) for name, job in aws._transforms.jobs.items() if job.status == "Stopping"}
    return {
        *(set(aws.running()) - stopped),
        *(("endpoint-config", name) for name in aws._endpoints.configs),
        *(("model", name) for name in aws._endpoints.models),
        *(("schedule", name) for name in aws.schedules()),
    }


def known(aws: OfflineAws) -> Named:
    """Give what stands in the ledger."""
    return {(one.resource.kind, one.resource.name) for one in Ledger(aws.ledger).standing()}


def cost(plan: Plan) -> float | None:
    """Give what it costs at most, as who has set a limit learns it: a price that is not known is an error."""
    plan.refuse_above(1000)
    return plan.cost


def files(aws: OfflineAws) -> dict[str, Any]:
    """Give the files of the bucket by their keys, for `hold`."""
    return dict(_bucket(aws).keys)


def hold(aws: OfflineAws, found: Mapping[str, Any]) -> None:
    """Make the bucket hold these files and no others, and the ledger nothing."""
    aws.ledger.unlink(missing_ok=True)
    kept = _bucket(aws).keys
    kept.clear()
    kept.update(found)


def _bucket(aws: OfflineAws) -> Any:
    from moto.s3.models import s3_backends

    return s3_backends[aws.account]["aws"].buckets[aws.bucket]


def told(name: str, injected: Counter[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Print how many faults were injected."""
    services = ", ".join(f"{service} {number}" for service, number in sorted(injected.items()))
    with capsys.disabled():
        sys.stdout.write(f"\n{injected.total()} faults injected into {name} ({services})\n")


# -- no waiting -------------------------------------------------------------------------------------------------------


class WorkingClock(SteppedClock):
    """A clock that does not wait: what threads would do beside it is done as its time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.errands: list[Callable[[], None]] = []

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        while self.errands:
            self.errands.pop(0)()

    def thread(self, target: Callable[..., None], args: tuple[Any, ...] = (), **_: Any) -> Any:
        """Give what stands in for a thread."""
        started = lambda: self.errands.append(lambda: target(*args))  # noqa: E731
        return types.SimpleNamespace(start=started, join=lambda timeout: None)


def working_clock(patch: pytest.MonkeyPatch) -> WorkingClock:
    """Give a clock as whose time passes jobs and endpoints of the offline AWS go on."""
    clock = WorkingClock()
    stand_in = types.SimpleNamespace(Thread=clock.thread, Event=threading.Event, Lock=threading.Lock)
    for module in ("training_jobs", "transforms", "endpoints"):
        patch.setattr(f"mediaml.testing.{module}.threading", stand_in)
    return clock


def no_pauses(patch: pytest.MonkeyPatch) -> None:
    """Retries of botocore need not wait, and are never too many."""
    patch.setattr("botocore.endpoint.time", types.SimpleNamespace(sleep=lambda seconds: None))
    patch.setattr("botocore.retries.bucket.TokenBucket.acquire", lambda self, amount=1, block=True: True)
    patch.setattr("botocore.retries.quota.RetryQuota.acquire", lambda self, capacity_amount: True)


def quick_files(aws: OfflineAws, patch: pytest.MonkeyPatch) -> None:
    """Let AWS's own machines read files where moto keeps them: for the same picture they ask thousands of times."""

    def read(self: Buckets, uri: str) -> bytes:
        bucket, key = apart(uri)
        kept = _bucket(aws).keys.getlist(key) if bucket == aws.bucket else None
        if not kept:
            raise FileNotFoundError(uri)
        content: bytes = kept[-1].value
        return content

    patch.setattr(Buckets, "read", read)


def few_draws(patch: pytest.MonkeyPatch) -> None:
    """Let reports draw a few times only: how sure they are of their figures is not what is looked at."""
    for module in ("intervals", "calibration"):
        patch.setattr(f"mediaml.metrics.{module}.DRAWS", 20)


def kept_clients(aws: OfflineAws, patch: pytest.MonkeyPatch) -> None:
    """Make each client of the account's session once: models of many programs work with them."""
    made = aws.session.client

    @functools.cache
    def kept(service: str, region: str | None, attempts: int) -> Any:
        return made(service, region_name=region, config=configs[attempts])

    configs: dict[int, Any] = {}

    def client(service: str, region_name: str | None = None, config: Any = None) -> Any:
        attempts = 0 if config is None else int(config.retries["total_max_attempts"])
        configs[attempts] = config
        return kept(service, region_name, attempts)

    patch.setattr(aws.session, "client", client)
