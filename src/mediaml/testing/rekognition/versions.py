"""Operations on versions."""

from __future__ import annotations

from typing import Any

from mediaml.testing.rekognition.datasets import Datasets, of_project
from mediaml.testing.rekognition.lines import Row, rows_of
from mediaml.testing.rekognition.paging import page
from mediaml.testing.rekognition.requests import invalid
from mediaml.testing.rekognition.resources import TEST, TRAIN, Account, Project, Version, in_use
from mediaml.testing.rekognition.training import Order, Outcome, Trainer, refused_file

Request = dict[str, Any]
STARTABLE = ("TRAINING_COMPLETED", "STOPPED", "COPYING_COMPLETED", "FAILED")
BUSY = ("TRAINING_IN_PROGRESS", "STARTING", "RUNNING", "STOPPING", "COPYING_IN_PROGRESS", "DELETING")
TOLD = ("OutputConfig", "KmsKeyId", "VersionDescription")


class Versions:
    """Versions of an account.

    Parameters
    ----------
    account
        Where.
    datasets
        From which manifests are read.
    trainer
        That trains them.
    """

    def __init__(self, account: Account, datasets: Datasets, trainer: Trainer) -> None:
        self._account, self._datasets, self._trainer = account, datasets, trainer
        self.next_reason = ""
        self.next_start_fails = False
        self.late = 0.0

    def create(self, request: Request) -> Request:
        """CreateProjectVersion."""
        account = self._account
        project = account.project(request["ProjectArn"])
        version = self._new(project, request)
        failure, rows = self._data(project, request)
        failure, self.next_reason = self.next_reason or failure, ""

        def finish() -> None:
            output = request["OutputConfig"]
            order = Order(
                version.arn, version.name, output.get("S3Bucket", ""), output.get("S3KeyPrefix", ""), rows[0], rows[1]
            )
            outcome = Outcome(None, failure, {}) if failure else self._trainer.run(order)
            version.learner, version.message, version.results = outcome.learner, outcome.message, outcome.results
            version.ended = account.now()
            version.status = "TRAINING_FAILED" if outcome.learner is None else "TRAINING_COMPLETED"

        account.changes.begin(version, "TRAINING_IN_PROGRESS", finish)
        version.message = "The model is being trained."
        return {"ProjectVersionArn": version.arn}

    def _new(self, project: Project, request: Request) -> Version:
        account, name = self._account, request["VersionName"]
        if name in project.versions:
            account.changes.look(project.versions[name])
        if name in project.versions:
            raise in_use(f"A model version with the name {name} exists already.")
        version = Version(
            arn=account.arn(f"{project.name}/version/{name}"), name=name, request=request, created=account.now()
        )
        project.versions[name] = version
        account.tags[version.arn] = dict(request.get("Tags", {}))
        return version

    def _data(self, project: Project, request: Request) -> tuple[str, tuple[list[Row], list[Row]]]:
        """Give the lines to train and to test on, out of datasets or of manifests; or why there are none."""
        given = ("TrainingData" in request, "TestingData" in request)
        try:
            if any(given):
                if not all(given):
                    raise invalid("TrainingData and TestingData go together.")
                if project.datasets:
                    raise invalid("The project has datasets: TrainingData and TestingData are not taken.")
                return self._manifests(request)
            missing = {TRAIN, TEST} - set(project.datasets)
            if missing:
                raise invalid(f"The project has no {' and no '.join(sorted(missing))} dataset.")
            for dataset in project.datasets.values():
                self._account.changes.look(dataset)
                if dataset.moving:
                    raise in_use(f"The dataset {dataset.arn} is {dataset.status}.")
        except Exception:
            del project.versions[request["VersionName"]]
            raise
        return "", (of_project(project, TRAIN), of_project(project, TEST))

    def _manifests(self, request: Request) -> tuple[str, tuple[list[Row], list[Row]]]:
        rows = []
        for part in ("TrainingData", "TestingData"):
            if request[part].get("AutoCreate"):
                raise invalid("The offline AWS makes no test set while it trains: DistributeDatasetEntries does.")
            assets = request[part].get("Assets", ())
            if len(assets) != 1:
                raise invalid(f"{part} has {len(assets)} manifests; one is taken.")
            at = assets[0].get("GroundTruthManifest", {}).get("S3Object", {})
            content = self._datasets.manifest(at)
            if message := refused_file(content, at["Name"], self._account.region):
                return message, ([], [])
            rows.append(rows_of(content))
        return "", (rows[0], rows[1])

    def describe(self, request: Request) -> Request:
        """DescribeProjectVersions."""
        account = self._account
        project, names = account.project(request["ProjectArn"]), request.get("VersionNames")
        found = []
        for one in list(project.versions.values()):
            if names is not None and one.name not in names:
                continue
            late = self._late_told(one)
            if late is None:
                account.changes.look(one, shows=True)
            if one.name in project.versions:
                found.append(late or _told(one))
        found.sort(key=lambda one: one["CreationTimestamp"], reverse=True)
        return page("ProjectVersionDescriptions", found, request)

    def _late_told(self, version: Version) -> Request | None:
        """Give what was told of a version before it was asked to change, as long as descriptions are late."""
        return version.told_before if self._account.clock.now() < version.late_until else None

    def _ask(self, version: Version) -> None:
        version.told_before, version.late_until = _told(version), self._account.clock.now() + self.late

    def copy(self, request: Request) -> Request:
        """CopyProjectVersion."""
        account = self._account
        _, source = account.version(request["SourceProjectVersionArn"])
        account.project(request["SourceProjectArn"])
        if source.learner is None:
            raise in_use(f"The model is {source.status}: there is nothing to be copied.")
        version = self._new(account.project(request["DestinationProjectArn"]), request)

        def finish() -> None:
            version.learner, version.results, version.ended = source.learner, source.results, account.now()
            version.status, version.message = "COPYING_COMPLETED", "The model is ready to run."

        account.changes.begin(version, "COPYING_IN_PROGRESS", finish)
        return {"ProjectVersionArn": version.arn}

    def start(self, request: Request) -> Request:
        """StartProjectVersion."""
        _, version = self._account.version(request["ProjectVersionArn"])
        if version.status not in STARTABLE or version.learner is None:
            raise in_use(f"The model is {version.status}: it cannot be started.")
        units, most = request["MinInferenceUnits"], request.get("MaxInferenceUnits")
        if most is not None and most < units:
            raise invalid("MaxInferenceUnits is below MinInferenceUnits.")
        self._ask(version)
        version.units, version.most_units, version.working_units = units, most, units
        fails, self.next_start_fails = self.next_start_fails, False

        def finish() -> None:
            if fails:
                version.status, version.message = "FAILED", "The model failed to start."
                version.units = version.most_units = None
                version.working_units = 0
            else:
                version.status, version.message = "RUNNING", "The model is running."

        self._account.changes.begin(version, "STARTING", finish)
        return {"Status": "STARTING"}

    def stop(self, request: Request) -> Request:
        """StopProjectVersion."""
        _, version = self._account.version(request["ProjectVersionArn"])
        if version.status != "RUNNING":
            raise in_use(f"The model is {version.status}: it cannot be stopped.")
        self._ask(version)

        def finish() -> None:
            version.status, version.message = "STOPPED", "The model has stopped."
            version.units = version.most_units = None
            version.working_units = 0

        self._account.changes.begin(version, "STOPPING", finish)
        return {"Status": "STOPPING"}

    def delete(self, request: Request) -> Request:
        """DeleteProjectVersion."""
        account = self._account
        project, version = account.version(request["ProjectVersionArn"])
        if version.status in BUSY:
            raise in_use(f"The model is {version.status}: it cannot be deleted.")

        def finish() -> None:
            project.versions.pop(version.name, None)
            account.tags.pop(version.arn, None)

        account.changes.begin(version, "DELETING", finish)
        return {"Status": "DELETING"}


def _told(one: Version) -> Request:
    told: Request = {
        "ProjectVersionArn": one.arn,
        "CreationTimestamp": one.created,
        "Status": one.status,
        "StatusMessage": one.message,
        "Feature": "CUSTOM_LABELS",
        **{name: one.request[name] for name in TOLD if name in one.request},
        **one.results,
    }
    if one.units is not None:
        told["MinInferenceUnits"] = one.units
    if one.most_units is not None:
        told["MaxInferenceUnits"] = one.most_units
    if one.ended is not None:
        told["TrainingEndTimestamp"] = one.ended
        if one.learner is not None and one.created is not None:
            told["BillableTrainingTimeInSeconds"] = round((one.ended - one.created).total_seconds())
    if "SourceProjectVersionArn" in one.request:
        told["SourceProjectVersionArn"] = one.request["SourceProjectVersionArn"]
    return told
