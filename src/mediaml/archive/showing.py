"""A catalog in a notebook: how much was found of what, and some of the finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mediaml.errors import StoreError
from mediaml.reports.views import finds
from mediaml.reports.views.parts import View

if TYPE_CHECKING:
    from mediaml.archive.catalog import Catalog


def catalog_html(catalog: Catalog) -> str:
    """Write a catalog for a notebook's cell; of each of the most frequent labels the surest find is shown."""
    try:
        files = catalog.files
        found = [finds.Counted(*row) for row in catalog.labels.itertuples(index=False)]
        frequent = sorted({one.label: one.segments for one in found if one.segments}.items(), key=lambda one: -one[1])
        best = [find for label, _ in frequent[: finds.SHOWN] for find in catalog.finds(label, top=1)]
    except StoreError as error:  # somebody took it away, or spoiled it, since
        return View(str(error))._repr_html_()
    unread = files[files["state"].isin(["not read", "partly read"])]
    return finds.catalog_html(
        str(catalog.store),
        dict(files["state"].value_counts()),
        float(files["duration"].sum()),
        found,
        best,
        list(zip(unread["file"], unread["reason"], strict=True)),
    )
