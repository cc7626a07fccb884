"""Any model of pictures that watches a video: the pictures that are asked for, once, and the events they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from mediaml.backends.pictures.joining import BRIDGED, Glimpse, Joiner, Joining
from mediaml.backends.tracing import Look, Moment, Quality, Trace, Tracer
from mediaml.data import video
from mediaml.data.pictures.sharpness import sharpness
from mediaml.data.progress import bar
from mediaml.data.sampling import Sampling
from mediaml.data.video import Frame, Pixels
from mediaml.errors import ImageError
from mediaml.values.geometry import Box
from mediaml.values.media import Media
from mediaml.values.timeline import Event, Timeline

AT_ONCE = 32  # pictures
WORTH_A_BAR = 60.0  # seconds
FLICKER = 0.2  # seconds, where every picture is looked at
BETWEEN_SCENES = 5.0  # seconds: how near events are joined where pictures are taken at cuts only


class Watcher(Protocol):
    """A model of pictures, ready to look."""

    @property
    def labels(self) -> tuple[str, ...]:
        """All that it looks for; empty where it is not known."""
        ...

    @property
    def onsets(self) -> Mapping[str, float]:
        """The score from which on each label is seen."""
        ...

    @property
    def usual_onset(self) -> float:
        """The same for a label that `onsets` does not name."""
        ...

    @property
    def at_least(self) -> int | None:
        """Pixels that the shorter side of a picture must have; None: as many as there are."""
        ...

    @property
    def paid(self) -> bool:
        """Whether each picture costs."""
        ...

    @property
    def identity(self) -> str:
        """Another one as soon as it would find other things."""
        ...

    @property
    def about(self) -> Mapping[str, Any]:
        """What it is, for the record."""
        ...

    def announce(self, pictures: int | None, source: str) -> None:
        """Say what it costs to look at so many pictures (None: nobody knows), where it does."""
        ...

    def glimpses(self, pictures: Iterable[Pixels]) -> Iterator[Glimpse | ImageError]:
        """Look at pictures, in order."""
        ...


@dataclass(frozen=True)
class Options:
    """How a video is watched.

    Parameters
    ----------
    sampling
        Which pictures are looked at.
    minimum_seconds
        What is shorter is no event.
    gap_seconds
        Events of one label that are closer than this are one; None: two steps of `sampling.every`, so that a single
        picture in which a thing was missed does not cut an event in two; 5 s where pictures are taken at cuts only.
    """

    sampling: Sampling = field(default_factory=Sampling)
    minimum_seconds: float = 0.0
    gap_seconds: float | None = None

    @property
    def joining(self) -> Joining:
        """How pictures are joined."""
        every = self.sampling.every
        usual = BETWEEN_SCENES if every is None else max(BRIDGED * every, FLICKER)
        return Joining(self.minimum_seconds, usual if self.gap_seconds is None else self.gap_seconds)


class Watched(NamedTuple):
    """What a model found in a video; traces of the events and moments where they were asked for."""

    events: tuple[Event, ...]
    problems: tuple[str, ...]
    traces: tuple[Trace, ...] = ()
    moments: tuple[Moment, ...] = ()


class _Held(NamedTuple):
    """What was seen last, and since when."""

    time: float
    found: Glimpse | ImageError
    quality: Quality


class Watch:
    """One model that watches one video.

    Parameters
    ----------
    watcher
        The model.
    options
        How it watches.
    tracer
        What keeps what the video looks like; None: nothing is kept.
    """

    def __init__(self, watcher: Watcher, options: Options, tracer: Tracer | None = None) -> None:
        self._watcher, self._tracer = watcher, tracer
        self._joiner = Joiner(watcher.onsets, watcher.usual_onset, options.joining)
        self._events: list[Event] = []
        self._traces: list[Trace] = []
        self._problems: list[str] = []
        self._before: _Held | None = None

    def take(self, frames: list[Frame]) -> None:
        """Look at the next pictures; what is nearly the same as the last one is not looked at."""
        seen = iter(self._watcher.glimpses([one.pixels for one in frames if one.pixels is not None]))
        for frame in frames:
            if frame.pixels is None:
                continue  # what was seen before still holds
            found = next(seen)
            if isinstance(found, Glimpse):
                found = found._replace(boxes=tuple(_scaled(box, frame) for box in found.boxes))
            self._until(frame.time)
            self._before = _Held(frame.time, found, self._quality(frame.pixels, frame))

    def _quality(self, pixels: Pixels, frame: Frame) -> Quality:
        if self._tracer is None:
            return Quality()
        return Quality(sharpness=sharpness(pixels), side=min(frame.width, frame.height))

    def _until(self, end: float) -> None:
        """What was seen last held until now."""
        if self._before is None:
            return
        start, found, quality = self._before
        if isinstance(found, ImageError):
            self._problems.append(f"{start:.1f}-{end:.1f} s: {found.reason}")
            self._ended(self._joiner.finish())
            return
        if self._tracer is not None:
            self._tracer.push(Look(start, max(start, end), found.embedding, quality))
        self._ended(self._joiner.push(start, end, found))

    def _ended(self, events: list[Event]) -> None:
        self._events += events
        if self._tracer is not None:
            self._traces += [self._tracer.trace(one.segment.start, one.segment.end) for one in events]

    def finish(self, duration: float) -> Watched:
        """Give what was found: the video ends here."""
        self._until(max(duration, self._before.time if self._before else 0.0))
        self._before = None
        self._ended(self._joiner.finish())
        moments = () if self._tracer is None else self._tracer.finish()
        return Watched(tuple(self._events), tuple(self._problems), tuple(self._traces), moments)


def _scaled(box: Box, frame: Frame) -> Box:
    """Put a box that was found in a smaller picture into the video's."""
    if frame.pixels is None or frame.pixels.shape[1] == frame.width:
        return box
    across, down = frame.width / frame.pixels.shape[1], frame.height / frame.pixels.shape[0]
    place = {"left": box.left * across, "top": box.top * down}
    return box.model_copy(update={**place, "width": box.width * across, "height": box.height * down})


