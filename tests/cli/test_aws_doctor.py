"""``mediaml aws doctor``: what was found, for people and for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mediaml.testing import OfflineAws, offline_aws
from tests.cli.conftest import Run

Facts = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def aws() -> Iterator[OfflineAws]:
    with offline_aws() as account:
        yield account


def test_without_a_problem_the_exit_code_is_0(aws: OfflineAws, run: Run) -> None:
    words = ("--role", aws.role, "--bucket", aws.bucket, "--image-uri", aws.image, "--project", "logos")
    told = run("aws", "doctor", *words, "--instance-type", "ml.c5.2xlarge", "--region", "us-east-1").stdout
    assert all(line.startswith("good ") for line in told.splitlines())
    for what in ("region", "credentials", "clock", "role: trust", "bucket: owner", "image", "project", "quota"):
        assert f"good     {what}" in told, what


def test_a_note_is_no_problem(run: Run) -> None:
    told = run("aws", "doctor", "--region", "eu-west-1").stdout
    assert "good     region: eu-west-1" in told
    assert "note     left out: not given" in told


def test_a_problem_has_its_remedy_and_the_exit_code_1(run: Run) -> None:
    told = run("aws", "doctor", "--bucket", "not-there", code=1).stdout
    assert "problem  bucket: there is no bucket not-there\n" in told
    assert "         -> Check the name, or make it: aws s3 mb s3://not-there" in told


def test_programs_get_the_findings(run: Run, facts: Facts) -> None:
    found = facts("aws", "doctor", "--bucket", "not-there", code=1)["findings"]
    assert all(sorted(one) == ["found", "level", "remedy", "what"] for one in found)
    assert [one["what"] for one in found if one["level"] == "problem"] == ["bucket"]
