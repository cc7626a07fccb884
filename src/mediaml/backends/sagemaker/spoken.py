"""Labelled clips heard by a batch transform."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

from mediaml.backends.fitted import Fitted
from mediaml.backends.sagemaker.batch import Batch, Transforming
from mediaml.backends.sagemaker.serving import Served
from mediaml.backends.sagemaker.upload import Store
from mediaml.data.grouping import content_hash
from mediaml.errors import AudioError, DataError
from mediaml.features.hearing import as_audio_error
from mediaml.features.items import open_sound
from mediaml.runtime import wav
from mediaml.values.clip import Clip
from mediaml.values.geometry import Segment
from mediaml.values.prediction import AudioPrediction

AT_ONCE = 8  # uploads


class _Sent(NamedTuple):
    """A clip on S3: its bytes and its part of the file; or why it could not be read."""

    size: int
    segment: Segment | None
    error: AudioError | None


@dataclass(frozen=True)
class Spoken:
    """Sends clips to S3 as WAV at the model's rate, has them heard, and fetches the answers.

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
        whole = [one for one in sent if one.error is None]
        if not whole:
            raise DataError(f"none of the {len(clips)} clips can be used; the first: {sent[0].error}")
        batch = batch._replace(largest=max(one.size for one in whole))
        self.transforming.run(self.transforming.name(served, batch), served, batch)
        found = {place.key: one for place, one in self.transforming.answers(batch)}
        for number, (clip, one) in enumerate(zip(clips, sent, strict=True)):
            listened()
            answer = found.get((batch.source / _name(number)).key)
            if one.error is not None:
                yield one.error
            elif answer is None:
                yield AudioError(str(clip.path), "the batch transform gave no answer for it")
            else:
                yield answer.model_copy(update={"source": str(clip.path), "segment": one.segment})

    def _send(self, number: int, clip: Clip, batch: Batch) -> _Sent:
        rate = self.fitted.spec.sample_rate
        try:
            sound = open_sound(clip)
            content = wav.write(sound.read(0.0, sound.duration, rate), rate)
        except Exception as error:  # whatever a foreign file raises: the others go on
            return _Sent(0, None, as_audio_error(error, str(clip.path)))
        self.store.storage.put(content, batch.source / _name(number))
        return _Sent(len(content), Segment(start=sound.offset, end=sound.offset + sound.duration), None)

    def _digest(self, clips: Sequence[Clip]) -> str:
        told = repr([(content_hash(clip.path), str(clip.segment)) for clip in clips])
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def _name(number: int) -> str:
    return f"{number:08d}.wav"
