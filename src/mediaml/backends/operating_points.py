"""The thresholds of a fitted model as a table that one can read and change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mediaml.backends.fitted import Fitted
from mediaml.backends.pictures.fitted_labels import FittedLabels
from mediaml.errors import LabelError
from mediaml.runtime.thresholds import measure

if TYPE_CHECKING:
    import pandas as pd


def table_of(fitted: Fitted | FittedLabels) -> pd.DataFrame:
    """Give a row a label: its threshold, and how it does there on what was held out."""
    import pandas as pd

    thresholds = fitted.recogniser.thresholds
    rows = [one._asdict() for one in measure(fitted.held_out, thresholds)]
    table = pd.DataFrame(rows, index=pd.Index(fitted.labels, name="label"))
    table.insert(0, "threshold", thresholds)
    return table


def changed_thresholds(
    table: pd.DataFrame | Mapping[str, float], labels: Sequence[str], thresholds: npt.ArrayLike
) -> npt.NDArray[np.float64]:
    """Give thresholds as a table of the user's changes them.

    Raises
    ------
    LabelError
        There is no such label.
    ValueError
        A threshold is no number of 0 or more (infinity: the label is never given), or the table has none.
    TypeError
        This is neither a table nor a mapping.
    """
    changed = _by_label(table)
    unknown = sorted(set(changed) - set(labels), key=str)
    if unknown:
        raise LabelError(f"the model has no label {', '.join(map(repr, unknown))}; it has: {', '.join(labels)}")
    found = np.array(thresholds, np.float64)
    for label, value in changed.items():
        if not isinstance(value, int | float | np.number) or isinstance(value, bool) or not value >= 0:
            raise ValueError(f"the threshold of {label} is a number of 0 or more, not {value!r}")
        found[list(labels).index(label)] = float(value)
    return found


def _by_label(table: pd.DataFrame | Mapping[str, float]) -> dict[Any, Any]:
    if isinstance(table, Mapping):
        return dict(table)
    if not hasattr(table, "columns"):
        raise TypeError(
            f"thresholds are a table as model.thresholds gives it, or a mapping from labels to thresholds, not "
            f"{type(table).__name__}"
        )
    if "threshold" not in table.columns:
        raise ValueError(f"the table has no column 'threshold'; it has: {', '.join(map(str, table.columns))}")
    return dict((table.set_index("label") if "label" in table.columns else table)["threshold"])
