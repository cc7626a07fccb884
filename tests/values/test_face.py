"""Faces as values: who is most like whom, and how it is told."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

import mediaml as mm

BOX = mm.Box(label="face", left=10, top=20, width=30, height=40, confidence=0.99)


def match(person: str, similarity: float) -> mm.FaceMatch:
    return mm.FaceMatch(person=person, similarity=similarity, face_id=f"{person}-{similarity}")


def test_a_person_is_as_similar_as_the_most_similar_stored_face() -> None:
    face = mm.Face(box=BOX, matches=(match("Ada", 0.9), match("Béla", 0.8), match("Ada", 0.4)))
    assert face.best is not None and str(face.best) == "Ada 90 %"
    assert face.similarities() == {"Ada": 0.9, "Béla": 0.8}
    assert mm.Face(box=BOX).best is None


def test_a_search_is_a_prediction() -> None:
    found = mm.FaceSearch(label="Ada", confidence=0.9, boxes=(BOX.model_copy(update={"label": "Ada"}),))
    assert isinstance(found, mm.ImagePrediction) and found.recognised and found.labels == ("Ada",)
    assert str(mm.FaceSearch(reason="no_face")) == "nothing recognised (no face)"
    with pytest.raises(ValidationError, match="exactly one of label, reason and error"):
        mm.FaceSearch()


def test_what_became_of_pictures_is_told_in_a_line() -> None:
    refused = [
        mm.RefusedFace(path="a.png", person="Ada", reason="low_quality", detail="LOW_SHARPNESS"),
        mm.RefusedFace(path="b.png", person="Ada", reason="no_face"),
        mm.RefusedFace(path="c.png", person="Béla", reason="no_face"),
    ]
    assert [str(one) for one in refused[:2]] == ["a.png (Ada): low quality, LOW_SHARPNESS", "b.png (Ada): no face"]
    told = mm.FaceIndex(collection="people", indexed={"Ada": 2, "Béla": 1}, already=4, refused=tuple(refused))
    assert told.faces == 3 and told.reasons == {"no_face": 2, "low_quality": 1}
    assert str(told) == (
        "3 faces of 2 people indexed into people, 4 there already, 2 refused (no face), 1 refused (low quality)"
    )
