"""Optional packages, imported when they are needed and named when they are missing."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from mediaml.errors import MissingExtraError


def require(module: str, extra: str, purpose: str) -> ModuleType:
    """Import a module that an extra brings.

    Parameters
    ----------
    module
        Its name.
    extra
        The extra of mediaml that brings it.
    purpose
        What it is needed for, as the start of a sentence: "reading Parquet".

    Raises
    ------
    MissingExtraError
        It is not installed; the message holds the pip command.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtraError(f"{purpose} needs {module}: pip install 'mediaml[{extra}]' ({error})") from error
