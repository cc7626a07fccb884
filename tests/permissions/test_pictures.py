"""Who trains and runs Custom Labels needs the rights that docs/permissions.md gives, and no others."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

import mediaml as mm
from mediaml.aws.s3 import Location, Storage
from mediaml.aws.session import aws as aws_of
from mediaml.testing import Fault
from tests.colours import painted
from tests.permissions.conftest import BUCKET, Account
from tests.permissions.page import lacking, needless, policy
from tests.permissions.recording import Record, recorded
from tests.permissions.rights import rights

HEADING = "Who trains and runs Custom Labels"


class Lived(NamedTuple):
    """A whole life, and what a service asked in the course of it."""

    record: Record
    asked: Record
    arn: str


@pytest.fixture(scope="module")
def life(account: Account, coloured: mm.ImageDataset) -> Iterator[Lived]:
    """All that a caller does with pictures on Custom Labels."""
    first, second, test, others = coloured.split(0.5, 0.2, 0.1, 0.2, seed=1, near_duplicates=False)
    picture = account.put("pictures/1.png", _packed(painted("red", 900)))
    with recorded(account.aws) as record:
        model = account.pictures().fit(first, second, progress=False)
        model.evaluate()
        model.versions()
        with model.deploy(max_hours=1) as running, model.deploy(max_hours=2):
            assert running.predict([picture, _large(account.folder)])[0].label == "red"
            model.evaluate(test, progress=False)
            arn = model.arn
            with recorded(account.aws) as asked:
                mm.connect(arn, session=account.aws.session).predict(Path(test.frame["path"][0]))
        model.deploy(keep=True).close()
        _end(model)
        better = model.improve(others, progress=False)
        attached = mm.RekognitionModel.attach("logos", session=account.aws.session, clock=account.aws.clock)
        assert attached.version == better.new.version
        account.pictures().fit(first, test_by="service", progress=False)  # the datasets are made anew
        model.delete()
        better.new.delete(project=True)
        _upload_in_parts(account)
    yield Lived(record, asked, arn)
    assert account.aws.running() == [] and account.aws.schedules() == []


def _packed(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _large(folder: Path) -> Path:
    """A picture that is too large for a request, and goes by way of S3."""
    noise = np.random.RandomState(1).randint(0, 256, (1200, 1200, 3)).astype(np.uint8)
    (folder / "noise.png").write_bytes(_packed(Image.fromarray(noise)))
    return folder / "noise.png"


def _end(model: mm.RekognitionModel) -> None:
    """End one that is to stay, as whoever deploys it again does."""
    model.aws.client("rekognition").stop_project_version(ProjectVersionArn=model.arn)
    model.deploy(max_hours=1).close()


def _upload_in_parts(account: Account) -> None:
    large = account.folder / "large.png"
    large.write_bytes(bytes(9 << 20))
    storage, at = Storage(aws_of(account.aws.session)), Location(BUCKET, "mediaml/logos/images/x/large.png")
    account.aws.fail("s3", "UploadPart", Fault.ACCESS_DENIED, times=2)
    with suppress(Exception):  # what it is called is not asked here
        storage.upload(large, at)
    account.aws.heal()


def test_the_policy_gives_all_that_a_life_needs(life: Lived) -> None:
    assert lacking(policy(HEADING), rights(life.record.ours)) == set()


def test_what_the_service_reads_and_writes_with_the_callers_rights_is_covered(life: Lived) -> None:
    # whether a bucket is there the offline service sees by its own list
    played = rights(one for one in life.record.theirs if one.service == "s3" and one.operation != "ListBuckets")
    assert {"s3:GetObject", "s3:PutObject"} <= {one.action for one in played}
    assert lacking(policy(HEADING), played) == set()


def test_the_policy_gives_nothing_that_it_does_not_need(life: Lived) -> None:
    assert needless(policy(HEADING), rights(life.record.ours)) == set()


def test_a_service_that_asks_a_version_needs_one_right(life: Lived) -> None:
    allowed = policy("Asking a version", version=life.arn)
    assert lacking(allowed, rights(life.asked.ours)) == set()
    assert needless(allowed, rights(life.asked.ours)) == set()


def test_it_can_ask_no_other_version(life: Lived) -> None:
    asked = rights(life.asked.ours)
    assert asked and lacking(policy("Asking a version"), asked) == asked
