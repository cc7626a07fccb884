"""What a benchmark printed, with the machine, its load, the versions and the commit: a JSON file each in `results/`."""

from __future__ import annotations

import os
import platform
import re
import resource
import subprocess
import time
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import psutil
from pydantic import BaseModel, ConfigDict

from data import ROOT
from mediaml.runtime.cores import available_cores

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("mediaml", "mxnet", "numpy", "onnxruntime", "av", "soundfile", "usearch", "ray", "fastapi")


class Moment(NamedTuple):
    """When a run began, from which commit, and what the processor had worked until then, in seconds of one core."""

    date: str
    commit: str
    time: float
    all: float
    own: float


class Result(BaseModel):
    """One benchmark's figures, as printed."""

    model_config = ConfigDict(frozen=True)

    command: str
    date: str
    commit: str
    seconds: float
    others: float | None
    """Which part of the processor other work took meanwhile, 0 to 1; what a benchmark leaves running counts as such.
    None: a figure from before this was recorded, as the page told it then."""
    machine: str
    versions: dict[str, str]
    output: str

    @staticmethod
    def of(command: str, began: Moment, output: str) -> Result:
        ended = now()
        seconds = ended.time - began.time
        others = (ended.all - began.all) - (ended.own - began.own)
        return Result(
            command=command,
            date=began.date,
            commit=began.commit,
            seconds=round(seconds, 1),
            others=round(min(1.0, max(0.0, others / (seconds * (os.cpu_count() or 1)))), 3),
            machine=machine(),
            versions=versions(),
            output=plain(output),
        )

    def keep(self) -> None:
        RESULTS.mkdir(exist_ok=True)
        file_of(self.command).write_text(self.model_dump_json(indent=1) + "\n")


def plain(output: str) -> str:
    """Take away colours of a terminal, what Ray says of its workers, and the folders of this machine."""
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in output.splitlines(keepends=True)]
    told = "".join(line for line in lines if not line.startswith("(raylet)"))
    return told.replace(f"{ROOT}/", "")


def results_of(commands: list[str]) -> dict[str, Result]:
    """Give those that have been measured."""
    files = {command: file_of(command) for command in commands}
    return {command: Result.model_validate_json(file.read_text()) for command, file in files.items() if file.exists()}


def file_of(command: str) -> Path:
    return RESULTS / f"{re.sub('[^a-z0-9]+', '-', command.replace('.py', '').lower())}.json"


def now() -> Moment:
    processor, children = psutil.cpu_times(), resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = sum(processor) - processor.idle - getattr(processor, "iowait", 0.0) - getattr(processor, "guest", 0.0)
    own = children.ru_utime + children.ru_stime
    return Moment(f"{datetime.now(UTC):%Y-%m-%d}", commit(), time.monotonic(), worked, own)


def commit() -> str:
    """The commit, with a + where the code that runs differs from it."""
    known = _git("rev-parse", "--short", "HEAD")
    return f"{known}{'+' * bool(_git('status', '--porcelain', 'src', 'benchmarks/*.py'))}" if known else "no git"


def _git(*words: str) -> str:
    told = subprocess.run(["git", *words], cwd=RESULTS.parents[1], capture_output=True, text=True, check=False)
    return told.stdout.strip()


def machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    return f"{model()}, {available_cores()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}"


def model() -> str:
    """The processor's name, where the system tells it."""
    told = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.+)$", told.read_text(), re.MULTILINE) if told.exists() else None
    return found[1] if found else platform.processor() or "unknown processor"


def versions() -> dict[str, str]:
    """Python's, and those of what is installed of the packages that are measured."""
    there = {one.metadata["name"].lower() for one in metadata.distributions() if one.metadata["name"]}
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in PACKAGES if name in there}
