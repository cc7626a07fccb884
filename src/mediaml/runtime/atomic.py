"""Files that are never seen half written."""

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place, flush it to the disk, and move it there in one step.

    Whoever reads, at any instant, finds the old file or the new one.
    """
    handle, name = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=str(path.parent))
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        if temporary.exists():
            temporary.unlink()
        raise
