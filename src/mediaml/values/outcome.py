"""What an evaluation keeps of each example, whatever was asked of the model."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from mediaml.values.clip import Clip


class ExampleOutcome(BaseModel):
    """One example, with its truth and what the model said. Lists of outcomes are printed as a line each."""

    model_config = ConfigDict(frozen=True)

    @property
    def source(self) -> str:
        """The file."""
        raise NotImplementedError

    @property
    def _example(self) -> str:
        return self.source

    def __repr__(self) -> str:  # lists print it: all that a model considered, of many outcomes, is pages
        return f"<{type(self).__name__} {self}>"


def name_of(clip: Clip) -> str:
    """Name the recording, and which part of it."""
    return str(clip.path) if clip.segment is None else f"{clip.path}, {clip.segment}"
