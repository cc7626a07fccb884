"""Which face a box means: of what is cut out the service takes the largest, which may be one that stands beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mediaml.backends.rekognition.faces.bodies import Part
from mediaml.values.face import RefusalReason
from mediaml.values.geometry import Box

SEVERAL = (
    "there are {0} in the box and close around it; draw it closely around the one that is meant, or crop the picture"
)
NONE = "there is none in the box"
SAME = 0.3  # of what two boxes cover, that they share where they are of one face
MOST = 0.8  # of a face, that is in a box which was drawn wide


class Doubt(NamedTuple):
    """Why the face that would be stored is not the one that is meant."""

    reason: RefusalReason
    detail: str


def doubt(box: Box, faces: Sequence[Box], one_alone: bool) -> Doubt | None:
    """Tell why the largest of faces is not the one that a box means; None: it is.

    Parameters
    ----------
    box
        That somebody has drawn.
    faces
        Of what was cut out, the largest first.
    one_alone
        Several faces in the box are a doubt, too; else the largest is meant.
    """
    inside = [one for one in faces if within(box, one)]
    if not inside:
        return Doubt("no_face", NONE)
    if inside[0] is not faces[0] or (one_alone and len(inside) > 1):
        return Doubt("several_faces", SEVERAL.format(len(faces)))
    return None


def within(box: Box, face: Box) -> bool:
    """Tell whether a face is in a box, which may be drawn wide; that an edge of it is, is not enough."""
    across = min(box.right, face.right) - max(box.left, face.left)
    down = min(box.bottom, face.bottom) - max(box.top, face.top)
    shared = max(0.0, across) * max(0.0, down)
    return box.iou(face) >= SAME or shared >= MOST * face.area > 0


def beside(answer: Mapping[str, Any], part: Part, box: Box) -> list[str]:
    """Give the ids of faces that were stored though they are not in the box: the filter has refused the one that is."""
    stored = [one["Face"] for one in answer.get("FaceRecords", ())]
    return [str(one["FaceId"]) for one in stored if not within(box, part.box(one["BoundingBox"], box.label))]
