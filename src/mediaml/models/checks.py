"""What every model must do, as checks that any model can be put through, ours and yours.

    import pytest
    from mediaml.models import checks

    @pytest.mark.parametrize("check", checks.ALL, ids=lambda check: check.__name__)
    def test_my_model(check, sounds):
        train, validation, test = sounds.split(0.6, 0.2, 0.2, seed=7)
        check(checks.Case(MyModel, train, validation, test))

For models of pictures: ``checks.Case(MyModel, train, validation, test, checks.PICTURES)``.

Each check takes a `Case` and raises AssertionError with what was expected. They are the law of the contract: after
scikit-learn's `estimator_checks`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from mediaml.data import decode
from mediaml.data.pictures import decode as pictures
from mediaml.errors import AudioError, DataError, ImageError, NotDeployedError, NotFittedError
from mediaml.models.base import AnyModel
from mediaml.values.prediction import AudioPrediction, ImagePrediction, Prediction
from mediaml.values.report import AudioReport, ImageReport, LabelReport


class Media(NamedTuple):
    """What sounds and pictures do not have in common.

    Attributes
    ----------
    prediction, report, error
        The types that a model gives and raises.
    alike
        From a file to items of other kinds that hold the same.
    nothing
        Items in which there is nothing, and the reasons.
    bad
        Items that cannot be read; the second one is a path.
    """

    prediction: type[Prediction]
    report: type[LabelReport]
    error: type[DataError]
    alike: Callable[[Path], list[Any]]
    nothing: tuple[Sequence[Any], Sequence[str]]
    bad: Sequence[Any]


def _alike_sounds(path: Path) -> list[Any]:
    content = path.read_bytes()
    return [path, str(path), content, io.BytesIO(content), decode.read(path)]


def _alike_pictures(path: Path) -> list[Any]:
    content = path.read_bytes()
    return [path, str(path), content, io.BytesIO(content), pictures.read(path)]


RATE = 22050
SOUNDS = Media(
    AudioPrediction,
    AudioReport,
    AudioError,
    _alike_sounds,
    (
        [(np.zeros(RATE), RATE), (np.full(RATE, 0.5), RATE), (np.zeros(1), RATE), (np.zeros(0), RATE)],
        ["silence", "silence", "too_short", "too_short"],
    ),
    [b"no sound at all", Path("no-such-file.wav"), (np.full(RATE, np.nan), RATE), b""],
)
PICTURES = Media(
    ImagePrediction,
    ImageReport,
    ImageError,
    _alike_pictures,
    (
        [np.zeros((64, 64, 3), np.uint8), np.full((64, 96, 3), 200, np.uint8), np.eye(4) * 0.5],
        ["blank", "blank", "too_small"],
    ),
    [b"no picture at all", Path("no-such-file.png"), np.full((64, 64, 3), np.nan), b""],
)


def _ready_at_once(model: AnyModel) -> None:
    """Local models need nothing."""


@dataclass(frozen=True)
class Case:
    """A model to check, and small data to do it with.

    Parameters
    ----------
    make
        Makes a fresh model.
    train, validation, test
        Labelled recordings or pictures, a few of each label.
    media
        Of which they are.
    ready
        What a fitted model needs before it may be asked: one in the cloud, a deployment that is open. Called before
        each question, so it does nothing where nothing is to be done.
    """

    make: Callable[[], AnyModel]
    train: Any
    validation: Any
    test: Any
    media: Media = SOUNDS
    ready: Callable[[Any], object] = _ready_at_once

    @cached_property
    def learned(self) -> AnyModel:
        """A model that has learned; the same one for all checks of this case."""
        return self.make().fit(self.train, validation=self.validation)

    @property
    def fitted(self) -> AnyModel:
        """The same, ready to be asked."""
        self.ready(self.learned)
        return self.learned

    @property
    def path(self) -> Path:
        """A file of the test part."""
        return Path(next(iter(self.test)).path)


Check: TypeAlias = Callable[[Case], None]


def check_needs_fit(case: Case) -> None:
    """Before `fit`, the other verbs say that it is missing."""
    model = case.make()
    for verb in (lambda: model.predict(case.path), lambda: model.evaluate(case.test), model.deploy):
        try:
            verb()
        except (NotFittedError, NotDeployedError):
            continue
        raise AssertionError("a model that has learned nothing must raise NotFittedError")


def check_fit_returns_self(case: Case) -> None:
    """`fit` gives the model back."""
    model = case.make()
    assert model.fit(case.train, validation=case.validation) is model, "fit must return self"


def check_data_unchanged(case: Case) -> None:
    """No verb changes the data it is given."""
    before = [part.frame for part in (case.train, case.validation, case.test)]
    model = case.make().fit(case.train, validation=case.validation)
    case.ready(model)
    model.evaluate(case.test)
    for frame, part in zip(before, (case.train, case.validation, case.test), strict=True):
        assert frame.equals(part.frame), "fit and evaluate must not change the datasets"


def check_single_and_list(case: Case) -> None:
    """A single item gives a single prediction, a list gives a list in order."""
    single = case.fitted.predict(case.path)
    assert isinstance(single, case.media.prediction), f"a single item must give one prediction, not {type(single)}"
    several = case.fitted.predict([clip.path for clip in case.test])
    assert isinstance(several, list) and len(several) == len(case.test), "a list must give one prediction an item"
    assert [one.source for one in several] == [str(clip.path) for clip in case.test], "predictions keep the order"
    assert case.fitted.predict([]) == [], "nothing asked, nothing answered"


def check_kinds_of_items(case: Case) -> None:
    """A path, its text, its bytes, a binary file and its samples or pixels are taken alike."""
    predictions = case.fitted.predict(case.media.alike(case.path))
    for one in predictions[1:]:
        assert one.label == predictions[0].label, "the kind of the item must not change the verdict"
        assert abs(one.confidence - predictions[0].confidence) < 1e-3, "nor the confidence"


def check_batch_does_not_matter(case: Case) -> None:
    """A prediction does not depend on what else is asked in the same call."""
    clips = list(case.test)
    together = case.fitted.predict(clips)
    for alone, one in zip((case.fitted.predict(clip) for clip in clips), together, strict=True):
        assert alone.label == one.label and abs(alone.confidence - one.confidence) < 1e-4, "company changed a verdict"


def check_predictions_are_lawful(case: Case) -> None:
    """Alternatives are the model's labels by falling confidence, and the verdict agrees with them."""
    for one in case.fitted.predict(list(case.test)):
        confidences = [score.confidence for score in one.alternatives]
        assert {score.label for score in one.alternatives} == set(case.train.labels), "every label is an alternative"
        assert confidences == sorted(confidences, reverse=True), "alternatives stand by falling confidence"
        assert abs(sum(confidences) - 1) < 1e-6, "the probabilities of the labels add up to 1"
        assert one.confidence == confidences[0], "the confidence is the best label's, whatever the verdict"
        assert one.label in (None, one.alternatives[0].label), "the verdict is the best label or none"
        assert (one.label is None) == (one.reason is not None), "nothing recognised has a reason"


