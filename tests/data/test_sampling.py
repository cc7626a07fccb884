"""Which pictures of a video are looked at."""

from __future__ import annotations

import pytest

from mediaml.data.sampling import Sampling


@pytest.mark.parametrize("every", [-1.0, float("nan"), float("inf"), True, "1"])
def test_what_is_no_number_of_seconds_is_refused(every):
    with pytest.raises(ValueError, match="every is a number of seconds"):
        Sampling(every=every)


def test_nothing_at_all_is_refused():
    with pytest.raises(ValueError, match="which pictures"):
        Sampling(every=None)


@pytest.mark.parametrize(
    ("sampling", "rate", "most"),
    [
        (Sampling(1.0), 25.0, 10),
        (Sampling(3.0), 25.0, 4),
        (Sampling(0), 25.0, 250),
        (Sampling(0.001), 25.0, 250),
        (Sampling(0), None, None),
        (Sampling(1.0), None, 10),
        (Sampling(None, scenes=True), 25.0, None),
        (Sampling(1.0, scenes=True), 25.0, None),
    ],
)
def test_how_many_pictures_there_are_at_most_is_known_before(sampling, rate, most):
    assert sampling.at_most(10.0, rate) == most
