"""Who keeps a face collection, or only searches one, needs the rights that docs/permissions.md gives, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

import mediaml as mm
from tests.permissions.conftest import BUCKET, Account
from tests.permissions.page import lacking, needless, policy
from tests.permissions.recording import Record, recorded
from tests.permissions.rights import rights

KEEPING, ASKING = "Who keeps a face collection", "Asking a face collection"


class Lived(NamedTuple):
    """A whole life, and what a service asked in the course of it."""

    record: Record
    asked: Record


@pytest.fixture(scope="module")
def life(account: Account) -> Iterator[Lived]:
    """All that a caller does with faces."""
    portraits = mm.samples.faces(account.folder / "faces", ["Ada", "Lena"], pictures=2, size=120)
    rows = [(path, label) for path, label in portraits.frame[["path", "label"]].itertuples(index=False)]
    picture = account.put("pictures/ada.png", Path(rows[0][0]).read_bytes())
    rows[0] = (picture, "Ada")
    rows.append((f"s3://{BUCKET}/pictures/missing.png", "Ada"))
    dataset = mm.ImageDataset.from_table(pd.DataFrame(rows, columns=["path", "label"]))
    with recorded(account.aws) as record:
        people = mm.FaceCollection("people", session=account.aws.session, clock=account.aws.clock).create()
        assert people.index(dataset, progress=False).faces == 4
        with recorded(account.aws) as asked:
            people.search(rows[1][0])
            people.search(mm.samples.crowd(["Ada", "Lena"], size=120)[0], every_face=True)
        people.search([picture])
        people.evaluate(portraits, progress=False)
        assert people.delete_person("Ada") == 2
        assert people.delete() == 2
    yield Lived(record, asked)


def test_the_policy_gives_all_that_a_life_needs(life: Lived) -> None:
    assert lacking(policy(KEEPING), rights(life.record.ours)) == set()


def test_the_policy_gives_nothing_that_it_does_not_need(life: Lived) -> None:
    assert needless(policy(KEEPING), rights(life.record.ours)) == set()


def test_who_only_searches_needs_no_more_than_that(life: Lived) -> None:
    allowed = policy(ASKING)
    assert lacking(allowed, rights(life.asked.ours)) == set()
    assert needless(allowed, rights(life.asked.ours)) == set()
    assert {one.action for one in lacking(allowed, rights(life.record.ours))} >= {
        "rekognition:IndexFaces",
        "rekognition:ListFaces",
        "rekognition:DeleteFaces",
    }


def test_no_other_collection_is_in_reach(life: Lived) -> None:
    asked = {
        one._replace(resource=one.resource + "-of-others")
        for one in rights(life.record.ours)
        if "collection/" in one.resource
    }
    assert asked and lacking(policy(KEEPING), asked) == asked
