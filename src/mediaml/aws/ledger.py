"""What was created and may cost: written down before it is asked for, so that nothing is ever left unseen."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from mediaml._private import FILE, make_folder

LEDGER = "MEDIAML_LEDGER"
CREATED, GONE = "created", "gone"


@dataclass(frozen=True)
class Resource:
    """Something in an account.

    Parameters
    ----------
    kind
        ``training-job``, ``transform-job``, ``model``, ``endpoint-config`` or ``endpoint`` of SageMaker;
        ``rekognition-training``, ``rekognition-model`` or ``rekognition-faces``.
    name
        Its name.
    region, account
        Where.
    """

    kind: str
    name: str
    region: str
    account: str = ""


@dataclass(frozen=True)
class Standing:
    """A line of the ledger that was not struck out.

    Parameters
    ----------
    resource
        What.
    since
        When it was asked for, ISO 8601, UTC.
    keep
        It is to stay until someone says otherwise.
    """

    resource: Resource
    since: str
    keep: bool


@dataclass(frozen=True)
class Ledger:
    """A file with a line for each thing that was created, and one for each that is gone.

    Parameters
    ----------
    path
        The file.
    """

    path: Path

    def created(self, resource: Resource, keep: bool = False) -> None:
        """Write down that this is about to be created; it is on the disk when this returns."""
        self._append({"what": CREATED, "keep": keep, **asdict(resource)})

    def gone(self, resource: Resource) -> None:
        """Write down that this is gone."""
        self._append({"what": GONE, **asdict(resource)})

    def standing(self) -> list[Standing]:
        """Give what was created and is not known to be gone, the oldest first."""
        found: dict[Resource, Standing] = {}
        for line in self._lines():
            resource = Resource(line["kind"], line["name"], line["region"], line.get("account", ""))
            if line["what"] == CREATED:
                found[resource] = Standing(resource, line["at"], bool(line.get("keep")))
            else:
                found.pop(resource, None)
        return list(found.values())

    def _append(self, line: dict[str, object]) -> None:
        line["at"] = datetime.now(UTC).isoformat(timespec="seconds")
        make_folder(self.path.parent)
        # one write of one line: processes that write at the same time do not mix their lines
        binary = getattr(os, "O_BINARY", 0)  # Windows has it, and makes two bytes of each end of a line without it
        handle = os.open(self.path, os.O_APPEND | os.O_CREAT | os.O_RDWR | binary, FILE)
        try:
            # a line that a dying process left half written is not to take this one with it
            torn = os.lseek(handle, 0, os.SEEK_END) > 0 and _last_byte(handle) != b"\n"
            content = (("\n" if torn else "") + json.dumps(line) + "\n").encode()
            if os.write(handle, content) < len(content):
                raise OSError(f"{self.path}: the disk is full, and nothing is created that cannot be written down")
            os.fsync(handle)
        finally:
            os.close(handle)

    def _lines(self) -> Iterable[dict[str, str]]:
        if not self.path.exists():
            return
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                found = json.loads(line)
            except ValueError:  # the process died while it wrote this line, before the service was called
                continue
            if isinstance(found, dict) and {"what", "kind", "name", "region"} <= set(found):
                yield found


def _last_byte(handle: int) -> bytes:
    os.lseek(handle, -1, os.SEEK_END)  # Windows has no os.pread; what is written goes to the end all the same
    return os.read(handle, 1)


def ledger() -> Ledger:
    """Give the user's ledger: the file that ``MEDIAML_LEDGER`` names, or one in the user's data folder."""
    from platformdirs import user_data_dir

    named = os.environ.get(LEDGER)
    return Ledger(Path(named) if named else Path(user_data_dir("mediaml", appauthor=False)) / "ledger.jsonl")
