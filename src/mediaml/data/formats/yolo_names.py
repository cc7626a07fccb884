"""The names of YOLO's classes: a text file with a name a line, or ``names:`` in a YAML file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mediaml.data.formats.documents import content_of
from mediaml.data.formats.text import read_lines
from mediaml.errors import AnnotationError
from mediaml.runtime.atomic import write_whole

FILES = ("names.txt", "classes.txt", "obj.names", "data.yaml", "dataset.yaml", "data.yml")
LARGEST = 1 << 20  # bytes of YAML: some ten thousand names, and seconds to read
DIGITS = 9  # of the number of a class
AS_IT_SHOULD_BE = "names: is a list of texts, or numbers with a text each"


def read_names(folder: Path, names: Path | Sequence[str] | None = None) -> Mapping[int, str]:
    """Give the name of each class by its number.

    Parameters
    ----------
    folder
        That is looked in where nothing else is said.
    names
        The names in order, or the file that has them; None: the first of `FILES` that there is.

    Raises
    ------
    AnnotationError
        There is no file, or it is not what it should be.
    """
    if names is not None and not isinstance(names, Path):
        return dict(enumerate(names))
    found = names or next((folder / name for name in FILES if (folder / name).exists()), None)
    if found is None:
        raise AnnotationError(folder, None, f"the names of the classes are missing: {', '.join(FILES)}, or names=")
    return _of_yaml(found) if found.suffix.lower() in (".yaml", ".yml") else _of_text(found)


def _of_text(path: Path) -> Mapping[int, str]:
    found: dict[int, str] = {}
    for line, text in read_lines(path):
        if line != len(found) + 1:
            reason = f"the class {len(found)} has no name: a line for each, please, and none empty between them"
            raise AnnotationError(path, line - 1, reason)
        found[line - 1] = text.strip()
    return found


def _of_yaml(path: Path) -> Mapping[int, str]:
    """Read ``names:`` as a list, or as numbers with names.

    Names are taken as they are written: ``no`` and ``1`` are names, where YAML sees a truth value and a number.
    """
    from yaml import MappingNode, SequenceNode

    names = _entry(path, _composed(path))
    numbered: Iterable[tuple[int, Any]]
    if isinstance(names, SequenceNode):
        numbered = list(enumerate(names.value))
    elif isinstance(names, MappingNode):
        numbered = [(_number(path, key), value) for key, value in names.value]
    else:
        raise AnnotationError(path, _line(names), AS_IT_SHOULD_BE)
    return _named(path, numbered)


def _composed(path: Path) -> Any:
    """Give the nodes of a YAML file: texts with their lines, of which nothing is made."""
    import yaml

    try:
        return yaml.compose(content_of(path, LARGEST), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = None if error.problem_mark is None else error.problem_mark.line + 1
        raise AnnotationError(path, line, f"is not YAML: {error.problem}") from error
    except yaml.reader.ReaderError as error:
        raise AnnotationError(path, None, f"is not YAML: {error.reason}") from error
    except RecursionError as error:
        raise AnnotationError(path, None, "is not YAML that can be read: it is nested too deep") from error


def _entry(path: Path, document: Any) -> Any:
    from yaml import MappingNode

    entries = document.value if isinstance(document, MappingNode) else []
    found = [value for key, value in entries if key.value == "names"]
    if len(found) != 1:
        raise AnnotationError(path, None, "has names: more than once" if found else "has no names:")
    return found[0]


def _number(path: Path, key: Any) -> int:
    text = key.value if isinstance(key.value, str) else ""
    if not (text.isascii() and text.isdigit() and len(text) <= DIGITS):
        raise AnnotationError(path, _line(key), AS_IT_SHOULD_BE)
    return int(text)


def _named(path: Path, numbered: Iterable[tuple[int, Any]]) -> Mapping[int, str]:
    from yaml import ScalarNode

    found: dict[int, str] = {}
    for number, node in numbered:
        if number in found:
            raise AnnotationError(path, _line(node), f"the class {number} has two names, the first: {found[number]!r}")
        if not isinstance(node, ScalarNode) or not node.value:
            said = "has no name" if isinstance(node, ScalarNode) else "is named by no text (one with ': ' needs quotes)"
            raise AnnotationError(path, _line(node), f"the class {number} {said}; {AS_IT_SHOULD_BE}")
        found[number] = node.value
    if not found:
        raise AnnotationError(path, None, "has no names after names:")
    return found


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def write_names(folder: Path, labels: Sequence[str]) -> None:
    """Write ``names.txt`` and ``data.yaml``; the numbers of the classes are those of the list."""
    import yaml

    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / "names.txt", "".join(f"{label}\n" for label in labels).encode())
    document = {"path": ".", "train": "images", "val": "images", "names": dict(enumerate(labels))}
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=math.inf)
    write_whole(folder / "data.yaml", text.encode())
