"""Operations on datasets."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import PurePosixPath
from typing import Any

from mediaml.data.preflight.line import check_line
from mediaml.testing.refusals import RefusalError
from mediaml.testing.rekognition.lines import Row, Taken, rows_of, taken
from mediaml.testing.rekognition.paging import page
from mediaml.testing.rekognition.requests import invalid
from mediaml.testing.rekognition.resources import TEST, TRAIN, Account, Dataset, Project, in_use, not_ready

Request = dict[str, Any]
READY = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_FAILED")
SHARE = 5  # one of so many goes to the test dataset
SEED = 0


class Datasets:
    """Datasets of an account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def create(self, request: Request) -> Request:
        """CreateDataset."""
        account, kind = self._account, request["DatasetType"]
        project = account.project(request["ProjectArn"])
        there = project.datasets.get(kind)
        if there is not None:
            account.changes.look(there)
        if kind in project.datasets:
            raise RefusalError("ResourceAlreadyExistsException", f"The project has a {kind} dataset already.")
        made = Dataset(
            arn=account.arn(f"{project.name}/dataset/{kind.lower()}"),
            kind=kind,
            created=account.now(),
            updated=account.now(),
        )
        found = self._source(request.get("DatasetSource"))
        project.datasets[kind] = made
        account.tags[made.arn] = dict(request.get("Tags", {}))
        account.changes.begin(made, "CREATE_IN_PROGRESS", lambda: self._finish(made, found, "CREATE"))
        return {"DatasetArn": made.arn}

    def _source(self, source: Request | None) -> Taken:
        if source is None:
            return Taken()
        if "DatasetArn" in source:
            _, other = self._account.dataset(source["DatasetArn"])
            return Taken(rows=dict(other.rows))
        at = source.get("GroundTruthManifest", {}).get("S3Object")
        if at is None:
            raise invalid("DatasetSource has neither a manifest nor a dataset.")
        content = self.manifest(at)
        return taken(content, at["Name"], self._account.region)

    def manifest(self, at: Request) -> bytes:
        """Read a manifest on S3.

        Raises
        ------
        RefusalError
            There is none that the service may read.
        """
        where = f"s3://{at.get('Bucket')}/{at.get('Name')}"
        try:
            if self._account.may(at.get("Bucket", "")):
                return self._account.buckets.read(where)
        except FileNotFoundError:
            pass  # refused below
        raise RefusalError(
            "InvalidS3ObjectException",
            f"Unable to get object metadata from S3. Check object key, region and/or access permissions: {where}",
        )

    def _finish(self, dataset: Dataset, found: Taken, what: str) -> None:
        """Let a dataset hold what was found, or tell why not."""
        if found.refusal:
            dataset.status, dataset.message, dataset.code = f"{what}_FAILED", found.refusal, "CLIENT_ERROR"
            return
        dataset.rows = {**dataset.rows, **found.rows}
        dataset.status, dataset.code, dataset.updated = f"{what}_COMPLETE", "SUCCESS", self._account.now()
        dataset.message = "The dataset is ready."

    def describe(self, request: Request) -> Request:
        """DescribeDataset."""
        account = self._account
        _, dataset = account.dataset(request["DatasetArn"])
        account.changes.look(dataset, shows=True)
        told = [row.facts for row in dataset.rows.values()]
        return {
            "DatasetDescription": {
                "CreationTimestamp": dataset.created,
                "LastUpdatedTimestamp": dataset.updated,
                "Status": dataset.status,
                "StatusMessage": dataset.message,
                "StatusMessageCode": dataset.code or "SUCCESS",
                "DatasetStats": {
                    "LabeledEntries": sum(bool(one.labels or one.box_labels) for one in told),
                    "TotalEntries": len(told),
                    "TotalLabels": len({label for one in told for label in (*one.labels, *one.box_labels)}),
                    "ErrorEntries": sum(row.in_error for row in dataset.rows.values()),
                },
            }
        }

    def update(self, request: Request) -> Request:
        """UpdateDatasetEntries: adds lines, or replaces those of the same pictures."""
        _, dataset = self._account.dataset(request["DatasetArn"])
        if dataset.status not in READY:
            raise in_use(f"The dataset is {dataset.status}.")
        content: bytes = request["Changes"]["GroundTruth"]
        rows = {row.address: row for row in rows_of(content) if not row.facts.dropped and row.address}
        self._account.changes.begin(
            dataset, "UPDATE_IN_PROGRESS", lambda: self._finish(dataset, Taken(rows=rows), "UPDATE")
        )
        return {}

    def _readable(self, arn: str) -> Dataset:
        _, dataset = self._account.dataset(arn)
        if dataset.status in ("UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"):
            raise in_use(f"The dataset is {dataset.status}.")
        if dataset.status not in READY:
            raise not_ready(f"The dataset is {dataset.status}.")
        return dataset

    def entries(self, request: Request) -> Request:
        """ListDatasetEntries."""
        wanted = [row.told() for row in self._readable(request["DatasetArn"]).rows.values() if _asked_for(row, request)]
        return page("DatasetEntries", wanted, request)

    def labels(self, request: Request) -> Request:
        """ListDatasetLabels."""
        pictures: Counter[str] = Counter()
        boxes: Counter[str] = Counter()
        for row in self._readable(request["DatasetArn"]).rows.values():
            pictures.update({*row.facts.labels, *row.facts.box_labels})
            boxes.update(row.facts.box_labels)
        rows = [
            {"LabelName": label, "LabelStats": {"EntryCount": pictures[label], "BoundingBoxCount": boxes[label]}}
            for label in sorted(pictures)
        ]
        return page("DatasetLabelDescriptions", rows, request)

    def distribute(self, request: Request) -> Request:
        """DistributeDatasetEntries: moves a random fifth of each label to an empty test dataset."""
        found = [self._account.dataset(one["Arn"]) for one in request["Datasets"]]
        kinds = {dataset.kind: dataset for _, dataset in found}
        if set(kinds) != {TRAIN, TEST} or found[0][0] is not found[1][0]:
            raise invalid("A training dataset and a test dataset of one project are needed.")
        if any(dataset.status not in READY for dataset in kinds.values()):
            raise not_ready("A dataset is not ready.")
        if kinds[TEST].rows:
            raise invalid("The test dataset is not empty.")
        train, test = kinds[TRAIN], kinds[TEST]
        few = sorted(label for label, count in _pictures(train).items() if count < 2)

        def finish_train() -> None:
            if few:
                code = "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_DISTRIBUTE"
                for dataset in (train, test):
                    dataset.status, dataset.code = "UPDATE_FAILED", "CLIENT_ERROR"
                    dataset.message = f"{code}: the label {few[0]} has too few images."
                return
            moved = _fifth(train)
            test.rows = {address: train.rows.pop(address) for address in moved}
            for dataset in (train, test):
                dataset.status, dataset.code, dataset.updated = "UPDATE_COMPLETE", "SUCCESS", self._account.now()

        def finish_test() -> None:
            self._account.changes.look(train)

        self._account.changes.begin(train, "UPDATE_IN_PROGRESS", finish_train)
        self._account.changes.begin(test, "UPDATE_IN_PROGRESS", finish_test)
        return {}

    def delete(self, request: Request) -> Request:
        """DeleteDataset."""
        account = self._account
        project, dataset = account.dataset(request["DatasetArn"])
        if dataset.moving:
            raise in_use(f"The dataset is {dataset.status}.")

        def finish() -> None:
            project.datasets.pop(dataset.kind, None)
            account.tags.pop(dataset.arn, None)

        account.changes.begin(dataset, "DELETE_IN_PROGRESS", finish)
        return {}


