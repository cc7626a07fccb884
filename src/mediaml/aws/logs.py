"""The log of a job or an endpoint, as CloudWatch has it."""

from __future__ import annotations

from dataclasses import dataclass, field

from mediaml.aws.session import Aws, translated
from mediaml.errors import AwsError, AwsNotFoundError

LAST = 20
LINE = 500  # characters


@dataclass
class Tail:
    """The lines of the streams that begin so, as they come.

    Parameters
    ----------
    aws
        The account.
    group
        The log group.
    prefix
        The start of the streams' names.
    """

    aws: Aws
    group: str
    prefix: str
    _tokens: dict[str, str] = field(default_factory=dict)

    def news(self) -> list[str]:
        """Give the lines that came since the last call; none where there is no log yet.

        Raises
        ------
        AwsAccessError
            The caller may not read logs.
        """
        client = self.aws.client("logs")
        try:
            with translated(f"reading the log {self.group}"):
                only = {"logStreamNamePrefix": self.prefix} if self.prefix else {}
                streams = client.describe_log_streams(logGroupName=self.group, **only)
        except AwsNotFoundError:
            return []
        lines: list[str] = []
        for stream in streams["logStreams"]:
            lines.extend(self._news_of(str(stream["logStreamName"])))
        return lines

    def _news_of(self, stream: str) -> list[str]:
        client = self.aws.client("logs")
        lines: list[str] = []
        while True:
            token = self._tokens.get(stream)
            more = {"nextToken": token} if token else {}
            with translated(f"reading the log {self.group}/{stream}"):
                found = client.get_log_events(logGroupName=self.group, logStreamName=stream, startFromHead=True, **more)
            lines.extend(str(event["message"])[:LINE] for event in found["events"])
            if found["nextForwardToken"] == token or not found["events"]:
                self._tokens[stream] = found["nextForwardToken"]
                return lines
            self._tokens[stream] = found["nextForwardToken"]


def last_lines(aws: Aws, group: str, prefix: str, count: int = LAST) -> tuple[str, ...]:
    """Give the end of a log, for an error; empty where it cannot be read."""
    try:
        return tuple(Tail(aws, group, prefix).news()[-count:])
    except AwsError:  # the failure that this is the log of matters more
        return ()
