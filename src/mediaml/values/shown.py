"""What reports of all kinds can do: show themselves in a notebook, be saved, and carry what only people know."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from mediaml import _forward


class Notes(BaseModel):
    """What a model card holds that no program can know: ``report.noted`` writes it to ``report.notes``.

    Parameters
    ----------
    intended_use
        What the model is for, and who uses it.
    not_for
        What it must not be used for.
    contact
        Who answers questions.
    """

    model_config = ConfigDict(frozen=True)

    intended_use: str = ""
    not_for: str = ""
    contact: str = ""


class ShownReport(BaseModel):
    """A report that shows itself.

    Parameters
    ----------
    notes
        What people say of the model: `noted` writes it.
    """

    model_config = ConfigDict(frozen=True)

    pages: ClassVar[str]
    """The module that makes a page of it."""

    notes: Notes = Field(default_factory=Notes, repr=False)

    def noted(self, *, intended_use: str | None = None, not_for: str | None = None, contact: str | None = None) -> Self:
        """Give the same report with words of yours in its model card; what is None stays as it is.

        Parameters
        ----------
        intended_use
            What the model is for, and who uses it.
        not_for
            What it must not be used for.
        contact
            Who answers questions.
        """
        said = {"intended_use": intended_use, "not_for": not_for, "contact": contact}
        notes = self.notes.model_copy(update={name: text for name, text in said.items() if text is not None})
        return self.model_copy(update={"notes": notes})

    def save(self, path: str | Path) -> Path:
        """Write the report, whole or not at all, and give its path.

        Parameters
        ----------
        path
            Its ending chooses: ``.html``, a self-contained page; ``.md``, GitHub's Markdown for a wiki or a pull
            request; ``.json``, all of it for programs, which `mediaml.load_report` reads back. Folders are made where
            missing; a file that stands there is replaced.

        Raises
        ------
        ValueError
            The path ends otherwise.
        """
        written: Path = _forward.call("mediaml.reports.files", "save_report", self, path)
        return written

    def _repr_html_(self) -> str:
        html: str = _forward.call(self.pages, "report_fragment", self)
        return html
