"""The templates of all pages, and how they write numbers and names."""

from __future__ import annotations

from functools import cache

import jinja2

from mediaml.data.files import printable
from mediaml.values.prediction import percentage


@cache
def templates() -> jinja2.Environment:
    """Give the environment: whatever comes from users is escaped, and a name that is missing is an error."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("mediaml.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = percentage
    environment.filters["printable"] = printable
    environment.filters["prose"] = lambda text: printable(text).replace(" %", "\u00a0%")  # a line must not end before %
    return environment
