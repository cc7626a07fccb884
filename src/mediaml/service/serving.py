"""A model at work in a service: what it answers, several requests at once."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

import mediaml
from mediaml.backends import detection
from mediaml.backends.local_audio import LocalAudioModel
from mediaml.backends.local_deployment import LocalDeployment
from mediaml.backends.local_image import LocalImageDeployment, LocalImageModel
from mediaml.backends.pictures import watching
from mediaml.data import decode, video
from mediaml.data.sampling import Sampling
from mediaml.errors import AudioError, DataError, MediamlError, PayloadTooLarge, SavedModelError
from mediaml.models.base import AnyModel
from mediaml.service.invocations import PictureInvocations, SoundInvocations
from mediaml.service.queue import Handler
from mediaml.service.schemas import Limits, MediaKind, ModelFacts
from mediaml.service.settings import ServiceSettings
from mediaml.service.uploads import Recording, Upload
from mediaml.values.prediction import AudioPrediction, ImagePrediction, Prediction
from mediaml.values.timeline import Timeline

VERSION_DIGITS = 16


class Served(ABC):
    """A deployment with all that a service asks of it. Payloads come in batches.

    Attributes
    ----------
    kind
        Of what it takes.
    prediction
        What it answers.
    invoke
        Answers SageMaker's contract.
    facts
        What it is.
    """

    kind: ClassVar[MediaKind]
    prediction: ClassVar[type[Prediction]]
    invoke: Handler
    facts: ModelFacts

    @abstractmethod
    def predict(self, payloads: Sequence[Sequence[Upload]]) -> list[list[Prediction]]:
        """Tell what is to be heard or seen in the files of each request."""

    @abstractmethod
    def detect(self, payloads: Sequence[Recording]) -> list[Timeline | Exception]:
        """Tell what is to be heard or seen where."""

    @abstractmethod
    def warm(self) -> None:
        """Predict once: the first time takes longer."""

    @abstractmethod
    def close(self) -> None:
        """End the deployment."""


class ServedSounds(Served):
    """A model of sounds at work."""

    kind = "sound"
    prediction = AudioPrediction

    def __init__(self, model: LocalAudioModel, version: str | None, settings: ServiceSettings) -> None:
        self._deployment: LocalDeployment = model.deploy()
        fitted = self._deployment.hearer()
        self._longest, self._most_windows = settings.max_seconds, settings.max_windows
        self._rate = fitted.spec.sample_rate
        known = version or fitted.identity[:VERSION_DIGITS]
        self.facts = _facts(model, self.kind, known, settings)
        self.invoke = SoundInvocations(fitted, known, model.batch_size, settings)

    def predict(self, payloads: Sequence[Sequence[Upload]]) -> list[list[Prediction]]:
        """Hear all files together; one that is too long is one that cannot be heard."""
        uploads = [one for payload in payloads for one in payload]
        refused = [self._too_long(one) for one in uploads]
        taken = [one for one, error in zip(uploads, refused, strict=True) if error is None]
        found = iter(self._deployment.predict(taken, on_error="skip"))
        answers = iter([next(found) if error is None else _unread(error) for error in refused])
        return [[_named(next(answers), one) for one in payload] for payload in payloads]

    def _too_long(self, upload: Upload) -> AudioError | None:
        try:
            seconds = decode.info(upload).duration
        except MediamlError:  # the prediction says so, too
            return None
        if seconds <= self._longest:
            return None
        return AudioError(upload.name, f"{seconds:g} s are more than the {self._longest:g} s that this service takes")

    def detect(self, payloads: Sequence[Recording]) -> list[Timeline | Exception]:
        """Find the sounds in recordings."""
        return [_gone_through(one, self._hear) for one in payloads]

    def _hear(self, recording: Recording) -> Timeline:
        seconds = decode.info(recording.path).duration
        _check_length(seconds, self._longest)
        if recording.step is not None and seconds > recording.step * self._most_windows:
            raise PayloadTooLarge(
                f"hop={recording.step:g} makes more windows of {seconds:g} s than the {self._most_windows} that this "
                f"service hears: {seconds / self._most_windows:.2g} s or more would do"
            )
        fitted, options = self._deployment.hearer(), detection.Options(recording.step)
        return detection.detect(
            fitted, recording.path, options, self._deployment.batch_size, progress=False, between=recording.look
        )

    def warm(self) -> None:
        """Hear a moment of silence."""
        self._deployment.predict((np.zeros(self._rate, np.float32), self._rate))

    def close(self) -> None:
        """End the deployment."""
        self._deployment.close()


class ServedPictures(Served):
    """A model of pictures at work."""

    kind = "picture"
    prediction = ImagePrediction

    def __init__(self, model: LocalImageModel, version: str | None, settings: ServiceSettings) -> None:
        self._deployment: LocalImageDeployment = model.deploy()
        self._longest = settings.max_seconds
        self.facts = _facts(model, self.kind, version or self._deployment.watcher().identity[:VERSION_DIGITS], settings)
        self.invoke = PictureInvocations(self._deployment)

    def predict(self, payloads: Sequence[Sequence[Upload]]) -> list[list[Prediction]]:
        """Look at all files together."""
        uploads = [one for payload in payloads for one in payload]
        found = iter(self._deployment.predict(uploads, on_error="skip"))
        return [[next(found) for _ in payload] for payload in payloads]

    def detect(self, payloads: Sequence[Recording]) -> list[Timeline | Exception]:
        """Find things in videos."""
        return [_gone_through(one, self._watch) for one in payloads]

    def _watch(self, recording: Recording) -> Timeline:
        _check_length(video.media_of(recording.path).duration, self._longest)
        every = 1.0 if recording.step is None else recording.step
        options = watching.Options(Sampling(every))
        watcher = self._deployment.watcher()
        return watching.watch(watcher, recording.path, options, progress=False, between=recording.look)

    def warm(self) -> None:
        """Look at a picture of one colour."""
        self._deployment.predict(np.zeros((64, 64, 3), np.uint8))

    def close(self) -> None:
        """End the deployment."""
        self._deployment.close()


def served(model: AnyModel, version: str | None, settings: ServiceSettings) -> Served:
    """Put a model to work.

    Parameters
    ----------
    model
        Fitted, on this machine.
    version
        A name for exactly this one; None: one is made of its weights.
    settings
        Its bounds.

    Raises
    ------
    NotFittedError
        It has learned nothing yet.
    SavedModelError
        It works elsewhere.
    """
    if isinstance(model, LocalAudioModel):
        return ServedSounds(model, version, settings)
    if isinstance(model, LocalImageModel):
        return ServedPictures(model, version, settings)
    raise SavedModelError(
        f"{type(model).__name__} does not work on this machine: a service serves LocalAudioModel and LocalImageModel "
        "(SageMakerAudioModel: to_local() gives one)"
    )


def _facts(model: Any, kind: MediaKind, version: str, settings: ServiceSettings) -> ModelFacts:
    chosen = {str(label): float(value) for label, value in model.thresholds["threshold"].items()}
    return ModelFacts(
        kind=kind,
        network=model.network,
        labels=model.labels,
        thresholds={label: value if math.isfinite(value) else None for label, value in chosen.items()},
        version=version,
        mediaml=mediaml.__version__,
        limits=Limits(
            max_body=settings.max_body,
            max_items=settings.max_items,
            max_seconds=settings.max_seconds,
            timeout=settings.timeout,
        ),
    )


def _unread(error: AudioError) -> AudioPrediction:
    return AudioPrediction(error=str(error), source=error.source)


def _named(prediction: AudioPrediction, upload: Upload) -> AudioPrediction:
    """Give an error its file's name: a decoder calls whatever lies in memory ``bytes``."""
    if prediction.error is None or prediction.source == upload.name:
        return prediction
    reason = prediction.error.removeprefix(f"{prediction.source}: ")
    return AudioPrediction(error=f"{upload.name}: {reason}", source=upload.name)


def _check_length(seconds: float, longest: float) -> None:
    if seconds > longest:
        raise PayloadTooLarge(f"{seconds:g} s are more than the {longest:g} s that this service takes")


def _gone_through(recording: Recording, find: Any) -> Timeline | Exception:
    """Give the timeline of a recording under the name that its sender knows."""
    try:
        found: Timeline = find(recording)
        return found.model_copy(update={"source": recording.name})
    except MediamlError as error:
        return _renamed(error, recording)
    except ValueError as error:  # a step that the model cannot take
        return DataError(str(error))


def _renamed(error: MediamlError, recording: Recording) -> MediamlError:
    """Give an error without the path of our copy."""
    if isinstance(error, PayloadTooLarge):
        return error
    return type(error)(recording.name, error.reason) if hasattr(error, "reason") else error
