"""AWS's command line leads a model of Custom Labels through its life, by HTTP: a client that nobody of us has written.

It checks what it is told and what it is answered by AWS's model of the service, uploads as it likes, and waits with
waiters of its own. Which answers the true service gives is not proven by that.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mediaml.testing import OfflineAws, offline_aws
from tests.colours import COLOURS, colour_fit, write_colours
from tests.conformance.environments import awscli
from tests.testing.rekognition.lives import line

pytestmark = pytest.mark.slow
PARTS = {"train": range(10), "test": range(100, 104)}
TRAINED = [f"{kind}/{part}.manifest" for kind in ("snapshot", "validation") for part in ("testing", "training")]
REFUSED = 255
"""With this the program ends when the service has refused something."""


class Program:
    """``aws``, in a folder and at an address."""

    def __init__(self, path: Path, folder: Path, address: str) -> None:
        self.path, self.folder = path, folder
        own = {"AWS_ENDPOINT_URL": address, "AWS_DEFAULT_OUTPUT": "json", "HOME": str(folder)}
        self._environment = {**os.environ, **own}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.path), *words]
        return subprocess.run(
            command, cwd=self.folder, env=self._environment, capture_output=True, text=True, check=False, timeout=120
        )

    def s3(self, *words: str) -> str:
        done = self.run("s3", *words)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def rekognition(self, *words: str) -> Any:
        """What the service answers."""
        done = self.run("rekognition", *words)
        assert (done.returncode, done.stderr) == (0, ""), (words, done.stdout, done.stderr)
        return json.loads(done.stdout or "{}")

    def refused(self, *words: str) -> str:
        """The error and the operation of what the service refuses, as the program tells them."""
        done = self.run("rekognition", *words)
        assert (done.returncode, done.stdout) == (REFUSED, ""), (words, done.stdout, done.stderr)
        start, end = "An error occurred ", " operation: "
        told = done.stderr.strip()
        assert told.startswith(start) and end in told and not told.endswith(end), told
        return told.removeprefix(start).split(end)[0]


@pytest.fixture
def aws() -> Iterator[OfflineAws]:
    with offline_aws() as account:
        account.rekognition.fit = colour_fit
        account.rekognition.pace = "by look"  # each state is seen once
        yield account


@pytest.fixture
def program(aws: OfflineAws, tmp_path: Path) -> Iterator[Program]:
    path = awscli()
    with aws.serve() as address:
        yield Program(path, tmp_path, address)


def write_parts(folder: Path) -> None:
    """Pictures and manifests of both parts, for a bucket named media."""
    for part, numbers in PARTS.items():
        write_colours(folder / "pictures" / part, len(numbers), numbers[0])
        lines = [
            line(f"s3://media/pictures/{part}/{label}/{number}.png", label) for label in COLOURS for number in numbers
        ]
        (folder / f"{part}.manifest").write_text("".join(f"{one}\n" for one in lines))


def create_datasets(program: Program, project: str) -> list[str]:
    """Both datasets out of their manifests, read back and mended; gives their ARNs."""
    ask, arns = program.rekognition, []
    for part, numbers in PARTS.items():
        source = {"GroundTruthManifest": {"S3Object": {"Bucket": "media", "Name": f"{part}.manifest"}}}
        made = ("--project-arn", project, "--dataset-type", part.upper(), "--dataset-source", json.dumps(source))
        arns.append(ask("create-dataset", *made)["DatasetArn"])
        assert described(program, arns[-1])["Status"] == "CREATE_IN_PROGRESS"
        found = described(program, arns[-1])
        count = len(COLOURS) * len(numbers)
        expected = {"LabeledEntries": count, "TotalEntries": count, "TotalLabels": len(COLOURS), "ErrorEntries": 0}
        assert (found["Status"], found["DatasetStats"]) == ("CREATE_COMPLETE", expected)
    of_test = ("--dataset-arn", arns[1])
    pages = ask("list-dataset-entries", *of_test, "--page-size", "5")["DatasetEntries"]
    assert pages == (program.folder / "test.manifest").read_text().splitlines(), "three pages, in order, as they came"
    red = ask("list-dataset-entries", *of_test, "--contains-labels", "red", "--max-items", "3")
    assert len(red["DatasetEntries"]) == 3 and red["NextToken"]
    labels = ask("list-dataset-labels", *of_test)["DatasetLabelDescriptions"]
    assert {one["LabelName"]: one["LabelStats"]["EntryCount"] for one in labels} == dict.fromkeys(COLOURS, 4)
    changes = json.dumps({"GroundTruth": line("s3://media/pictures/train/red/0.png", "red")})
    ask("update-dataset-entries", *of_test, "--changes", changes)
    assert [described(program, arns[1])["Status"] for _ in range(2)] == ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"]
    assert len(ask("list-dataset-entries", *of_test, "--contains-labels", "red")["DatasetEntries"]) == 5
    return arns


def described(program: Program, dataset: str) -> Any:
    return program.rekognition("describe-dataset", "--dataset-arn", dataset)["DatasetDescription"]


def train(program: Program, project: str) -> str:
    """Train a version, and wait for it as a script would; gives its ARN."""
    ask, output = program.rekognition, "S3Bucket=media,S3KeyPrefix=out"
    of_project = ("--project-arn", project)
    version = ask("create-project-version", *of_project, "--version-name", "v1", "--output-config", output)
    assert state(program, project) == "TRAINING_IN_PROGRESS"
    ask("wait", "project-version-training-completed", *of_project, "--version-names", "v1")
    (found,) = ask("describe-project-versions", *of_project)["ProjectVersionDescriptions"]
    assert (found["ProjectVersionArn"], found["Status"]) == (version["ProjectVersionArn"], "TRAINING_COMPLETED")
    assert found["EvaluationResult"]["F1Score"] > 0.9
    return str(version["ProjectVersionArn"])


def state(program: Program, project: str) -> str | None:
    """The state of the only version, or None where there is none."""
    of_project = ("--project-arn", project, "--version-names", "v1")
    query = ("--query", "ProjectVersionDescriptions[].Status")
    found = program.rekognition("describe-project-versions", *of_project, *query)
    return found[0] if found else None


def test_a_life(program: Program, aws: OfflineAws) -> None:
    write_parts(program.folder)
    program.s3("mb", "s3://media")
    program.s3("cp", "--recursive", "--quiet", "pictures", "s3://media/pictures")
    for part in PARTS:
        program.s3("cp", f"{part}.manifest", "s3://media/")
    assert "Total Objects: 44" in program.s3("ls", "--recursive", "--summarize", "s3://media")

    project = program.rekognition("create-project", "--project-name", "colours")["ProjectArn"]
    datasets = create_datasets(program, project)
    version = train(program, project)
    program.s3("cp", "--recursive", "--quiet", "s3://media/out/v1", "results")
    assert [name for name in TRAINED if not (program.folder / "results" / name).exists()] == []

    run_and_stop(program, project, version)
    delete(program, project, version, datasets)
    program.s3("rb", "--force", "s3://media")
    assert aws.running() == []


def run_and_stop(program: Program, project: str, version: str) -> None:
    """Start, wait, ask with bytes and with what lies on S3, stop; and what is refused at each of these."""
    ask, refused, this = program.rekognition, program.refused, ("--project-version-arn", version)
    detect = ("detect-custom-labels", *this)
    picture = ("--image-bytes", "fileb://pictures/test/red/100.png")
    stored = ("--image", "S3Object={Bucket=media,Name=pictures/test/blue/101.png}")
    missing = ("--image", "S3Object={Bucket=media,Name=nowhere.png}")
    not_ready = "(ResourceNotReadyException) when calling the DetectCustomLabels"
    in_use = "(ResourceInUseException) when calling the "

    assert refused(*detect, *picture) == not_ready, "it is trained, and does not run"
    assert ask("start-project-version", *this, "--min-inference-units", "1") == {"Status": "STARTING"}
    assert state(program, project) == "STARTING"
    ask("wait", "project-version-running", "--project-arn", project, "--version-names", "v1")

    assert [one["Name"] for one in ask(*detect, *picture)["CustomLabels"]] == ["red"]
    assert [one["Name"] for one in ask(*detect, *stored)["CustomLabels"]] == ["blue"]
    two = ask(*detect, *stored, "--min-confidence", "0", "--max-results", "2")["CustomLabels"]
    assert len(two) == 2 and two[0]["Confidence"] > 90 > two[1]["Confidence"]
    assert refused(*detect, *missing) == "(InvalidS3ObjectException) when calling the DetectCustomLabels"
    assert refused("delete-project", "--project-arn", project) == f"{in_use}DeleteProject"
    assert refused("delete-project-version", *this) == f"{in_use}DeleteProjectVersion"

    assert ask("stop-project-version", *this) == {"Status": "STOPPING"}
    assert [state(program, project) for _ in range(2)] == ["STOPPING", "STOPPED"]
    assert refused(*detect, *picture) == not_ready, "it has stopped"


def delete(program: Program, project: str, version: str, datasets: list[str]) -> None:
    """Delete all, in the order that the service wants, and see it go."""
    ask = program.rekognition
    assert ask("delete-project-version", "--project-version-arn", version) == {"Status": "DELETING"}
    assert [state(program, project) for _ in range(2)] == ["DELETING", None]
    for arn in datasets:
        assert ask("delete-dataset", "--dataset-arn", arn) == {}
    left = [ask("describe-projects")["ProjectDescriptions"][0]["Datasets"] for _ in range(2)]
    assert [[one["Status"] for one in looked] for looked in left] == [["DELETE_IN_PROGRESS"] * 2, []]
    assert ask("delete-project", "--project-arn", project) == {"Status": "DELETING"}
    projects = [ask("describe-projects")["ProjectDescriptions"] for _ in range(2)]
    assert [[one["Status"] for one in looked] for looked in projects] == [["DELETING"], []]
