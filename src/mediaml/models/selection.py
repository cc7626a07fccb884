"""The best of several models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeVar

from mediaml.data.base import Dataset
from mediaml.data.hold_back import hold_back
from mediaml.models.base import AnyModel
from mediaml.values.report import Report

M = TypeVar("M", bound=AnyModel)
Metric = Literal["accuracy", "macro_f1", "mean_average_precision"]
METRICS = ("accuracy", "macro_f1", "mean_average_precision")


def select(
    models: Sequence[M],
    train: Dataset,
    validation: Dataset | None = None,
    *,
    background: Dataset | None = None,
    metric: Metric | None = None,
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
    background
        Recordings of what is none of the sounds; the same for all.
    metric
        Of `evaluate(validation)`, one that the reports have; None: the accuracy, and where several labels or boxes are
        found the mean average precision. Where two are equal, the smaller calibration error, then the earlier model
        wins.
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

    if not models or metric not in (None, *METRICS):
        raise ValueError(f"select needs at least one model, and a metric: {', '.join(METRICS)}; not {metric!r}")
    if validation is None:
        train, validation = hold_back(train, seed=0)
    chosen: str = metric or ""
    rows = []
    for model in models:
        report = model.fit(train, validation=validation, background=background).evaluate(validation)
        rows.append(_row(model, report))
        chosen = chosen or ("accuracy" if "accuracy" in rows[0] else "mean_average_precision")
        if chosen not in rows[-1]:  # after the first model, not after all of them
            there = ", ".join(name for name in METRICS if name in rows[-1])
            raise ValueError(f"the report of {model!r} has no {chosen}; it has {there}")
    order = sorted(
        range(len(models)),
        key=lambda number: (-rows[number][chosen], rows[number].get("expected_calibration_error", 0.0), number),
    )
    best = models[order[0]]
    best.selection = pd.DataFrame([rows[number] for number in order])
    return best


def _row(model: AnyModel, report: Report) -> dict[str, Any]:
    """Give a model's figures, those that its kind of report has."""
    figures = {name: getattr(report, name, None) for name in (*METRICS, "expected_calibration_error")}
    return {"model": repr(model), **{name: value for name, value in figures.items() if value is not None}}
