"""Stops that outlive this process: one-off schedules of EventBridge Scheduler, which call AWS by themselves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mediaml.aws.ledger import Ledger, Resource
from mediaml.aws.session import Aws, translated
from mediaml.errors import AwsError, AwsNotFoundError

SCHEDULE = "schedule"
"""Its kind in the ledger. It costs nothing by itself."""
RETRIES = {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86400}  # the most there is: a day
THERE = "ConflictException"


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
    role
        That EventBridge Scheduler takes on, with the right to do so; None: no schedule is made.
    hours
        From now; None: no schedule is made.
    """

    aws: Aws
    ledger: Ledger
    name: str
    stop: Stop
    role: str | None = None
    hours: float | None = None

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

    def set(self) -> None:
        """Make the schedule, or put the one that is there off, to so many hours from now.

        Raises
        ------
        AwsError
            It cannot be made: then nothing that it should end may be started.
        """
        if self.role is None or self.hours is None:
            return
        when = datetime.fromtimestamp(self.aws.clock.now() + self.hours * 3600, UTC)
        partition = self.aws.session.get_partition_for_region(self.aws.region)
        request = {
            "Name": self._schedule,
            "Description": f"mediaml ends {self.name}",
            "ScheduleExpression": f"at({when:%Y-%m-%dT%H:%M:%S})",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Target": {
                "Arn": f"arn:{partition}:scheduler:::aws-sdk:{self.stop.service}:{self.stop.operation}",
                "RoleArn": self.role,
                "Input": json.dumps(dict(self.stop.request)),
                "RetryPolicy": RETRIES,
            },
        }
        self.ledger.created(self._resource)
        try:
            with translated(f"scheduling the end of {self.name}"):
                self._client.create_schedule(**request)
        except AwsError as error:
            if error.code != THERE:
                raise
            with translated(f"putting off the end of {self.name}"):
                self._client.update_schedule(**request)

    def remove(self) -> None:
        """Take the schedule away, where this machine's ledger has one; one that is gone is no error."""
        if self._resource not in {one.resource for one in self.ledger.standing()}:
            return
        remove(self.aws, self.ledger, self._resource)


def remove(aws: Aws, ledger: Ledger, schedule: Resource) -> None:
    """Take a schedule away that the ledger has."""
    try:
        with translated(f"removing the schedule {schedule.name}"):
            aws.client("scheduler").delete_schedule(Name=schedule.name)
    except AwsNotFoundError:  # it has done its work
        pass
    ledger.gone(schedule)


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
