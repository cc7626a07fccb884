"""The two datasets of a project: made to hold exactly what is trained and tested on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from mediaml._warnings import warn
from mediaml.aws.polling import poll
from mediaml.aws.s3 import Location, Storage
from mediaml.backends.rekognition.entries import SHORT, SHOWN, Entry, address_of, manifest, told_by
from mediaml.backends.rekognition.names import OURS, OWNER
from mediaml.backends.rekognition.problems import entry_problems
from mediaml.backends.rekognition.service import EXISTS, TEST, TRAIN, Service
from mediaml.data.checks.finding import counted
from mediaml.errors import AwsError, AwsNotReadyError, AwsValidationError, JobFailedError

MOVING = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS")
FAILED = ("CREATE_FAILED", "UPDATE_FAILED")
READY_IN = 4 * 3600.0  # seconds: a quarter of a million pictures take their time
LARGEST_CHANGE = 4_500_000  # bytes of 5,242,880: botocore sends them as base64, and AWS says "under 5 MB"


def chunks(entries: Sequence[Entry], largest: int = LARGEST_CHANGE) -> Iterator[bytes]:
    """Give entries as pieces of a manifest, each of whole lines and at most so many bytes."""
    held: list[bytes] = []
    size = 0
    for one in entries:
        line = manifest([one])
        if held and size + len(line) > largest:
            yield b"".join(held)
            held, size = [], 0
        held.append(line)
        size += len(line)
    if held:
        yield b"".join(held)


@dataclass(frozen=True)
class Datasets:
    """The datasets of one project.

    Parameters
    ----------
    service
        Where.
    storage, under
        Where manifests are left.
    project
        The project's name.
    tags
        On what is created.
    """

    service: Service
    storage: Storage
    under: Location
    project: str
    tags: Mapping[str, str]

    def arns(self) -> dict[str, str]:
        """Give the ARNs of the datasets that there are, by their kind."""
        found = self.service.project(self.project) or {}
        return {str(row["DatasetType"]): str(row["DatasetArn"]) for row in found.get("Datasets", ())}

    def hold(self, project_arn: str, train: Sequence[Entry], test: Sequence[Entry] | None) -> None:
        """Make the datasets hold these entries and no others.

        What is there and the same stays; what is new or has other labels is added. Where pictures are to go, the
        dataset is made anew: the service cannot take out an entry.

        Parameters
        ----------
        project_arn
            Of the project.
        train, test
            What they are to hold. None: the service moves a random fifth of `train` to the test dataset.

        Raises
        ------
        AwsValidationError
            A dataset that somebody else has made holds other pictures.
        JobFailedError
            The service refuses the manifest.
        """
        self._hold(project_arn, TRAIN, train, anew=test is None)
        if test is not None:
            self._hold(project_arn, TEST, test)
            return
        self._hold(project_arn, TEST, (), anew=True)
        self._distribute(self.arns())

    def _distribute(self, arns: Mapping[str, str]) -> None:
        """Let the service move a fifth of the training dataset to the test dataset."""
        lost: AwsError | None = None
        try:
            self.service.distribute(arns[TRAIN], arns[TEST])
        except (AwsNotReadyError, AwsValidationError) as error:  # an answer was lost, and the call repeated
            lost = error
        for kind in (TRAIN, TEST):
            self._settled(kind, arns[kind])
        if lost is not None and next(self.service.entries(arns[TEST]), None) is None:
            raise lost

    def _hold(self, project_arn: str, kind: str, entries: Sequence[Entry], anew: bool = False) -> None:
        arn = self.arns().get(kind)
        if arn is not None and self._settled(kind, arn, check=False)["Status"] == "CREATE_FAILED":
            self._remove(kind, arn, set())  # of an earlier attempt: it holds nothing, and cannot be changed
            arn = None
        known = {} if arn is None else self._known(kind, arn)
        gone = set(known) - {one.address for one in entries}
        if arn is not None and (gone or anew):
            self._remove(kind, arn, gone)
            arn = None
        if arn is None:
            arn = self._create(project_arn, kind, entries)
        else:
            self._update(kind, arn, [one for one in entries if known.get(one.address) != one.content])
        self._compare(kind, arn, entries)

    def _known(self, kind: str, arn: str) -> dict[str, str]:
        """Give what a dataset holds: what is told of each picture."""
        self._settled(kind, arn, check=False)  # where a change has failed, what it was before still stands
        return {address_of(line): told_by(line) for line in self.service.entries(arn)}

    def lines(self, kind: str) -> list[str]:
        """Give the entries of a dataset; none where there is no such dataset."""
        arn = self.arns().get(kind)
        if arn is None:
            return []
        self._settled(kind, arn, check=False)  # of an earlier attempt, that was interrupted
        return list(self.service.entries(arn))

    def add(self, kind: str, entries: Sequence[Entry]) -> None:
        """Add entries, or replace those of the same pictures.

        Raises
        ------
        JobFailedError
            The service refuses them.
        """
        arn = self.arns()[kind]
        known = self._known(kind, arn)
        self._update(kind, arn, [one for one in entries if known.get(one.address) != one.content])
        self._compare(kind, arn, entries, len(set(known) - {one.address for one in entries}))

    def _create(self, project_arn: str, kind: str, entries: Sequence[Entry]) -> str:
        source = self._manifest(kind, entries) if entries else None
        try:
            arn = self.service.create_dataset(project_arn, kind, source, {**self.tags, OWNER: OURS})
        except AwsValidationError as error:
            if error.code != EXISTS:  # an answer that was lost, and a call that was repeated
                raise
            arn = self.arns()[kind]
        self._settled(kind, arn)
        return arn

    def _manifest(self, kind: str, entries: Sequence[Entry]) -> dict[str, Any]:
        """Leave the manifest on S3, and name it as the service wants it."""
        content = manifest(entries)
        name = hashlib.sha256(content).hexdigest()[:SHORT]
        at = self.storage.put(content, self.under / f"manifests/{kind.lower()}-{name}.manifest")
        return {"GroundTruthManifest": {"S3Object": {"Bucket": at.bucket, "Name": at.key}}}

    def _update(self, kind: str, arn: str, entries: Sequence[Entry]) -> None:
        for piece in chunks(entries):
            try:
                self.service.update_entries(arn, piece)
            except AwsNotReadyError:  # an answer was lost, and the call repeated; the same entries twice do no harm
                self._settled(kind, arn)
                self.service.update_entries(arn, piece)
            self._settled(kind, arn)

    def _remove(self, kind: str, arn: str, gone: set[str]) -> None:
        """Delete a dataset of ours."""
        if self.service.tags(arn).get(OWNER) != OURS:
            raise AwsValidationError(
                f"the {kind} dataset of the project {self.project} was not made by mediaml, and holds "
                f"{counted(len(gone), 'picture')} that are not in the data ({', '.join(sorted(gone)[:3])}): nothing of "
                f"it is deleted. Take another project, add its pictures to yours, or delete it in the console"
            )
        self.remove(kind, arn)

    def remove(self, kind: str, arn: str) -> None:
        """Delete a dataset, and wait until it is gone."""
        with suppress(AwsNotReadyError):  # one that is being made: then again, once it is
            self.service.delete_dataset(arn)
        state = poll(
            lambda: self.service.dataset(arn),
            lambda found: found is None or found["Status"] != "DELETE_IN_PROGRESS",
            self.service.aws.clock,
            f"the end of the {kind} dataset of {self.project}",
            READY_IN,
        )
        if state is not None:
            self._settled(kind, arn, check=False)
            self.service.delete_dataset(arn)
            poll(
                lambda: self.service.dataset(arn),
                lambda found: found is None,
                self.service.aws.clock,
                f"the end of the {kind} dataset of {self.project}",
                READY_IN,
            )

    def _settled(self, kind: str, arn: str, check: bool = True) -> dict[str, Any]:
        """Wait until a dataset is ready."""
        state = poll(
            lambda: self.service.dataset(arn),
            lambda found: found is None or found["Status"] not in MOVING,
            self.service.aws.clock,
            f"the {kind} dataset of {self.project}",
            READY_IN,
        )
        if state is None:
            raise AwsError(f"the {kind} dataset of the project {self.project} was deleted by somebody else")
        if check and state["Status"] in FAILED:
            code = state.get("StatusMessageCode", "")
            whose = "call fit again" if code == "SERVICE_ERROR" else "mend the data and call fit again"
            raise JobFailedError(
                f"the {kind} dataset of the project {self.project}: {state['Status']}: "
                f"{state.get('StatusMessage') or 'the service gives no reason'}. {whose.capitalize()}",
                tuple(entry_problems(self.service.entries(arn, only_errors=True), SHOWN)) if _readable(state) else (),
            )
        return state

    def _compare(self, kind: str, arn: str, sent: Sequence[Entry], others: int = 0) -> None:
        """Compare what a dataset holds with what was sent: the service leaves out what it does not like."""
        stats = (self.service.dataset(arn) or {}).get("DatasetStats", {})
        if int(stats.get("TotalEntries", 0)) < len(sent) + others:
            there = {address_of(line) for line in self.service.entries(arn)}
            lost = [one.path for one in sent if one.address not in there]
            if lost:
                warn(
                    f"the {kind} dataset of {self.project} has left out {len(lost)} of {len(sent)} pictures, without a "
                    f"word: {', '.join(lost[:SHOWN])}{' ...' if len(lost) > SHOWN else ''}"
                )
        if int(stats.get("ErrorEntries", 0)):
            told = "; ".join(entry_problems(self.service.entries(arn, only_errors=True), SHOWN))
            warn(
                f"the {kind} dataset of {self.project} has errors in {stats['ErrorEntries']} of its entries, which are "
                f"not used: {told}"
            )


def _readable(state: Mapping[str, Any]) -> bool:
    return bool(state["Status"] == "UPDATE_FAILED")
