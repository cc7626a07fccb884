"""EventBridge Scheduler of the offline AWS: moto keeps the schedules, and here they are carried out as time passes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from mediaml.testing.refusals import RefusalError
from mediaml.testing.roles import Roles
from mediaml.testing.wire import Wire

AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
UNIVERSAL = re.compile(r"arn:[a-z-]+:scheduler:::aws-sdk:(?P<service>[a-z]+):(?P<operation>[A-Za-z]+)")
SERVICE = "scheduler.amazonaws.com"


class Schedules:
    """One-off schedules, and what they call.

    Parameters
    ----------
    client
        Of EventBridge Scheduler.
    wire
        With the operations that are called.
    roles
        That schedules take on.
    """

    def __init__(self, client: Any, wire: Wire, roles: Roles) -> None:
        self._client, self._wire, self._roles = client, wire, roles
        self.refused: list[str] = []

    def names(self) -> list[str]:
        """Name the schedules that are still to come."""
        with self._wire.inside():
            pages = self._client.get_paginator("list_schedules").paginate()
            return [row["Name"] for page in pages for row in page["Schedules"]]

    def carry_out(self, now: float) -> list[str]:
        """Call what is due, as AWS does by itself, and give what was called; what is refused is tried again later."""
        done = []
        for schedule in self._due(now):
            target = schedule["Target"]
            called = UNIVERSAL.fullmatch(target["Arn"])
            if called is None:
                raise ValueError(f"the offline AWS calls universal targets only, not {target['Arn']}")
            service, operation = called["service"], called["operation"][0].upper() + called["operation"][1:]
            try:
                self._roles.assume(target["RoleArn"], SERVICE, f"{service}:{operation}")
                with self._wire.inside():
                    self._wire.operations[service, operation](json.loads(target["Input"]))
            except RefusalError as refusal:
                self.refused.append(f"{schedule['Name']}: {refusal.message}")
                continue
            with self._wire.inside():
                self._client.delete_schedule(Name=schedule["Name"])
            done.append(f"{service}:{operation}")
        return done

    def _due(self, now: float) -> Iterator[Mapping[str, Any]]:
        for name in self.names():
            with self._wire.inside():
                schedule = self._client.get_schedule(Name=name)
            when = AT.fullmatch(schedule["ScheduleExpression"])
            if when is None:
                raise ValueError(f"the offline AWS knows one-off schedules only, not {schedule['ScheduleExpression']}")
            if datetime.fromisoformat(when[1]).replace(tzinfo=UTC).timestamp() <= now:
                yield schedule
