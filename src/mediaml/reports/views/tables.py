"""Values that are tables: what changed, what a service measured, what it may cost, what became of pictures."""

from __future__ import annotations

from collections.abc import Iterable

from mediaml.aws.plan import Charge, Plan
from mediaml.data.files import printable
from mediaml.data.pictures.repair import Repaired, kinds_of
from mediaml.models.improvement import Improvement
from mediaml.reports.views.parts import Cell, Column, Span, Table, View, cut
from mediaml.values.comparison import Comparison, Difference
from mediaml.values.face import FaceIndex
from mediaml.values.service_evaluation import ServiceEvaluation

ROWS = 40
REFUSED = 20
UNKNOWN = "\N{EN DASH}"


def comparison_html(comparison: Comparison) -> str:
    """Write the figures of two models for a notebook's cell, each with the interval of its difference, drawn."""
    return _comparison(comparison)._repr_html_()


def improvement_html(improvement: Improvement[object]) -> str:
    """Write what came of more data, and which model is recommended."""
    which = "new" if improvement.comparison.better else "old"
    return _comparison(improvement.comparison, f" Recommended: the {which} model.")._repr_html_()


def _comparison(one: Comparison, more: str = "") -> View:
    figure, label_figure = one.figure.replace("_", " "), one.label_figure.replace("_", " ")
    differences = [one.overall, *one.per_label.values()]
    widest = max([_reach(difference) for difference in differences] + [1e-9])
    rows = tuple(_difference(label, difference, widest) for label, difference in one.per_label.items())
    change = f"{figure} {one.overall.change:+.3f} on {one.counted}"
    doubt = "." if one.overall.beyond_chance else "; the difference may be chance."
    first, note = cut(rows, ROWS, "comparison.per_label has them all")
    parts = [Table("Overall", _heads("figure"), (_difference(figure, one.overall, widest),))]
    if first:
        parts.append(Table(f"Label by label: {label_figure}", _heads("label"), first, note))
    return View(f"{change[0].upper()}{change[1:]}{doubt}{more}", parts=tuple(parts))


def _heads(first: str) -> tuple[Column, ...]:
    return (
        Column(first),
        *(Column(name, number=True) for name in ("old", "new", "change")),
        Column("in 95 of 100 cases"),
    )


def _reach(one: Difference) -> float:
    return max([abs(one.change), *([abs(one.between.low), abs(one.between.high)] if one.between else [])])


def _difference(name: str, one: Difference, widest: float) -> tuple[Cell, ...]:
    change = "not tested" if one.old is None or one.new is None else f"{one.change:+.3f}"
    figures = (Cell(name), _figure(one.old), _figure(one.new), Cell(change))
    if one.between is None:
        return *figures, Cell("")
    low, high = one.between.low, one.between.high
    return *figures, Cell(f"{low:+.3f} to {high:+.3f}", span=Span(low / widest, one.change / widest, high / widest))


def _figure(value: float | None) -> Cell:
    return Cell(UNKNOWN if value is None else f"{value:.3f}")


def service_html(one: ServiceEvaluation) -> str:
    """Write for a notebook's cell what a service measured of its own model."""
    means = [("F1", one.f1), ("precision", one.precision), ("recall", one.recall)]
    known = [*means, ("mean average precision", one.average_precision), ("mean average recall", one.average_recall)]
    figures = [(name, f"{value:.3f}") for name, value in known if value is not None]
    counts = [("pictures to learn from", one.training_pictures), ("pictures to test on", one.test_pictures)]
    rows = tuple(
        (
            Cell(label),
            *(_share(value) for value in (score.f1, score.precision, score.recall)),
            _number(score.threshold),
            Cell(UNKNOWN if score.pictures is None else f"{score.pictures:,}"),
        )
        for label, score in one.per_label.items()
    )
    first, note = cut(rows, ROWS, "evaluation.per_label has them all")
    numbers = ("F1", "precision", "recall", "threshold", "pictures")
    columns = (Column("label"), *(Column(name, number=True, bar=name in numbers[:3]) for name in numbers))
    return View(
        "As the service measured it, on the pictures on which it chose its thresholds.",
        (*figures, *((name, f"{count:,}") for name, count in counts if count is not None)),
        (Table("Label by label", columns, first, note),) if first else (),
    )._repr_html_()


