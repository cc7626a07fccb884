"""Sound models that are trained and served on Amazon SageMaker."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from mediaml._notices import notice
from mediaml.aws.ledger import ledger
from mediaml.aws.plan import Plan, agreed
from mediaml.aws.prices import Prices
from mediaml.aws.s3 import Location, Storage, location
from mediaml.aws.session import aws as aws_of
from mediaml.backends import saved
from mediaml.backends.detection import Options, detect
from mediaml.backends.examination import labelled, sounds
from mediaml.backends.fitted import Fitted
from mediaml.backends.measuring import report_on
from mediaml.backends.mistaken import no_every
from mediaml.backends.provenance import measured_by
from mediaml.backends.recipe import AudioRecipe
from mediaml.backends.sagemaker import tables
from mediaml.backends.sagemaker.artifact import fetch, finds_events
from mediaml.backends.sagemaker.attaching import SERVING_IMAGE, started
from mediaml.backends.sagemaker.batch import Batch, Transforming, refuse_within
from mediaml.backends.sagemaker.bodies import EVENTS, IMPRESSION
from mediaml.backends.sagemaker.creating import JOB, Workshop
from mediaml.backends.sagemaker.ending import end_of
from mediaml.backends.sagemaker.endpoint import SageMakerEndpoint
from mediaml.backends.sagemaker.invoking import ByS3, Direct
from mediaml.backends.sagemaker.job import Job, JobStatus
from mediaml.backends.sagemaker.job_data import JobData, prepared
from mediaml.backends.sagemaker.naming import free_name
from mediaml.backends.sagemaker.places import bucket_of, image_of, role_of, warn_without_serving
from mediaml.backends.sagemaker.planning import training_plan
from mediaml.backends.sagemaker.request import job_name, training_request
from mediaml.backends.sagemaker.serving import INSTANCE, Kind, Served, Serving, plan_of
from mediaml.backends.sagemaker.settings import Site
from mediaml.backends.sagemaker.sifting import Sifting
from mediaml.backends.sagemaker.spoken import Spoken
from mediaml.backends.sagemaker.upload import Store, send
from mediaml.backends.unattended import attending, bounded_by, ending_role
from mediaml.data.audio import AudioDataset
from mediaml.errors import AudioError, AwsValidationError, NotDeployedError, NotFittedError
from mediaml.features.items import Item
from mediaml.features.spectrogram import SpectrogramBuilder
from mediaml.models.base import AudioModel, OnError
from mediaml.runtime.detecting import grid_of
from mediaml.values.clip import Clip
from mediaml.values.multi_label_report import MultiLabelReport
from mediaml.values.prediction import AudioPrediction
from mediaml.values.report import AudioReport
from mediaml.values.timeline import Timeline

if TYPE_CHECKING:
    import boto3
    import pandas as pd

    from mediaml.aws.clock import Clock


class SageMakerAudioModel(AudioRecipe, AudioModel):
    """Recognises sounds with a network that is trained and served on Amazon SageMaker.

    The same networks, settings and answers as `LocalAudioModel`, whose code trains and serves it there.

    Parameters
    ----------
    builder, network, fine_tune, weights_from, multi_label, epochs, batch_size
        As of `LocalAudioModel`.
    accept, target_precision, max_false_alarms_per_hour, seed
        As of `LocalAudioModel`.
    role
        ARN of the role that SageMaker works with; None: that of this notebook (extra ``sagemaker``).
    bucket
        Where data and models are kept; None: SageMaker's default bucket of this account and region, if it exists. None
        is ever created.
    prefix
        The start of all keys.
    instance_type
        Of the training.
    spot
        Train on spare capacity: cheaper, and interrupted now and then; training goes on from its last epoch.
    max_hours
        A training is stopped after this.
    image_uri, serving_image_uri
        Of the containers; None: AWS's MXNet 1.9.0 images (extra ``sagemaker``).
    tags
        On all that is created.
    kms_key
        What data, models and disks are encrypted with.
    subnets, security_groups
        A network of your own to run in.
    stop_role
        ARN of the role that EventBridge Scheduler takes on to delete an endpoint when its hours are over, even where
        this process has died; None: that of ``mediaml aws setup``, if there is one.
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
    SpecMismatchError, ValueError
        As of `LocalAudioModel`.
    """

    def __init__(  # noqa: PLR0913  the contract: named arguments, each on its own
        self,
        builder: SpectrogramBuilder | None = None,
        *,
        network: str = "cnn",
        fine_tune: bool = False,
        weights_from: str | Path | None = None,
        multi_label: bool = False,
        epochs: int | None = None,
        batch_size: int = 32,
        accept: float | None = None,
        target_precision: float | None = None,
        max_false_alarms_per_hour: float | None = None,
        seed: int = 7,
        role: str | None = None,
        bucket: str | None = None,
        prefix: str = "mediaml",
        instance_type: str = "ml.c5.2xlarge",
        spot: bool = True,
        max_hours: float = 4.0,
        image_uri: str | None = None,
        serving_image_uri: str | None = None,
        tags: Mapping[str, str] | None = None,
        kms_key: str | None = None,
        subnets: Sequence[str] = (),
        security_groups: Sequence[str] = (),
        stop_role: str | None = None,
        prices: Prices | None = None,
        session: boto3.Session | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(
            builder,
            network=network,
            fine_tune=fine_tune,
            weights_from=weights_from,
            multi_label=multi_label,
            epochs=epochs,
            batch_size=batch_size,
            accept=accept,
            target_precision=target_precision,
            max_false_alarms_per_hour=max_false_alarms_per_hour,
            seed=seed,
        )
        self.site = Site(
            role=role,
            bucket=bucket,
            prefix=prefix,
            instance_type=instance_type,
            spot=spot,
            max_hours=max_hours,
            image_uri=image_uri,
            serving_image_uri=serving_image_uri,
            tags=dict(tags or {}),
            kms_key=kms_key,
            subnets=tuple(subnets),
            security_groups=tuple(security_groups),
        )
        self.stop_role, self.prices = stop_role, prices
        self.aws = aws_of(session, clock)
        self._workshop = Workshop(self.aws, ledger())
        self._storage = Storage(self.aws, kms_key)
        self._job: Job | None = None
        self._fitted: Fitted | None = None
        self._open: SageMakerEndpoint | None = None

    # -- training -----------------------------------------------------------------------------------------------------

    def fit(
        self,
        train: AudioDataset,
        validation: AudioDataset | None = None,
        *,
        background: AudioDataset | None = None,
        max_cost: float | None = None,
        wait: bool = True,
        progress: bool = True,
    ) -> Self:
        """Send the data, and train in one job; the same data and settings again find the job that is there.

        Parameters
        ----------
        train, validation, background
            As of `LocalAudioModel.fit`.
        max_cost
            What the job may cost at most, in the currency of `prices`: it is refused above this. Reckoned are
            `max_hours` on demand; spare capacity costs less, disks and S3 a little more.
        wait
            Until the training is over, showing its log. False: `wait` or `attach` later.
        progress
            Show bars, and the job's log.

        Raises
        ------
        LabelError, DataError, WeightsError
            As of `LocalAudioModel.fit`.
        CostLimitError, PriceUnknownError
            `max_cost` cannot be kept: nothing was sent.
        JobFailedError
            The training failed; the end of its log is in the message.
        Detached
            Ctrl-C while waiting: the job goes on, and the message says how to wait for it again, and how to stop it.
        AwsError
            A service refused something.
        """
        data = prepared(self._training(None, progress), self._parts(train, validation, background), self.settings)
        # AWS keeps the image of the training alone: `attach` reads the other one here
        document = {**data.document(), SERVING_IMAGE: self.site.serving_image_uri}
        image = image_of(self.site, self.aws, "training", self.site.instance_type)
        base, name = self._names(data, image)
        store = self._store()
        if self._workshop.describe(JOB, name) is None:
            plan = self._plan(name)
            plan.refuse_above(max_cost)
            role = role_of(self.site, self.aws)
            warn_without_serving(self.site, self.aws, INSTANCE)
            inputs = send(store, data, document, name)
            plan.show()
            request = training_request(name, self.site, role, image, inputs, store.root / "jobs", self.aws.region)
            # a successor goes on from the epochs of the job before it
            request["CheckpointConfig"]["S3Uri"] = (store.root / f"jobs/{base}/checkpoints").uri
            self._workshop.create(JOB, request)
        self._job, self._fitted, self._open = Job(self._workshop, name), None, None
        return self.wait(progress) if wait else self

    def plan_fit(
        self,
        train: AudioDataset,
        validation: AudioDataset | None = None,
        *,
        background: AudioDataset | None = None,
        progress: bool = True,
    ) -> Plan:
        """Say what `fit` would start, and what it may cost; nothing is sent or made.

        Parameters
        ----------
        train, validation, background, progress
            As of `fit`.

        Raises
        ------
        LabelError, DataError, WeightsError, AwsError
            As of `fit`.
        """
        data = prepared(self._training(None, progress), self._parts(train, validation, background), self.settings)
        image = image_of(self.site, self.aws, "training", self.site.instance_type)
        _, name = self._names(data, image)
        if self._workshop.describe(JOB, name) is None:
            return self._plan(name)
        return Plan(f"the training job {name}", self.aws.region, "it is there already: nothing is trained again")

    def _names(self, data: JobData, image: str) -> tuple[str, str]:
        """Give the name that this data has with these settings, and the one of the job that is, or is to be."""
        base = job_name(data.document(), self._source_digest(), self.site.instance_type, image)
        return base, free_name(self._workshop, base)

    @staticmethod
    def _source_digest() -> str:
        from mediaml.aws.staging import source

        return source().digest

    def _plan(self, name: str) -> Plan:
        return training_plan(name, self.site, self.aws.region).priced(self.prices, self.aws.region)

    def wait(self, progress: bool = True) -> Self:
        """Wait until the training is over, showing its log as it comes.

        Raises
        ------
        NotFittedError
            There is no training: `fit` or `attach` first.
        JobFailedError
            It failed; the end of its log is in the message.
        Detached
            Ctrl-C: the job goes on.
        """
        job = self._training_job()
        status = job.wait(progress)
        self._over(job)
        if progress and status.billed_seconds is not None:
            notice(f"{job.name}: {status.billed_seconds} s are billed")
        return self

    def _over(self, job: Job) -> None:
        """Strike the job off the ledger: it costs nothing any more."""
        self._workshop.ledger.gone(self._workshop.resource(JOB, job.name))

    def status(self) -> JobStatus:
        """Ask how the training does.

        Raises
        ------
        NotFittedError
            There is none.
        """
        return self._training_job().status()

    def stop(self) -> None:
        """End the training; what it cost until then is billed.

        Raises
        ------
        NotFittedError
            There is none.
        """
        self._workshop.end(JOB, self._training_job().name)

    @property
    def job(self) -> str:
        """The name of the training job, for `attach`."""
        return self._training_job().name

    @classmethod
    def attach(
        cls,
        job: str,
        *,
        serving_image_uri: str | None = None,
        stop_role: str | None = None,
        prices: Prices | None = None,
        session: boto3.Session | None = None,
        clock: Clock | None = None,
    ) -> Self:
        """Take up a training that was started elsewhere, or earlier.

        Parameters
        ----------
        job
            Its name.
        serving_image_uri
            Of the serving container; None: the one that the training was started with.
        stop_role, prices, session, clock
            As of `SageMakerAudioModel`.

        Raises
        ------
        AwsNotFoundError
            There is no such job.
        AwsValidationError
            It is not one of mediaml's.
        """
        aws = aws_of(session, clock)
        found = started(Job(Workshop(aws, ledger()), job), Storage(aws))
        site = found.site if serving_image_uri is None else {**found.site, SERVING_IMAGE: serving_image_uri}
        model = cls(
            found.builder,
            **found.settings,
            **site,
            stop_role=stop_role,
            prices=prices,
            session=session,
            clock=clock,
        )
        model._job = Job(model._workshop, job)
        return model

    # -- what was learned ---------------------------------------------------------------------------------------------

    def _training_job(self) -> Job:
        if self._job is None:
            raise NotFittedError("this model has no training yet: fit(train), or SageMakerAudioModel.attach(job)")
        return self._job

    def _ready(self) -> Fitted:
        """Download the model, once the training has come to a good end."""
        if self._fitted is None:
            job = self._training_job()
            status = job.status()
            if not status.over:
                raise NotFittedError(f"the training goes on ({status}): wait() for it")
            job.completed(status)
            self._fitted = fetch(self._storage, job.artifact())
        return self._fitted

    def hearer(self) -> Fitted:
        """Give what hears recordings on this machine: the trained model, downloaded.

        Raises
        ------
        NotFittedError
            There is no trained model.
        """
        return self._ready()

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the model tells apart."""
        return self._ready().labels

    @no_every
    def detect(self, recording: str | Path, hop: float | None = None, *, progress: bool = True) -> Timeline:
        """Find the sounds in a long recording, on this machine, with what was trained on SageMaker; it costs nothing.

        `to_local` gives the same model with all options of `LocalAudioModel.detect`.

        Parameters
        ----------
        recording
            The file.
        hop
            Seconds from one window to the next; None: a quarter of what the network hears at once.
        progress
            Show a bar for recordings of more than a minute.

        Raises
        ------
        NotFittedError
            There is no trained model.
        AudioError
            The file cannot be read at all.
        """
        return detect(self._ready(), recording, Options(hop), self.batch_size, progress)

    def to_local(self) -> AudioModel:
        """Give the trained model as a `LocalAudioModel`, which needs no AWS.

        Raises
        ------
        NotFittedError
            There is no trained model.
        """
        import tempfile

        from mediaml.models.load import load

        with tempfile.TemporaryDirectory(prefix="mediaml-model-") as folder:
            return load(self.save(folder))

    def save(self, folder: str | Path) -> Path:
        """Write the trained model into a folder; `mediaml.load` brings it back as a `LocalAudioModel`."""
        saved.save(self._ready(), os.fspath(folder), self.settings)
        return Path(folder)

    # -- serving ------------------------------------------------------------------------------------------------------

    def deploy(
        self,
        kind: Kind = "serverless",
        *,
        max_hours: float | None = None,
        keep: bool = False,
        unattended_ok: bool = False,
        max_cost: float | None = None,
        instance_type: str = INSTANCE,
    ) -> SageMakerEndpoint:
        """Serve the model from an endpoint.

        Parameters
        ----------
        kind
            ``"serverless"``: costs nothing when idle; takes 4 MB at once. ``"realtime"``: an instance that costs by the
            hour; 6 MB. ``"async"``: the same, by way of S3; 100 MB.
        max_hours
            The endpoint is ended after this, or when this process ends. With a `stop_role` AWS itself ends it then,
            where this process was killed.
        keep
            It stays when it is closed, and when this process ends: for production. It carries the tag ``mediaml:keep``.
        unattended_ok
            A "realtime" or "async" endpoint may go on, and cost, where this process was killed and there is no
            `stop_role`.
        max_cost
            What it may cost at most, in the currency of `prices`: it is refused above this, and without a `stop_role`,
            as nothing bounds the cost then. A "serverless" one has a bound with `max_hours` only: that it answers all
            the time, as often at once as it can.
        instance_type
            Of a "realtime" or "async" endpoint.

        Returns
        -------
        The endpoint; in a ``with`` block it is gone when the block ends.

        Raises
        ------
        NotFittedError
            There is no trained model.
        AwsValidationError
            It would cost when idle, without an end.
        UnattendedError
            It bills when idle, there is no `stop_role`, and neither `keep` nor `unattended_ok` was said.
        CostLimitError, PriceUnknownError
            `max_cost` cannot be kept.
        JobFailedError
            It did not come up; the end of its log is in the message, and nothing of it is left.
        """
        served = self._served(kind, instance_type)
        plan = self._plan_of(served, max_hours, keep)
        allowed = keep or unattended_ok or kind == "serverless"
        attendance = attending(self.aws, self.stop_role, plan.what, allowed, max_hours, max_cost is not None)
        agreed(plan, max_cost)
        serving = Serving(self._workshop, self.site, attendance)
        on_close = end_of(serving, serving.up(served, keep), served.name, max_hours, keep)
        self._open = SageMakerEndpoint(served.name, self.aws, self._invoker(served), kind, on_close)
        return self._open

    def plan_deploy(
        self,
        kind: Kind = "serverless",
        *,
        max_hours: float | None = None,
        keep: bool = False,
        instance_type: str = INSTANCE,
    ) -> Plan:
        """Say what `deploy` would start, and what it may cost; nothing is started.

        Parameters
        ----------
        kind, max_hours, keep, instance_type
            As of `deploy`.

        Raises
        ------
        NotFittedError
            There is no trained model.
        AwsValidationError
            As of `deploy`.
        """
        return self._plan_of(self._served(kind, instance_type), max_hours, keep)

    def _plan_of(self, served: Served, max_hours: float | None, keep: bool) -> Plan:
        plan = plan_of(served, self.aws.region, max_hours, keep, bool(self.site.subnets))
        return bounded_by(ending_role(self.aws, self.stop_role), plan).priced(self.prices, self.aws.region)

    def _invoker(self, served: Served) -> Direct | ByS3:
        if served.kind != "async":
            return Direct(self.aws, served.name)
        return ByS3(self.aws, served.name, self._storage, served.answers / "requests")

    def _served(self, kind: Kind, instance_type: str) -> Served:
        job = self._training_job()
        status = job.status()
        if not status.over:
            raise NotFittedError(f"the training goes on ({status}): wait() for it")
        job.completed(status)
        return Served(
            job.name,
            job.artifact(),
            image_of(self.site, self.aws, "inference", instance_type),
            role_of(self.site, self.aws),
            kind,
            instance_type,
            self._store().root / f"answers/{job.name}",
        )

    def predict(  # type: ignore[override]  # one signature for what the base class has two of
        self, items: Item | Iterable[Item], *, on_error: OnError = "raise"
    ) -> AudioPrediction | list[AudioPrediction]:
        """Ask the endpoint that `deploy` opened; nothing is ever opened by asking.

        Raises
        ------
        NotDeployedError
            There is none, or it was closed.
        """
        if self._job is None:
            raise NotFittedError("this model has no training yet: fit(train), or SageMakerAudioModel.attach(job)")
        if self._open is None:
            raise NotDeployedError("this model is not deployed: with model.deploy() as endpoint: endpoint.predict(...)")
        return self._open.predict(items, on_error=on_error)

    # -- many sounds at once ------------------------------------------------------------------------------------------

    def evaluate(
        self,
        dataset: AudioDataset,
        *,
        instance_type: str = INSTANCE,
        max_cost: float | None = None,
        progress: bool = True,
    ) -> AudioReport | MultiLabelReport:
        """Measure on labelled sounds that nothing was chosen on: by the open endpoint, or by a batch transform.

        Parameters
        ----------
        dataset
            As of `LocalAudioModel.evaluate`.
        instance_type
            Of the batch transform.
        max_cost
            What it may cost at most, in the currency of `prices`: it is refused above this, and without a `stop_role`,
            as nothing bounds the cost of a batch transform then.
        progress
            Show bars.

        Raises
        ------
        NotFittedError, LabelError, DataError
            As of `LocalAudioModel.evaluate`.
        CostLimitError, PriceUnknownError
            `max_cost` cannot be kept.
        AwsError
            A service refused something.
        """
        fitted = self._ready()
        dataset = labelled(sounds(dataset, "the data"), "the data", self.multi_label)
        spoken = Spoken(self._store(), fitted, self._transforming(max_cost), progress)
        endpoint = self._open if self._open is not None and not self._open.closed else None

        def verdicts(clips: Sequence[Clip], listened: Callable[[], object]) -> Iterable[AudioPrediction | AudioError]:
            if endpoint is None:
                return spoken.verdicts(clips, self._served("realtime", instance_type), listened)
            return _counted(endpoint.listen(clips), listened)

        service = f"the endpoint {endpoint.name}" if endpoint else f"a batch transform on {instance_type}"
        asked = {"job": self._training_job().name, "measured_with": measured_by(f"SageMaker: {service}")}
        about = {**self._about(), **asked}
        return report_on(fitted, dataset, about, verdicts, progress)

    def transform(
        self,
        source: str,
        target: str,
        *,
        events: bool = False,
        hop: float | None = None,
        instance_type: str = INSTANCE,
        max_cost: float | None = None,
    ) -> pd.DataFrame:
        """Hear all WAV files under a prefix by a batch transform; nothing is left running.

        Parameters
        ----------
        source
            ``s3://bucket/archive/``: WAV files of up to 100 MB each.
        target
            ``s3://bucket/out/``: an answer a file is left here, under its key and ``.out``. Not under `source`.
        events
            Find all sounds in long recordings, as `detect` does, in place of one verdict a file.
        hop
            Of `detect`, where `events` are found.
        instance_type
            That hears them.
        max_cost
            What it may cost at most, in the currency of `prices`: it is refused above this, and without a `stop_role`,
            as nothing bounds the cost of a batch transform then.

        Returns
        -------
        A row a file: path, label (missing: nothing recognised), confidence, reason, score. With `events` a row an
        event: path, start and end in seconds, label, confidence, reason; files and stretches that cannot be read have
        rows without a label, whose reason says why.

        Raises
        ------
        NotFittedError
            There is no trained model.
        AwsValidationError
            There are no files; `target` lies under `source`; or events are asked of a model that was trained by an
            older mediaml.
        ValueError
            `hop` is out of its range.
        CostLimitError, PriceUnknownError
            `max_cost` cannot be kept.
        JobFailedError
            A file could not be heard, or something else failed.
        """
        accept = self._events_by(hop) if events else IMPRESSION
        served = self._served("realtime", instance_type)
        at, to = (location(one if one.endswith("/") else f"{one}/") for one in (source, target))
        refuse_within(to, at)
        files = list(self._storage.listed(at))
        if not files:
            raise AwsValidationError(f"{source}: there are no files")
        largest = max(found.size for found in files)
        batch = Batch(at, to, largest, accept)
        transforming = self._transforming(max_cost)
        transforming.run(transforming.name(served, batch, repr(files)), served, batch)
        if events:
            return tables.events(transforming.recordings(batch))
        return tables.verdicts(transforming.verdicts(batch))

    def sifting(self, key: str, hop: float | None = None, instances: int = 1, max_cost: float | None = None) -> Sifting:
        """Give what finds events in files on S3 by batch transforms, for `mediaml.scan`.

        Parameters
        ----------
        key
            Of the model with its settings: what was heard under another one is heard again.
        hop
            As of `transform`.
        instances
            Machines of a transform.
        max_cost
            What a transform may cost at most, as of `transform`.

        Raises
        ------
        NotFittedError, AwsValidationError, ValueError
            As of `transform`.
        """
        accept, served = self._events_by(hop), self._served("realtime", INSTANCE)
        return Sifting(self._transforming(max_cost), served, accept, self._store().root / f"scans/{key}", instances)

    def _events_by(self, hop: float | None) -> str:
        """Say how to ask for events, so that they are those of this machine."""
        grid_of(self._ready(), hop)
        if not finds_events(self._storage, self._training_job().artifact()):
            raise AwsValidationError(
                f"{self._training_job().name} was trained by an older mediaml, whose code on SageMaker finds no "
                "events: fit again, or take to_local(), which does"
            )
        return f"{EVENTS}; batch={self.batch_size}" + ("" if hop is None else f"; hop={float(hop)!r}")

    def plan_transform(self, *, instance_type: str = INSTANCE, instances: int = 1) -> Plan:
        """Say what a batch transform (`evaluate`, `transform`) may cost; nothing is started.

        Parameters
        ----------
        instance_type
            Of its machines.
        instances
            How many.
        """
        return self._transforming().plan("", instance_type, instances)

    def _transforming(self, max_cost: float | None = None) -> Transforming:
        hours, limited = self.site.max_hours, max_cost is not None
        attendance = attending(self.aws, self.stop_role, "a batch transform", True, hours, limited)
        return Transforming(self._workshop, self.site, self._storage, self.prices, max_cost, attendance)

    def _store(self) -> Store:
        bucket = bucket_of(self.site, self.aws, self._storage)
        return Store(self._storage, Location(bucket, self.site.prefix.strip("/")))

    def __repr__(self) -> str:
        state = "not fitted" if self._job is None else self._job.name
        return f"<SageMakerAudioModel network={self.network!r} {self.site.instance_type} seed={self.seed}, {state}>"

    def __getstate__(self) -> dict[str, Any]:
        raise TypeError("a model is not pickled: SageMakerAudioModel.attach(model.job) in the other process")


def _counted(
    found: Iterable[AudioPrediction | AudioError], listened: Callable[[], object]
) -> Iterable[AudioPrediction | AudioError]:
    for one in found:
        listened()
        yield one
