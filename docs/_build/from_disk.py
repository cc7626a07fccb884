"""For the site: opened from a disk, it has its switch between light and dark, and the buttons that copy code.

The theme's script reads the search index first, and stops where it is missing. A page from a disk may not read JSON, so
the same index is written as a script, too. There is no search all the same: browsers let no page from a disk search
beside the page (in a worker), and the theme hides the field then. On any server, it is there.
"""

from __future__ import annotations

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import event_priority


@event_priority(-100)  # the search writes its index in this event, too
def on_post_build(config: MkDocsConfig) -> None:
    """Write the search index beside itself, as the script that the theme asks for."""
    index = Path(config.site_dir) / "search" / "search_index.json"
    index.with_suffix(".js").write_text(f"var __index = {index.read_text(encoding='utf-8')}", encoding="utf-8")
