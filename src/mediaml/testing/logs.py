"""CloudWatch's logs as AWS's own machines use them."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any

from mediaml.testing.wire import Wire


class Logs:
    """Log groups of the offline account.

    Parameters
    ----------
    client
        Of CloudWatch's logs.
    wire
        To be inside of.
    """

    def __init__(self, client: Any, wire: Wire) -> None:
        self._client = client
        self._wire = wire
        self._streams: set[tuple[str, str]] = set()
        self._lock = threading.Lock()  # jobs that start together share a group

    def put(self, group: str, stream: str, lines: Sequence[str]) -> None:
        """Write lines to a stream, made where missing."""
        if not lines:
            return
        with self._lock, self._wire.inside():
            if group not in {one for one, _ in self._streams}:
                self._client.create_log_group(logGroupName=group)
            if (group, stream) not in self._streams:
                self._client.create_log_stream(logGroupName=group, logStreamName=stream)
            self._streams.add((group, stream))
            now = int(time.time() * 1000)
            events = [{"timestamp": now, "message": line or " "} for line in lines]
            self._client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
