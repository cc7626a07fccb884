"""What is heard or seen where in a recording or a video."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from mediaml import _forward
from mediaml.errors import LabelError
from mediaml.values.geometry import Box, Segment
from mediaml.values.media import Media
from mediaml.values.prediction import percentage

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SHOWN = 20  # events in the text


class Sighting(BaseModel):
    """A box in one picture of a video.

    Parameters
    ----------
    time
        Of the picture, in seconds from the first one.
    box
        In pixels of the picture as a person sees it, with its confidence.
    """

    model_config = ConfigDict(frozen=True)

    time: float = Field(ge=0, allow_inf_nan=False)
    box: Box


class Track(BaseModel):
    """One thing, followed through a video from picture to picture.

    Parameters
    ----------
    sightings
        By time, at least one.
    """

    model_config = ConfigDict(frozen=True)

    sightings: tuple[Sighting, ...] = Field(min_length=1)

    @property
    def segment(self) -> Segment:
        """From the first picture in which it was seen to the last one."""
        return Segment(start=self.sightings[0].time, end=self.sightings[-1].time)

    @property
    def surest(self) -> Sighting:
        """The sighting with the highest confidence; of equals the first."""
        return max(self.sightings, key=lambda one: one.box.confidence or 0.0)


class Event(BaseModel):
    """A stretch of a recording or a video in which a label is heard or seen.

    Parameters
    ----------
    label
        One of the model's labels.
    segment
        Where it is heard or seen.
    confidence
        The mean calibrated probability of its label over the windows or pictures of it in which the label reached its
        onset threshold, 0 to 1.
    model
        The name of the model that found it; empty where there is but one.
    tracks
        Of a model that finds boxes: each thing, followed through the event. A picture in which two things were seen
        belongs to two tracks.
    """

    model_config = ConfigDict(frozen=True)

    label: str
    segment: Segment
    confidence: float = Field(ge=0, le=1)
    model: str = ""
    tracks: tuple[Track, ...] = Field(default=(), repr=False)

    def __str__(self) -> str:
        return f"{clock(self.segment.start)}-{clock(self.segment.end)} {self.label} {percentage(self.confidence)}"


class Timeline(BaseModel):
    """The events of one recording or video. In a notebook it shows itself; ``timeline.save("day.csv")`` writes it.

    Parameters
    ----------
    source
        The file's path or address.
    duration
        Seconds of the file.
    events
        Sorted by start, end and label, in whatever order they are given.
    labels
        All that the model listens or looks for, found or not.
    model
        How the events were found, for the record.
    problems
        Stretches that could not be read, with the reason.
    media
        The file's streams, which editors' formats need; None: they are read when they are needed.
    """

    model_config = ConfigDict(frozen=True, ser_json_inf_nan="constants")

    source: str
    duration: float = Field(ge=0, allow_inf_nan=False)
    events: tuple[Event, ...] = Field(default=(), repr=False)
    labels: tuple[str, ...]
    model: Mapping[str, Any] = Field(default_factory=dict, repr=False)
    problems: tuple[str, ...] = ()
    media: Media | None = None

    @field_validator("events")
    @classmethod
    def _in_order(cls, events: tuple[Event, ...]) -> tuple[Event, ...]:
        return tuple(sorted(events, key=lambda event: (event.segment.start, event.segment.end, event.label)))

    @model_validator(mode="after")
    def _known_labels(self) -> Self:
        if unknown := sorted({event.label for event in self.events} - set(self.labels)):
            raise ValueError(f"events of labels that the model does not have: {', '.join(unknown)}")
        return self

    @property
    def frame(self) -> pd.DataFrame:
        """A row an event: start and end (seconds), label, confidence (0 to 1); of several models, its model's name."""
        import pandas as pd

        rows = [(event.segment.start, event.segment.end, event.label, event.confidence) for event in self.events]
        frame = pd.DataFrame(rows, columns=["start", "end", "label", "confidence"])
        frame = frame.astype({"start": float, "end": float, "label": object, "confidence": float})
        return frame.assign(model=[event.model for event in self.events]) if self.of_several_models else frame

    def where(
        self, label: str | Sequence[str] | None = None, confidence: float = 0.0, seconds: float = 0.0
    ) -> Timeline:
        """Choose events; all else stays as it is.

        Parameters
        ----------
        label
            One label, or several. None: all.
        confidence
            The lowest, 0 to 1.
        seconds
            The shortest.

        Raises
        ------
        LabelError
            The model has no such label.
        """
        wanted = self.labels if label is None else (label,) if isinstance(label, str) else tuple(label)
        self._check(wanted)
        kept = tuple(
            event
            for event in self.events
            if event.label in wanted and event.confidence >= confidence and event.segment.duration >= seconds
        )
        return self.model_copy(update={"events": kept})

    def seconds(self, label: str) -> float:
        """Sum up how long a label is heard; where events overlap, once.

        Raises
        ------
        LabelError
            The model has no such label.
        """
        self._check((label,))
        total = reached = 0.0
        for event in self.events:
            if event.label == label and event.segment.end > reached:
                total += event.segment.end - max(reached, event.segment.start)
                reached = event.segment.end
        return total

    def _check(self, wanted: Sequence[str]) -> None:
        if unknown := [label for label in wanted if label not in self.labels]:
            raise LabelError(
                f"{self.source}: nothing listens for {', '.join(map(repr, unknown))}; "
                f"there are: {', '.join(self.labels) or 'no labels'}"
            )

    def save(self, path: str | Path) -> Path:
        """Write the events, and give the file's path; its ending chooses the kind.

        Parameters
        ----------
        path
            For editors: ``.otio``, ``.edl``, ``.fcpxml`` and ``.xml`` (Final Cut Pro 7, which Premiere and Resolve
            read), with a marker an event (extra ``editors``); ``.vtt`` and ``.srt``. For programs: ``.csv``,
            ``.parquet``, and ``.json``, all of it: ``mm.Timeline.model_validate(json.loads(path.read_bytes()))`` is
            equal. For people: ``.html``. For sound tools: ``.txt`` (an Audacity label track) and ``.selections.txt``
            (a Raven selection table).

        Raises
        ------
        ValueError
            The path ends otherwise.
        ExportError
            What was found cannot be written in this format.
        MissingExtraError
            The extra ``editors`` is not installed.
        """
        written: Path = _forward.call("mediaml.export.save", "save_timeline", self, path)
        return written

    def plot(self) -> Figure:
        """Draw what was found when, a sound's spectrogram above it; in a notebook the figure shows itself.

        The labels that were found have a row each, the twelve longest at most; the fainter a bar, the less sure. Where
        the file cannot be read any more, or has no sound, the events stand alone. The figure is matplotlib's:
        ``timeline.plot().savefig("day.png")``.
        """
        figure: Figure = _forward.call("mediaml.timeline_plot", "timeline_figure", self)
        return figure

    def _repr_html_(self) -> str:
        html: str = _forward.call("mediaml.reports.timelines", "timeline_fragment", self)
        return html

    def __len__(self) -> int:
        return len(self.events)

    def __bool__(self) -> bool:
        return True  # a recording in which nothing is heard has a timeline, too

    def __iter__(self) -> Iterator[Event]:  # type: ignore[override]
        return iter(self.events)

    def __str__(self) -> str:
        lines = [f"{self.source}: {_counted(len(self), 'event')} in {clock(self.duration, 0)}"]
        width = max((len(event.label) for event in self.events[:SHOWN]), default=0)
        several = self.of_several_models
        lines += [
            f"  {clock(event.segment.start):>10}  {clock(event.segment.end):>10}  {event.label:<{width}}  "
            f"{percentage(event.confidence)}" + f"  by {event.model}" * several
            for event in self.events[:SHOWN]
        ]
        if len(self) > SHOWN:
            lines.append(f"  and {len(self) - SHOWN} more: .frame has them all")
        lines += [f"{label}: {_counted(count, 'event')}, {clock(self.seconds(label))}" for label, count in self.counts]
        lines += [f"! not read: {problem}" for problem in self.problems]
        return "\n".join(lines)

    @property
    def of_several_models(self) -> bool:
        """Whether more than one model found the events: then each is shown with the name of its own."""
        return len({event.model for event in self.events}) > 1

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """The labels that are heard, in the model's order, and how many events each has."""
        numbers = Counter(event.label for event in self.events)
        return tuple((label, numbers[label]) for label in dict.fromkeys(self.labels) if numbers[label])


def clock(seconds: float, digits: int = 1) -> str:
    """Write a time as a person would read it: ``1:02:03.4``."""
    parts = round(seconds * 10**digits)
    whole, rest = divmod(parts, 10**digits)
    text = f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return f"{text}.{rest:0{digits}d}" if digits else text


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