def watch(
    watcher: Watcher,
    source: str | Path,
    options: Options,
    progress: bool,
    between: Callable[[], None] = lambda: None,
) -> Timeline:
    """Find what a model knows in a video; `between` is called before each batch, and what it raises ends the work.

    Raises
    ------
    VideoError
        The file cannot be read, or has no picture.
    ValueError
        An option is out of its range.
    """
    media = video.media_of(source)
    one = Watch(watcher, options)
    rate = None if media.frame_rate is None else media.frame_rate.fps
    watcher.announce(options.sampling.at_most(media.duration, rate), str(source))
    last = 0.0
    with bar(round(media.duration), "watching", "s", progress and media.duration >= WORTH_A_BAR) as moved:
        for some in batches(video.frames(source, options.sampling, watcher.at_least)):
            between()
            one.take(some)
            moved(step=round(some[-1].time) - round(last))
            last = some[-1].time
    duration = max(media.duration, last)
    return timeline(
        str(source), media.model_copy(update={"duration": duration}), watcher, one.finish(duration), options
    )


def batches(frames: Iterator[Frame]) -> Iterator[list[Frame]]:
    """Give some pictures at a time."""
    while some := list(islice(frames, AT_ONCE)):
        yield some


def timeline(source: str, media: Media, watcher: Watcher, found: Watched, options: Options) -> Timeline:
    """Put together what a model found in a video."""
    sampling, joining = options.sampling, options.joining
    seen = {event.label for event in found.events}
    return Timeline(
        source=source,
        duration=media.duration,
        events=found.events,
        labels=(*watcher.labels, *sorted(seen.difference(watcher.labels))),
        model={
            **watcher.about,
            "every": sampling.every,
            "scenes": sampling.scenes,
            "skip_similar": sampling.skip_similar,
            "minimum_seconds": joining.minimum_seconds,
            "gap_seconds": joining.gap_seconds,
        },
        problems=found.problems,
        media=media,
    )
