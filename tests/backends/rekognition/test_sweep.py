"""Whatever call of Custom Labels' cycle goes wrong, nothing bills unseen, and the same code again comes to its end."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

import mediaml as mm
from mediaml.aws.price_list import AwsPriceList
from mediaml.testing import OfflineAws, offline_aws
from tests.backends.rekognition.conftest import Parts, divided, rekognition_model
from tests.backends.sweeping import (
    ONCE,
    WHOLE,
    Fails,
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
from tests.colours import colour_fit, colours

LABELS = ("blue", "red")
pytestmark = pytest.mark.filterwarnings("ignore:fewer than:UserWarning")


class Account(NamedTuple):
    """An account in which one training is over: its projects with their tags, and its files."""

    aws: OfflineAws
    parts: Parts
    more: mm.ImageDataset
    projects: dict[str, Any]
    tags: dict[str, Any]
    files: dict[str, Any]

    def begin(self) -> None:
        """Take away all but the training and its files."""
        hold(self.aws, self.files)
        twin = self.aws.rekognition._account
        twin.projects, twin.tags = copy.deepcopy(self.projects), copy.deepcopy(self.tags)
        twin.changes._open.clear()

    def model(self) -> mm.RekognitionModel:
        """Take the training up, as another process does."""
        (version,) = self.projects["colours"].versions
        model = mm.RekognitionModel.attach("colours", version, session=self.aws.session, clock=self.aws.clock)
        model.prices = AwsPriceList(self.aws.session)
        return model

    def trained(self) -> list[str]:
        """Name what was trained."""
        return [
            version.status
            for project in self.aws.rekognition._account.projects.values()
            for version in project.versions.values()
        ]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    folder = tmp_path_factory.mktemp("few")
    parts = Parts(*divided(colours(folder / "all", 4, labels=LABELS), 0.5, 0.25, 0.25))
    with pytest.MonkeyPatch.context() as patch:
        no_pauses(patch)
        few_draws(patch)
        with offline_aws(clock=working_clock(patch)) as aws:
            kept_clients(aws, patch)
            quick_files(aws, patch)
            aws.rekognition.fit, aws.rekognition.pace = colour_fit, "by clock"
            seconds = aws.rekognition._account.changes.seconds
            seconds.update(dict.fromkeys(seconds, 1.0))  # each state is seen once
            for use in ("training", "inference"):
                product = {"regionCode": aws.region, "usagetype": f"CustomLabels-{use}"}
                aws.price_list.add("AmazonRekognition", product, 1.0)
            rekognition_model(aws).fit(parts.train, parts.validation, progress=False)
            twin = aws.rekognition._account
            kept = copy.deepcopy(twin.projects), copy.deepcopy(twin.tags)
            yield Account(aws, parts, colours(folder / "more", 5, first=300, labels=LABELS), *kept, files(aws))


def untouched(account: Account) -> None:
    """Make the account as if it had never been worked in."""
    twin = account.aws.rekognition._account
    hold(account.aws, {})
    twin.projects, twin.tags = {}, {}
    twin.changes._open.clear()


def held(account: Account) -> dict[str, int]:
    """Count the pictures of the datasets."""
    (project,) = account.aws.rekognition._account.projects.values()
    return {kind: len(one.rows) for kind, one in project.datasets.items()}


def fit(account: Account) -> Phase:
    aws, parts = account.aws, account.parts

    def run() -> None:
        model = rekognition_model(aws, prices=AwsPriceList(aws.session))
        model.fit(parts.train, parts.validation, max_cost=1000, progress=False)

    def once() -> None:
        assert account.trained() == ["TRAINING_COMPLETED"], "it was trained once"
        assert held(account) == {"TRAIN": 4, "TEST": 2}

    return Phase("fit", lambda: untouched(account), run, once)


def fit_tested_by_the_service(account: Account) -> Phase:
    def run() -> None:
        rekognition_model(account.aws).fit(account.more, test_by="service", progress=False)

    def once() -> None:
        assert account.trained() == ["TRAINING_COMPLETED"], "it was trained once"
        assert held(account) == {"TRAIN": 8, "TEST": 2}

    return Phase("fit, divided by the service", lambda: untouched(account), run, once)


def of_trained(account: Account, name: str, run: Callable[[mm.RekognitionModel], None], trainings: int = 1) -> Phase:
    """A phase of a model whose training is over; so many trainings are there when it is done."""

    def once() -> None:
        assert len(account.trained()) == trainings

    return Phase(name, account.begin, lambda: run(account.model()), once)


def evaluate(account: Account) -> Phase:
    def run(model: mm.RekognitionModel) -> None:
        assert len(model.evaluate().outcomes) == 2  # type: ignore[attr-defined]

    return of_trained(account, "attach, evaluate", run)


def plans(account: Account) -> Phase:
    def run(model: mm.RekognitionModel) -> None:
        assert cost(model.plan_fit(account.more)) == 24
        assert cost(model.plan_improve(account.more)) == 24
        assert cost(model.plan_deploy(max_hours=2)) == 2

    return of_trained(account, "plan", run)


def deploy(account: Account) -> Phase:
    def run(model: mm.RekognitionModel) -> None:
        with model.deploy(max_hours=1, max_cost=1000) as running:
            assert running.predict(next(iter(account.parts.test))).error is None
            assert len(model.evaluate(account.parts.test, progress=False).outcomes) == 2  # type: ignore[attr-defined]

    return of_trained(account, "deploy, predict, evaluate, close", run)


def improve(account: Account) -> Phase:
    undisturbed: list[dict[str, set[str]]] = []

    def run(model: mm.RekognitionModel) -> None:
        assert model.improve(account.more, max_cost=1000, progress=False).new.labels == model.labels

    def once() -> None:
        assert len(account.trained()) == 2
        (project,) = account.aws.rekognition._account.projects.values()
        undisturbed.append({kind: set(one.rows) for kind, one in project.datasets.items()})
        assert undisturbed[-1] == undisturbed[0], "each picture is where it goes where nothing goes wrong"

    return of_trained(account, "improve", run)._replace(once=once)


def delete(account: Account) -> Phase:
    def run() -> None:
        rekognition_model(account.aws).delete(project=True)

    def once() -> None:
        assert account.aws.rekognition._account.projects == {}

    return Phase("delete a project", account.begin, run, once)


def delete_version(account: Account) -> Phase:
    (version,) = account.projects["colours"].versions

    def run() -> None:
        model = rekognition_model(account.aws)
        if version in set(model.versions()["version"]):
            mm.RekognitionModel.attach(
                "colours", version, session=account.aws.session, clock=account.aws.clock
            ).delete()

    def once() -> None:
        assert account.trained() == []

    return Phase("delete a version", account.begin, run, once)


PHASES = [fit, evaluate, deploy, improve, delete]
WIDER = [fit_tested_by_the_service, plans, delete_version] if WHOLE else []


@pytest.mark.parametrize("phase", [delete])  # the others: below
def test_an_answer_that_is_lost_does_no_harm(
    phase: Callable[[Account], Phase], account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    one = phase(account)
    told(one.name, sweep(account.aws, one, [Fails("lost after", ONCE)]), capsys)


@pytest.mark.slow
@pytest.mark.parametrize("phase", [*PHASES, *WIDER])
def test_every_call_may_go_wrong_in_every_way(
    phase: Callable[[Account], Phase], account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    one = phase(account)
    told(one.name, sweep(account.aws, one), capsys)
