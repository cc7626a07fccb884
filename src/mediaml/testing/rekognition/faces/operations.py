"""Operations on face collections."""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from mediaml.data.pictures.decode import Pixels
from mediaml.testing.refusals import RefusalError
from mediaml.testing.rekognition.detecting import content_of, pixels_of
from mediaml.testing.rekognition.faces import finding, likeness, quality
from mediaml.testing.rekognition.faces.finding import FoundFace
from mediaml.testing.rekognition.faces.likeness import Vector
from mediaml.testing.rekognition.paging import page
from mediaml.testing.rekognition.requests import invalid
from mediaml.testing.rekognition.resources import Account, missing

Request = dict[str, Any]
MODEL_VERSION = "7.0"
INLINE = 5_242_880  # bytes of a picture that is sent: ImageBlob in the API's model
SHORTEST = 80  # pixels ("Limits in Amazon Rekognition")
MOST_FACES = 100  # of a picture, that are indexed or found ("IndexFaces", "DetectFaces")
LISTED = 1000  # faces or names of a page where none is asked for: AWS does not say how many
MATCHES = 80.0  # percent, where no threshold is asked for
EXISTS = "ResourceAlreadyExistsException"


@dataclass(eq=False)
class StoredFace:
    """A face of a collection: its vector, and what is told of it."""

    vector: Vector
    told: Request
    content: str


@dataclass(eq=False)
class FaceStore:
    """A collection: its ARN, when it was made, and its faces by id, in the order in which they came."""

    arn: str
    created: datetime
    faces: dict[str, StoredFace] = field(default_factory=dict)


