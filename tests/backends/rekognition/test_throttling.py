"""A version that is asked too often: nothing is lost, nothing asked twice, and it is used as far as it goes."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Executor, Future
from typing import Any, cast

import pytest
from PIL import Image

import mediaml as mm
from mediaml.testing import Fault, OfflineAws, SteppedClock, offline_aws
from tests.backends.rekognition.conftest import Parts, rekognition_model
from tests.colours import COLOURS, colour_fit

RATE = 5.0  # calls a second


@pytest.fixture
def running(parts: Parts) -> Iterator[tuple[OfflineAws, mm.RekognitionDeployment]]:
    with offline_aws(clock=SteppedClock()) as aws:
        aws.rekognition.fit = colour_fit
        model = rekognition_model(aws).fit(parts.train, parts.validation, progress=False)
        aws.rekognition.calls_per_second = RATE
        with model.deploy(max_inference_units=3) as deployed:
            yield aws, deployed


def small(label: str) -> bytes:
    """A picture that is soon looked at, in one colour but for a corner."""
    image = Image.new("RGB", (64, 64), COLOURS[label])
    image.putpixel((0, 0), (0, 0, 0))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def asked(aws: OfflineAws) -> int:
    return sum(call.operation == "DetectCustomLabels" for call in aws.calls)


class Prompt(Executor):
    """Makes a call when it is told to: with a clock that stands still, threads would all call at the same instant."""

    def __init__(self, *_: object) -> None:
        pass

    def submit(self, call: Callable[..., Any], /, *items: Any, **more: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(call(*items, **more))
        except BaseException as error:
            future.set_exception(error)
        return future


@pytest.fixture
def _prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mediaml.backends.rekognition.asking.ThreadPoolExecutor", Prompt)


@pytest.mark.usefixtures("_prompt")
def test_two_thousand_pictures_at_five_calls_a_second(
    running: tuple[OfflineAws, mm.RekognitionDeployment], monkeypatch: pytest.MonkeyPatch
) -> None:
    aws, deployed = running
    monkeypatch.setattr("mediaml.testing.rekognition.detecting.GROWS_AFTER", float("inf"))
    pictures = {label: small(label) for label in COLOURS}
    wanted = random.Random(1).choices(sorted(COLOURS), k=2000)
    begun, calls = aws.clock.now(), asked(aws)
    found = deployed.predict([pictures[label] for label in wanted])
    taken = aws.clock.now() - begun
    assert [one.label for one in found] == wanted, "one answer a picture, in order"
    assert asked(aws) - calls - aws.rekognition.throttled == 2000, "none was answered twice"
    assert len(wanted) / taken >= 0.9 * RATE, f"{len(wanted) / taken:.2f} a second of {RATE:g} that are possible"
    assert aws.rekognition.throttled > 0, "the limit was found"


def test_nothing_is_lost_or_asked_twice_by_threads(running: tuple[OfflineAws, mm.RekognitionDeployment]) -> None:
    aws, deployed = running
    wanted = random.Random(2).choices(sorted(COLOURS), k=300)
    calls = asked(aws)
    assert [one.label for one in deployed.predict([small(label) for label in wanted])] == wanted
    assert asked(aws) - calls - aws.rekognition.throttled == 300


@pytest.mark.usefixtures("_prompt")
def test_units_that_are_added_are_used(running: tuple[OfflineAws, mm.RekognitionDeployment]) -> None:
    aws, deployed = running
    picture = small("red")
    deployed.predict([picture] * 900)
    begun = aws.clock.now()
    deployed.predict([picture] * 600)
    assert 600 / (aws.clock.now() - begun) > 1.8 * RATE


def test_memory_does_not_grow_with_what_is_asked(running: tuple[OfflineAws, mm.RekognitionDeployment]) -> None:
    aws, deployed = running
    aws.rekognition.calls_per_second = None
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield small("blue")

    answers = deployed.look(endless())
    for number in range(1, 40):
        one = next(answers)
        assert isinstance(one, mm.ImagePrediction) and one.label == "blue"
        assert taken <= number + 48, "it is read as it is asked"
    cast(Generator[object, None, None], answers).close()


@pytest.mark.parametrize("fault", [Fault.INTERNAL, Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.THROTTLED])
def test_calls_that_fail_now_and_then_are_made_again(
    running: tuple[OfflineAws, mm.RekognitionDeployment], fault: Fault
) -> None:
    aws, deployed = running
    for after in (0, 2, 3, 7):
        aws.fail("rekognition", "DetectCustomLabels", fault, after=after)
    wanted = [sorted(COLOURS)[number % 3] for number in range(30)]
    assert [one.label for one in deployed.predict([small(label) for label in wanted])] == wanted


def test_a_service_that_never_answers_is_given_up(running: tuple[OfflineAws, mm.RekognitionDeployment]) -> None:
    aws, deployed = running
    aws.fail("rekognition", "DetectCustomLabels", Fault.INTERNAL, times=10_000)
    with pytest.raises(mm.errors.AwsError, match="asking colours"):
        deployed.predict([small("red")] * 5)
    aws.heal()
    aws.fail("rekognition", "DetectCustomLabels", Fault.THROTTLED, times=100_000)
    with pytest.raises(mm.errors.AwsThrottledError):
        deployed.predict([small("red")] * 5)
    aws.heal()


def test_what_another_try_does_not_mend_is_raised_at_once(
    running: tuple[OfflineAws, mm.RekognitionDeployment],
) -> None:
    aws, deployed = running
    aws.fail("rekognition", "DetectCustomLabels", Fault.ACCESS_DENIED, times=10_000)
    calls = asked(aws)
    with pytest.raises(mm.errors.AwsAccessError, match=r"docs/permissions\.md"):
        deployed.predict([small("red")] * 100)
    assert asked(aws) - calls <= 32
    aws.heal()
