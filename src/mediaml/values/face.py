"""Faces: whose they may be, and what became of pictures of people that were sent to a collection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from mediaml import _forward
from mediaml.values.geometry import Box
from mediaml.values.prediction import ImagePrediction, percentage

RefusalReason = Literal[
    "no_face", "several_faces", "low_quality", "another_person", "blank", "too_small", "not_readable"
]


class FaceMatch(BaseModel):
    """A stored face that is like the one that was searched for.

    Parameters
    ----------
    person
        Whose face it is, as the dataset said when it was indexed.
    similarity
        0 to 1, as the service measures it. It is no probability that this is the person.
    face_id
        The service's name of the stored face.
    """

    model_config = ConfigDict(frozen=True)

    person: str
    similarity: float = Field(ge=0, le=1)
    face_id: str

    def __str__(self) -> str:
        return f"{self.person} {percentage(self.similarity)}"


class Face(BaseModel):
    """A face in a picture, with the stored faces that are like it.

    Parameters
    ----------
    box
        Where, in pixels of the picture as a person sees it; its confidence says how sure it is that this is a face.
    matches
        The most similar first, however little they are like it.
    """

    model_config = ConfigDict(frozen=True)

    box: Box
    matches: tuple[FaceMatch, ...] = ()

    @property
    def best(self) -> FaceMatch | None:
        """The most similar one; None: the collection holds none."""
        return self.matches[0] if self.matches else None

    def similarities(self) -> dict[str, float]:
        """Give the highest similarity of each person, the most similar first."""
        found: dict[str, float] = {}
        for one in self.matches:
            found[one.person] = max(found.get(one.person, 0.0), one.similarity)
        return dict(sorted(found.items(), key=lambda row: (-row[1], row[0])))


class FaceSearch(ImagePrediction):
    """Who is in a picture, or nobody recognised with the reason, or why it could not be read.

    Parameters
    ----------
    label, labels
        The person; all persons, the most similar first, where every face was searched for.
    confidence, score
        The highest similarity of any person, 0 to 1, whatever the verdict. It is no probability.
    alternatives
        The persons that the service named, by falling similarity. They do not add up to 1.
    reason
        Why nobody was recognised: ``no_face``, ``low_confidence`` (no stored face reaches the threshold), ``blank`` or
        ``too_small`` (less than 80 pixels high or wide).
    boxes
        The faces that were recognised, with the persons as labels.
    faces
        All faces that were searched for, the largest first, with all that the service said of them.
    familiarity, error, source, width, height
        As in every `ImagePrediction`; familiarity is not measured.
    """

    faces: tuple[Face, ...] = ()


class RefusedFace(BaseModel):
    """A picture of a person that was not indexed.

    Parameters
    ----------
    path
        The picture.
    person
        Whose it is said to be.
    reason
        ``no_face``, ``several_faces`` (nobody can say which one is meant), ``low_quality`` (the service's filter),
        ``another_person`` (the same picture is someone else's already), ``blank``, ``too_small`` or ``not_readable``.
    detail
        More about it, such as the service's own words (``LOW_SHARPNESS``); may be empty.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    person: str
    reason: RefusalReason
    detail: str = ""

    def __str__(self) -> str:
        told = f"{self.path} ({self.person}): {self.reason.replace('_', ' ')}"
        return f"{told}, {self.detail}" if self.detail else told


class FaceIndex(BaseModel):
    """What became of pictures of people that were indexed.

    Parameters
    ----------
    collection
        Where.
    indexed
        Faces that were stored, by person.
    already
        How many pictures were there before, and were not sent again.
    refused
        Pictures whose face was not stored, with the reason.
    """

    model_config = ConfigDict(frozen=True)

    collection: str
    indexed: Mapping[str, int] = Field(default_factory=dict)
    already: int = 0
    refused: tuple[RefusedFace, ...] = ()

    @property
    def faces(self) -> int:
        """How many faces were stored."""
        return sum(self.indexed.values())

    @property
    def reasons(self) -> dict[str, int]:
        """How many pictures were refused for each reason."""
        return dict(Counter(one.reason for one in self.refused).most_common())

    def _repr_html_(self) -> str:
        html: str = _forward.call("mediaml.reports.views.tables", "index_html", self)
        return html

    def __str__(self) -> str:
        parts = [f"{self.faces} faces of {len(self.indexed)} people indexed into {self.collection}"]
        if self.already:
            parts.append(f"{self.already} there already")
        parts += [f"{count} refused ({reason.replace('_', ' ')})" for reason, count in self.reasons.items()]
        return ", ".join(parts)
