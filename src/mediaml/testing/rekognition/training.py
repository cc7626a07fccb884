"""A training: the data is validated, a model learns, and is tested; every file that AWS documents is left on S3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from mediaml.data.preflight.rules import CODES, MESSAGES
from mediaml.errors import MediamlError
from mediaml.testing.rekognition.datasets import as_json, as_manifest
from mediaml.testing.rekognition.evaluation import evaluate
from mediaml.testing.rekognition.learner import Fit, Learner, UseCase, learn
from mediaml.testing.rekognition.lines import Row, is_whole, summary, taken, together
from mediaml.testing.rekognition.pictures import Album, dataset_of
from mediaml.testing.rekognition.resources import Account

WHOLE = {code: message for message, code in MESSAGES.items()}
OF_PLACES = "ERROR_INVALID_PERMISSIONS_IMAGES_S3_BUCKET"
INVALID = "The manifest file(s) have errors: see the manifest summary."


class Order(NamedTuple):
    """What is to be trained.

    Parameters
    ----------
    arn, name
        Of the version.
    bucket, prefix
        Where files are left.
    train, test
        The lines.
    """

    arn: str
    name: str
    bucket: str
    prefix: str
    train: list[Row]
    test: list[Row]


class Outcome(NamedTuple):
    """What came of it.

    Parameters
    ----------
    learner
        What has learned; None where the training failed.
    message
        What the service says.
    results
        What a description of the version tells.
    """

    learner: Learner | None
    message: str
    results: dict[str, Any]


class Trainer:
    """Trains versions.

    Parameters
    ----------
    account
        Where.
    album
        The pictures.
    fit
        Gives the local model that learns.
    """

    def __init__(self, account: Account, album: Album, fit: Callable[[], Fit]) -> None:
        self._account, self._album, self._fit = account, album, fit

    def run(self, order: Order) -> Outcome:
        """Train."""
        if not self._account.may(order.bucket):
            return Outcome(None, WHOLE["ERROR_CANNOT_WRITE_OUTPUT_S3_BUCKET"], {})
        order = order._replace(train=self._album.looked_at(order.train), test=self._album.looked_at(order.test))
        found = together([row.text for row in order.train], [row.text for row in order.test], self._account.region)
        told = summary(found, order.train, order.test)
        codes = {one.code for one in found.faults if is_whole(one)}
        forbidden = sorted(
            {row.facts.bucket for row in (*order.train, *order.test) if row.facts.bucket} - self._allowed(order)
        )
        if forbidden:
            codes.add(OF_PLACES)
            told["statistics"]["training"]["errors"].append({"code": OF_PLACES, "message": CODES[OF_PLACES].meaning})
        results = self._validated(order, told)
        if codes:
            return Outcome(None, INVALID, results)
        use_case: UseCase = "boxes" if found.train.use_case == "OBJECT_LOCALIZATION" else "labels"
        try:
            return self._taught(order, use_case, results)
        except MediamlError as error:
            return Outcome(None, f"The offline AWS could not train its model: {error}", results)

    def _allowed(self, order: Order) -> set[str]:
        buckets = {row.facts.bucket for row in (*order.train, *order.test) if row.facts.bucket}
        return {bucket for bucket in buckets if self._account.may(bucket)}

    def _validated(self, order: Order, told: dict[str, Any]) -> dict[str, Any]:
        """Leave the summary and the validation manifests."""
        return {
            "ManifestSummary": {"S3Object": self._write(order, "manifest_summary.json", as_json(told))},
            "TrainingDataResult": {"Validation": self._asset(order, "validation/training.manifest", order.train)},
            "TestingDataResult": {"Validation": self._asset(order, "validation/testing.manifest", order.test)},
        }

    def _taught(self, order: Order, use_case: UseCase, results: dict[str, Any]) -> Outcome:
        train, test = (self._album.examples(rows, use_case) for rows in (order.train, order.test))
        learner = learn(dataset_of(train), use_case, self._fit())
        done = evaluate(learner, test, len(train), order.arn, self._account.now())
        results["TrainingDataResult"].update(
            Output=self._asset(order, "snapshot/training.manifest", [one.row for one in train])
        )
        snapshot = self._write(order, "snapshot/testing.manifest", done.snapshot.encode())
        results["TestingDataResult"]["Output"] = {"Assets": [{"GroundTruthManifest": {"S3Object": snapshot}}]}
        place = self._write(order, f"EvaluationResultSummary-{order.name}.json", done.summary.encode())
        results["EvaluationResult"] = {"F1Score": done.f1, "Summary": {"S3Object": place}}
        return Outcome(done.learner, "The model is ready to run.", results)

    def _asset(self, order: Order, name: str, rows: list[Row]) -> dict[str, Any]:
        return {"Assets": [{"GroundTruthManifest": {"S3Object": self._write(order, name, as_manifest(rows))}}]}

    def _write(self, order: Order, name: str, content: bytes) -> dict[str, str]:
        key = "/".join(part for part in (order.prefix.strip("/"), order.name, name) if part)
        self._account.buckets.write(content, f"s3://{order.bucket}/{key}")
        return {"Bucket": order.bucket, "Name": key}


def refused_file(content: bytes, name: str, region: str) -> str:
    """Tell what a training says of a manifest that it cannot take as a file; empty where it can."""
    refusal = taken(content, name, region).refusal
    code = refusal.partition(":")[0]
    return WHOLE.get(code, refusal if code == "ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM" else "")
