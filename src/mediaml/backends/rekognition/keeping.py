"""Which version a model is, written down in a folder; the model itself cannot leave AWS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple, Self

from mediaml.errors import SavedModelError
from mediaml.runtime.atomic import write_whole
from mediaml.runtime.learned import FORMAT, MODEL

SAVED_AS = "rekognition"


class Kept(NamedTuple):
    """A version, and where what belongs to it is kept."""

    project: str
    version: str
    region: str
    bucket: str | None
    prefix: str
    kms_key: str | None

    def write(self, folder: str | Path) -> Path:
        """Write it down, and give the folder."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        told: dict[str, Any] = {"format": FORMAT, "kind": SAVED_AS, **self._asdict()}
        write_whole(place / f"{MODEL}.json", (json.dumps(told, indent=2, sort_keys=True) + "\n").encode())
        return place

    @classmethod
    def read(cls, folder: str | Path) -> Self:
        """Read what was written down.

        Raises
        ------
        SavedModelError
            The folder holds no such model.
        """
        from mediaml.models.load import kind_of
        from mediaml.runtime.store import read_facts

        if kind_of(str(folder)) != SAVED_AS:
            raise SavedModelError(f"{folder}: this is no model of Rekognition; mm.load(folder) loads every kind")
        told = read_facts(str(folder), MODEL)
        try:
            return cls(*(told[name] for name in cls._fields))
        except KeyError as error:
            raise SavedModelError(f"{folder}: model.json does not say {error}") from error
