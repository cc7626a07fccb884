"""What was found in an archive, to be asked."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mediaml.archive.asking import Order, Question, models_of, path_of
from mediaml.archive.finding import finds_of, media_of
from mediaml.archive.journal import Journal
from mediaml.archive.ranking import ranked
from mediaml.archive.value import Value
from mediaml.data.checks.finding import counted
from mediaml.errors import DataError
from mediaml.values.geometry import Segment
from mediaml.values.reel import Find, Reel
from mediaml.values.timeline import Timeline

if TYPE_CHECKING:
    import pandas as pd

    from mediaml.export.clips import Clipped
    from mediaml.review.page import Order as PageOrder

COLUMNS = ["file", "start", "end", "label", "confidence", "model"]
PARTS = ["relevance", "rarity", "length", "quality", "novelty"]


class Catalog:
    """The store of a scan. It reads what is there now: a scan that goes on meanwhile adds to it.

    Parameters
    ----------
    store
        The SQLite file that `mediaml.scan` wrote.

    Raises
    ------
    StoreError
        There is none, or it is something else.
    """

    def __init__(self, store: str | Path) -> None:
        self.store = Path(store)
        self._rows("SELECT 1")

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with closing(Journal(self.store)) as journal:
            return journal.rows(query, values)

    def _path(self, file: str | Path) -> str:
        with closing(Journal(self.store)) as journal:
            return path_of(journal, file)

    def _models(self) -> list[tuple[str, list[str]]]:
        with closing(Journal(self.store)) as journal:
            return models_of(journal)

    # -- tables -------------------------------------------------------------------------------------------------------

    def segments(
        self,
        label: str | Sequence[str] | None = None,
        min_confidence: float = 0.0,
        *,
        file: str | Path | None = None,
        model: str | None = None,
        top: int | None = None,
        order: Order | None = None,
        value: Value | None = None,
        explain: bool = False,
    ) -> pd.DataFrame:
        """Give what was found, a row a segment.

        Parameters
        ----------
        label
            One, or several; None: all.
        min_confidence
            The lowest, 0 to 1.
        file
            Of one file; its path, or the end of it where only one file ends so.
        model
            Of one model, by its name in the scan.
        top
            Only so many, the first of the order.
        order
            ``"time"``: by file and time. ``"confidence"``: the surest first, ``"doubt"``: the least sure. ``"value"``:
            what is worth looking at first; see `mediaml.Value`. None: by time, or by confidence where `top` is given.
        value
            What makes a segment valuable: ``mm.Value(labels={"crowd_cheer": 3})``. It orders by value.
        explain
            By value: also give its parts, each from 0 to 1.

        Returns
        -------
        Columns: file, start and end (seconds; 0 and 0 in a still picture), label, confidence (0 to 1), model; by value
        also value (0 to 1), and with `explain` relevance, rarity, length, quality and novelty. Files that are gone are
        left out.

        Raises
        ------
        LabelError
            No model of the scan has this label, or one that `value` weighs.
        DataError
            There is no such file in the catalog, or no such model.
        ValueError
            There is no such order.
        """
        question = Question(label, min_confidence, file, model, top, order, value)
        with closing(Journal(self.store)) as journal:
            found = ranked(journal, question)
        more = ["value", *(PARTS if explain else ())] if question.sorted_by == "value" else []
        return found[[*COLUMNS, *more]]

    @property
    def files(self) -> pd.DataFrame:
        """A row a file: file, kind, duration (seconds), segments (how many), state and reason.

        The state is ``read``, ``partly read``, ``not read`` or ``gone``.
        """
        import pandas as pd

        rows = self._rows(
            "SELECT files.path, files.kind, files.media, files.error, files.gone, "
            "(SELECT COUNT(*) FROM segments WHERE segments.file = files.id), "
            "(SELECT GROUP_CONCAT(problems, '\n') FROM results WHERE results.file = files.id AND problems != '[]') "
            "FROM files ORDER BY files.path"
        )
        table = [
            (path, kind, media_of(media).duration if media else 0.0, count, *_state(error, gone, problems))
            for path, kind, media, error, gone, count, problems in rows
        ]
        return pd.DataFrame(table, columns=["file", "kind", "duration", "segments", "state", "reason"])

    @property
    def labels(self) -> pd.DataFrame:
        """A row a label and model: model, label, segments, files and seconds; those that were not found, too."""
        import pandas as pd

        found = {
            (model, label): rest
            for model, label, *rest in self._rows(
                "SELECT models.name, segments.label, COUNT(*), COUNT(DISTINCT segments.file), "
                "SUM(segments.end - segments.start) FROM segments JOIN models ON models.id = segments.model "
                "JOIN files ON files.id = segments.file WHERE NOT files.gone GROUP BY models.name, segments.label"
            )
        }
        names = {(name, label) for name, labels in self._models() for label in labels} | set(found)
        rows = [(*name, *found.get(name, (0, 0, 0.0))) for name in sorted(names)]
        return pd.DataFrame(rows, columns=["model", "label", "segments", "files", "seconds"])

    # -- for editors --------------------------------------------------------------------------------------------------

    def timeline(self, file: str | Path) -> Timeline:
        """Give all that was found in one file, of all models; ``timeline.save("match.otio")`` writes it for editors.

        Parameters
        ----------
        file
            Its path, or the end of it where only one file ends so.

        Raises
        ------
        DataError
            There is no such file in the catalog, several end so, it could not be read, or it was gone at the last scan.
        """
        path = self._path(file)
        number, media, error, gone = self._rows(
            "SELECT id, media, error, gone FROM files WHERE path = CAST(? AS TEXT)", (os.fsencode(path),)
        )[0]
        if gone:
            raise DataError(f"{path}: it was gone when the archive was last scanned; where it is back, scan again")
        if error is not None:
            raise DataError(f"{path}: it could not be read when the archive was scanned: {error}")
        results = self._rows(
            "SELECT models.name, models.labels, results.problems FROM results "
            "JOIN models ON models.id = results.model WHERE results.file = ? ORDER BY models.name",
            (number,),
        )
        finds = self.finds(file=path)
        seen = [find.event.label for find in finds]
        labels = [label for _, labels, _ in results for label in json.loads(labels)]
        return Timeline(
            source=path,
            duration=media_of(media).duration if media else 0.0,
            events=tuple(find.event for find in finds),
            labels=tuple(dict.fromkeys([*labels, *sorted(set(seen))])),
            model={"models": [name for name, _, _ in results], "store": str(self.store)},
            problems=tuple(f"{name}: {one}" for name, _, problems in results for one in json.loads(problems)),
            media=media_of(media) if media else None,
        )

    def finds(
        self,
        label: str | Sequence[str] | None = None,
        min_confidence: float = 0.0,
        *,
        file: str | Path | None = None,
        model: str | None = None,
        top: int | None = None,
        order: Order | None = None,
        value: Value | None = None,
    ) -> tuple[Find, ...]:
        """Give the same as `segments` as values, each with its file's streams and the tracks of its boxes.

        Parameters
        ----------
        label, min_confidence, file, model, top, order, value
            As of `segments`.

        Raises
        ------
        LabelError, DataError, ValueError
            As of `segments`.
        """
        with closing(Journal(self.store)) as journal:
            return finds_of(journal, ranked(journal, Question(label, min_confidence, file, model, top, order, value)))

    def reel(
        self,
        label: str | Sequence[str] | None = None,
        min_confidence: float = 0.0,
        *,
        top: int | None = None,
        order: Order | None = None,
        value: Value | None = None,
        name: str = "mediaml finds",
    ) -> Reel:
        """Give the finds as one sequence, in the order of `segments`; ``reel.save("best.edl")`` writes it.

        Parameters
        ----------
        label, min_confidence, top, order, value
            As of `segments`.
        name
            Of the sequence, as the editor shows it.

        Raises
        ------
        LabelError, ValueError
            As of `segments`.
        """
        return Reel(name=name, finds=self.finds(label, min_confidence, top=top, order=order, value=value))

    def export_clips(
        self,
        folder: str | Path,
        *,
        top: int | None = None,
        label: str | Sequence[str] | None = None,
        min_confidence: float = 0.0,
        order: Order | None = None,
        value: Value | None = None,
        margin: float = 0.0,
        progress: bool = True,
    ) -> list[Clipped]:
        """Cut segments out of their files, into a folder, one file a segment, with a table of them (``clips.csv``).

        Parameters
        ----------
        folder
            Made where missing.
        top
            Only so many, the surest, or the first of the order; None: all.
        label, min_confidence, order, value
            As of `segments`.
        margin
            Seconds more at both sides.
        progress
            Show a bar.

        Raises
        ------
        LabelError
            No model of the scan has this label, or one that `value` weighs.
        OSError
            The folder cannot be written.
        """
        from mediaml.export.clips import export_clips

        finds = self.finds(label, min_confidence, top=top, order=order, value=value)
        return export_clips(finds, folder, margin=margin, progress=progress)

    def review(
        self,
        folder: str | Path,
        *,
        label: str | Sequence[str] | None = None,
        min_confidence: float = 0.0,
        model: str | None = None,
        top: int | None = None,
        order: PageOrder = "value",
        value: Value | None = None,
        progress: bool = True,
    ) -> Path:
        """Make a page on which a person judges the segments; `from_review` of datasets takes the verdicts as training.

        A static folder, opened in a browser by a double click; the segments are copied into it, small.

        Parameters
        ----------
        folder
            Made where missing; what was made before stays.
        label, min_confidence, model, top
            As of `segments`.
        order
            What the page begins with: ``"value"``, ``"confidence"``, ``"doubt"`` (the least sure) or ``"file"``.
        value
            What makes a segment valuable; see `segments`.
        progress
            Show a bar.

        Returns
        -------
        The path of the page, ``index.html``.

        Raises
        ------
        LabelError, DataError
            As of `segments`.
        OSError
            The folder cannot be written.
        """
        from mediaml.archive.reviewing import candidates
        from mediaml.review.page import build

        chosen: Order = "time" if order == "file" else order
        finds = self.finds(label, min_confidence, model=model, top=top, order=chosen, value=value)
        hearing = {name for name, kind in self._rows("SELECT name, kind FROM models") if kind == "sound"}
        known = [name for _, labels in self._models() for name in labels]
        title = f"Finds of {self.store.name}"
        return build(candidates(finds, hearing), folder, title=title, labels=known, order=order, progress=progress)

    def similar(
        self,
        example: str | Path,
        segment: Segment | None = None,
        *,
        kind: Literal["sound", "picture"] | None = None,
        by: object = None,
        top: int = 50,
    ) -> pd.DataFrame:
        """Find what sounds or looks like an example, whether a model has a label for it or not (extra ``similar``).

        What the networks of the scan made of every few seconds, and of every segment, is compared with what the same
        network makes of the example: the cosine of both. All of it is compared, so the nearest are the nearest.

        Parameters
        ----------
        example
            A recording, a picture or a video; it need not be in the archive.
        segment
            Of a recording or a video: which part of it. None: all.
        kind
            By which: of a video, its ``"sound"`` or its ``"picture"``. None: of a video the picture, if models looked
            at pictures, else the sound.
        by
            A model that took part in the scan, where its network is none that comes pretrained.
        top
            So many, the likest first.

        Returns
        -------
        Columns: file, start and end (seconds; 0 and 0 in a still picture), similarity (-1 to 1), and label, confidence
        and model of what was found there; missing where nothing was. Hits that overlap are one.

        Raises
        ------
        DataError
            The example cannot be read, or nothing in the catalog can be compared with it.
        ModelError
            The network is not to be had without `by`, or `by` has another one.
        WeightsError, MissingExtraError
            The network's weights, or the search, are not on this machine.
        """
        import pandas as pd

        from mediaml.archive import similar

        with closing(Journal(self.store)) as journal:
            hits = similar.similar(journal, example, segment, kind, by, top)
        return pd.DataFrame(hits, columns=similar.COLUMNS)

    # -- showing ------------------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        files = self.files
        hours = files["duration"].sum() / 3600
        states = ", ".join(f"{count} {state}" for state, count in files["state"].value_counts().items())
        found = self.labels
        lines = [f"{self.store}: {counted(len(files), 'file')} ({states or 'none'}), {hours:.1f} hours"]
        lines += [
            f"  {label}: {counted(segments, 'segment')} in {counted(held, 'file')} ({model})"
            for model, label, segments, held in zip(
                found["model"], found["label"], found["segments"], found["files"], strict=True
            )
            if segments
        ]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Catalog {self.store}>"

    def _repr_html_(self) -> str:
        from mediaml.archive.showing import catalog_html

        return catalog_html(self)


def _state(error: str | None, gone: int, problems: str | None) -> tuple[str, str]:
    listed = [one for line in (problems or "").splitlines() for one in json.loads(line)]
    reason = error or "; ".join(listed)
    if gone:
        return "gone", reason
    if error is not None:
        return "not read", reason
    return ("partly read" if listed else "read"), reason