def _share(value: float | None) -> Cell:
    return _number(value) if value is None else Cell(f"{value:.2f}", min(1.0, max(0.0, value)))


def _number(value: float | None) -> Cell:
    return Cell(UNKNOWN if value is None else f"{value:.2f}")


def plan_html(plan: Plan) -> str:
    """Write for a notebook's cell what is about to cost, for how long at most, and how much."""
    figures = [("where", plan.where), ("how long" if plan.charges else "how much", plan.at_most)]
    if plan.cost is not None and plan.currency:
        figures.insert(0, ("may cost", f"{plan.cost:,.2f} {plan.currency}"))
    columns = (Column("what"), *(Column(name, number=True) for name in ("at once", "hours", "an hour", "at most")))
    rows = tuple(_charge(one) for one in plan.charges)
    unknown = tuple(dict.fromkeys(one.unknown for one in plan.charges if one.unknown))
    sources = tuple(dict.fromkeys(f"{one.price.source}, {one.price.as_of}" for one in plan.charges if one.price))
    note = f"Prices: {'; '.join(sources)}." if sources else ""
    return View(
        f"What would start: {plan.what}.",
        tuple(figures),
        (Table("What is billed by the hour", columns, rows, note),) if rows else (),
        tuple(f"A price is not known: {one}" for one in unknown),
    )._repr_html_()


def _charge(one: Charge) -> tuple[Cell, ...]:
    hours = "no end by itself" if one.hours is None else f"{one.hours:g}"
    price = "not known" if one.price is None else f"{one.price.amount:g} {one.price.currency}"
    cost = "not known" if one.cost is None or one.price is None else f"{one.cost:,.2f} {one.price.currency}"
    return Cell(one.item), Cell(f"{one.count:,}"), Cell(hours), Cell(price), Cell(cost)


def index_html(index: FaceIndex) -> str:
    """Write for a notebook's cell what became of pictures of people."""
    figures = (
        ("faces stored", f"{index.faces:,}"),
        ("people", f"{len(index.indexed):,}"),
        ("there already", f"{index.already:,}"),
        ("refused", f"{len(index.refused):,}"),
    )
    parts = [
        counted("People", "person", "faces", index.indexed.items(), "index.indexed has them all"),
    ]
    rows = tuple(
        tuple(Cell(text) for text in (one.path, one.person, one.reason.replace("_", " "), one.detail))
        for one in index.refused
    )
    first, note = cut(rows, REFUSED, "index.refused has them all")
    columns = tuple(Column(name) for name in ("picture", "said to be", "reason", "more about it"))
    parts.append(Table("Refused", columns, first, note))
    return View(f"{index}.", figures, tuple(part for part in parts if part.rows))._repr_html_()


def repaired_html(repaired: Repaired[object]) -> str:
    """Write for a notebook's cell what was done to a dataset."""
    kinds = kinds_of(repaired.done)
    table = counted("What was done", "step", "rows", kinds.most_common(), "repaired.done has them all")
    return View(
        f"{printable(str(repaired.dataset))}.",
        (("rows looked at", f"{len(repaired.done):,}"),),
        (table,) if table.rows else (),
        more=(("The new rows:", "repaired.dataset"), ("row by row:", "repaired.done")),
    )._repr_html_()


def counted(heading: str, name: str, number: str, counts: Iterable[tuple[str, int]], where: str) -> Table:
    """Make a table of counts with bars."""
    given = list(counts)
    most = max([count for _, count in given] + [1])
    first, note = cut(tuple((Cell(one), Cell(f"{count:,}", count / most)) for one, count in given), ROWS, where)
    return Table(heading, (Column(name), Column(number, number=True, bar=True)), first, note)
