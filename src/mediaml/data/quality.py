"""What would spoil a training on a dataset of sounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from math import isnan
from typing import TYPE_CHECKING, Any

from mediaml.data.checks import duplicates, labels, lengths, parts, recordings
from mediaml.data.checks.check import Check, common_folder
from mediaml.data.checks.finding import Finding, counted, in_order
from mediaml.data.checks.sounds import Sound, hear_all, rows_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, repr=False)
class AudioCheck(Check):
    """What was found in a dataset. It prints itself, shows itself in a notebook, and ``save("check.html")`` writes it.

    Parameters
    ----------
    found
        Everything that was found, the worst first.
    summary
        Figures: ``clips``, ``recordings``, ``hours`` (of all clips), ``labels``, ``unlabelled`` (clips), and
        ``sample_rates`` (Hz) and ``formats`` with the number of recordings of each.
    per_label
        Label, recordings, clips and minutes of each label.
    folder
        The folder that all recordings lie in.
    """

    per_label: tuple[tuple[str, int, int, float], ...]

    @property
    def counts(self) -> pd.DataFrame:
        """Recordings, clips and minutes by label."""
        import pandas as pd

        table = pd.DataFrame(list(self.per_label), columns=["label", "recordings", "clips", "minutes"])
        return table.set_index("label")

    def __repr__(self) -> str:
        return f"<AudioCheck of {counted(self.summary['clips'], 'clip')}: {self.verdict}>"

    def figures(self) -> str:
        """Give the figures as a line."""
        figures = self.summary
        rates = ", ".join(f"{rate:,} Hz" for rate in figures["sample_rates"])
        return (
            f"{counted(figures['clips'], 'clip')} ({figures['hours'] * 60:,.1f} min) of "
            f"{counted(figures['recordings'], 'recording')}, {counted(figures['labels'], 'label')}"
            + (f", {figures['unlabelled']:,} unlabelled" if figures["unlabelled"] else "")
            + (f"; {rates}" if rates else "")
        )


def check_sounds(frame: pd.DataFrame, against: Sequence[pd.DataFrame] = ()) -> AudioCheck:
    """Listen to every recording of a dataset once, and tell what would spoil a training.

    Parameters
    ----------
    frame
        The rows of a dataset: path, start, end, label, group.
    against
        The rows of other parts of the same data.

    Returns
    -------
    What was found. Nothing is raised for bad data, and nothing is changed.
    """
    sounds, *others = hear_all([frame, *against])
    divided = parts.Parts(frame)
    found = chain(
        [] if sounds else [Finding("no_clips", "0 clips")],
        recordings.damaged(sounds),
        duplicates.repeated_rows(sounds),
        duplicates.same_sound(sounds, divided),
        duplicates.same_sound_elsewhere(sounds, others),
        parts.cut_by_columns(sounds, divided),
        parts.shared_with(sounds, others),
        recordings.silent(sounds),
        recordings.clipped(sounds),
        lengths.odd_lengths(sounds),
        lengths.tiny_clips(sounds),
        lengths.advised_lengths(sounds),
        labels.mixed_sample_rates(sounds),
        labels.few(sounds),
        labels.unlabelled(sounds),
    )
    folder = common_folder([sound.path for sound in sounds])
    return AudioCheck(in_order(list(found)), _summary(sounds), _per_label(sounds), folder)


def _summary(sounds: Sequence[Sound]) -> dict[str, Any]:
    rows = rows_of(sounds)
    known = [sound.measured.info for sound in sounds if sound.measured.info is not None]
    return {
        "clips": len(rows),
        "recordings": len(sounds),
        "hours": sum(row.seconds for row in rows if not isnan(row.seconds)) / 3600,
        "labels": len({label for row in rows for label in row.labels}),
        "unlabelled": sum(not row.labels for row in rows),
        "sample_rates": dict(Counter(info.sample_rate for info in known).most_common()),
        "formats": dict(Counter(info.format for info in known).most_common()),
    }


def _per_label(sounds: Sequence[Sound]) -> tuple[tuple[str, int, int, float], ...]:
    recordings_ = Counter(label for sound in sounds for label in sound.labels)
    clips: Counter[str] = Counter()
    seconds: dict[str, float] = {}
    for row in rows_of(sounds):
        for label in row.labels:
            clips[label] += 1
            seconds[label] = seconds.get(label, 0.0) + (0.0 if isnan(row.seconds) else row.seconds)
    return tuple((label, recordings_[label], clips[label], seconds[label] / 60) for label in sorted(clips))
