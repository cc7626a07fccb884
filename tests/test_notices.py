"""Where a person, or a program's log, is told what goes on."""

from __future__ import annotations

import logging
import sys

import pytest

from mediaml import _notices
from mediaml._notices import notice


@pytest.fixture
def logger(monkeypatch):
    """Give the logger as a program has it that has arranged nothing: without pytest's handlers."""
    fresh = logging.Logger("mediaml")
    monkeypatch.setattr(_notices, "log", fresh)
    return fresh


class Kept(logging.Handler):
    """Keeps what it is given."""

    def __init__(self, level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self.told: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append((record.levelname, record.getMessage()))


def test_without_a_log_it_is_a_line_on_the_error_stream(logger, capsys):
    notice("mediaml starts an endpoint")

    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "mediaml starts an endpoint\n")


def test_a_programs_log_takes_it(logger, capsys):
    kept = Kept()
    logger.addHandler(kept)
    logger.setLevel(logging.INFO)

    notice("mediaml starts 100 % of it")
    notice("it could not be ended", logging.ERROR)

    assert kept.told == [("INFO", "mediaml starts 100 % of it"), ("ERROR", "it could not be ended")]
    assert capsys.readouterr().err == ""


def test_a_log_that_would_drop_it_does_not_hide_what_costs(logger, capsys):
    kept = Kept()
    logger.parent = logging.Logger("parent", logging.WARNING)
    logger.parent.addHandler(kept)

    notice("mediaml starts an endpoint")

    assert kept.told == []
    assert capsys.readouterr().err == "mediaml starts an endpoint\n"


@pytest.mark.parametrize("handlers", [[], [logging.ERROR]], ids=["no handler", "one for errors"])
def test_who_asks_for_more_is_not_told_less(logger, capsys, handlers):
    logger.setLevel(logging.DEBUG)
    for level in handlers:
        logger.addHandler(Kept(level))

    notice("mediaml starts an endpoint")

    assert capsys.readouterr().err == "mediaml starts an endpoint\n"


def test_who_sets_the_loggers_level_silences_it(logger, capsys):
    logger.setLevel(logging.ERROR)

    notice("mediaml starts an endpoint")

    assert capsys.readouterr().err == ""


def test_in_a_notebook_it_stands_in_the_output(logger, capsys, monkeypatch):
    monkeypatch.setattr(type(sys.stdout), "__module__", "ipykernel.iostream")

    notice("mediaml starts an endpoint")

    told = capsys.readouterr()
    assert (told.out, told.err) == ("mediaml starts an endpoint\n", "")
