"""Pictures to a collection, and what it says of the faces in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mediaml.backends.rekognition.answers import ROUNDING
from mediaml.backends.rekognition.asking import in_order
from mediaml.backends.rekognition.bodies import Body
from mediaml.backends.rekognition.faces.bodies import CLOSER, Bodies
from mediaml.backends.rekognition.faces.meant import SAME
from mediaml.backends.rekognition.faces.names import named
from mediaml.backends.rekognition.faces.service import FaceService, Quality
from mediaml.backends.rekognition.holding import held
from mediaml.data.pictures.decode import Pixels
from mediaml.errors import AwsValidationError, ImageError
from mediaml.values.face import Face, FaceMatch, FaceSearch
from mediaml.values.geometry import Box
from mediaml.values.prediction import Score

A_FACE = "face"


@dataclass(frozen=True)
class Searching:
    """How faces are searched for.

    Parameters
    ----------
    service
        The collection.
    bodies
        What is sent.
    quality
        The service's filter.
    threshold
        The similarity, 0 to 1, from which on a face is given a person.
    every_face
        Search for all faces of a picture; else for the largest.
    """

    service: FaceService
    bodies: Bodies
    quality: Quality
    threshold: float
    every_face: bool

    def look(self, items: Iterable[Any]) -> Iterator[FaceSearch | ImageError]:
        """Give what is known of each item, or the error, in order and as they come; the memory does not grow."""
        return in_order(map(held, items), self._look_at, self.service.aws.clock)

    def _look_at(self, item: Any) -> FaceSearch | ImageError:
        if isinstance(item, ImageError):
            return item
        try:
            body = self.bodies.whole(item)
        except ImageError as error:
            return error
        if body.image is None:
            return FaceSearch(reason=body.nothing, source=body.name, width=body.width, height=body.height)
        try:
            faces = self._every(item, body) if self.every_face else self._largest(body)
        except ImageError as error:
            return error
        except AwsValidationError as error:
            return ImageError(body.name, str(error))
        return verdict(faces, body, self.threshold)

    def _largest(self, body: Body) -> list[Face]:
        answer = self.service.search(body.image or {}, self.quality, body.name)
        if answer is None:
            return []
        box = _box(answer["SearchedFaceBoundingBox"], answer.get("SearchedFaceConfidence", 0.0), body)
        return [Face(box=box, matches=_matches(answer))]

    def _every(self, item: Any, body: Body) -> list[Face]:
        """Find all faces, cut each out with what is around it, and search for it."""
        boxes = [
            _box(one["BoundingBox"], one.get("Confidence", 0.0), body)
            for one in self.service.detect(body.image or {}, body.name)
        ]
        if len(boxes) <= 1:
            return self._largest(body) if boxes else []
        pixels = self.bodies.pixels(item)
        return [Face(box=box, matches=self._matches_of(box, pixels, body.name)) for box in boxes]

    def _matches_of(self, box: Box, pixels: Pixels, name: str) -> tuple[FaceMatch, ...]:
        """Search for a face: the service takes the largest of what is cut out, which may be one that stands beside."""
        for around in CLOSER:
            part = self.bodies.part(pixels, box, name, around)
            answer = None if part.body.image is None else self.service.search(part.body.image, self.quality, name)
            if answer is None:
                break
            if box.iou(part.box(answer["SearchedFaceBoundingBox"], A_FACE)) >= SAME:
                return _matches(answer)
        return ()


def verdict(faces: list[Face], body: Body, threshold: float) -> FaceSearch:
    """Say who is in a picture.

    Parameters
    ----------
    faces
        That were searched for.
    body
        The picture.
    threshold
        The similarity from which on a face is given the person that it is most like.
    """
    similar: dict[str, float] = {}
    known: list[Box] = []
    for face in faces:
        for person, similarity in face.similarities().items():
            similar[person] = max(similar.get(person, 0.0), similarity)
        best = face.best
        if best is not None and best.similarity >= threshold - ROUNDING:
            known.append(face.box.model_copy(update={"label": best.person, "confidence": best.similarity}))
    known.sort(key=lambda box: (-(box.confidence or 0.0), box.label))
    persons = tuple(dict.fromkeys(box.label for box in known))
    best_of_all = max(similar.values(), default=0.0)
    return FaceSearch(
        label=persons[0] if persons else None,
        labels=persons,
        confidence=best_of_all,
        alternatives=tuple(
            Score(label=person, confidence=similar[person])
            for person in sorted(similar, key=lambda one: (-similar[one], one))
        ),
        score=best_of_all,
        reason=None if persons else "low_confidence" if faces else "no_face",
        boxes=tuple(known),
        faces=tuple(faces),
        source=body.name,
        width=body.width,
        height=body.height,
    )


def _matches(answer: Mapping[str, Any]) -> tuple[FaceMatch, ...]:
    found = [
        FaceMatch(
            person=named(str(one["Face"].get("ExternalImageId", "")), str(one["Face"]["FaceId"])).person,
            similarity=_share(one.get("Similarity", 0.0)),
            face_id=str(one["Face"]["FaceId"]),
        )
        for one in answer.get("FaceMatches", ())
    ]
    return tuple(sorted(found, key=lambda one: (-one.similarity, one.person)))


def _share(percent: float) -> float:
    return min(1.0, max(0.0, float(percent) / 100))


def _box(place: Mapping[str, float], confidence: float, body: Body) -> Box:
    return Box(
        label=A_FACE,
        left=float(place["Left"]) * body.width,
        top=float(place["Top"]) * body.height,
        width=float(place["Width"]) * body.width,
        height=float(place["Height"]) * body.height,
        confidence=_share(confidence),
    )
