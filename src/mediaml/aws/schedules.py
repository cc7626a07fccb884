"""Stops that outlive this process: one-off schedules of EventBridge Scheduler, which call AWS by themselves."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mediaml._notices import notice
from mediaml.aws.ledger import Ledger, Resource
from mediaml.aws.session import Aws, translated
from mediaml.errors import AwsAccessError, AwsError, AwsNotFoundError, AwsQuotaError, AwsValidationError

SCHEDULE = "schedule"
"""Its kind in the ledger. It costs nothing by itself."""
RETRIES = {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86400}  # the most there is: a day
THERE = "ConflictException"
REFUSED = (AwsAccessError, AwsQuotaError, AwsValidationError)
STARTING = 3600.0
"""Seconds that something may take to start: an end that comes before it runs would find nothing to end."""


@dataclass(frozen=True)
class Stop:
    """A call that ends something.

    Parameters
    ----------
    service, operation
        As EventBridge Scheduler names them: ``rekognition``, ``stopProjectVersion``.
    request
        What is sent.
    """

    service: str
    operation: str
    request: Mapping[str, str]


@dataclass(frozen=True)
class Attendance:
    """Who ends what bills, where this process cannot.

    Parameters
    ----------
    role
        That EventBridge Scheduler takes on, with the right to do so; None: nobody does.
    hours
        After which it is ended; None: nobody does.
    needed
        Without a schedule nothing may start, as nothing else ends it, or keeps the limit of its cost. False: where the
        schedule is refused, that is told, and all goes on.
    """

    role: str | None = None
    hours: float | None = None
    needed: bool = True


NOBODY = Attendance()


@dataclass(frozen=True)
class Deadline:
    """The time at which AWS itself ends a deployment, whatever became of the process that opened it.

    Parameters
    ----------
    aws, ledger
        Where.
    name
        Of the deployment.
    stop
        What ends it.
    attendance
        By whom, and after how many hours.
    """

    aws: Aws
    ledger: Ledger
    name: str
    stop: Stop
    attendance: Attendance = NOBODY

    @property
    def _schedule(self) -> str:
        told = f"{self.stop.service} {self.stop.operation} {self.name}"
        return f"mediaml-{hashlib.sha256(told.encode()).hexdigest()[:24]}"

    @property
    def _resource(self) -> Resource:
        return Resource(SCHEDULE, self._schedule, self.aws.region, self.aws.account())

    @property
    def _client(self) -> Any:
        return self.aws.client("scheduler")

    @property
    def _known(self) -> bool:
        return self._resource in {one.resource for one in self.ledger.standing()}

    def set(self, starting: float = 0.0) -> None:
        """Make the schedule, or put the one that is there off, to so many hours from now.

        Without a role or hours one that is there is taken away: it was meant for an earlier deployment.

        Parameters
        ----------
        starting
            Seconds more, for what has still to start.

        Raises
        ------
        AwsError
            It cannot be made: then nothing that it should end may be started.
        """
        role, hours = self.attendance.role, self.attendance.hours
        if role is None or hours is None:
            self.remove()
            return
        known = self._known
        self.ledger.created(self._resource)
        try:
            self._put(self._request(role, hours * 3600 + starting), known)
        except AwsError as error:
            if self.attendance.needed:
                raise
            notice(f"mediaml: AWS will not end {self.name} by itself: {error}", logging.WARNING)

    def _put(self, request: Mapping[str, Any], known: bool) -> None:
        try:
            with translated(f"scheduling the end of {self.name}"):
                self._client.create_schedule(**request)
        except AwsError as error:
            if error.code != THERE:
                if isinstance(error, REFUSED) and not known:
                    self.ledger.gone(self._resource)
                raise
            with translated(f"putting off the end of {self.name}"):
                self._client.update_schedule(**request)

    def _request(self, role: str, seconds: float) -> dict[str, Any]:
        when = datetime.fromtimestamp(self.aws.clock.now() + seconds, UTC)
        partition = self.aws.session.get_partition_for_region(self.aws.region)
        return {
            "Name": self._schedule,
            "Description": f"mediaml ends {self.name}",
            "ScheduleExpression": f"at({when:%Y-%m-%dT%H:%M:%S})",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Target": {
                "Arn": f"arn:{partition}:scheduler:::aws-sdk:{self.stop.service}:{self.stop.operation}",
                "RoleArn": role,
                "Input": json.dumps(dict(self.stop.request)),
                "RetryPolicy": RETRIES,
            },
        }

    def remove(self) -> None:
        """Take the schedule away, whoever made it; one that is gone is no error.

        Raises
        ------
        AwsError
            This machine's ledger has it, and it cannot be taken away: it would end a new deployment of the same name.
        """
        known = self._known
        try:
            with translated(f"removing the schedule of the end of {self.name}"):
                self._client.delete_schedule(Name=self._schedule)
        except AwsNotFoundError:  # there is none, or it has done its work
            pass
        except AwsError:
            if known:
                raise
            return
        if known:
            self.ledger.gone(self._resource)


def strike_done(aws: Aws, ledger: Ledger) -> None:
    """Strike off the ledger the schedules of this account and region that have done their work."""
    for one in ledger.standing():
        here = (one.resource.region, one.resource.account) == (aws.region, aws.account())
        if one.resource.kind != SCHEDULE or not here:
            continue
        try:
            with translated(f"looking at the schedule {one.resource.name}"):
                aws.client("scheduler").get_schedule(Name=one.resource.name)
        except AwsNotFoundError:
            ledger.gone(one.resource)
