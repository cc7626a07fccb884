"""Portraits into a collection: what is there already is not sent, and what is refused is told with the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from mediaml.aws.plan import Charge, Plan
from mediaml.backends.rekognition.asking import in_order
from mediaml.backends.rekognition.bodies import Body
from mediaml.backends.rekognition.faces.bodies import AROUND, CLOSELY, CLOSER, Bodies, Part
from mediaml.backends.rekognition.faces.meant import beside, doubt, within
from mediaml.backends.rekognition.faces.portraits import Portrait, Sorted
from mediaml.backends.rekognition.faces.service import FaceService, Quality
from mediaml.data.progress import WORTH_A_BAR, bar
from mediaml.errors import AwsValidationError, ImageError
from mediaml.values.face import FaceIndex, RefusalReason, RefusedFace
from mediaml.values.geometry import Box

Several = Literal["refuse", "largest"]
STORED = "rekognition faces stored"
"""What is billed by the time that faces are kept, as `Prices.price` may name it."""
ADVICE = "there are {0}; crop it, draw a box around the one that is meant, or say several='largest'"
NEIGHBOUR = "the service's filter takes none in the box, but one beside it, which was deleted again"


def plan_of_collection(name: str, region: str) -> Plan:
    """Say what a collection costs that was just made."""
    at_most = "empty, nothing; each face in it is billed by the month, until it is deleted"
    return Plan(f"the face collection {name}", region, at_most)


@dataclass(frozen=True)
class Indexing:
    """How portraits are indexed.

    Parameters
    ----------
    service
        The collection.
    bodies
        What is sent.
    quality
        The service's filter.
    several
        What becomes of pictures with several faces.
    """

    service: FaceService
    bodies: Bodies
    quality: Quality
    several: Several

    def plan(self, sorted_out: Sorted) -> Plan:
        """Say what indexing costs: calls, and the faces for as long as they are kept."""
        new = len(sorted_out.new)
        alone = 2 if self.several == "refuse" else 1
        most = sum(alone if one.box is None else len(CLOSER) + 1 for one in sorted_out.new)
        calls = f"{most} calls, each billed, as is one that is made again"
        kept = f"{new} faces at most, each billed by the month until it is deleted"
        return Plan(
            what=f"the indexing of {new} faces into {self.service.name}",
            where=self.service.aws.region,
            at_most=f"{calls}; {kept}" if new else "nothing",
            charges=(Charge(STORED, new, None),) if new else (),
        )

    def run(self, sorted_out: Sorted, progress: bool) -> FaceIndex:
        """Index what is new; may be ended at any time, and goes on where it was when it is called again."""
        indexed: Counter[str] = Counter()
        refused = list(sorted_out.refused)
        total = len(sorted_out.new)
        with bar(total, "indexing", "face", progress and total >= WORTH_A_BAR) as done:
            for one, refusal in zip(sorted_out.new, self._asked(sorted_out.new), strict=True):
                done()
                if refusal is None:
                    indexed[one.person] += 1
                else:
                    refused.append(refusal)
        return FaceIndex(
            collection=self.service.name,
            indexed=dict(sorted(indexed.items())),
            already=sorted_out.already,
            refused=tuple(refused),
        )

    def _asked(self, new: Iterable[Portrait]) -> Iterator[RefusedFace | None]:
        return in_order(new, self._index, self.service.aws.clock)

    def _index(self, one: Portrait) -> RefusedFace | None:
        """Index a portrait; gives why it was not."""
        try:
            part = self._whole(one) if one.box is None else self._boxed(one, one.box)
            if isinstance(part, RefusedFace):
                return part
            answer = self.service.index(part.body.image or {}, one.external, self.quality, one.path)
            if one.box is not None and (neighbours := beside(answer, part, one.box)):
                self.service.delete_faces(neighbours)
                return _refused(one, "low_quality", NEIGHBOUR)
        except ImageError as error:
            return _refused(one, "not_readable", error.reason)
        except AwsValidationError as error:
            return _refused(one, "not_readable", str(error))
        if answer.get("FaceRecords"):
            return None
        reasons = {reason for face in answer.get("UnindexedFaces", ()) for reason in face.get("Reasons", ())}
        return _refused(one, "low_quality", ", ".join(sorted(reasons))) if reasons else _refused(one, "no_face")

    def _whole(self, one: Portrait) -> Part | RefusedFace:
        """Look before anything is stored: nobody can say whose face of several is meant, nor may others be stored."""
        body = self.bodies.whole(one.path)
        if body.image is None:
            return _unseen(one, body)
        if self.several == "refuse":
            found = len(self.service.detect(body.image, one.path))
            if found != 1:
                return _refused(one, "several_faces", ADVICE.format(found)) if found else _refused(one, "no_face")
        return Part(body, 0, 0, body.width, body.height)

    def _boxed(self, one: Portrait, box: Box) -> Part | RefusedFace:
        """Look for the face of a box, closer where there are others around it."""
        pixels = self.bodies.pixels(one.path)
        part = self.bodies.part(pixels, box, one.path, AROUND)
        faces = self._faces(one, part, box)
        if len(faces) > 1 or (faces and not within(box, faces[0])):
            part = self.bodies.part(pixels, box, one.path, CLOSELY)
            faces = self._faces(one, part, box)
        if part.body.image is None:
            return _unseen(one, part.body)
        why = doubt(box, faces, one_alone=self.several == "refuse")
        return part if why is None else _refused(one, why.reason, why.detail)

    def _faces(self, one: Portrait, part: Part, box: Box) -> list[Box]:
        if part.body.image is None:
            return []
        return [part.box(face["BoundingBox"], box.label) for face in self.service.detect(part.body.image, one.path)]


def _unseen(one: Portrait, body: Body) -> RefusedFace:
    return _refused(one, "blank" if body.nothing == "blank" else "too_small")


def _refused(one: Portrait, reason: RefusalReason, detail: str = "") -> RefusedFace:
    return RefusedFace(path=one.path, person=one.person, reason=reason, detail=detail)
