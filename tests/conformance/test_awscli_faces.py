"""AWS's command line leads a face collection through its life, by HTTP: a client that nobody of us has written.

Which answers the true service gives is not proven by that.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conformance.test_awscli import Program, aws, program  # noqa: F401  fixtures
from tests.testing.rekognition.lives import face_png

pytestmark = pytest.mark.slow
OF_PEOPLE = ("--collection-id", "people")


def picture(folder: Path, person: str, number: int) -> tuple[str, str]:
    """A picture of a person, as the program takes it."""
    (folder / f"{person}{number}.png").write_bytes(face_png(person, number))
    return ("--image-bytes", f"fileb://{person}{number}.png")


def test_a_life(program: Program) -> None:  # noqa: F811
    ask, refused, folder = program.rekognition, program.refused, program.folder
    assert ask("create-collection", *OF_PEOPLE)["StatusCode"] == 200
    assert refused("create-collection", *OF_PEOPLE) == (
        "(ResourceAlreadyExistsException) when calling the CreateCollection"
    )
    stored = []
    for person in ("Ada", "Lena"):
        for number in range(2):
            named = ("--external-image-id", person, "--max-faces", "1", "--quality-filter", "AUTO")
            answer = ask("index-faces", *OF_PEOPLE, *picture(folder, person, number), *named)
            stored.append(answer["FaceRecords"][0]["Face"]["FaceId"])
    assert ask("describe-collection", *OF_PEOPLE)["FaceCount"] == 4
    assert ask("list-collections")["CollectionIds"] == ["people"]
    listed = ask("list-faces", *OF_PEOPLE, "--page-size", "3")["Faces"]
    assert [one["FaceId"] for one in listed] == stored, "two pages, in order"

    found = ask("search-faces-by-image", *OF_PEOPLE, *picture(folder, "Ada", 0), "--face-match-threshold", "99")
    assert found["FaceMatches"][0]["Face"]["ExternalImageId"] == "Ada"
    by_id = ask("search-faces", *OF_PEOPLE, "--face-id", stored[0], "--face-match-threshold", "0")
    assert len(by_id["FaceMatches"]) == 3
    assert len(ask("detect-faces", *picture(folder, "Lena", 1))["FaceDetails"]) == 1

    gone = ask("delete-faces", *OF_PEOPLE, "--face-ids", json.dumps(stored[:2]))
    assert gone["DeletedFaces"] == stored[:2]
    assert ask("delete-collection", *OF_PEOPLE) == {"StatusCode": 200}
    missing = "(ResourceNotFoundException) when calling the "
    assert refused("list-faces", *OF_PEOPLE) == f"{missing}ListFaces"
    assert refused("delete-collection", *OF_PEOPLE) == f"{missing}DeleteCollection"
