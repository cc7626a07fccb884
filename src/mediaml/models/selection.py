"""The best of several models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeVar

from mediaml.data.audio import AudioDataset
from mediaml.data.hold_back import hold_back
from mediaml.models.base import Model

M = TypeVar("M", bound=Model)
Metric = Literal["accuracy", "macro_f1"]


def select(
    models: Sequence[M], train: AudioDataset, validation: AudioDataset | None = None, *, metric: Metric = "accuracy"
) -> M:
    """Fit models on the same data and give the one that is best on validation. The test part is not touched.

    Parameters
    ----------
    models
        Each is fitted.
    train
        What they learn from.
    validation
        What they are compared on; the same for all. None: a grouped, stratified tenth of `train`.
    metric
        Of `evaluate(validation)`; where two are equal, the smaller calibration error, then the earlier model wins.
        Each model has chosen its best epoch on the same data, so the winner's figure is a little too good: measure it
        on a test part.

    Returns
    -------
    The model; its ``selection`` is the table of all of them, the best first.

    Raises
    ------
    ValueError
        There are no models, or no such metric.
    """
    import pandas as pd

    if not models or metric not in ("accuracy", "macro_f1"):
        raise ValueError("select needs at least one model, and metric 'accuracy' or 'macro_f1'")
    if validation is None:
        train, validation = hold_back(train, seed=0)
    reports = [model.fit(train, validation=validation).evaluate(validation) for model in models]
    order = sorted(
        range(len(models)),
        key=lambda number: (-getattr(reports[number], metric), reports[number].expected_calibration_error, number),
    )
    rows = [
        {
            "model": repr(models[number]),
            "accuracy": reports[number].accuracy,
            "macro_f1": reports[number].macro_f1,
            "expected_calibration_error": reports[number].expected_calibration_error,
        }
        for number in order
    ]
    best = models[order[0]]
    best.selection = pd.DataFrame(rows)
    return best
