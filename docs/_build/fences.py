"""For the site: blocks that the tests do not run are blocks of Python like the others."""

from __future__ import annotations

import re
from typing import Any

MARKED = re.compile(r"^( *```python) notest$", re.MULTILINE)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Take the mark away that is for the tests alone; with it the block would be no block."""
    return MARKED.sub(r"\1", markdown)
