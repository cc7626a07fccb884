"""Labelled clips heard by a batch transform."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

from mediaml.backends.fitted import Fitted
from mediaml.backends.sagemaker.answers import Heard, prediction, together
from mediaml.backends.sagemaker.batch import LARGEST, Batch, Transforming
from mediaml.backends.sagemaker.bodies import bodies
from mediaml.backends.sagemaker.serving import Served
from mediaml.backends.sagemaker.upload import Store
from mediaml.data.grouping import content_hash
from mediaml.errors import AudioError, AwsError, DataError
from mediaml.features.hearing import as_audio_error
from mediaml.features.items import open_sound
from mediaml.values.clip import Clip
from mediaml.values.geometry import Segment
from mediaml.values.prediction import AudioPrediction

AT_ONCE = 8  # uploads


class _Sent(NamedTuple):
    """A clip on S3: the bytes of each of its pieces, its length in seconds, and its part of the file."""

    sizes: tuple[int, ...]
    seconds: float
    segment: Segment


@dataclass(frozen=True)
class Spoken:
    """Sends clips to S3 as WAV at the model's rate, has them heard, and fetches the answers.

    A clip that is too long for a file of a transform is sent in pieces, as it would be to an endpoint.

    Parameters
    ----------
    store
        Where they are kept.
    fitted
        The model, for its rate.
    transforming
        What hears them.
    progress
        Show bars.
    """

    store: Store
    fitted: Fitted
    transforming: Transforming
    progress: bool

    def verdicts(
        self, clips: Sequence[Clip], served: Served, listened: Callable[[], object]
    ) -> Iterator[AudioPrediction | AudioError]:
        """Give the verdict on each clip, or the error, in order.

        Raises
        ------
        DataError
            None of them can be read.
        JobFailedError
            The transform failed.
        """
        self.transforming.refuse_above(served.instance_type)
        digest = self._digest(clips)
        root = self.store.root / f"transform/{served.job}/{digest}"
        batch = Batch(root / "in/", root / "out/", 0)
        with ThreadPoolExecutor(AT_ONCE, "mediaml-send") as pool:
            sent = list(pool.map(lambda pair: self._send(pair[0], pair[1], batch), enumerate(clips)))
        sizes = [size for one in sent if isinstance(one, _Sent) for size in one.sizes]
        if not sizes:
            raise DataError(f"none of the {len(clips)} clips can be used; the first: {sent[0]}")
        batch = batch._replace(largest=max(sizes))
        self.transforming.run(self.transforming.name(served, batch), served, batch)
        found = {place.key: one for place, one in self.transforming.heard(batch)}
        for number, (clip, one) in enumerate(zip(clips, sent, strict=True)):
            listened()
            if isinstance(one, AudioError):
                yield one
            else:
                keys = [(batch.source / _name(number, piece)).key for piece in range(len(one.sizes))]
                yield _verdict(clip, one, [found.get(key) for key in keys])

    def _send(self, number: int, clip: Clip, batch: Batch) -> _Sent | AudioError:
        sizes: list[int] = []
        try:
            sound = open_sound(clip)
            for body in bodies(sound, self.fitted.spec, LARGEST):
                self.store.storage.put(body, batch.source / _name(number, len(sizes)))
                sizes.append(len(body))
        except AwsError:
            raise
        except Exception as error:  # whatever a foreign file raises: the others go on
            return as_audio_error(error, str(clip.path))
        segment = Segment(start=sound.offset, end=sound.offset + sound.duration)
        return _Sent(tuple(sizes), sound.duration, segment)

    def _digest(self, clips: Sequence[Clip]) -> str:
        told = repr([(content_hash(clip.path), str(clip.segment)) for clip in clips])
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def _verdict(clip: Clip, sent: _Sent, pieces: Sequence[Heard | None]) -> AudioPrediction | AudioError:
    heard = [one for one in pieces if one is not None]
    if len(heard) < len(pieces):
        return AudioError(str(clip.path), "the batch transform gave no answer for it")
    return prediction(together(heard, sent.seconds), sent.segment, str(clip.path))


def _name(number: int, piece: int) -> str:
    return f"{number:08d}.wav" if piece == 0 else f"{number:08d}-{piece}.wav"
