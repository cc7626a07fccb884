"""A service at work, as a deployment: files go there, predictions come back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ClassVar, Generic, cast

from pydantic import ValidationError

from mediaml.backends.http.wire import RefusedError, Sent, Wire
from mediaml.errors import DataError, NotDeployedError, PayloadTooLarge, ServiceError
from mediaml.features.hearing import ordered
from mediaml.models.base import Deployment, ItemT, OnError, PredictionT
from mediaml.values.timeline import Timeline

AT_ONCE = 2  # requests
AHEAD = 2
TOGETHER = 16  # files of a request
FORM_BYTES = 512  # of a form, around each file
NAME = "file"  # of every file that is sent: what it is called here is nobody else's business
UNREADABLE = 400


class HttpDeployment(Deployment[ItemT, PredictionT], Generic[ItemT, PredictionT]):
    """What the deployments of all kinds of services have in common; `mediaml.connect` gives them.

    Parameters
    ----------
    wire
        The way to the service.
    facts
        What it said of itself.
    """

    prediction: ClassVar[type[Any]]
    error: ClassVar[type[DataError]]

    def __init__(self, wire: Wire, facts: dict[str, Any]) -> None:
        self._wire = wire
        self._closed = False
        try:
            self._labels = tuple(str(label) for label in facts["labels"])
            self.version = str(facts["version"])
            self._most_bytes = int(facts["limits"]["max_body"])
            self._most_items = min(TOGETHER, int(facts["limits"]["max_items"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ServiceError(f"{wire.name} is no service of mediaml's ({error!r} in /v1/model)") from error

    # -- what each kind adds ------------------------------------------------------------------------------------------

    @abstractmethod
    def _is_single(self, items: Any) -> bool:
        """Tell one item from a list of them."""

    @abstractmethod
    def _sent(self, item: Any) -> Sent:
        """Read an item; raises the kind's error where it cannot be read."""

    @abstractmethod
    def _hold(self, item: Any) -> Any:
        """Read an open file, which may be closed right afterwards."""

    def _placed(self, prediction: Any, sent: Sent) -> Any:
        """Give a prediction its item's name."""
        return prediction.model_copy(update={"source": sent.name})

    # -- predicting ---------------------------------------------------------------------------------------------------

    def _predict(self, items: Any, on_error: OnError) -> Any:
        if on_error not in ("raise", "skip"):
            raise ValueError(f"on_error is 'raise' or 'skip', not {on_error!r}")
        self._check_open()
        single = self._is_single(items)
        predictions = []
        for found in self._answers([items] if single else items):
            if not isinstance(found, DataError):
                predictions.append(found)
            elif on_error == "skip":
                named: Any = found
                predictions.append(self.prediction(error=str(found), source=named.source))
            else:
                raise found
        return predictions[0] if single else predictions

    def _answers(self, items: Iterable[Any]) -> Iterator[Any]:
        with ThreadPoolExecutor(AT_ONCE, "mediaml-http") as pool:
            for answers in ordered(pool, self._ask, self._groups(items), AHEAD):
                yield from answers

    def _groups(self, items: Iterable[Any]) -> Iterator[list[Sent | DataError]]:
        """Put neighbours into one request, as many as a request holds."""
        group: list[Sent | DataError] = []
        size = 0
        for item in items:
            one = self._read(self._hold(item))
            more = FORM_BYTES + (len(one.content) if isinstance(one, Sent) else 0)
            if group and (len(group) == self._most_items or size + more + FORM_BYTES > self._most_bytes):
                yield group
                group, size = [], 0
            group.append(one)
            size += more
        if group:
            yield group

    def _read(self, item: Any) -> Sent | DataError:
        try:
            sent = self._sent(item)
        except self.error as error:
            return error
        excess = self._excess(sent)
        return self._unread(sent.name, excess) if excess else sent

    def _excess(self, sent: Sent) -> str:
        """Tell how a file is larger than a request may be, as the service said in the beginning."""
        if len(sent.content) + 2 * FORM_BYTES <= self._most_bytes:
            return ""
        return f"{len(sent.content)} bytes; the service takes {self._most_bytes} a request"

    def _ask(self, group: list[Sent | DataError]) -> list[Any]:
        sent = [one for one in group if isinstance(one, Sent)]
        told = self._wire.post("/v1/predict", "files", sent) if sent else {"predictions": []}
        try:
            found = iter([self._prediction(one, to) for one, to in zip(told["predictions"], sent, strict=True)])
        except (KeyError, ValueError, TypeError) as error:  # pydantic's ValidationError is a ValueError
            raise ServiceError(f"{self._wire.name}: these are no predictions ({error})") from error
        return [next(found) if isinstance(one, Sent) else one for one in group]

    def _prediction(self, told: Any, sent: Sent) -> Any:
        found = self.prediction.model_validate(told)
        if found.error is not None:
            return self._unread(sent.name, found.error.removeprefix(f"{NAME}: "))
        return self._placed(found, sent)

    def _unread(self, name: str, reason: str) -> DataError:
        make = cast(Any, self.error)
        return cast(DataError, make(name, reason))

    def _detect(self, recording: str | Path, query: dict[str, object]) -> Timeline:
        self._check_open()
        sent = self._sent(recording)
        if excess := self._excess(sent):
            raise PayloadTooLarge(f"{sent.name}: {excess}: scan it on the machine where it lies")
        try:
            told = self._wire.post("/v1/detect", "file", [sent], query)
        except RefusedError as refused:
            if refused.status == UNREADABLE:
                raise self._unread(sent.name, refused.detail.removeprefix(f"{NAME}: ")) from refused
            raise
        try:
            return Timeline.model_validate(told).model_copy(update={"source": sent.name})
        except ValidationError as error:
            raise ServiceError(f"{self._wire.name}: this is no timeline ({error})") from error

    # -- ending -------------------------------------------------------------------------------------------------------

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the model tells apart."""
        return self._labels

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def _check_open(self) -> None:
        if self._closed:
            raise NotDeployedError(f"the connection to {self._wire.name} was closed: mm.connect(url) gives a new one")

    def close(self) -> None:
        """Close the connections; the service goes on."""
        if not self._closed:
            self._wire.close()
        self._closed = True

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._wire.name}{' closed' if self._closed else ''}>"

    def __getstate__(self) -> dict[str, object]:
        raise TypeError("a connection is not pickled: mm.connect(url) in the other process")
