"""Files that are never seen half written."""

import os
from pathlib import Path

USUAL = 0o666  # less what the user's umask takes away, as of every file that a program writes


def write_whole(path: Path, content: bytes, mode: int = USUAL) -> None:
    """Write a file beside its place, flush it to the disk, and move it there in one step.

    Whoever reads, at any instant, finds the old file or the new one.

    Parameters
    ----------
    path
        The file.
    content
        All of it.
    mode
        What others may do with it; the user's umask holds in any case.
    """
    temporary = path.parent / ".{}.tmp".format(os.urandom(8).hex())
    try:
        # "x": what someone else has put there is neither followed nor written to
        with open(str(temporary), "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        if temporary.exists():
            temporary.unlink()
        raise
