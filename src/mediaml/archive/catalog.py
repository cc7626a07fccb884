"""What was found in an archive, to be asked."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import closing
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediaml.archive.journal import TRACKS, Journal
from mediaml.errors import DataError, LabelError
from mediaml.values.geometry import Segment
from mediaml.values.media import Media
from mediaml.values.reel import Find, Reel
from mediaml.values.timeline import Event, Timeline

if TYPE_CHECKING:
    import pandas as pd

    from mediaml.export.clips import Clipped
    from mediaml.review.page import Order

MOST_NAMED = 5
COLUMNS = ["file", "start", "end", "label", "confidence", "model"]
SEGMENTS = """
SELECT files.path, segments.start, segments.end, segments.label, segments.confidence, models.name{more}
FROM segments JOIN files ON files.id = segments.file JOIN models ON models.id = segments.model
WHERE NOT files.gone{where}
ORDER BY {order}files.path, segments.start, segments.end, segments.label, models.name
"""
BY_CONFIDENCE = "segments.confidence DESC, "


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

    # -- tables -------------------------------------------------------------------------------------------------------

    def segments(
        self,
        label: str | Sequence[str] | None = None,
        min_confidence: float = 0.0,
        *,
        file: str | Path | None = None,
        model: str | None = None,
        top: int | None = None,
    ) -> pd.DataFrame:
        """Give what was found, a row a segment, by file and time.

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
            Only so many, the surest first.

        Returns
        -------
        Columns: file, start and end (seconds; 0 and 0 in a still picture), label, confidence (0 to 1), model. Files
        that are gone are left out.

        Raises
        ------
        LabelError
            No model of the scan has this label.
        DataError
            There is no such file in the catalog, or no such model.
        """
        import pandas as pd

        rows = self._segments("", label, min_confidence, file, model, top)
        frame = pd.DataFrame(rows, columns=COLUMNS)
        return frame.astype({"start": float, "end": float, "confidence": float})

    def _segments(
        self,
        more: str,
        label: str | Sequence[str] | None,
        min_confidence: float,
        file: str | Path | None,
        model: str | None,
        top: int | None,
    ) -> list[tuple[Any, ...]]:
        where = ""
        values: list[Any] = []
        if label is not None:
            wanted = self._known_labels((label,) if isinstance(label, str) else tuple(label))
            where += f" AND segments.label IN ({', '.join('?' * len(wanted))})"
            values += wanted
        if min_confidence > 0:
            where += " AND segments.confidence >= ?"
            values.append(min_confidence)
        if file is not None:
            where += " AND files.path = CAST(? AS TEXT)"
            values.append(os.fsencode(self._path(file)))
        if model is not None:
            where += " AND models.name = ?"
            values.append(self._known_model(model))
        query = SEGMENTS.format(more=more, where=where, order=BY_CONFIDENCE if top is not None else "")
        if top is not None:
            query += " LIMIT ?"
            values.append(int(top))
        return self._rows(query, values)

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
            (path, kind, _media(media).duration if media else 0.0, count, *_state(error, gone, problems))
            for path, kind, media, error, gone, count, problems in rows
        ]
        return pd.DataFrame(table, columns=["file", "kind", "duration", "segments", "state", "reason"])

    @property
    def labels(self) -> pd.DataFrame:
        """A row a label and model: model, label, segments, files and seconds; those that were not found, too."""
        import pandas as pd

        counted = {
            (model, label): rest
            for model, label, *rest in self._rows(
                "SELECT models.name, segments.label, COUNT(*), COUNT(DISTINCT segments.file), "
                "SUM(segments.end - segments.start) FROM segments JOIN models ON models.id = segments.model "
                "JOIN files ON files.id = segments.file WHERE NOT files.gone GROUP BY models.name, segments.label"
            )
        }
        names = {(name, label) for name, labels in self._models() for label in labels} | set(counted)
        rows = [(*name, *counted.get(name, (0, 0, 0.0))) for name in sorted(names)]
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
            There is no such file in the catalog, several end so, or it could not be read.
        """
        path = self._path(file)
        number, media, error = self._rows(
            "SELECT id, media, error FROM files WHERE path = CAST(? AS TEXT)", (os.fsencode(path),)
        )[0]
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
            duration=_media(media).duration if media else 0.0,
            events=tuple(find.event for find in finds),
            labels=tuple(dict.fromkeys([*labels, *sorted(set(seen))])),
            model={"models": [name for name, _, _ in results], "store": str(self.store)},
            problems=tuple(f"{name}: {one}" for name, _, problems in results for one in json.loads(problems)),
            media=_media(media) if media else None,
        )

    def finds(
        self,
        label: str | Sequence[str] | None = None,
        min_confidence: float = 0.0,
        *,
        file: str | Path | None = None,
        model: str | None = None,
        top: int | None = None,
    ) -> tuple[Find, ...]:
        """Give the same as `segments` as values, each with its file's streams and the tracks of its boxes.

        Raises
        ------
        LabelError, DataError
            As of `segments`.
        """
        rows = self._segments(", segments.tracks, files.media", label, min_confidence, file, model, top)
        known: dict[str, Media] = {}
        found = []
        for path, start, end, name, confidence, by, tracks, media in rows:
            if media is not None and media not in known:
                known[media] = _media(media)
            event = Event(
                label=name,
                segment=Segment(start=start, end=end),
                confidence=confidence,
                model=by,
                tracks=TRACKS.validate_json(tracks) if tracks else (),
            )
            found.append(Find(source=path, event=event, media=None if media is None else known[media]))
        return tuple(found)

    def reel(
        self,
        label: str | Sequence[str] | None = None,
        min_confidence: float = 0.0,
        *,
        top: int | None = None,
        name: str = "mediaml finds",
    ) -> Reel:
        """Give the finds as one sequence, the surest first where `top` is given; ``reel.save("best.edl")`` writes it.

        Raises
        ------
        LabelError
            No model of the scan has this label.
        """
        return Reel(name=name, finds=self.finds(label, min_confidence, top=top))

    def export_clips(
        self,
        folder: str | Path,
        *,
        top: int | None = None,
        label: str | Sequence[str] | None = None,
        min_confidence: float = 0.0,
        margin: float = 0.0,
        progress: bool = True,
    ) -> list[Clipped]:
        """Cut segments out of their files, into a folder, one file a segment, with a table of them (``clips.csv``).

        Parameters
        ----------
        folder
            Made where missing.
        top
            Only so many, the surest; None: all.
        label, min_confidence
            As of `segments`.
        margin
            Seconds more at both sides.
        progress
            Show a bar.

        Raises
        ------
        LabelError
            No model of the scan has this label.
        OSError
            The folder cannot be written.
        """
        from mediaml.export.clips import export_clips

        return export_clips(self.finds(label, min_confidence, top=top), folder, margin=margin, progress=progress)

    def review(
        self,
        folder: str | Path,
        *,
        label: str | Sequence[str] | None = None,
        min_confidence: float = 0.0,
        model: str | None = None,
        top: int | None = None,
        order: Order = "value",
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
            What the page begins with: ``"value"`` (the confidence where there is none), ``"confidence"``, ``"doubt"``
            (the least sure) or ``"file"``.
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

        finds = self.finds(label, min_confidence, model=model, top=top)
        hearing = {name for name, kind in self._rows("SELECT name, kind FROM models") if kind == "sound"}
        known = [name for _, labels in self._models() for name in labels]
        title = f"Finds of {self.store.name}"
        return build(candidates(finds, hearing), folder, title=title, labels=known, order=order, progress=progress)

    # -- looking things up --------------------------------------------------------------------------------------------

    def _path(self, file: str | Path) -> str:
        """Find a file by its path, or by the end of it."""
        wanted = os.fspath(file)
        for exact in (wanted, os.path.abspath(wanted)):
            if self._rows("SELECT 1 FROM files WHERE path = CAST(? AS TEXT)", (os.fsencode(exact),)):
                return exact
        tail = wanted if wanted.startswith("/") else f"/{wanted}"
        found = [path for (path,) in self._rows("SELECT path FROM files ORDER BY path") if path.endswith(tail)]
        if not found:
            raise DataError(f"{wanted}: there is no such file in {self.store}; catalog.files lists all")
        if len(found) > 1:
            more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
            raise DataError(f"{wanted}: several files end so: {', '.join(found[:MOST_NAMED])}{more}")
        return str(found[0])

    def _models(self) -> list[tuple[str, list[str]]]:
        return [(name, json.loads(labels)) for name, labels in self._rows("SELECT name, labels FROM models")]

    def _known_labels(self, wanted: Sequence[str]) -> Sequence[str]:
        known = {label for _, labels in self._models() for label in labels}
        unknown = [label for label in wanted if label not in known]
        if unknown and known:
            seen = {label for (label,) in self._rows("SELECT DISTINCT label FROM segments")}
            if still := [label for label in unknown if label not in seen]:
                raise LabelError(
                    f"{self.store}: no model looked for {', '.join(map(repr, still))}; there are: "
                    f"{', '.join(sorted(known | seen))}"
                )
        return wanted

    def _known_model(self, name: str) -> str:
        names = sorted({one for one, _ in self._models()})
        if name not in names:
            raise DataError(f"{self.store}: no model {name!r} took part; there are: {', '.join(names)}")
        return name

    # -- showing ------------------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        files = self.files
        hours = files["duration"].sum() / 3600
        states = ", ".join(f"{count} {state}" for state, count in files["state"].value_counts().items())
        found = self.labels
        lines = [f"{self.store}: {len(files)} files ({states or 'none'}), {hours:.1f} hours"]
        lines += [
            f"  {label}: {segments} segments in {held} files ({model})"
            for model, label, segments, held in zip(
                found["model"], found["label"], found["segments"], found["files"], strict=True
            )
            if segments
        ]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Catalog {self.store}>"

    def _repr_html_(self) -> str:
        return f"<p>{escape(str(self.store))}</p>{self.labels.round(1).to_html(index=False)}"


def _media(text: str) -> Media:
    return Media.model_validate_json(text)


def _state(error: str | None, gone: int, problems: str | None) -> tuple[str, str]:
    listed = [one for line in (problems or "").splitlines() for one in json.loads(line)]
    reason = error or "; ".join(listed)
    if gone:
        return "gone", reason
    if error is not None:
        return "not read", reason
    return ("partly read" if listed else "read"), reason
