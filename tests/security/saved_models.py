"""Load saved models whose bytes or facts were changed, and ask them; run as a process of its own, as it may crash."""

from __future__ import annotations

import copy
import hashlib
import json
import random
import shutil
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import mediaml as mm
from mediaml.errors import MediamlError
from tests.security.mutations import RECIPE, Meter, applied
from tests.sounds import RATE, tone

STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 0.5, 1e300, -1e300, float("nan"), float("inf"), 10**9, 10**400, 1 << 62),
    *("", "a", "../x", "\ud800", "cnn", [], {}, [[]], [None], {"a": 1}, ["a"] * 1000, [0] * 1000, [1e300] * 4),
)


def places(facts: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Give the way to each value of a document, a few of each list."""
    yield way
    inside = facts.items() if isinstance(facts, dict) else enumerate(facts[:3]) if isinstance(facts, list) else ()
    for key, value in inside:
        yield from places(value, (*way, key))


def with_strange(facts: dict[str, Any], way: tuple[Any, ...], value: Any, how: int) -> Any:
    """Put a strange value in a place, take the place away, or double it."""
    if not way:
        return value
    changed = copy.deepcopy(facts)
    inside: Any = changed
    for key in way[:-1]:
        inside = inside[key]
    if how == 0:
        del inside[way[-1]]
    elif how == 1 and isinstance(inside[way[-1]], list):
        inside[way[-1]] = inside[way[-1]] * 2
    else:
        inside[way[-1]] = value
    return changed


class Model:
    """A good model, and changed ones beside it."""

    def __init__(self, good: Path, scratch: Path) -> None:
        self.folder = scratch
        shutil.copytree(good, scratch, dirs_exist_ok=True)
        self.facts = json.loads((good / "model.json").read_text())
        self.arrays = (good / self.facts["arrays"]["file"]).read_bytes()

    def write(self, document: bytes, arrays: bytes) -> None:
        """Put changed files in place."""
        (self.folder / "model.json").write_bytes(document)
        (self.folder / self.facts["arrays"]["file"]).write_bytes(arrays)

    def changed(self, chance: random.Random) -> None:
        """Change the JSON's bytes, one of its values, or the arrays, with a hash that fits or without."""
        recipe = chance.randbytes(RECIPE.size * chance.randint(1, 4))
        text = json.dumps(self.facts).encode()
        match chance.randrange(4):
            case 0:
                self.write(applied([text], 0, recipe), self.arrays)
            case 1:
                self.write(text, applied([self.arrays], 0, recipe))
            case 2:
                arrays = applied([self.arrays], 0, recipe)
                described = {**self.facts["arrays"], "sha256": hashlib.sha256(arrays).hexdigest()}
                self.write(json.dumps({**self.facts, "arrays": described}).encode(), arrays)
            case _:
                way = chance.choice(list(places(self.facts)))
                facts = with_strange(self.facts, way, chance.choice(STRANGE), chance.randrange(6))
                self.write(json.dumps(facts).encode("utf-8", "surrogatepass"), self.arrays)


def tried(meter: Meter, good: Path, scratch: Path, kind: str, numbers: Iterable[int]) -> None:
    """Load and ask so many changed models."""
    item: Any = (tone("hum", 3), RATE) if kind == "sounds" else np.full((64, 64, 3), 90, np.uint8)
    model = Model(good, scratch)
    for number in numbers:
        model.changed(random.Random(number))
        (scratch.parent / "at").write_text(str(number))  # where it was, if this process ends
        with meter.example(MediamlError):
            found = mm.load(scratch)
            told: Any = found.predict(item)
            assert all(0 <= one.confidence <= 1 for one in (told, *told.alternatives)), told
            repr(found)


def main(good: str, scratch: str, kind: str, count: str) -> None:
    """Try so many; tells what came of them as JSON."""
    warnings.simplefilter("ignore")
    meter = Meter()
    tried(meter, Path(good), Path(scratch), kind, range(int(count)))
    sys.stdout.write(json.dumps({"outcomes": meter.outcomes, "slowest": meter.slowest, "total": meter.total}))


if __name__ == "__main__":
    main(*sys.argv[1:])
