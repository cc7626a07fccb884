"""Arrays and facts in a folder: JSON beside ``.params``, written so that a reader never sees half of it.

The arrays go to a file named after their content, the JSON that names this file replaces its predecessor in one step,
and only then is the old array file removed. Whoever reads, at any instant, finds the old state or the new one.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Any, Dict, Mapping, Optional, Tuple

import numpy as np

from . import params
from .atomic import write_whole
from .faults import StoreFault

ARRAYS = "arrays"
LARGEST_FACTS = 1 << 28  # bytes; the longest part is a hash for each file that a model learned from
LARGEST_ARRAYS = 1 << 31


def write(folder: str, name: str, facts: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Write ``name.json`` and its arrays into `folder`, in place of what stood there under this name.

    Parameters
    ----------
    folder
        Made where missing.
    name
        Of the JSON file, without its ending.
    facts
        What JSON can hold. The key ``arrays`` is taken.
    arrays
        By name, in MXNet's own binary format.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    content = params.pack(arrays)
    digest = hashlib.sha256(content).hexdigest()
    file_name = "{}-{}.params".format(name, digest[:16])
    document = dict(facts)
    document[ARRAYS] = {"file": file_name, "sha256": digest}
    write_whole(place / file_name, content)
    write_whole(place / (name + ".json"), (json.dumps(document, indent=2, sort_keys=True) + "\n").encode())
    ours = re.compile(re.escape(name) + r"-[0-9a-f]{16}\.params")
    for other in place.iterdir():
        if ours.fullmatch(other.name) and other.name != file_name:
            other.unlink()


def read_facts(folder: str, name: str) -> Dict[str, Any]:
    """Read ``name.json`` alone.

    Raises
    ------
    StoreFault
        It is missing or damaged.
    """
    path = Path(folder) / (name + ".json")
    try:
        facts = json.loads(content_of(path, LARGEST_FACTS).decode("utf-8"))
    except FileNotFoundError:
        if not Path(folder).is_dir():
            raise StoreFault("{}: there is no such folder".format(folder))
        raise StoreFault("{}: there is no {}.json in this folder".format(folder, name))
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, StoreFault):
            raise
        raise StoreFault("{}: cannot be read ({})".format(path, error))
    if not isinstance(facts, dict):
        raise StoreFault("{}: an object of facts was expected".format(path))
    return facts


def read(folder: str, name: str) -> Tuple[Dict[str, Any], Dict[str, np.ndarray]]:
    """Read what `write` wrote.

    Raises
    ------
    StoreFault
        A file is missing, damaged, or not the one that was written.
    """
    facts = read_facts(folder, name)
    try:
        return _read_arrays(folder, name, facts)
    except FileNotFoundError as error:
        again = read_facts(folder, name)
        if again == facts:
            raise StoreFault("{}: cannot be read ({})".format(folder, error))
        return _read_arrays(folder, name, again)  # a writer overtook us and took the old arrays away


def _read_arrays(folder: str, name: str, facts: Dict[str, Any]) -> Tuple[Dict[str, Any], Dict[str, np.ndarray]]:
    described = facts.get(ARRAYS)
    if not isinstance(described, dict) or not isinstance(described.get("file"), str):
        raise StoreFault("{}: {}.json does not name its arrays".format(folder, name))
    file_name = described["file"]
    if Path(file_name).name != file_name:
        raise StoreFault("{}: {!r} points out of the folder".format(folder, file_name))
    path = Path(folder) / file_name
    try:
        content = content_of(path, LARGEST_ARRAYS)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StoreFault("{}: cannot be read ({})".format(path, error))
    if hashlib.sha256(content).hexdigest() != described.get("sha256"):
        raise StoreFault("{}: the file is damaged or is not the one that {}.json names".format(path, name))
    return {key: value for key, value in facts.items() if key != ARRAYS}, _unpack(content, path)


def content_of(path: Path, most: int) -> bytes:
    """Read a file that is no larger than it can be: it may come from anyone.

    Raises
    ------
    StoreFault
        It is larger.
    OSError
        It cannot be read.
    """
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size > most:
            raise StoreFault("{}: too large for a saved model".format(path))
        content = file.read(most + 1)
    if len(content) > most:
        raise StoreFault("{}: too large for a saved model".format(path))
    return content


def exists(folder: Optional[str], name: str) -> bool:
    """Tell whether ``name.json`` stands in the folder."""
    return folder is not None and (Path(folder) / (name + ".json")).exists()


def _unpack(content: bytes, path: Path) -> Dict[str, np.ndarray]:
    try:
        return params.unpack(content)
    except StoreFault as fault:
        raise StoreFault("{}: {}".format(path, fault))
