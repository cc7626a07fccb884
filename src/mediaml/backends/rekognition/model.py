"""Models of pictures that are trained and served by Amazon Rekognition Custom Labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from mediaml.aws.ledger import ledger
from mediaml.aws.plan import Plan, agreed
from mediaml.aws.prices import Prices
from mediaml.aws.s3 import Location, Storage
from mediaml.aws.session import aws as aws_of
from mediaml.backends.pictures.detecting import Detecting
from mediaml.backends.pictures.items import PictureItem
from mediaml.backends.rekognition import listing
from mediaml.backends.rekognition.answers import Kind
from mediaml.backends.rekognition.datasets import Datasets
from mediaml.backends.rekognition.deployment import RekognitionDeployment, with_thresholds
from mediaml.backends.rekognition.ending import end_of
from mediaml.backends.rekognition.entries import Addresses
from mediaml.backends.rekognition.improving import addition, compared
from mediaml.backends.rekognition.keeping import Kept
from mediaml.backends.rekognition.lesson import Divided, Lesson, lesson, refuse_background
from mediaml.backends.rekognition.material import TestBy, usable
from mediaml.backends.rekognition.names import check_name, check_place, check_tags
from mediaml.backends.rekognition.problems import Problem
from mediaml.backends.rekognition.project import Project
from mediaml.backends.rekognition.reports import at_home, own_report, report_on
from mediaml.backends.rekognition.running import Running, plan_of
from mediaml.backends.rekognition.sending import send
from mediaml.backends.rekognition.service import TEST, TRAIN, Service
from mediaml.backends.rekognition.trained import Trained, trained
from mediaml.backends.rekognition.training import Training
from mediaml.backends.rekognition.version import Version, VersionStatus
from mediaml.backends.rekognition.watching import ServiceWatcher
from mediaml.backends.unattended import attending, bounded_by, ending_role
from mediaml.data.image import ImageDataset
from mediaml.errors import (
    AwsValidationError,
    NotDeployedError,
    NotFittedError,
)
from mediaml.models.base import Model, OnError
from mediaml.models.improvement import Improvement
from mediaml.values.prediction import ImagePrediction
from mediaml.values.report import Report
from mediaml.values.service_evaluation import ServiceEvaluation

if TYPE_CHECKING:
    import boto3
    import pandas as pd

    from mediaml.aws.clock import Clock


class RekognitionModel(Detecting, Model[ImageDataset, PictureItem, ImagePrediction]):
    """Recognises what is in pictures, or finds where it is, with Amazon Rekognition Custom Labels.

    Boxes are learned where the training data has boxes; else labels of whole pictures, several where a picture has
    several.

    Parameters
    ----------
    project
        Its name; made by `fit` where there is none. It holds one training dataset, one test dataset, and a version for
        each training.
    bucket
        Where pictures, manifests and what the service measures are kept: in the region of the project. None is ever
        created. Only `fit` and `improve` need it.
    prefix
        The start of all keys; None: ``mediaml/PROJECT``.
    kms_key
        What they are encrypted with.
    tags
        On all that is created.
    seed
        Of our own division of the training data.
    stop_role
        ARN of the role that EventBridge Scheduler takes on to stop a running version when its hours are over, even
        where this process has died; None: that of ``mediaml aws setup``, if there is one.
    prices
        What knows prices, for plans and ``max_cost``: a `PriceTable` or `AwsPriceList`; None: hours are told alone.
    session
        Credentials and region; None: this machine's.
    clock
        What waiting is measured with, for tests.

    Raises
    ------
    AwsValidationError
        Something is not what AWS takes.
    """

    def __init__(  # noqa: PLR0913  the contract: named arguments, each on its own
        self,
        project: str,
        *,
        bucket: str | None = None,
        prefix: str | None = None,
        kms_key: str | None = None,
        tags: Mapping[str, str] | None = None,
        seed: int = 7,
        stop_role: str | None = None,
        prices: Prices | None = None,
        session: boto3.Session | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.project = check_name("project", project)
        self.prefix = f"mediaml/{project}" if prefix is None else prefix.strip("/")
        self.bucket, self.seed = bucket, seed
        self.stop_role, self.prices = stop_role, prices
        self.aws = aws_of(session, clock)
        self._work_with(kms_key, tags or {})
        self._version: Version | None = None
        self._trained: Trained | None = None
        self._open: RekognitionDeployment | None = None
        self._files: dict[str, str] = {}  # files of this machine by their addresses, as far as they are known

    def _work_with(self, kms_key: str | None, tags: Mapping[str, str]) -> None:
        """Encrypt and tag all that is created from now on."""
        check_place(self.bucket, self.prefix, kms_key)
        self.kms_key, self.tags = kms_key, check_tags(tags)
        self._storage = Storage(self.aws, kms_key)
        self._project = Project(Service(self.aws, ledger()), self._storage, self.project, self.tags)

    # -- training -----------------------------------------------------------------------------------------------------

    def fit(
        self,
        train: ImageDataset,
        validation: ImageDataset | None = None,
        *,
        background: ImageDataset | None = None,
        test_by: TestBy = "groups",
        max_cost: float | None = None,
        wait: bool = True,
        progress: bool = True,
    ) -> Self:
        """Send the pictures, make the datasets hold them, and train a version.

        The same pictures with the same labels find the version that is there, whoever trained it.

        Parameters
        ----------
        train
            Labelled pictures or pictures with boxes: of this machine, or of S3.
        validation
            For the test dataset, on which the service measures itself and chooses its thresholds. None: a grouped,
            stratified fifth of `train`.
        background
            Not taken: the service has no place for pictures of nothing. Boxes: pictures without any may be in `train`.
        test_by
            Who takes the test dataset out of `train` where there is no `validation`: ``"groups"``, we, so that no group
            of pictures is in both; ``"service"``: the service, a random fifth.
        max_cost
            What the training may cost at most, in the currency of `prices`: it is refused above this. A training lasts
            24 hours at most, as AWS says: that is what it may cost.
        wait
            Until the training is over. False: `wait` or `attach` later.
        progress
            Show bars, and how the training does.

        Raises
        ------
        LabelError, DataError, SplitError
            The data cannot be learned from, or the service would refuse it: nothing was sent.
        CostLimitError, PriceUnknownError
            `max_cost` cannot be kept: nothing was sent.
        JobFailedError
            The service failed; what was wrong with the data is in the message.
        Detached
            Ctrl-C while waiting: the training goes on, and the message says how to wait for it again.
        AwsError
            A service refused something.
        """
        learned, under = self._lesson(train, validation, background, test_by), self._under()
        training = self._training(under)
        plan = self._plan(training, learned)
        plan.refuse_above(max_cost)
        arn = self._project.made()
        version = training.version_of(arn, learned.parts, learned.kind, learned.test_by)
        if version.find() is None:
            plan.show()
            for part in learned.parts:
                send(part, self._storage, under, progress)
            self._project.datasets(under).hold(arn, learned.train, learned.test)
            training.start(version, learned.kind)
        self._version, self._trained, self._open = version, None, None
        self._files = {one.address: one.path for part in learned.parts for one in part}
        return self.wait(progress) if wait else self

    def plan_fit(
        self,
        train: ImageDataset,
        validation: ImageDataset | None = None,
        *,
        background: ImageDataset | None = None,
        test_by: TestBy = "groups",
    ) -> Plan:
        """Say what `fit` would start, and what it may cost; nothing is sent or made.

        Parameters
        ----------
        train, validation, background, test_by
            As of `fit`.

        Raises
        ------
        LabelError, DataError, SplitError, AwsError
            As of `fit`.
        """
        learned = self._lesson(train, validation, background, test_by)
        return self._plan(self._training(self._under()), learned)

    def _lesson(
        self, train: ImageDataset, validation: ImageDataset | None, background: ImageDataset | None, test_by: TestBy
    ) -> Lesson:
        refuse_background(background)
        addresses = Addresses(self._storage, self._under())
        return lesson(train, validation, Divided(test_by, self.seed), addresses, self.aws.region)

    def _plan(self, training: Training, learned: Lesson) -> Plan:
        found = self._project.find()
        arn = None if found is None else str(found["ProjectArn"])
        return training.plan(arn, learned.parts, learned.kind, learned.test_by).priced(self.prices, self.aws.region)

    def _under(self) -> Location:
        if self.bucket is None:
            raise AwsValidationError(
                "bucket= is needed: pictures and manifests are kept there, in the project's region"
            )
        return Location(self.bucket, self.prefix)

    def _training(self, under: Location) -> Training:
        return Training(self._project, under / "versions", self.kms_key, self.tags)

    def wait(self, progress: bool = True) -> Self:
        """Wait until the training is over.

        Raises
        ------
        NotFittedError
            There is no training: `fit` or `attach` first.
        JobFailedError
            It failed; what was wrong with the data is in the message.
        Detached
            Ctrl-C: the training goes on.
        """
        self._known().wait(progress)
        return self

    def status(self) -> VersionStatus:
        """Ask how the version does: it trains, is trained, runs ...

        Raises
        ------
        NotFittedError
            There is none.
        """
        return self._known().status()

    def problems(self) -> tuple[Problem, ...]:
        """Tell what the service found wrong with the data, line by line, as its files say; none: nothing.

        Raises
        ------
        NotFittedError
            There is no training.
        """
        return tuple(self._known().problems())

    @property
    def version(self) -> str:
        """The version's name, for `attach`."""
        return self._known().name

    @property
    def arn(self) -> str:
        """The version's ARN, for `mediaml.connect`."""
        return self._known().status().arn

    def versions(self) -> pd.DataFrame:
        """List the versions of the project, the newest first; none where there is no project."""
        return listing.table(self._project)

    @classmethod
    def attach(  # noqa: PLR0913  as of the constructor
        cls,
        project: str,
        version: str | None = None,
        *,
        bucket: str | None = None,
        prefix: str | None = None,
        kms_key: str | None = None,
        stop_role: str | None = None,
        prices: Prices | None = None,
        session: boto3.Session | None = None,
        clock: Clock | None = None,
    ) -> Self:
        """Take up a project that was made elsewhere, or earlier, in the console, too.

        Parameters
        ----------
        project
            Its name.
        version
            Which; None: the newest that has not failed.
        bucket, prefix, kms_key, stop_role, prices, session, clock
            As of `RekognitionModel`; None: bucket, prefix and KMS key of the version. Its tags are taken, too.

        Raises
        ------
        AwsNotFoundError
            There is no such project, or no such version.
        """
        model = cls(
            project,
            bucket=bucket,
            prefix=prefix,
            kms_key=kms_key,
            stop_role=stop_role,
            prices=prices,
            session=session,
            clock=clock,
        )
        arn = model._project.arn()
        chosen = listing.newest(model._project) if version is None else check_name("version", version)
        model._version = model._project.version(chosen, arn)
        made = listing.made_with(model._version)
        if bucket is None and made.bucket is not None:
            model.bucket = made.bucket
            model.prefix = made.prefix if prefix is None else model.prefix
        model._work_with(made.kms_key if kms_key is None else kms_key, made.tags)
        return model

    # -- what was learned ---------------------------------------------------------------------------------------------

    def _known(self) -> Version:
        if self._version is None:
            raise NotFittedError("this model has no version yet: fit(train), or RekognitionModel.attach(project)")
        return self._version

    def _ready(self) -> Trained:
        if self._trained is None:
            self._trained = trained(self._known())
        return self._trained

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the model tells apart."""
        return self._ready().labels

    @property
    def kind(self) -> Kind:
        """What it gives: ``"single_label"``, ``"multi_label"`` or ``"boxes"``."""
        return self._ready().kind

    @property
    def service_evaluation(self) -> ServiceEvaluation:
        """The service's own numbers, as it gives them."""
        return self._ready().evaluation

    def evaluate(self, dataset: ImageDataset | None = None, *, progress: bool = True) -> Report:
        """Measure the model.

        Parameters
        ----------
        dataset
            Labelled pictures that nothing has seen; each is asked for once, of the deployment that is open. None: what
            the service said of its own test dataset, on which it chose its thresholds, beside its own numbers; this
            needs no deployment.
        progress
            Show a bar.

        Returns
        -------
        `ImageReport`; of several labels a picture `ImageMultiLabelReport`, of boxes `DetectionReport`.

        Raises
        ------
        NotFittedError
            There is no trained version.
        NotDeployedError
            Pictures are given, and no deployment is open.
        LabelError, DataError
            As of `LocalImageModel.evaluate`.
        AwsError
            A service refused something.
        """
        made = self._ready()
        if dataset is None:
            return own_report(at_home(made.seen(), self._files), made.evaluation, made.kind, made.about())
        dataset = usable(dataset, "the data", made.kind)
        running = self.running
        rule = made.rule if running.thresholds is None else made.rule._replace(thresholds=running.thresholds)
        return report_on(
            dataset,
            running.everything().look(dataset) if made.kind == "boxes" else running.look(dataset),
            rule,
            made.about(),
            made.learned_from(),
            progress,
        )

    # -- serving ------------------------------------------------------------------------------------------------------

    def deploy(
        self,
        inference_units: int = 1,
        *,
        max_inference_units: int | None = None,
        max_hours: float | None = 1.0,
        keep: bool = False,
        unattended_ok: bool = False,
        max_cost: float | None = None,
        thresholds: Mapping[str, float] | None = None,
    ) -> RekognitionDeployment:
        """Let the version answer: it costs by the hour and inference unit, idle or not, until it is closed.

        Starting takes ten to twenty minutes, as AWS says.

        Parameters
        ----------
        inference_units
            How many, at least.
        max_inference_units
            Up to which the service may add some under load; None: it adds none.
        max_hours
            It is stopped after this, or when this process ends. With a `stop_role` AWS itself stops it then, where
            this process was killed.
        keep
            It stays when it is closed, and when this process ends: for production. It carries the tag ``mediaml:keep``.
        unattended_ok
            It may go on, and cost, where this process was killed and there is no `stop_role`.
        max_cost
            What it may cost at most, in the currency of `prices`: it is refused above this, and without a `stop_role`,
            as nothing bounds the cost then.
        thresholds
            Confidence, 0 to 1, from which on a label is given; labels that are not named keep the service's own.

        Returns
        -------
        The deployment; in a ``with`` block the version is stopped when the block ends.

        Raises
        ------
        NotFittedError
            There is no trained version.
        AwsValidationError
            It would cost without an end, or a number or a label is none.
        UnattendedError
            There is no `stop_role`, and neither `keep` nor `unattended_ok` was said.
        CostLimitError, PriceUnknownError
            `max_cost` cannot be kept.
        JobFailedError
            It did not come up.
        """
        made = self._ready()
        rule = made.rule if thresholds is None else with_thresholds(made.rule, thresholds)
        plan = self.plan_deploy(
            inference_units, max_inference_units=max_inference_units, max_hours=max_hours, keep=keep
        )
        allowed, limited = keep or unattended_ok, max_cost is not None
        attendance = attending(self.aws, self.stop_role, plan.what, allowed, max_hours, limited)
        plan.refuse_above(max_cost)
        running = Running(made.version, attendance)

        def agree(found: VersionStatus) -> None:
            """Plan again: what it was when it still moved may have other units, or none."""
            agreed(self._serving(found, inference_units, max_inference_units, max_hours, keep), max_cost)

        started = running.up(inference_units, max_inference_units, keep, agree)
        requests = None if self.bucket is None else Location(self.bucket, self.prefix)
        on_close = end_of(running, started, max_hours)
        self._open = RekognitionDeployment(made.arn, self.aws, rule, requests, on_close)
        return self._open

    def plan_deploy(
        self,
        inference_units: int = 1,
        *,
        max_inference_units: int | None = None,
        max_hours: float | None = 1.0,
        keep: bool = False,
    ) -> Plan:
        """Say what `deploy` would start, and what it may cost; nothing is started.

        Parameters
        ----------
        inference_units, max_inference_units, max_hours, keep
            As of `deploy`.

        Raises
        ------
        NotFittedError
            There is no trained version.
        AwsValidationError
            As of `deploy`.
        """
        now = self._ready().version.status()
        return self._serving(now, inference_units, max_inference_units, max_hours, keep)

    def _serving(self, now: VersionStatus, units: int, most: int | None, max_hours: float | None, keep: bool) -> Plan:
        if now.comes_up:  # it is taken as it runs; one that is being stopped is started anew
            units, most = now.units or units, now.max_units
        plan = plan_of(self._ready().version.short, self.aws.region, units, most, max_hours, keep)
        return bounded_by(ending_role(self.aws, self.stop_role), plan).priced(self.prices, self.aws.region)

    @property
    def running(self) -> RekognitionDeployment:
        """The deployment that `deploy` opened.

        Raises
        ------
        NotDeployedError
            There is none, or it was closed.
        """
        self._known()
        if self._open is None or self._open.closed:
            raise NotDeployedError("this model is not deployed: with model.deploy() as running: running.predict(...)")
        return self._open

    def predict(  # type: ignore[override]  # one signature for what the base class has two of
        self, items: PictureItem | Iterable[PictureItem], *, on_error: OnError = "raise"
    ) -> ImagePrediction | list[ImagePrediction]:
        """Ask the deployment that `deploy` opened; nothing is ever opened by asking.

        Raises
        ------
        NotDeployedError
            There is none, or it was closed.
        """
        return self.running.predict(items, on_error=on_error)

    def watcher(self) -> ServiceWatcher:
        """Give what asks about the pictures of videos; see `Detecting.watcher`."""
        return self.running.watcher()

    # -- more pictures ------------------------------------------------------------------------------------------------

    def improve(
        self,
        more: ImageDataset,
        validation: ImageDataset | None = None,
        *,
        max_cost: float | None = None,
        progress: bool = True,
    ) -> Improvement[RekognitionModel]:
        """Add pictures to the datasets of the project, train a new version, and compare the two.

        Parameters
        ----------
        more
            Labelled pictures. Those that the project has take the labels that they have here, and stay in their
            dataset; of new ones a fifth, by groups, goes to the test dataset.
        validation
            For the test dataset instead; then all other new ones are learned from.
        max_cost
            As of `fit`.
        progress
            Show bars, and how the training does.

        Returns
        -------
        Both models, what the service said of the pictures that both were tested on, and the comparison. This model
        stays as it is; what runs goes on.

        Raises
        ------
        NotFittedError
            There is no trained version.
        DataError
            The project has no datasets, or the pictures cannot be used.
        LabelError
            They are of another kind than the model.
        CostLimitError, PriceUnknownError, JobFailedError, Detached, AwsError
            As of `fit`.
        """
        made, under, datasets = self._ready(), self._under(), self._datasets()
        parts, after = addition(more, validation, made, datasets, self.seed)
        training, arn = self._training(under), self._project.arn()
        version = training.version_of(arn, after.parts, made.kind, "given")
        if version.find() is None:
            agreed(training.plan(arn, after.parts, made.kind, "given").priced(self.prices, self.aws.region), max_cost)
            for part in parts:
                send(part, self._storage, under, progress)
            datasets.add(TRAIN, parts.train)
            datasets.add(TEST, parts.test)
            training.start(version, made.kind)
        new = self._beside(version)
        new._files = {**self._files, **{one.address: one.path for part in parts for one in part}}
        new.wait(progress)
        told = compared(made, new._ready(), after)
        return Improvement(self, new, told.old, told.new, told.comparison)

    def plan_improve(self, more: ImageDataset, validation: ImageDataset | None = None) -> Plan:
        """Say what `improve` would start, and what it may cost; nothing is sent or made.

        Raises
        ------
        NotFittedError, DataError, LabelError, AwsError
            As of `improve`.
        """
        made = self._ready()
        _, after = addition(more, validation, made, self._datasets(), self.seed)
        plan = self._training(self._under()).plan(self._project.arn(), after.parts, made.kind, "given")
        return plan.priced(self.prices, self.aws.region)

    def _datasets(self) -> Datasets:
        return self._project.datasets(self._under())

    def _beside(self, version: Version) -> RekognitionModel:
        """Give a model of another version of this project."""
        model = RekognitionModel(
            self.project,
            bucket=self.bucket,
            prefix=self.prefix,
            kms_key=self.kms_key,
            tags=self.tags,
            seed=self.seed,
            stop_role=self.stop_role,
            prices=self.prices,
            session=self.aws.session,
            clock=self.aws.clock,
        )
        model._version = replace(version)
        return model

    # -- keeping and ending -------------------------------------------------------------------------------------------

    def delete(self, *, project: bool = False) -> None:
        """Delete this version, which cannot be undone; or the project with all its versions and datasets.

        Pictures and manifests on S3 stay.

        Parameters
        ----------
        project
            All of it.

        Raises
        ------
        NotFittedError
            There is no version.
        AwsNotReadyError
            A version trains or runs: close it first.
        """
        if project:
            self._project.delete(Location(self.bucket or "", self.prefix))
        else:
            self._project.delete_version(self._known().name)
        self._version, self._trained, self._open = None, None, None

    def save(self, folder: str | Path) -> Path:
        """Write down which version this is; `mediaml.load` attaches to it. The model itself cannot leave AWS.

        Raises
        ------
        NotFittedError
            There is no version.
        """
        return Kept(self.project, self.version, self.aws.region, self.bucket, self.prefix, self.kms_key).write(folder)

    @classmethod
    def load(cls, folder: str | Path, *, session: boto3.Session | None = None, clock: Clock | None = None) -> Self:
        """Attach to the version that `save` has written down.

        Parameters
        ----------
        folder
            What `save` wrote.
        session, clock
            As of `RekognitionModel`; without a session, one of the region that was written down.

        Raises
        ------
        SavedModelError
            The folder holds no such model.
        AwsNotFoundError
            The version is gone.
        """
        told = Kept.read(folder)
        return cls.attach(
            told.project,
            told.version,
            bucket=told.bucket,
            prefix=told.prefix,
            kms_key=told.kms_key,
            session=session or _session(told.region),
            clock=clock,
        )

    def __repr__(self) -> str:
        state = "not fitted" if self._version is None else self._version.name
        return f"<RekognitionModel {self.project}, {state}>"

    def __getstate__(self) -> dict[str, Any]:
        raise TypeError("a model is not pickled: RekognitionModel.attach(project, version) in the other process")


def _session(region: str) -> boto3.Session:
    import boto3

    return boto3.Session(region_name=region)
