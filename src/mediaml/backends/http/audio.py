"""A service of a sound model."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, overload

from mediaml.backends.http.deployment import HttpDeployment
from mediaml.backends.http.files import content_of
from mediaml.backends.http.wire import Sent
from mediaml.backends.mistaken import no_every
from mediaml.data import decode
from mediaml.errors import AudioError
from mediaml.features.hearing import as_audio_error
from mediaml.features.items import Held, Item, hold, is_single, item_name, open_sound
from mediaml.models.base import OnError
from mediaml.runtime import wav
from mediaml.values.clip import Clip
from mediaml.values.geometry import Segment
from mediaml.values.prediction import AudioPrediction
from mediaml.values.timeline import Timeline


class HttpAudioDeployment(HttpDeployment[Item, AudioPrediction]):
    """A sound model behind an address; `mediaml.connect` gives it.

    Parameters
    ----------
    wire
        The way to the service.
    facts
        What it said of itself.
    """

    prediction = AudioPrediction
    error = AudioError

    @overload
    def predict(  # type: ignore[overload-overlap]  # bytes are one item, though one can iterate over them
        self, items: Item, *, on_error: OnError = "raise"
    ) -> AudioPrediction: ...

    @overload
    def predict(self, items: Iterable[Item], *, on_error: OnError = "raise") -> list[AudioPrediction]: ...

    def predict(
        self, items: Item | Iterable[Item], *, on_error: OnError = "raise"
    ) -> AudioPrediction | list[AudioPrediction]:
        """Tell what is to be heard. May be called from several threads.

        Files are sent as they are, arrays and parts of recordings as WAV; several go in one request.

        Parameters
        ----------
        items
            A path, the bytes of a file, a binary file, ``(array, sample_rate)`` or a clip of a dataset: one
            prediction. A list of them or a dataset: a list of predictions, one an item, in order.
        on_error
            ``"raise"``: an item that cannot be read, or is larger than a request may be, raises `AudioError`.
            ``"skip"``: a prediction with its `error` stands in its place. What else the service refuses is raised
            always.

        Raises
        ------
        NotDeployedError
            The connection was closed.
        AudioError
            An item cannot be read, and `on_error` is ``"raise"``.
        ServiceBusyError
            The service has no place, even after some tries.
        ServiceError
            It refused, failed, or cannot be reached.
        """
        found: AudioPrediction | list[AudioPrediction] = self._predict(items, on_error)
        return found

    @no_every
    def detect(self, recording: str | Path, hop: float | None = None) -> Timeline:
        """Find the sounds in a recording, and where they begin and end; see `LocalAudioModel.detect`.

        Parameters
        ----------
        recording
            The file; it is sent as a whole.
        hop
            Seconds from one window to the next; None: a quarter of what the network hears at once.

        Raises
        ------
        NotDeployedError
            The connection was closed.
        AudioError
            The file cannot be read.
        PayloadTooLarge
            It is larger, or longer, than the service takes.
        ServiceError
            The service has no place, refused, failed, or cannot be reached.
        """
        return self._detect(recording, {"hop": hop})

    def _is_single(self, items: Any) -> bool:
        return is_single(items)

    def _hold(self, item: Any) -> Any:
        return hold(item)

    def _sent(self, item: Any) -> Sent:
        name = item_name(item)
        if isinstance(item, Held):
            if isinstance(item.content, AudioError):
                raise item.content
            return Sent(name, item.content)
        if isinstance(item, bytes | bytearray | memoryview):
            return Sent(name, bytes(item))
        if isinstance(item, Clip) and item.segment is None:
            item = item.path
        try:
            return Sent(name, content_of(item)) if isinstance(item, str | Path) else _decoded(item, name)
        except OSError as error:
            raise AudioError(name, error.strerror or str(error)) from error
        except Exception as error:  # whatever a foreign file or array raises: the others go on
            raise as_audio_error(error, name) from error

    def _placed(self, prediction: AudioPrediction, sent: Sent) -> AudioPrediction:
        part = prediction.segment
        if part is not None and sent.offset:
            part = Segment(start=part.start + sent.offset, end=part.end + sent.offset)
        return prediction.model_copy(update={"source": sent.name, "segment": part})


def _decoded(item: Any, name: str) -> Sent:
    """Give samples, or a part of a recording, as a WAV file of floats at the rate that they have."""
    sound = open_sound(item)
    rate = sound.source[1] if isinstance(sound.source, tuple) else decode.info(sound.source).sample_rate
    return Sent(name, wav.write(sound.read(0.0, sound.duration, rate), rate), sound.offset)
