"""One table of what must come out of bad data, and three that have to agree with it.

The table is written by hand from AWS's guide (bad_lines.py and bad_manifests.py of tests/data/preflight). With it agree
the pre-flight (tests there), the offline service, and what the model reads out of the service's files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mediaml as mm
from mediaml.aws.ledger import Ledger
from mediaml.aws.s3 import Location, Storage
from mediaml.aws.session import aws as aws_of
from mediaml.backends.rekognition.problems import line_problems
from mediaml.backends.rekognition.project import Project
from mediaml.backends.rekognition.service import Service
from mediaml.data.preflight.preflight import Preflight
from mediaml.data.preflight.rules import CODES, MESSAGES
from mediaml.testing import OfflineAws, offline_aws
from mediaml.testing.rekognition.pictures import Album
from tests.colours import painted
from tests.data.preflight.bad_lines import BAD as BAD_LINES
from tests.data.preflight.bad_manifests import BAD as BAD_MANIFESTS
from tests.data.preflight.bad_manifests import Build
from tests.data.preflight.manifests import Record, boxed, image_level
from tests.testing.rekognition.lives import put

PLACE = 4  # of the bad line, counted from 1
APART = {"ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT"}  # the offline service makes no test set while it trains
Line = Record | str


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineAws]:
    """A service that finds a good picture everywhere, and does not learn."""
    picture = tmp_path_factory.mktemp("picture") / "one.png"
    painted("red", 1).save(picture)

    def fit(*_: object) -> Any:
        raise mm.errors.DataError("nothing is learned here")

    with offline_aws() as account, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Album, "file", lambda self, address: picture)
        account.rekognition.fit = fit
        for bucket in ("pictures", "more"):
            account.session.client("s3").create_bucket(Bucket=bucket)
        yield account


@pytest.fixture
def project(aws: OfflineAws) -> Iterator[Project]:
    service = Service(aws_of(aws.session, aws.clock), Ledger(aws.ledger))
    made = Project(service, Storage(service.aws), "table", {})
    made.made()
    yield made
    made.delete(under(aws))


def under(aws: OfflineAws) -> Location:
    return Location(aws.bucket, "table")


def text_of(line: Line) -> str:
    return line if isinstance(line, str) else json.dumps(line)


def with_good(line: Line, first: int) -> bytes:
    """A manifest with the bad line in its place among good ones of its kind."""
    is_boxes = isinstance(line, dict) and "bounding-box" in line
    good = [boxed(first + n) if is_boxes else image_level(first + n, ("cat", "dog")[n % 2]) for n in range(8)]
    lines = [text_of(one) for one in good]
    lines.insert(PLACE - 1, text_of(line))
    return "".join(f"{one}\n" for one in lines).encode()


def source(aws: OfflineAws, key: str, content: bytes) -> dict[str, Any]:
    return {"GroundTruthManifest": {"S3Object": put(aws, key, content)}}


def dataset(
    aws: OfflineAws, project: Project, kind: str, content: bytes, name: str = "some.manifest"
) -> dict[str, Any]:
    """What a dataset of a manifest becomes."""
    at = source(aws, f"{kind}/{name}", content)
    arn = project.service.create_dataset(project.arn(), kind, at, {})
    found = project.service.dataset(arn)
    assert found is not None
    return {**found, "arn": arn}


def trained(
    aws: OfflineAws, project: Project, train: bytes, test: bytes, name: str = "some.manifest"
) -> dict[str, Any]:
    """What a training with two manifests says, all of it as our model reads it."""
    service = project.service
    request = {
        "ProjectArn": project.arn(),
        "VersionName": "v",
        "OutputConfig": {"S3Bucket": aws.bucket, "S3KeyPrefix": "out"},
        "TrainingData": {"Assets": [source(aws, f"train/{name}", train)]},
        "TestingData": {"Assets": [source(aws, f"test/{name}", test)]},
    }
    service.create_version(request)
    version = project.version("v")
    status = version.status()
    assert status.status == "TRAINING_FAILED"
    return {"message": status.message, "problems": list(version.problems())}


def expected(code: str) -> set[str]:
    """What the service reports: nothing where it has no code."""
    return {code} if code.isupper() else set()


@pytest.mark.parametrize(
    ("code", "line"), BAD_LINES, ids=lambda value: value if isinstance(value, str) and value in CODES else ""
)
def test_a_bad_line(aws: OfflineAws, project: Project, code: str, line: Line) -> None:
    content = with_good(line, 100)
    # a manifest of its own, without a dataset: every line is reported
    told = trained(aws, project, content, with_good(text_of(image_level(500)), 300))
    of_line = {one.code for one in told["problems"] if one.part == "train" and one.line == PLACE}
    assert of_line == expected(code)
    assert {one.line for one in told["problems"] if one.part == "train" and one.line} <= {PLACE}
    for one in told["problems"]:
        assert one.remedy or not one.code.isupper(), "every code that is known has a remedy"
    project.delete_version("v")
    # a dataset: what is dropped goes without a word, all else is told of its entry
    found = dataset(aws, project, "TRAIN", content)
    assert found["Status"] == "CREATE_COMPLETE"
    dropped = CODES[code].spoils == "dropped"
    assert found["DatasetStats"]["TotalEntries"] == 8 + (not dropped)
    entries = list(project.service.entries(found["arn"]))
    assert {one.code for one in line_problems(entries)} == (set() if dropped else expected(code))
    in_error = code.isupper() and not dropped and CODES[code].severity == "error"
    assert found["DatasetStats"]["ErrorEntries"] == in_error
    assert len(list(project.service.entries(found["arn"], only_errors=True))) == in_error


@pytest.mark.parametrize(
    ("code", "line", "build", "also"),
    [row for row in BAD_MANIFESTS if row[0].isupper() and row[0] not in APART],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_manifest(
    aws: OfflineAws,
    project: Project,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    line: int | None,
    build: Build,
    also: set[str],
) -> None:
    found: Preflight = build(tmp_path)
    assert code in found.counts
    if code == "ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM":
        monkeypatch.setattr(aws.rekognition._account, "region", "eu-west-2")  # where fewer lines are taken
    files = sorted(tmp_path.iterdir())
    train = next(path for path in files if not path.name.startswith("test"))
    content = train.read_bytes()
    test = (
        (tmp_path / "test.manifest").read_bytes()
        if len(files) == 2
        else content.replace(b"s3://pictures/", b"s3://pictures/x/")
    )
    assert code in of_datasets(aws, project, content, train.name, code) | of_training(
        aws, project, content, test, train.name
    )


def of_datasets(aws: OfflineAws, project: Project, content: bytes, name: str, code: str) -> set[str]:
    """The codes that a dataset tells of a manifest."""
    made = dataset(aws, project, "TRAIN", content, name)
    codes = {made["StatusMessage"].partition(":")[0]} if made["Status"] == "CREATE_FAILED" else set()
    if code.endswith("DISTRIBUTE"):
        test = project.service.create_dataset(project.arn(), "TEST", None, {})
        project.service.distribute(made["arn"], test)
        moved = project.service.dataset(made["arn"]) or {}
        assert moved["Status"] == "UPDATE_FAILED"
        codes.add(moved["StatusMessage"].partition(":")[0])
    for kind, arn in project.datasets(under(aws)).arns().items():
        project.datasets(under(aws)).remove(kind, arn)
    return codes


def of_training(aws: OfflineAws, project: Project, train: bytes, test: bytes, name: str) -> set[str]:
    """The codes that a training tells of two manifests, by message or in its files."""
    told = trained(aws, project, train, test, name)
    project.delete_version("v")
    by_message = {MESSAGES[told["message"]]} if told["message"] in MESSAGES else set()
    return by_message | {one.code for one in told["problems"] if one.line is None}


def test_every_code_of_aws_is_in_the_table() -> None:
    """But for those that only AWS can see, or that are tested apart."""
    here = {code for code, *_ in (*BAD_LINES, *BAD_MANIFESTS)}
    local = {code for code, rule in CODES.items() if rule.local and code.isupper()}
    assert local - here == {"ERROR_MANIFEST_SIZE_TOO_LARGE"}
