"""What recordings are like, kept in a memory that does not grow with them."""

from __future__ import annotations

import numpy as np
import pytest

from mediaml.backends.tracing import AT_LEAST, LONGEST, REMEMBERED, Look, Quality, Tracer, cosine, together

UNKNOWN = Quality()


def look(start: float, value: float | None = 1.0, seconds: float = 1.0, quality: Quality = UNKNOWN) -> Look:
    embedding = None if value is None else np.array([value, 1.0], np.float32)
    return Look(start, start + seconds, embedding, quality)


def test_moments_are_the_means_of_five_seconds():
    tracer = Tracer()
    for second in range(12):
        tracer.push(look(float(second), float(second)))

    moments = tracer.finish()

    assert [(one.start, one.end) for one in moments] == [(0, 5), (5, 10), (10, 12)]
    assert [float(one.embedding[0]) for one in moments] == [2.0, 7.0, 10.5]
    assert all(one.end - one.start <= LONGEST for one in moments)


def test_silence_is_in_no_moment_and_ends_one():
    tracer = Tracer()
    for second, value in enumerate([1.0, None, 3.0]):
        tracer.push(look(float(second), value))

    assert [(one.start, one.end) for one in tracer.finish()] == [(0, 1), (2, 3)]


def test_a_picture_unlike_the_first_of_a_shot_begins_another():
    tracer = Tracer(least_alike=0.9)
    for second, value in enumerate([0.0, 0.1, 9.0, 9.5]):
        tracer.push(look(float(second), value))

    assert [(one.start, one.end) for one in tracer.finish()] == [(0, 2), (2, 4)]


def test_an_event_is_like_the_looks_whose_middle_lies_in_it():
    tracer = Tracer()
    for second in range(6):
        tracer.push(look(float(second), float(second), quality=Quality(0.1 * second, -10.0 * second)))

    trace = tracer.trace(1.4, 3.6)

    assert trace.embedding is not None
    assert float(trace.embedding[0]) == pytest.approx(2.0)  # of 1, 2 and 3
    assert trace.quality.clipped == pytest.approx(0.2)
    assert trace.quality.level == -10.0


def test_an_event_shorter_than_a_look_is_like_the_nearest_one():
    tracer = Tracer()
    tracer.push(look(0.0, 1.0))
    tracer.push(look(1.0, 5.0))

    found = tracer.trace(1.7, 1.8).embedding

    assert found is not None
    assert float(found[0]) == 5.0


def test_of_a_long_event_the_last_minute_counts_and_no_more_is_remembered():
    tracer = Tracer()
    for second in range(1000):
        tracer.push(look(float(second), float(second)))

    assert len(tracer._recent) <= max(REMEMBERED, AT_LEAST) + 1
    found = tracer.trace(0.0, 1000.0).embedding
    assert found is not None
    assert float(found[0]) > 930


def test_qualities_are_put_together_and_what_was_not_measured_stays_unknown():
    several = [Quality(0.2, -30.0), Quality(0.4, -10.0), Quality(sharpness=5.0, side=100), Quality(sharpness=9.0)]

    found = together(several)

    assert found.clipped == pytest.approx(0.3)
    assert found[1:] == (-10.0, 9.0, 100)
    assert together([]) == Quality()


def test_the_cosine_with_nothing_is_0():
    assert cosine(np.zeros(2, np.float32), np.ones(2, np.float32)) == 0
    assert cosine(np.ones(2, np.float32), np.ones(2, np.float32)) == pytest.approx(1)


def test_an_event_is_traced_after_long_looks_too():
    # one shot holds the label, the next one is three minutes long
    tracer = Tracer(least_alike=0.8)
    tracer.push(look(0.0, 0.0, seconds=10.0))
    tracer.push(look(10.0, 9.0, seconds=190.0))
    tracer.push(look(200.0, 9.0, seconds=190.0))

    found = tracer.trace(0.0, 10.0).embedding

    assert found is not None
    assert float(found[0]) == 0.0


def test_what_nobody_remembers_is_not_made_up():
    tracer = Tracer()
    for second in range(500):
        tracer.push(look(float(second)))

    assert tracer.trace(1.0, 3.0) == (None, Quality())
