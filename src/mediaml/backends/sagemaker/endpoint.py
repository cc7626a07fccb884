"""An endpoint at work: sounds in, predictions out. Only the right to invoke it is needed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import overload

import numpy as np

from mediaml.aws.session import Aws
from mediaml.backends.sagemaker.answers import Heard, parsed, prediction, together
from mediaml.backends.sagemaker.bodies import IMPRESSION, LIMITS, WAV, bodies
from mediaml.backends.sagemaker.invoking import Invoker, RefusedError
from mediaml.errors import AudioError, NotDeployedError
from mediaml.features.hearing import as_audio_error, ordered
from mediaml.features.items import Held, Item, hold, is_single, item_name, open_sound
from mediaml.models.base import Deployment, OnError
from mediaml.runtime import wav
from mediaml.values.geometry import Segment
from mediaml.values.prediction import AudioPrediction

AT_ONCE = 4  # requests
AHEAD = 2 * AT_ONCE
PROBE_RATE = 16000
REFUSED_SOUND = (400, 413, 415)


class SageMakerEndpoint(Deployment[Item, AudioPrediction]):
    """An endpoint of a sound model; `deploy` and `connect` give it.

    Parameters
    ----------
    name
        Of the endpoint.
    aws
        The account.
    invoker
        How it is asked.
    kind
        ``"serverless"``, ``"realtime"`` or ``"async"``: how much it takes at once.
    on_close
        Ends what the endpoint costs; None: it belongs to someone else, and stays.
    """

    def __init__(
        self,
        name: str,
        aws: Aws,
        invoker: Invoker,
        kind: str = "serverless",
        on_close: Callable[[], None] | None = None,
    ) -> None:
        self.name = name
        self.kind = kind
        self._aws = aws
        self._invoker = invoker
        self._on_close = on_close
        self._closed = False
        self._known: Heard | None = None
        self._lock = threading.Lock()

    # -- what the model is, as the endpoint says ----------------------------------------------------------------------

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the model tells apart."""
        return self._about().labels

    @property
    def version(self) -> str:
        """A name for exactly the model that answers."""
        return self._about().version

    def _about(self) -> Heard:
        """Learn the model's rate, labels and rule from its answer to a moment of silence."""
        self._check_open()
        with self._lock:
            if self._known is None:
                silence = wav.write(np.zeros(PROBE_RATE // 10, np.float32), PROBE_RATE)
                self._known = parsed(self._invoker.ask(silence, WAV, IMPRESSION), self.name)
            return self._known

    # -- predicting ---------------------------------------------------------------------------------------------------

    @overload
    def predict(  # type: ignore[overload-overlap]  # bytes are one item, though one can iterate over them
        self, items: Item, *, on_error: OnError = "raise"
    ) -> AudioPrediction: ...

    @overload
    def predict(self, items: Iterable[Item], *, on_error: OnError = "raise") -> list[AudioPrediction]: ...

    def predict(
        self, items: Item | Iterable[Item], *, on_error: OnError = "raise"
    ) -> AudioPrediction | list[AudioPrediction]:
        """Tell what is to be heard; four requests are under way at once.

        A sound is decoded here and sent at the model's rate; one that is too large for a request is sent in pieces.

        Parameters
        ----------
        items
            A path, the bytes of a file, a binary file, ``(array, sample_rate)`` or a clip of a dataset: one
            prediction. A list of them or a dataset: a list of predictions, one an item, in order.
        on_error
            ``"raise"``: an item that cannot be read raises `AudioError`. ``"skip"``: a prediction with its `error`
            stands in its place. What AWS refuses is raised always.

        Raises
        ------
        NotDeployedError
            The endpoint was closed, or there is none of this name.
        AudioError
            An item cannot be read, and `on_error` is ``"raise"``.
        AwsError
            The endpoint cannot be asked.
        """
        if on_error not in ("raise", "skip"):
            raise ValueError(f"on_error is 'raise' or 'skip', not {on_error!r}")
        self._check_open()
        single = is_single(items)
        predictions = []
        for found in self.listen([items] if single else items):  # type: ignore[list-item, arg-type]
            if not isinstance(found, AudioError):
                predictions.append(found)
            elif on_error == "skip":
                predictions.append(AudioPrediction(error=str(found), source=found.source))
            else:
                raise found
        return predictions[0] if single else predictions

    def listen(self, items: Iterable[Item]) -> Iterator[AudioPrediction | AudioError]:
        """Give the verdict on each item, or the error, in order."""
        with ThreadPoolExecutor(AT_ONCE, "mediaml-invoke") as pool:
            yield from ordered(pool, self._hear, map(hold, items), AHEAD)

    def _hear(self, item: Item | Held) -> AudioPrediction | AudioError:
        name = item_name(item)
        try:
            sound = open_sound(item)
        except Exception as error:  # whatever a foreign file or array raises: the others go on
            return as_audio_error(error, name)
        about = self._about()
        try:
            answers = [
                parsed(self._invoker.ask(body, WAV, IMPRESSION), self.name)
                for body in bodies(sound, about.spec, LIMITS[self.kind])
            ]
        except AudioError as error:
            return error
        except RefusedError as refused:
            if refused.status in REFUSED_SOUND:
                return AudioError(name, str(refused))
            raise
        segment = Segment(start=sound.offset, end=sound.offset + sound.duration)
        return prediction(together(answers, sound.duration), segment, sound.name)

    # -- ending -------------------------------------------------------------------------------------------------------

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closed

    def _check_open(self) -> None:
        if self._closed:
            raise NotDeployedError(f"the endpoint {self.name} was closed: model.deploy() gives a new one")

    def close(self) -> None:
        """End the endpoint, and what it costs, where it was deployed here; one that was connected to stays."""
        if self._closed:
            return
        if self._on_close is not None:
            self._on_close()
        self._closed = True

    def __repr__(self) -> str:
        return f"<SageMakerEndpoint {self.name} {self.kind}{' closed' if self._closed else ''}>"

    def __getstate__(self) -> dict[str, object]:
        raise TypeError(f"an endpoint is not pickled: mm.connect({self.name!r}) in the other process")