class Faces:
    """Face collections of an account.

    Attributes
    ----------
    find
        Finds faces in a picture, the largest first; another one may be faster.
    describe
        Gives the vector of a face that was cut out.
    """

    def __init__(self, account: Account, lock: threading.RLock) -> None:
        self._account, self._lock = account, lock
        self.stores: dict[str, FaceStore] = {}
        self.find: Callable[[Pixels], list[FoundFace]] = finding.usual
        self.describe: Callable[[Pixels], Vector] = likeness.usual

    # -- collections --------------------------------------------------------------------------------------------------

    def create(self, request: Request) -> Request:
        """CreateCollection."""
        account, name = self._account, request["CollectionId"]
        if name in self.stores:
            raise RefusalError(EXISTS, f"The collection id: {name} already exists")
        arn = f"arn:aws:rekognition:{account.region}:{account.number}:collection/{name}"
        self.stores[name] = FaceStore(arn, account.now())
        account.tags[arn] = dict(request.get("Tags", {}))
        return {"StatusCode": 200, "CollectionArn": arn, "FaceModelVersion": MODEL_VERSION}

    def describe_collection(self, request: Request) -> Request:
        """DescribeCollection."""
        store = self._store(request)
        return {
            "FaceCount": len(store.faces),
            "FaceModelVersion": MODEL_VERSION,
            "CollectionARN": store.arn,
            "CreationTimestamp": store.created,
            "UserCount": 0,
        }

    def listed(self, request: Request) -> Request:
        """ListCollections."""
        told = page("CollectionIds", sorted(self.stores), _sized(request))
        return {**told, "FaceModelVersions": [MODEL_VERSION] * len(told["CollectionIds"])}

    def delete(self, request: Request) -> Request:
        """DeleteCollection."""
        self._account.tags.pop(self._store(request).arn, None)
        del self.stores[request["CollectionId"]]
        return {"StatusCode": 200}

    def _store(self, request: Request) -> FaceStore:
        name = request["CollectionId"]
        if name not in self.stores:
            raise missing("collection id:", name)
        return self.stores[name]

    # -- faces --------------------------------------------------------------------------------------------------------

    def index(self, request: Request) -> Request:
        """IndexFaces."""
        with self._lock:
            self._store(request)
        content, pixels = self._picture(request)
        external, most = request.get("ExternalImageId"), min(MOST_FACES, request.get("MaxFaces", MOST_FACES))
        good: list[tuple[str, Vector, Request]] = []
        lacking: list[Request] = []
        for number, face in enumerate(self.find(pixels)):
            found, detail = self._seen(pixels, face)
            why = quality.reasons(found, min(face.width, face.height), request.get("QualityFilter", "AUTO"))
            if not why and len(good) >= most:
                why = ["EXCEEDS_MAX_FACES"]
            if why:
                lacking.append({"Reasons": why, "FaceDetail": detail})
            else:
                good.append((f"{content} {external} {number}", self.describe(_cut(pixels, face)), detail))
        with self._lock:
            records = [
                self._kept(self._store(request), key, vector, detail, content, external) for key, vector, detail in good
            ]
        return {"FaceRecords": records, "UnindexedFaces": lacking, "FaceModelVersion": MODEL_VERSION}

    def _kept(
        self, store: FaceStore, key: str, vector: Vector, detail: Request, content: str, external: str | None
    ) -> Request:
        """Store a face; the same one of the same picture under the same name is stored once."""
        face_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{store.arn} {store.created} {key}"))
        if face_id not in store.faces:
            told = {
                "FaceId": face_id,
                "BoundingBox": detail["BoundingBox"],
                "ImageId": str(uuid.uuid5(uuid.NAMESPACE_URL, content)),
                "Confidence": detail["Confidence"],
                "IndexFacesModelVersion": MODEL_VERSION,
                **({} if external is None else {"ExternalImageId": external}),
            }
            store.faces[face_id] = StoredFace(vector, told, content)
        return {"Face": store.faces[face_id].told, "FaceDetail": detail}

    def list_faces(self, request: Request) -> Request:
        """ListFaces."""
        wanted = set(request.get("FaceIds", ()))
        if request.get("UserId") is not None:
            raise invalid("The offline AWS has no users of collections.")
        rows = [one.told for face_id, one in self._store(request).faces.items() if not wanted or face_id in wanted]
        return {**page("Faces", rows, _sized(request)), "FaceModelVersion": MODEL_VERSION}

    def delete_faces(self, request: Request) -> Request:
        """DeleteFaces."""
        faces = self._store(request).faces
        there = [one for one in dict.fromkeys(request["FaceIds"]) if faces.pop(one, None) is not None]
        gone = [
            {"FaceId": one, "Reasons": ["FACE_NOT_FOUND"]}
            for one in dict.fromkeys(request["FaceIds"])
            if one not in there
        ]
        return {"DeletedFaces": there, "UnsuccessfulFaceDeletions": gone}

    def search(self, request: Request) -> Request:
        """SearchFaces."""
        faces, face_id = self._store(request).faces, request["FaceId"]
        if face_id not in faces:
            raise invalid(f"faceId {face_id} was not found in the collection.")
        rest = {other: one for other, one in faces.items() if other != face_id}
        return {
            "SearchedFaceId": face_id,
            "FaceMatches": _matches(faces[face_id].vector, rest, request),
            "FaceModelVersion": MODEL_VERSION,
        }

    def search_by_image(self, request: Request) -> Request:
        """SearchFacesByImage."""
        with self._lock:
            self._store(request)
        _, pixels = self._picture(request)
        for face in self.find(pixels)[:1]:
            found, detail = self._seen(pixels, face)
            if quality.reasons(found, min(face.width, face.height), request.get("QualityFilter", "NONE")):
                break
            vector = self.describe(_cut(pixels, face))
            with self._lock:
                matches = _matches(vector, self._store(request).faces, request)
            return {
                "SearchedFaceBoundingBox": detail["BoundingBox"],
                "SearchedFaceConfidence": detail["Confidence"],
                "FaceMatches": matches,
                "FaceModelVersion": MODEL_VERSION,
            }
        raise invalid("There are no faces in the image. Should be at least 1.")

    def detect(self, request: Request) -> Request:
        """DetectFaces."""
        _, pixels = self._picture(request)
        return {"FaceDetails": [self._seen(pixels, face)[1] for face in self.find(pixels)[:MOST_FACES]]}

    # -- pictures -----------------------------------------------------------------------------------------------------

    def _picture(self, request: Request) -> tuple[str, Pixels]:
        content = content_of(request["Image"], self._account, INLINE)
        return hashlib.sha256(content).hexdigest(), pixels_of(content, SHORTEST)

    def _seen(self, pixels: Pixels, face: FoundFace) -> tuple[quality.Seen, Request]:
        height, width = pixels.shape[:2]
        found = quality.seen(likeness.grey(_cut(pixels, face)))
        box = {
            "Left": face.left / width,
            "Top": face.top / height,
            "Width": face.width / width,
            "Height": face.height / height,
        }
        told = {"Brightness": found.brightness, "Sharpness": found.sharpness}
        return found, {"BoundingBox": box, "Confidence": 100 * face.confidence, "Quality": told}


def _cut(pixels: Pixels, face: FoundFace) -> Pixels:
    top, left = int(face.top), int(face.left)
    return pixels[
        top : max(top + 1, round(face.top + face.height)), left : max(left + 1, round(face.left + face.width))
    ]


def _matches(vector: Vector, faces: dict[str, StoredFace], request: Request) -> list[Request]:
    if not faces:
        return []
    alike = 100 * likeness.similarities(vector, np.stack([one.vector for one in faces.values()]))
    least = request.get("FaceMatchThreshold", MATCHES)
    rows: list[Request] = [
        {"Similarity": float(similarity), "Face": one.told}
        for similarity, one in zip(alike, faces.values(), strict=True)
        if similarity >= least
    ]
    rows.sort(key=lambda row: -row["Similarity"])
    return rows[: request.get("MaxFaces", MOST_FACES)]


def _sized(request: Request) -> Request:
    return {**request, "MaxResults": request.get("MaxResults") or LISTED}