def of_project(project: Project, kind: str) -> list[Row]:
    """Give the lines of a dataset of a project, each once more held against the rules, with its place."""
    dataset = project.datasets.get(kind)
    rows = [] if dataset is None else list(dataset.rows.values())
    return [Row(row.text, check_line(row.text, number)) for number, row in enumerate(rows, 1)]


def _asked_for(row: Row, request: Request) -> bool:
    facts = row.facts
    labels = {*facts.labels, *facts.box_labels}
    wanted = request.get("ContainsLabels")
    return (
        (wanted is None or bool(labels & set(wanted)))
        and request.get("Labeled", bool(labels)) == bool(labels)
        and request.get("HasErrors", row.in_error) == row.in_error
        and request.get("SourceRefContains", "") in row.address
    )


def _pictures(dataset: Dataset) -> Counter[str]:
    return Counter(
        label for row in dataset.rows.values() for label in {*row.facts.labels, *row.facts.box_labels} if row.usable
    )


def _fifth(dataset: Dataset) -> list[str]:
    """Choose a fifth of the pictures of each label, and one at least."""
    order = sorted(dataset.rows)
    random.Random(SEED).shuffle(order)
    chosen: list[str] = []
    for label, count in sorted(_pictures(dataset).items()):
        own = [one for one in order if label in {*dataset.rows[one].facts.labels, *dataset.rows[one].facts.box_labels}]
        have = sum(one in chosen for one in own)
        wanted = max(1, count // SHARE)
        chosen += [one for one in own if one not in chosen][: max(0, wanted - have)]
    return chosen


def extension(name: str) -> str:
    """Give the ending of a key."""
    return PurePosixPath(name).suffix


def as_manifest(rows: list[Row]) -> bytes:
    """Give lines as a manifest, with what is wrong with them."""
    return "".join(f"{row.told()}\n" for row in rows).encode()


def as_json(document: Any) -> bytes:
    """Give a document as JSON."""
    return json.dumps(document, indent=2).encode()
