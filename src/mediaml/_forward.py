"""The one declared exception to the import order: methods that hand over to a higher layer, by its module's name.

``report.save()`` reads better than ``mediaml.reports.files.save_report(report)``; the value stays ignorant of HTML.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


def call(module: str, function: str, *arguments: object) -> Any:
    """Call a function of a module that stands above the caller's layer."""
    return getattr(import_module(module), function)(*arguments)
