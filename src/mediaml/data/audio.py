"""Datasets of sounds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

from mediaml import _forward
from mediaml.data import recordings as rows
from mediaml.data.base import Dataset
from mediaml.data.labels import labels_of
from mediaml.data.table_rows import Columns
from mediaml.values.clip import Clip
from mediaml.values.geometry import Segment

if TYPE_CHECKING:
    import boto3
    import pandas as pd

    from mediaml.data.quality import AudioCheck


class AudioDataset(Dataset):
    """Recordings, or segments of them, with labels.

    ``frame`` has the columns ``path`` (absolute), ``start`` and ``end`` (seconds), ``label`` (None, one, or a tuple of
    several), ``group`` (what must stay together in a split; the recording where nothing else was said), and the
    columns that came with a table. A recording that could not be read has NaN in ``end``; `check` says why.

    Make one with `from_folder`, `from_table`, `from_annotations` or `from_review`.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        origin: Sequence[Mapping[str, Any]] = (),
        *,
        annotated: pd.DataFrame | None = None,
    ) -> None:
        super().__init__(frame, origin)
        self._annotated = annotated

    def _with(self, frame: pd.DataFrame, step: Mapping[str, Any] | None = None) -> Self:
        annotated = self._annotated
        if annotated is not None and len(frame) < len(self._frame):
            annotated = annotated[annotated["path"].isin(set(frame["path"]))]
        return type(self)(frame, (*self._origin, *([step] if step else [])), annotated=annotated)

    @classmethod
    def from_folder(cls, folder: str | Path, labels: str | Sequence[str] | None = "folders") -> Self:
        """Take a folder that has a folder of recordings for each label.

        Parameters
        ----------
        folder
            Of folders. Recordings deeper down belong to the first folder below this one; those right in it have no
            label.
        labels
            ``"folders"``: every folder is a label. Some names: only these folders. None: everything unlabelled.

        Raises
        ------
        DataError
            There is no such folder, or no recording in it.
        """
        return cls(rows.frame_of_folder(Path(folder), labels))

    @classmethod
    def from_table(
        cls,
        table: str | Path | pd.DataFrame,
        path_column: str = "path",
        label_column: str | None = "label",
        group_column: str | None = None,
        root: str | Path = ".",
        label_separator: str | None = None,
    ) -> Self:
        """Take a CSV or Parquet file or a DataFrame with one row a clip.

        Parameters
        ----------
        table
            ``.csv``, ``.tsv``, ``.parquet`` or a DataFrame. Columns ``start`` and ``end`` (seconds), where there are
            some, say which part of the recording is meant. All other columns are kept.
        path_column
            Paths, absolute or below `root`.
        label_column
            Labels; empty cells are unlabelled, lists are several labels. None: everything unlabelled.
        group_column
            What must stay together in a split: the individual, the site, the day. None: a column ``group`` where there
            is one, else the recording.
        root
            Where relative paths begin.
        label_separator
            What stands between several labels in a cell, such as ``";"``. None: a cell is one label.

        Raises
        ------
        TableError
            A column is missing, a row has no path, none of the files exists, or the separator is blank.
        """
        columns = Columns(path_column, label_column, group_column, label_separator)
        return cls(rows.frame_of_table(table, columns, Path(root)))

    @classmethod
    def from_annotations(
        cls,
        recordings: str | Path | Sequence[str | Path],
        annotations: str | Path | Sequence[str | Path],
        label_column: str | None = None,
    ) -> Self:
        """Take long recordings with tables of what is to be heard where: Raven, Audacity or RTTM.

        Parameters
        ----------
        recordings
            Paths, one path, or a folder.
        annotations
            The table of each recording, in the same order; one path; or a folder, whose tables are matched to the
            recordings by the beginning of their names (``day1.wav``: ``day1.Table.1.selections.txt``). One table may
            speak of several recordings: RTTM, or a Raven table with ``Begin File``; where recordings in several folders
            have the same name, with ``Begin Path``, which may be that of another machine.
        label_column
            Raven: the column of labels; None: the one that there is.

        Returns
        -------
        A row for each annotation. `segments` cuts the whole recordings, the places between annotations and recordings
        without any too. Cut first and select or split then: `where` and `split` keep recordings with rows only.

        Raises
        ------
        AnnotationError
            A table cannot be read (with its line), the names of recordings and tables do not match, or a name in a
            table may be that of several recordings.
        DataError
            There are more recordings than tables, or the other way round.
        """
        frame, annotated = rows.frame_of_annotations(recordings, annotations, label_column)
        return cls(frame, annotated=annotated)

    @classmethod
    def from_s3(
        cls,
        uri: str,
        labels: str | Sequence[str] | None = "folders",
        *,
        table: str | None = None,
        to: str | Path | None = None,
        session: boto3.Session | None = None,
        progress: bool = True,
    ) -> Self:
        """Take recordings from S3: a folder per label, or a table beside them.

        The files are fetched to this machine, once; later only what has changed.

        Parameters
        ----------
        uri
            ``s3://bucket/prefix/``.
        labels
            As of `from_folder`.
        table
            A ``.csv``, ``.tsv`` or ``.parquet`` below the prefix, with the columns ``path`` (relative to it) and
            ``label``; as of `from_table`. None: the folders say the labels.
        to
            The folder that they are fetched to; None: one in the user's cache.
        session
            Credentials and region; None: this machine's.
        progress
            Show a bar.

        Raises
        ------
        DataError
            There are no files.
        AwsError
            S3 refuses it.
        """
        from mediaml.data.mirror import mirrored

        folder = mirrored(uri if uri.endswith("/") else f"{uri}/", to, session, progress)
        if table is None:
            return cls.from_folder(folder, labels)
        return cls.from_table(folder / table, root=folder)

    @classmethod
    def from_review(cls, verdicts: str | Path) -> Self:
        """Take what a person judged on a review page, of `review` or of a catalog.

        Parameters
        ----------
        verdicts
            The file that the page saved, or the page's folder with ``verdicts.json`` in it.

        Returns
        -------
        A row for each judged stretch: what was accepted or relabelled has its labels, what was rejected has none.
        ``fit(found.labelled, background=found.unlabelled)`` learns from both. What was skipped is left out.

        Raises
        ------
        AnnotationError
            There is no such file, an entry of it is wrong (the message names it), or nothing that is heard was judged.
        """
        return cls(rows.frame_of_review(Path(verdicts)))

    def union(self, other: Self) -> Self:
        """Give the rows of both; a recording (or a stretch of it) that is in both takes the rows of `other`.

        So corrected labels replace wrong ones. Columns that only one of the two has are empty in the rest. `segments`
        cuts the annotated recordings of both as a whole, and all others within their rows.
        """
        import pandas as pd

        both = super().union(other)
        tables = [one._annotated for one in (self, other) if one._annotated is not None]
        annotated = pd.concat(tables).drop_duplicates("path", keep="last") if tables else None
        return type(self)(both._frame, both._origin, annotated=annotated)

    def segments(
        self, seconds: float = 5.0, hop: float | None = None, *, several: Literal["keep", "drop"] = "keep"
    ) -> Self:
        """Cut the recordings into windows of equal length.

        What is left at the end of a recording becomes a last, shorter segment where it is at least half as long as a
        full one, else it is dropped; a recording shorter than a segment is one. Segments of annotated recordings carry
        every label whose annotation fills half of the segment or lies in it by half, and none where nothing was
        annotated; others carry the label of their row.

        Parameters
        ----------
        seconds
            Length of a segment; 3 to 10 s suit most sounds.
        hop
            Seconds from the start of one segment to the next; None: `seconds`.
        several
            Segments with more than one label: ``"keep"`` them, or ``"drop"`` them, for models that give one label.

        Raises
        ------
        DataError
            `seconds` or `hop` is not above 0.
        """
        cut = rows.cut(self._frame, self._annotated, seconds, hop)
        if several == "drop":
            cut = cut[[not isinstance(label, tuple) for label in cut["label"]]]
        return type(self)(cut, self._origin)

    def check(self, against: Self | Sequence[Self] = ()) -> AudioCheck:
        """Look for what would spoil a training: unreadable, silent, clipped, duplicate files and the like.

        Parameters
        ----------
        against
            Other parts of the data: what is in this dataset and in one of them too is a leak.

        Returns
        -------
        A table of findings with remedies that prints and shows itself. Nothing is changed.
        """
        from mediaml.data.quality import check_sounds

        others = [against] if isinstance(against, AudioDataset) else list(against)
        return check_sounds(self._frame, [other.frame for other in others])

    def review(
        self,
        folder: str | Path,
        *,
        labels: Sequence[str] = (),
        title: str = "Sounds to judge",
        progress: bool = True,
    ) -> Path:
        """Make a page on which a person labels what has no label, and judges labels; give its path, ``index.html``.

        A static folder, opened by a double click; short copies of the sounds are in it. `from_review` takes verdicts.

        Parameters
        ----------
        folder
            Made where missing; what was made before stays.
        labels
            What may be chosen, besides the labels of the rows and any that are written on the page.
        title
            What the page is called.
        progress
            Show a bar.
        """
        given = (self, Path(folder), labels, title, progress)
        page: Path = _forward.call("mediaml.review.datasets", "review_sounds", *given)
        return page

    @property
    def seconds(self) -> float:
        """Length of all rows together."""
        return float((self._frame["end"] - self._frame["start"]).sum())

    def __iter__(self) -> Iterator[Clip]:
        """Give each row as a value; a recording whose length is unknown is given without a segment."""
        for path, start, end, label in self._frame[["path", "start", "end", "label"]].itertuples(index=False):
            segment = Segment(start=start, end=end) if not math.isnan(end) else None
            yield Clip(path=Path(path), segment=segment, labels=labels_of(label))

    def __str__(self) -> str:
        counts = self._counts()
        files = self._frame["path"].nunique()
        unlabelled = len(self.unlabelled)
        return (
            f"AudioDataset: {len(self)} clips ({self.seconds / 60:.1f} min) of {files} recordings, {len(counts)} labels"
            + (f", {unlabelled} unlabelled" if unlabelled else "")
        )

    def __repr__(self) -> str:
        return f"<{self}>"
