"""Whatever call of SageMaker's cycle goes wrong, nothing bills unseen, and the same code again comes to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from moto.logs.models import logs_backends

import mediaml as mm
from mediaml.aws.price_list import AwsPriceList
from mediaml.aws.session import aws as aws_of
from mediaml.aws.stop_role import NAME, make, stop_role
from mediaml.backends.sagemaker.serving import Kind
from mediaml.runtime import wav
from mediaml.testing import OfflineAws, offline_aws
from tests.backends.sagemaker.conftest import sagemaker_model
from tests.backends.sagemaker.notebook import in_a_notebook
from tests.backends.sagemaker.toolkits import Rehearsed
from tests.backends.sweeping import (
    WHOLE,
    Phase,
    cost,
    few_draws,
    files,
    hold,
    kept_clients,
    no_pauses,
    quick_files,
    sweep,
    told,
    working_clock,
)
from tests.sounds import RATE, tone, write_tones

Parts = tuple[mm.AudioDataset, ...]
INSTANCES = {"Training": "ml.c5.2xlarge", "Hosting": "ml.m5.large", "Batch Transform": "ml.m5.large"}


class Account(NamedTuple):
    """An account in which one training is over, the files that it has left, and the parts of the data."""

    aws: OfflineAws
    trained: Any
    files: dict[str, Any]
    parts: Parts
    folder: Path

    def begin(self) -> None:
        """Take away all but the training and its files."""
        hold(self.aws, self.files)
        self.aws._jobs.jobs = {self.trained.name: self.trained}
        self.aws._transforms.jobs.clear()

    def model(self) -> mm.SageMakerAudioModel:
        """Take the training up, as another process does."""
        model = mm.SageMakerAudioModel.attach(self.trained.name, session=self.aws.session, clock=self.aws.clock)
        model.prices = AwsPriceList(self.aws.session)
        model.site = sagemaker_model(self.aws).site
        return model

    def put(self, name: str) -> str:
        """Leave a recording on S3."""
        return self.aws._jobs.buckets.write(wav.write(tone("hum", 1), RATE), f"s3://{self.aws.bucket}/{name}")


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    folder = write_tones(tmp_path_factory.mktemp("few") / "tones", per_label=4)
    return mm.AudioDataset.from_folder(folder).split(0.5, 0.25, 0.25, seed=1)


@pytest.fixture(scope="module")
def artifact(few: Parts) -> bytes:
    """What one real training has made."""
    with offline_aws() as aws:
        model = sagemaker_model(aws, epochs=1).fit(few[0], few[1], progress=False)
        return aws._jobs.buckets.read(aws._jobs.jobs[model.job].artifact)


@pytest.fixture(scope="module")
def account(artifact: bytes, few: Parts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with pytest.MonkeyPatch.context() as patch:
        no_pauses(patch)
        few_draws(patch)
        with offline_aws(toolkit=Rehearsed(artifact), clock=working_clock(patch)) as aws:
            kept_clients(aws, patch)
            quick_files(aws, patch)
            in_a_notebook(aws, patch)
            for component, instance in INSTANCES.items():
                product = {"regionCode": aws.region, "component": component, "instanceName": instance}
                aws.price_list.add("AmazonSageMaker", product, 0.5)
            aws.price_list.add("AmazonSageMaker", {"regionCode": aws.region, "usagetype": "Serverless-3072MB"}, 0.5)
            job = sagemaker_model(aws, epochs=1).fit(few[0], few[1], progress=False).job
            trained = aws._jobs.jobs[job]
            yield Account(aws, trained, files(aws), few, tmp_path_factory.mktemp("scans"))


def fit(account: Account, **settings: object) -> Phase:
    aws, (train, validation, _) = account.aws, account.parts
    jobs = aws._jobs

    def begin() -> None:
        hold(aws, {})
        jobs.jobs.clear()
        logs_backends[aws.account][aws.region].groups.clear()
        jobs.logs._streams.clear()

    def run() -> None:
        model = sagemaker_model(aws, epochs=1, prices=AwsPriceList(aws.session), **settings)
        model.fit(train, validation, max_cost=1000, progress=False)

    def once() -> None:
        assert [job.status for job in jobs.jobs.values()] == ["Completed"], "it was trained once"

    return Phase("fit", begin, run, once)


def fit_in_a_notebook(account: Account) -> Phase:
    return fit(account, role=None)._replace(name="fit with the role of a notebook")


def trained(account: Account, name: str, run: Callable[[mm.SageMakerAudioModel], None], transforms: int = 0) -> Phase:
    """A phase of a model whose training is over, with so many transforms a run at most."""
    aws = account.aws

    def once() -> None:
        ended = [job.status for job in aws._transforms.jobs.values()]
        assert ended.count("Completed") <= 2 * transforms, "each run hears once"

    return Phase(name, account.begin, lambda: run(account.model()), once)


def attach(account: Account) -> Phase:
    def run(model: mm.SageMakerAudioModel) -> None:
        assert len(model.labels) == 3

    return trained(account, "attach", run)


def evaluate(account: Account) -> Phase:
    def run(model: mm.SageMakerAudioModel) -> None:
        assert len(model.evaluate(account.parts[2], progress=False).outcomes) == 3

    return trained(account, "evaluate", run, transforms=1)


def transform(account: Account) -> Phase:
    place = f"s3://{account.aws.bucket}"

    def run(model: mm.SageMakerAudioModel) -> None:
        assert len(model.transform(f"{place}/in/", f"{place}/out/", max_cost=1000)) == 1

    return after(trained(account, "transform", run, transforms=1), lambda: account.put("in/a.wav"))


def scan(account: Account) -> Phase:
    store = account.folder / "catalog.sqlite"

    def begin() -> None:
        account.put("in/a.wav")
        store.unlink(missing_ok=True)

    def run(model: mm.SageMakerAudioModel) -> None:
        source, session = f"s3://{account.aws.bucket}/in/", account.aws.session
        found = mm.scan(source, model, store, engine="sagemaker", max_cost=1000, session=session, progress=False)
        assert list(found.files["state"]) == ["read"]

    return after(trained(account, "scan", run, transforms=1), begin)


def after(phase: Phase, prepare: Callable[[], object]) -> Phase:
    """A phase before which something more is done."""

    def begin() -> None:
        phase.begin()
        prepare()

    return phase._replace(begin=begin)


def plans(account: Account) -> Phase:
    train, validation, _ = account.parts

    def run(model: mm.SageMakerAudioModel) -> None:
        other = sagemaker_model(account.aws, epochs=2, prices=model.prices)
        assert cost(other.plan_fit(train, validation, progress=False)) == 2
        assert cost(model.plan_deploy("realtime", max_hours=2)) == 1
        assert cost(model.plan_transform()) == 2

    return trained(account, "plan", run)


def deploy(account: Account, kind: Kind = "realtime", **site: Any) -> Phase:
    def run(model: mm.SageMakerAudioModel) -> None:
        model.site = replace(model.site, **site)
        with model.deploy(kind, max_hours=1, max_cost=1000) as endpoint:
            assert endpoint.predict((tone("hum", 1), RATE)).error is None

    return trained(account, f"deploy ({kind}), predict, close", run)


def deploy_async(account: Account) -> Phase:
    return deploy(account, "async")


def deploy_serverless_in_a_notebook(account: Account) -> Phase:
    return deploy(account, "serverless", role=None)


def setup(account: Account) -> Phase:
    aws = account.aws

    def begin() -> None:
        aws.ledger.unlink(missing_ok=True)
        with aws._wire.inside():
            client = aws.session.client("iam")
            for name in client.list_role_policies(RoleName=NAME)["PolicyNames"]:
                client.delete_role_policy(RoleName=NAME, PolicyName=name)
            client.delete_role(RoleName=NAME)

    def run() -> None:
        here = aws_of(aws.session, aws.clock)
        make(here, stop_role(here))

    def once() -> None:
        with aws._wire.inside():
            assert aws.session.client("iam").list_role_policies(RoleName=NAME)["PolicyNames"] == [NAME]

    return Phase("aws setup", begin, run, once)


PHASES = [setup, fit, attach, evaluate, transform, deploy]
WIDER = [fit_in_a_notebook, plans, scan, deploy_async, deploy_serverless_in_a_notebook] if WHOLE else []


@pytest.mark.slow
@pytest.mark.parametrize("phase", [*PHASES, *WIDER])
def test_every_call_may_go_wrong_in_every_way(
    phase: Callable[[Account], Phase], account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    one = phase(account)
    told(one.name, sweep(account.aws, one), capsys)
