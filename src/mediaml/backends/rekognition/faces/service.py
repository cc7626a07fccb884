"""The service's operations on a face collection, one method each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from mediaml.aws.session import Aws, translated
from mediaml.backends.rekognition.faces.names import named
from mediaml.errors import AwsNotFoundError, AwsNotReadyError, AwsValidationError

Quality = Literal["NONE", "AUTO", "LOW", "MEDIUM", "HIGH"]
EXISTS = "ResourceAlreadyExistsException"
NO_FACES = "no faces in the image"
"""What SearchFacesByImage says, under the code InvalidParameterException, of a picture without a face."""
PAGE = 4096  # faces: the largest page of ListFaces, and the most that DeleteFaces takes (the API's model)
CONSIDERED = 100  # stored faces that a search tells of, the most similar ones
GONE = "FACE_NOT_FOUND"
Image = Mapping[str, Any]


class Stored(NamedTuple):
    """A face of the collection: its id, whose it is, and what its picture is known again by."""

    face_id: str
    person: str
    key: str


@dataclass(frozen=True)
class FaceService:
    """A collection in an account.

    Parameters
    ----------
    aws
        The account.
    name
        The collection's.
    """

    aws: Aws
    name: str

    @property
    def _client(self) -> Any:
        return self.aws.client("rekognition")

    @property
    def _once(self) -> Any:
        """The client for calls that are made again by whoever makes many of them."""
        return self.aws.client("rekognition", attempts=1)

    @contextmanager
    def _of_collection(self, doing: str) -> Iterator[None]:
        try:
            with translated(doing):
                yield
        except AwsNotFoundError as error:
            raise AwsNotFoundError(
                f"there is no face collection {self.name} in {self.aws.region}: create() makes it",
                error.code,
                error.request_id,
            ) from error

    # -- the collection -----------------------------------------------------------------------------------------------

    def create(self, tags: Mapping[str, str]) -> bool:
        """Create it; False: it was there."""
        try:
            with translated(f"creating the face collection {self.name}"):
                self._client.create_collection(CollectionId=self.name, Tags=dict(tags))
        except AwsValidationError as error:
            if error.code != EXISTS:
                raise
            return False
        return True

    def describe(self) -> dict[str, Any]:
        """Give what the service says of it.

        Raises
        ------
        AwsNotFoundError
            There is none.
        """
        with self._of_collection(f"looking at the face collection {self.name}"):
            found: dict[str, Any] = self._client.describe_collection(CollectionId=self.name)
        return found

    def delete(self) -> bool:
        """Delete it with all its faces; False: it was gone."""
        try:
            with translated(f"deleting the face collection {self.name}"):
                self._client.delete_collection(CollectionId=self.name)
        except AwsNotFoundError:
            return False
        return True

    # -- its faces ----------------------------------------------------------------------------------------------------

    def stored(self) -> Iterator[Stored]:
        """Give its faces, page by page.

        Raises
        ------
        AwsNotFoundError
            There is no such collection.
        """
        with self._of_collection(f"listing the faces of {self.name}"):
            pages = self._client.get_paginator("list_faces")
            for page in pages.paginate(CollectionId=self.name, PaginationConfig={"PageSize": PAGE}):
                for row in page.get("Faces", ()):
                    of = named(str(row.get("ExternalImageId", "")), str(row["FaceId"]))
                    yield Stored(str(row["FaceId"]), of.person, of.key)

    def detect(self, image: Image, name: str) -> list[dict[str, Any]]:
        """Find the faces of a picture, the largest first; nothing is stored."""
        with translated(f"looking for faces in {name}"):
            found = list(self._once.detect_faces(Image=dict(image)).get("FaceDetails", ()))
        return sorted(found, key=lambda one: -one["BoundingBox"]["Width"] * one["BoundingBox"]["Height"])

    def index(self, image: Image, external: str, quality: Quality, name: str) -> dict[str, Any]:
        """Store the largest face of a picture; the same picture under the same name is stored once."""
        with self._of_collection(f"indexing {name} into {self.name}"):
            answer: dict[str, Any] = self._once.index_faces(
                CollectionId=self.name,
                Image=dict(image),
                ExternalImageId=external,
                MaxFaces=1,
                QualityFilter=quality,
            )
        return answer

    def search(self, image: Image, quality: Quality, name: str) -> dict[str, Any] | None:
        """Search for the largest face of a picture; None: there is no face in it."""
        try:
            with self._of_collection(f"searching {self.name} for the face in {name}"):
                answer: dict[str, Any] = self._once.search_faces_by_image(
                    CollectionId=self.name,
                    Image=dict(image),
                    MaxFaces=CONSIDERED,
                    FaceMatchThreshold=0.0,
                    QualityFilter=quality,
                )
        except AwsValidationError as error:
            if NO_FACES in str(error):
                return None
            raise
        return answer

    def delete_faces(self, ids: Sequence[str]) -> int:
        """Delete faces; gives how many went. Those that are gone already are no error.

        Raises
        ------
        AwsNotReadyError
            The service keeps some.
        """
        gone, kept = 0, []
        for first in range(0, len(ids), PAGE):
            with self._of_collection(f"deleting faces of {self.name}"):
                answer = self._client.delete_faces(CollectionId=self.name, FaceIds=list(ids[first : first + PAGE]))
            gone += len(answer.get("DeletedFaces", ()))
            kept += [one for one in answer.get("UnsuccessfulFaceDeletions", ()) if set(one["Reasons"]) != {GONE}]
        if kept:
            raise AwsNotReadyError(
                f"{len(kept)} of {len(ids)} faces stay in {self.name} ({', '.join(sorted(kept[0]['Reasons']))}); the "
                "others are deleted. Faces that someone has put together to a user of the collection are taken out of "
                "it first (DisassociateFaces)"
            )
        return gone
