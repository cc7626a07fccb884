"""What examples are called: reports of sounds and of pictures say the same in other words."""

from __future__ import annotations

from typing import NamedTuple


class Wording(NamedTuple):
    """The words for one kind of data.

    Parameters
    ----------
    example
        One row: ``clip``.
    group
        What rows must not be told apart by: ``recording``.
    things
        What it is all about: ``sounds``.
    taken
        What a model does with an example: ``heard``.
    """

    example: str
    group: str
    things: str
    taken: str

    def examples(self, count: int) -> str:
        """Write a number of examples."""
        return f"1 {self.example}" if count == 1 else f"{count} {self.example}s"

    def groups(self, count: int) -> str:
        """Write a number of groups."""
        return f"1 {self.group}" if count == 1 else f"{count} {self.group}s"

    def counted(self, examples: int, groups: int) -> str:
        """Write how many examples of how many groups there are."""
        words = self.where(examples, groups)
        return (
            self.examples(examples)
            if words.group == words.example
            else f"{self.examples(examples)} of {words.groups(groups)}"
        )

    def where(self, examples: int, groups: int) -> Wording:
        """Give the words for so many: pictures that all stand alone are called pictures, not groups."""
        return self._replace(group=self.example) if self.group == PICTURES.group and examples == groups else self


SOUNDS = Wording("clip", "recording", "sounds", "heard")
PICTURES = Wording("picture", "group", "pictures", "seen")
