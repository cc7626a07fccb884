"""What is told of work that takes a while, and where."""

from __future__ import annotations

import pytest

from mediaml.data.progress import bar, late_bar


@pytest.mark.parametrize("kind", [bar, late_bar])
def test_without_a_terminal_a_line_is_written(kind, capsys):
    with kind(2, "training", "epoch") as move:
        move("loss 2", line="epoch 1 of 2, loss 2")
        move("loss 1", line="epoch 2 of 2, loss 1")

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "training: epoch 1 of 2, loss 2\ntraining: epoch 2 of 2, loss 1\n"


@pytest.mark.parametrize("kind", [bar, late_bar])
def test_nothing_is_written_where_nothing_is_to_be_shown(kind, capsys):
    with kind(1, "training", "epoch", shown=False) as move:
        move("loss 2", line="epoch 1 of 1, loss 2")

    assert capsys.readouterr().err == ""


def test_on_a_terminal_the_bar_is_enough(capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with bar(1, "training", "epoch") as move:
        move("loss 2", line="epoch 1 of 1, loss 2")

    told = capsys.readouterr().err
    assert "loss 2" in told and "epoch 1 of 1" not in told
