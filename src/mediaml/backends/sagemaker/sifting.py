"""Recordings at rest on S3, heard by batch transforms; what one has heard is not heard again, whoever waited for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mediaml._notices import notice
from mediaml.aws.s3 import Location, location
from mediaml.backends.sagemaker.batch import OVER, STOPPING, Batch, Transforming
from mediaml.backends.sagemaker.creating import TRANSFORM
from mediaml.backends.sagemaker.recording import Recording, recording
from mediaml.backends.sagemaker.request import LONGEST_NAME
from mediaml.backends.sagemaker.serving import Served
from mediaml.errors import AwsError, AwsNotFoundError, JobFailedError

FILES, MANIFEST, ANSWERS = "files.json", "input.manifest", "out/"


class File(NamedTuple):
    """A WAV file on S3, as it was listed: its address, its bytes, and when it last changed."""

    uri: str
    size: int
    modified: int


class _Run(NamedTuple):
    """A transform that was started, and what it was to hear."""

    name: str
    files: frozenset[File]


@dataclass
class Sifting:
    """Has files heard, and knows their answers.

    Parameters
    ----------
    transforming
        What runs transforms.
    served
        The model.
    accept
        What is asked of each file.
    root
        Where what was started is written down, and answers are left: one place for each model and setting.
    instances
        Machines of a transform.
    """

    transforming: Transforming
    served: Served
    accept: str
    root: Location
    instances: int = 1
    _answers: dict[File, Location] = field(default_factory=dict)

    def hear(self, files: Iterable[File]) -> None:
        """Have files heard: waits for transforms that go on, and starts one a bucket for what none has heard.

        Raises
        ------
        JobFailedError
            A transform failed; what it heard until then is known.
        Detached
            Ctrl-C: it goes on, and is waited for the next time.
        AwsError
            A service refused something.
        """
        wanted = frozenset(files)
        try:
            self._hear(wanted)
        except JobFailedError:
            self._unanswered(wanted, self._runs())
            raise
        if wanted and len(self._unanswered(wanted, self._runs())) == len(wanted):
            raise AwsError(f"{self.root.uri}: the batch transforms have left no answers there")

    def _hear(self, wanted: frozenset[File]) -> None:
        runs = self._runs()
        for run in runs:
            if run.files & wanted:
                self._finish(run)
        buckets: dict[str, list[File]] = {}
        for one in self._unanswered(wanted, runs):
            buckets.setdefault(location(one.uri).bucket, []).append(one)
        for some in buckets.values():
            self._start(some)

    def answer(self, file: File) -> Recording | None:
        """Give what was heard of a file; None: nothing.

        Raises
        ------
        AwsError
            The answer is none, or cannot be read.
        """
        at = self._answers.get(file)
        try:
            return None if at is None else recording(self.transforming.storage.get(at, own=True), at.uri)
        except AwsNotFoundError:
            return None

    # -- what was started ---------------------------------------------------------------------------------------------

    def _runs(self) -> list[_Run]:
        """Give all transforms that were started for this model, the newest first."""
        found = self.transforming.storage.listed(self.root / "", own=True)
        listed = [one for one in found if one.location.key.endswith(FILES)]
        runs = []
        for one in sorted(listed, key=lambda one: -one.modified):
            told = json.loads(self.transforming.storage.get(one.location, own=True))
            runs.append(_Run(str(told["transform"]), frozenset(File(*row) for row in told["files"])))
        return runs

    def _unanswered(self, wanted: frozenset[File], runs: Sequence[_Run]) -> list[File]:
        """Look which files have answers by now, and give the others."""
        there = {one.location for one in self.transforming.storage.listed(self.root / "", own=True)}
        for run in runs:
            for one in run.files & wanted - self._answers.keys():
                at = answer_to(one, self.root / run.name / ANSWERS)
                if at in there:
                    self._answers[one] = at
        return sorted(wanted - self._answers.keys())

    def _finish(self, run: _Run) -> None:
        """Wait for a transform that another process has started, and take away what it left running."""
        workshop = self.transforming.workshop
        state = workshop.describe(TRANSFORM, run.name)
        if state is None:
            return  # the process ended before it was created
        if state["TransformJobStatus"] in OVER:
            self.transforming.end(run.name)
            return
        if state["TransformJobStatus"] == STOPPING:  # an attempt that was interrupted has taken it back
            self.transforming.stopped(run.name)
            return
        notice(f"mediaml waits for the batch transform {run.name}, which was started before")
        self.transforming.wait(run.name)

    def _start(self, files: Sequence[File]) -> None:
        """Write down what is started, and start it; keys stand in its manifest from the bucket on."""
        name, storage = self._free_name(files), self.transforming.storage
        root, source = self.root / name, Location(location(files[0].uri).bucket, "")
        storage.put_json([{"prefix": source.uri}, *(location(one.uri).key for one in files)], root / MANIFEST)
        storage.put_json({"transform": name, "files": files}, root / FILES)
        largest = max(one.size for one in files)
        batch = Batch(source, root / ANSWERS, largest, self.accept, root / MANIFEST, self.instances)
        told = f"{len(files)} WAV files, {sum(one.size for one in files) / 1e6:.1f} MB"
        self.transforming.run(name, self.served, batch, told)

    def _free_name(self, files: Sequence[File]) -> str:
        """Name a transform by what it hears; one that has failed keeps its name."""
        told = hashlib.sha256(repr([self.root, self.accept, *files]).encode()).hexdigest()[:8]
        base = f"{self.served.job[: LONGEST_NAME - 16]}-s-{told}"
        name, number = base, 1
        while self.transforming.workshop.describe(TRANSFORM, name) is not None:
            number += 1
            name = f"{base}-{number}"
        return name


def answer_to(file: File, target: Location) -> Location:
    """Give where a transform that has its manifest from the bucket on leaves the answer to a file."""
    return target / f"{location(file.uri).key}.out"
