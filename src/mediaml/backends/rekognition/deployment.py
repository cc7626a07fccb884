"""A version at work: pictures in, predictions out. Only the right to call DetectCustomLabels is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, overload

from mediaml.aws.s3 import Location, Storage
from mediaml.aws.session import Aws, translated
from mediaml.backends.pictures.detecting import Detecting
from mediaml.backends.pictures.items import PictureItem, is_single
from mediaml.backends.rekognition.answers import Rule, prediction, verdict
from mediaml.backends.rekognition.asking import in_order
from mediaml.backends.rekognition.bodies import Body, Sender
from mediaml.backends.rekognition.holding import Named, held
from mediaml.backends.rekognition.names import version_name
from mediaml.backends.rekognition.watching import ServiceWatcher
from mediaml.errors import AwsNotFoundError, AwsNotReadyError, AwsValidationError, ImageError, NotDeployedError
from mediaml.models.base import Deployment, OnError
from mediaml.values.prediction import ImagePrediction


class RekognitionDeployment(Detecting, Deployment[PictureItem, ImagePrediction]):
    """A running version of a Custom Labels model; `deploy` and `connect` give it.

    Parameters
    ----------
    arn
        Of the version.
    aws
        The account.
    rule
        How verdicts are taken.
    requests
        Where pictures that are too large for a request (4 MB) are left; None: they are made smaller.
    on_close
        Ends what the version costs; None: it belongs to someone else, and stays.
    """

    def __init__(
        self,
        arn: str,
        aws: Aws,
        rule: Rule,
        requests: Location | None = None,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        self.arn = version_name(arn).arn
        self._aws = aws
        self._rule = rule
        self._sender = Sender(Storage(aws), requests)
        self._on_close = on_close
        self._closed = False
        self._client = aws.client("rekognition", attempts=1)  # what is refused is asked again here, in its turn

    @property
    def name(self) -> str:
        """Project and version."""
        return version_name(self.arn).short

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the version tells apart; empty where they are not known."""
        return self._rule.labels

    @property
    def thresholds(self) -> dict[str, float] | None:
        """The confidence, 0 to 1, from which on each label is given.

        None: the service applies its own, and tells only what reaches them. Others can be set, for all labels or some;
        those that are not named keep theirs.
        """
        return None if self._rule.thresholds is None else dict(self._rule.thresholds)

    @thresholds.setter
    def thresholds(self, thresholds: Mapping[str, float] | None) -> None:
        self._rule = with_thresholds(self._rule, thresholds)

    def everything(self) -> RekognitionDeployment:
        """Give the same deployment without thresholds: all that it finds, however unsure. It need not be closed."""
        rule = self._rule._replace(thresholds=dict.fromkeys(self._rule.labels, 0.0))
        return RekognitionDeployment(self.arn, self._aws, rule, self._sender.under)

    @overload
    def predict(  # type: ignore[overload-overlap]  # bytes are one item, though one can iterate over them
        self, items: PictureItem, *, on_error: OnError = "raise"
    ) -> ImagePrediction: ...

    @overload
    def predict(self, items: Iterable[PictureItem], *, on_error: OnError = "raise") -> list[ImagePrediction]: ...

    def predict(
        self, items: PictureItem | Iterable[PictureItem], *, on_error: OnError = "raise"
    ) -> ImagePrediction | list[ImagePrediction]:
        """Tell what is to be seen; several calls are under way at once, as many as the service takes.

        Parameters
        ----------
        items
            A path, an ``s3://`` address, the bytes of a file, a binary file, an array (uint8 [height, width, 3]), an
            image of Pillow's or a row of a dataset: one prediction. A list of them or a dataset: a list of predictions,
            one an item, in order. `look` gives them one by one, for batches that are not to be held.
        on_error
            ``"raise"``: an item that cannot be read raises `ImageError`. ``"skip"``: a prediction with its `error`
            stands in its place. What AWS refuses is raised always.

        Raises
        ------
        NotDeployedError
            The deployment was closed, or the version does not run.
        ImageError
            An item cannot be read, and `on_error` is ``"raise"``.
        AwsError
            The service cannot be asked.
        """
        if on_error not in ("raise", "skip"):
            raise ValueError(f"on_error is 'raise' or 'skip', not {on_error!r}")
        self._check_open()
        single = is_single(items)
        predictions = []
        for found in self.look([items] if single else items):  # type: ignore[list-item, arg-type]
            if not isinstance(found, ImageError):
                predictions.append(found)
            elif on_error == "skip":
                predictions.append(ImagePrediction(error=str(found), source=found.source))
            else:
                raise found
        return predictions[0] if single else predictions

    def look(self, items: Iterable[PictureItem]) -> Iterator[ImagePrediction | ImageError]:
        """Give the verdict on each item, or the error, in order and as they come; the memory does not grow.

        Raises
        ------
        NotDeployedError, AwsError
            As of `predict`.
        """
        self._check_open()
        return in_order(map(held, items), self._look_at, self._aws.clock)

    def watcher(self) -> ServiceWatcher:
        """Give what asks about the pictures of videos; see `Detecting.watcher`."""
        self._check_open()
        return ServiceWatcher(self)

    def _look_at(self, item: Any) -> ImagePrediction | ImageError:
        if isinstance(item, ImageError):
            return item
        try:
            body = self._sender.body(item.content if isinstance(item, Named) else item)
        except ImageError as error:
            return ImageError(item.name, error.reason) if isinstance(item, Named) else error
        if isinstance(item, Named):
            body = body._replace(name=item.name)
        return self._asked(body)

    def _asked(self, body: Body) -> ImagePrediction | ImageError:
        if body.image is None:
            return verdict(dict.fromkeys(self._rule.labels, 0.0), (), body).model_copy(update={"reason": body.nothing})
        rule = self._rule
        try:
            with translated(f"asking {self.name} about {body.name}"):
                answer = self._client.detect_custom_labels(ProjectVersionArn=self.arn, Image=body.image, **rule.request)
        except AwsNotReadyError as error:
            raise NotDeployedError(f"{self.name} does not run: deploy() it. {error}") from error
        except AwsNotFoundError as error:
            raise NotDeployedError(f"there is no version {self.name} any more. {error}") from error
        except AwsValidationError as error:
            return ImageError(body.name, str(error))
        return prediction(answer.get("CustomLabels", ()), rule, body)

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def _check_open(self) -> None:
        if self._closed:
            raise NotDeployedError(f"the deployment of {self.name} was closed: model.deploy() gives a new one")

    def close(self) -> None:
        """Stop the version, and what it costs, where it was deployed here; one that was connected to stays."""
        if self._closed:
            return
        if self._on_close is not None:
            self._on_close()
        self._closed = True

    def __repr__(self) -> str:
        return f"<RekognitionDeployment {self.name}{' closed' if self._closed else ''}>"

    def __getstate__(self) -> dict[str, object]:
        raise TypeError(f"a deployment is not pickled: mm.connect({self.arn!r}) in the other process")


def with_thresholds(rule: Rule, thresholds: Mapping[str, float] | None) -> Rule:
    """Give the rule with other thresholds; labels that are not named keep theirs.

    Raises
    ------
    AwsValidationError
        A threshold is none, or there is no such label.
    """
    if thresholds is None:
        return rule._replace(thresholds=None)
    unknown = sorted(set(thresholds) - set(rule.labels)) if rule.labels else []
    if unknown:
        raise AwsValidationError(f"there is no label {', '.join(unknown)}; there are: {', '.join(rule.labels)}")
    for label, value in thresholds.items():
        if not 0 <= value <= 1:
            raise AwsValidationError(f"the threshold of {label} is from 0 to 1, not {value!r}")
    return rule._replace(thresholds={**(rule.thresholds or {}), **thresholds})