def check_nothing_recognised(case: Case) -> None:
    """Silence, a single colour, a single sample are nothing, with the reason, and no error."""
    items, expected = case.media.nothing
    reasons = [one.reason for one in case.fitted.predict(list(items))]
    assert reasons == list(expected), f"got {reasons}"


def check_bad_items(case: Case) -> None:
    """An item that cannot be read raises with its name, or stands in its place with its error."""
    bad = list(case.media.bad)
    answers = case.fitted.predict([case.path, *bad, case.path], on_error="skip")
    assert [one.error is None for one in answers] == [True, False, False, False, False, True], "only bad items fail"
    assert answers[0] == answers[-1], "a bad item must not change its neighbours"
    for one in answers[1:-1]:
        assert one.label is None and one.alternatives == () and one.confidence == 0, "an error is no verdict"
    assert str(bad[1]) in (answers[2].error or ""), "the error names the file"
    try:
        case.fitted.predict([case.path, *bad])
    except case.media.error:
        return
    raise AssertionError(f"on_error='raise' must raise {case.media.error.__name__}")


def check_deployment(case: Case) -> None:
    """A deployment predicts like the model, closes with its block, and may be closed twice."""
    with case.fitted.deploy() as endpoint:
        assert endpoint.predict(case.path).alternatives, "a deployment predicts"
        assert endpoint.labels == case.fitted.labels, "a deployment knows its labels"
        in_its_block = endpoint.closed
    endpoint.close()
    assert (in_its_block, endpoint.closed) == (False, True), "it is open in its block, and closed after it"
    try:
        endpoint.predict(case.path)
    except NotDeployedError:
        return
    raise AssertionError("a closed deployment must raise NotDeployedError")


def check_report(case: Case) -> None:
    """A report counts every example once, closed-set from the first alternative, and verdicts apart."""
    report = case.fitted.evaluate(case.test)
    assert isinstance(report, LabelReport) and isinstance(report, case.media.report), (
        f"one label an example is measured as {case.media.report.__name__}"
    )
    predictions = case.fitted.predict(list(case.test))
    truths = [clip.labels[0] for clip in case.test]
    hits = [one.alternatives[0].label == truth for one, truth in zip(predictions, truths, strict=True)]
    accepted = [hit for hit, one in zip(hits, predictions, strict=True) if one.recognised]
    assert report.examples == len(case.test) == int(np.sum(report.confusion)), "every example is counted once"
    assert abs(report.accuracy - float(np.mean(hits))) < 1e-9, "accuracy is closed-set"
    assert abs(report.coverage - len(accepted) / len(hits)) < 1e-9, "coverage is the share with a label"
    if accepted:
        assert report.accepted_accuracy is not None and abs(report.accepted_accuracy - np.mean(accepted)) < 1e-9
    assert sum(score.support for score in report.per_label.values()) == report.examples, "supports add up"


ALL: tuple[Check, ...] = (
    check_needs_fit,
    check_fit_returns_self,
    check_data_unchanged,
    check_single_and_list,
    check_kinds_of_items,
    check_batch_does_not_matter,
    check_predictions_are_lawful,
    check_nothing_recognised,
    check_bad_items,
    check_deployment,
    check_report,
)
"""Every check, in the order of a newcomer's first hour with a model."""
