"""The container image, as far as its address tells."""

from __future__ import annotations

import pytest

from mediaml.backends.doctor.image import image

AWSS = "763104351884.dkr.ecr.eu-west-1.amazonaws.com/mxnet-training:1.9.0-cpu-py38-ubuntu20.04-sagemaker"


@pytest.mark.parametrize(
    "uri",
    [
        AWSS,
        f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/my-mxnet@sha256:{'0' * 64}",
        "123456789012.dkr.ecr-fips.eu-west-1.amazonaws.com/mxnet:1",
    ],
)
def test_an_image_of_mxnet_in_the_region_is_good_and_said_not_to_be_asked_for(uri: str) -> None:
    (found,) = image("eu-west-1", uri)
    assert found.level == "good" and "whether it is there was not asked" in found.found


@pytest.mark.parametrize("uri", ["mxnet:1.9.0", "docker.io/library/mxnet:1", "", AWSS.replace("763104351884", "aws")])
def test_what_is_not_in_ecr_is_a_problem(uri: str) -> None:
    (found,) = image("eu-west-1", uri)
    assert found.level == "problem" and "ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG" in found.remedy


def test_an_image_of_another_region_is_a_problem() -> None:
    (found,) = image("us-east-1", AWSS)
    assert found.level == "problem" and "eu-west-1" in found.found and "us-east-1" in found.remedy
    assert image("", AWSS)[0].level == "good", "without a region there is nothing to compare"


def test_no_tag_is_a_note() -> None:
    (found,) = image("eu-west-1", AWSS.partition(":")[0])
    assert found.level == "note" and "latest" in found.remedy


def test_an_image_that_does_not_say_mxnet_is_a_note() -> None:
    (found,) = image("eu-west-1", AWSS.replace("mxnet", "pytorch"))
    assert found.level == "note" and "pytorch-training, does not say MXNet" in found.found
