"""Where a batch transform may leave its answers."""

from __future__ import annotations

import pytest

from mediaml.aws.s3 import location
from mediaml.backends.sagemaker.batch import refuse_within
from mediaml.errors import AwsValidationError


@pytest.mark.parametrize(
    ("target", "source"), [("s3://b/in/", "s3://b/in/"), ("s3://b/in/out/", "s3://b/in/"), ("s3://b/out/", "s3://b/")]
)
def test_answers_do_not_go_among_the_files(target: str, source: str) -> None:
    with pytest.raises(AwsValidationError, match=f"cannot go to {target}: it lies under {source}"):
        refuse_within(location(target), location(source))


@pytest.mark.parametrize(
    ("target", "source"), [("s3://b/in-out/", "s3://b/in/"), ("s3://b/", "s3://b/in/"), ("s3://c/in/", "s3://b/in/")]
)
def test_answers_go_beside_the_files_above_them_or_into_another_bucket(target: str, source: str) -> None:
    refuse_within(location(target), location(source))
