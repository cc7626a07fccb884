"""What a batch transform heard, as tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mediaml.aws.s3 import Location
from mediaml.backends.sagemaker.recording import Recording
from mediaml.values.prediction import AudioPrediction

if TYPE_CHECKING:
    import pandas as pd

EVENT_COLUMNS = ["path", "start", "end", "label", "confidence", "reason"]
VERDICT_COLUMNS = ["path", "label", "confidence", "reason", "score"]


def verdicts(heard: Iterable[tuple[Location, AudioPrediction]]) -> pd.DataFrame:
    """Give a row a file."""
    import pandas as pd

    rows = [(place.uri, one.label, one.confidence, one.reason, one.score) for place, one in heard]
    return pd.DataFrame(rows, columns=VERDICT_COLUMNS)


def events(heard: Iterable[tuple[Location, Recording]]) -> pd.DataFrame:
    """Give a row an event, and one for what could not be read."""
    import pandas as pd

    rows = [row for place, one in heard for row in _rows(place.uri, one)]
    return pd.DataFrame(rows, columns=EVENT_COLUMNS)


def _rows(path: str, one: Recording) -> list[tuple[object, ...]]:
    """Give the rows of a recording; what could not be read has no label."""
    unread = (one.error,) if one.error is not None else one.problems
    found = [
        (path, event.segment.start, event.segment.end, event.label, event.confidence, None) for event in one.events
    ]
    return [*found, *((path, None, None, None, None, reason) for reason in unread)]
