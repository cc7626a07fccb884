"""What makes a segment valuable, as tables of weights."""

from __future__ import annotations

from collections.abc import Mapping

from mediaml.reports.views.parts import Cell, Column, Table, View

MEANINGS = {
    "confidence": "how sure the model is",
    "rarity": "how few files have the label",
    "length": "how long it is, up to {seconds:g} s",
    "quality": "how well it was recorded",
    "novelty": "whether it is the first of its kind",
}


def value_html(labels: Mapping[str, float], weights: Mapping[str, float], seconds: float) -> str:
    """Write for a notebook's cell how much is wanted of what, and what else counts by how much.

    Parameters
    ----------
    labels
        How much each is wanted; those that are not named have 1.
    weights
        The powers of the parts of the value; 0 does not count.
    seconds
        From which length on a segment is long enough.
    """
    most = max([1.0, *labels.values()])
    wanted = [*sorted(labels.items(), key=lambda one: -one[1]), ("every label not named here", 1.0)]
    highest = max([1.0, *weights.values()])
    return View(
        "A segment's value is the product of its parts, each from 0 to 1 and to the power of its weight.",
        parts=(
            Table(
                "How much a label is wanted",
                (Column("label"), Column("weight", number=True, bar=True)),
                tuple((Cell(label), Cell(f"{weight:g}", weight / most)) for label, weight in wanted),
            ),
            Table(
                "What else counts",
                (Column("part"), Column("weight", number=True, bar=True), Column("what it is")),
                tuple(
                    (Cell(name), Cell(f"{weight:g}", weight / highest), Cell(MEANINGS[name].format(seconds=seconds)))
                    for name, weight in weights.items()
                ),
            ),
        ),
        more=(("In that order:", 'catalog.segments(order="value", value=value)'),),
    )._repr_html_()
