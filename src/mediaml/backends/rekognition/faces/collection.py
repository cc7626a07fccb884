"""A face collection of Amazon Rekognition: people, by pictures of their faces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self, get_args, overload

from mediaml.aws.ledger import ledger
from mediaml.aws.plan import Plan
from mediaml.aws.s3 import Storage
from mediaml.aws.session import aws as aws_of
from mediaml.backends.pictures.items import PictureItem, is_single
from mediaml.backends.provenance import SHORT_HASH
from mediaml.backends.rekognition.faces.arguments import check_threshold, one_of
from mediaml.backends.rekognition.faces.bodies import Bodies
from mediaml.backends.rekognition.faces.evaluating import report_on
from mediaml.backends.rekognition.faces.indexing import Indexing, Several, plan_of_collection
from mediaml.backends.rekognition.faces.inventory import resource
from mediaml.backends.rekognition.faces.portraits import Sorted, one_person_each, portraits, sort_out
from mediaml.backends.rekognition.faces.searching import Searching
from mediaml.backends.rekognition.faces.service import FaceService, Quality
from mediaml.backends.rekognition.names import OURS, OWNER, check_name, check_tags
from mediaml.data.image import ImageDataset
from mediaml.errors import AwsNotFoundError, ImageError
from mediaml.models.base import OnError
from mediaml.values.face import FaceIndex, FaceSearch
from mediaml.values.report import ImageReport

if TYPE_CHECKING:
    import boto3

    from mediaml.aws.clock import Clock

THRESHOLD = 0.99
"""What AWS recommends where it matters that no one is taken for somebody else; its own default is 0.80."""


class FaceCollection:
    """People, known again by their faces: Amazon Rekognition keeps a vector of numbers a face, and no picture.

    Faces are biometric data: docs/faces.md says what the law asks, and how one person is deleted everywhere.

    Parameters
    ----------
    name
        Of the collection: 1 to 255 letters, digits, dots, hyphens and underscores.
    threshold
        The similarity, 0 to 1, from which on a face is given a person's name. AWS recommends 0.99 where matches must be
        right (Rekognition guide, "Use cases that involve public safety"). `evaluate` shows what one does.
    quality
        The service's filter of faces that it indexes: ``"AUTO"``, ``"LOW"``, ``"MEDIUM"``, ``"HIGH"``, ``"NONE"``.
    tags
        On the collection, where it is created here.
    session
        Credentials and region; None: this machine's.
    clock
        What waiting is measured with, for tests.

    Raises
    ------
    AwsValidationError
        Something is not what AWS takes.
    """

    def __init__(
        self,
        name: str,
        *,
        threshold: float = THRESHOLD,
        quality: Quality = "AUTO",
        tags: Mapping[str, str] | None = None,
        session: boto3.Session | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.name = check_name("the name of a face collection", name)
        self.threshold = check_threshold(threshold)
        self.quality: Quality = one_of("quality", quality, get_args(Quality))
        self.tags = check_tags(tags or {})
        self.aws = aws_of(session, clock)
        self._service = FaceService(self.aws, self.name)
        self._bodies = Bodies(Storage(self.aws))

    def create(self) -> Self:
        """Make the collection; one that is there is taken as it is. Nothing of it runs, and empty it costs nothing."""
        ledger().created(resource(self.aws, self.name), keep=True)
        if self._service.create({**self.tags, OWNER: OURS}):
            plan_of_collection(self.name, self.aws.region).show()
        return self

    def index(self, dataset: ImageDataset, *, several: Several = "refuse", progress: bool = True) -> FaceIndex:
        """Store the faces of people. What is stored already is not sent: call it again after whatever ended it.

        Parameters
        ----------
        dataset
            A picture a row, with the person as its label; or pictures with boxes around faces, a person each.
        several
            Pictures, or boxes, with several faces: ``"refuse"`` looks first (a second call a picture), as AWS advises
            (its "Guidance for using IndexFaces"), and stores none of them; ``"largest"`` lets the service take one: of
            those that pass its filter, the largest. Boxes are looked at first either way, once or twice, for their own.
        progress
            Show a bar.

        Raises
        ------
        AwsNotFoundError
            There is no such collection: `create` it first.
        LabelError
            Pictures without boxes have several labels, or none has any, or a name is too long.
        AwsError
            The service refused something; what was stored until then stays.
        """
        indexing, sorted_out = self._indexing(dataset, several)
        if sorted_out.new:
            indexing.plan(sorted_out).show()
        return indexing.run(sorted_out, progress)

    def plan_index(self, dataset: ImageDataset, *, several: Several = "refuse") -> Plan:
        """Say how many calls `index` would make, and how many faces it would store; nothing is sent or stored.

        Raises
        ------
        AwsNotFoundError, LabelError, AwsError
            As of `index`.
        """
        indexing, sorted_out = self._indexing(dataset, several)
        return indexing.plan(sorted_out)

    def _indexing(self, dataset: ImageDataset, several: Several) -> tuple[Indexing, Sorted]:
        dataset, several = _pictures(dataset), one_of("several", several, get_args(Several))
        held = {one.key: one.person for one in self._service.stored() if one.key}
        found = portraits(dataset, Storage(self.aws))
        return Indexing(self._service, self._bodies, self.quality, several), sort_out(found, held)

    @overload
    def search(  # type: ignore[overload-overlap]  # bytes are one item, though one can iterate over them
        self,
        items: PictureItem,
        *,
        threshold: float | None = None,
        every_face: bool = False,
        on_error: OnError = "raise",
    ) -> FaceSearch: ...

    @overload
    def search(
        self,
        items: Iterable[PictureItem],
        *,
        threshold: float | None = None,
        every_face: bool = False,
        on_error: OnError = "raise",
    ) -> list[FaceSearch]: ...

    def search(
        self,
        items: PictureItem | Iterable[PictureItem],
        *,
        threshold: float | None = None,
        every_face: bool = False,
        on_error: OnError = "raise",
    ) -> FaceSearch | list[FaceSearch]:
        """Tell who is in pictures; nothing of them is stored. Each picture is a call that is billed.

        Parameters
        ----------
        items
            As of `RekognitionModel.predict`.
        threshold
            The similarity, 0 to 1, from which on a face is given a person's name; None: that of this object.
        every_face
            All faces of a picture, each cut out and searched for: a call more for the picture, and one a face, two
            where a larger face stands beside it. Else the largest alone.
        on_error
            ``"raise"``: an item that cannot be read raises `ImageError`. ``"skip"``: a result with its `error` stands
            in its place.

        Raises
        ------
        ImageError
            An item cannot be read, and `on_error` is ``"raise"``.
        AwsNotFoundError, AwsError
            There is no such collection; the service cannot be asked.
        """
        one_of("on_error", on_error, get_args(OnError))
        single = is_single(items)
        found = []
        for one in self.look(
            [items] if single else items,  # type: ignore[list-item, arg-type]
            threshold=threshold,
            every_face=every_face,
        ):
            if not isinstance(one, ImageError):
                found.append(one)
            elif on_error == "skip":
                found.append(FaceSearch(error=str(one), source=one.source))
            else:
                raise one
        return found[0] if single else found

    def look(
        self, items: Iterable[PictureItem], *, threshold: float | None = None, every_face: bool = False
    ) -> Iterator[FaceSearch | ImageError]:
        """Give what is known of each item, or the error, one by one: for batches that are not to be held.

        Parameters
        ----------
        items, threshold, every_face
            As of `search`.

        Raises
        ------
        AwsError
            As of `search`.
        """
        least = self.threshold if threshold is None else check_threshold(threshold)
        return Searching(self._service, self._bodies, "NONE", least, every_face).look(items)

    def evaluate(self, dataset: ImageDataset, *, threshold: float | None = None, progress: bool = True) -> ImageReport:
        """Measure on pictures of people whom the collection knows: each is searched for, a call that is billed.

        The report's confidences are similarities, which are not calibrated. `coverage` is the share of pictures that is
        given a name, `accepted_accuracy` the share of these that is right.

        Parameters
        ----------
        dataset
            A picture a row, with the person as its label; others than those that were indexed, whole or by boxes.
        threshold
            As of `search`.
        progress
            Show a bar.

        Raises
        ------
        LabelError
            There is a person whom the collection does not know, or a picture has several labels.
        DataError
            Nothing could be read.
        AwsNotFoundError, AwsError
            As of `search`.
        """
        dataset = one_person_each(_pictures(dataset))
        stored = list(self._service.stored())
        least = self.threshold if threshold is None else check_threshold(threshold)
        about = {"kind": "Rekognition face collection", "collection": self.name, "threshold": least}
        return report_on(
            dataset,
            self.look(dataset, threshold=least),
            tuple(sorted({one.person for one in stored})),
            {**about, "faces": len(stored), "data": {}},
            frozenset(one.key[:SHORT_HASH] for one in stored),
            progress,
        )

    def people(self) -> dict[str, int]:
        """Count the stored faces of each person.

        Raises
        ------
        AwsNotFoundError
            There is no such collection.
        """
        return dict(sorted(Counter(one.person for one in self._service.stored()).items()))

    def delete_person(self, person: str) -> int:
        """Delete all faces of a person; gives how many there were. None, where nobody is known by this name.

        Copies of the pictures elsewhere stay: docs/faces.md lists where to look.

        Raises
        ------
        AwsNotFoundError
            There is no such collection.
        AwsNotReadyError
            The service keeps some of the faces.
        """
        return self._service.delete_faces([one.face_id for one in self._service.stored() if one.person == person])

    def delete(self) -> int:
        """Delete the collection with everyone in it, which cannot be undone; gives how many faces it held.

        One that is gone is no error: it held none.
        """
        try:
            faces = int(self._service.describe().get("FaceCount", 0))
        except AwsNotFoundError:
            faces = 0
        there = self._service.delete()
        ledger().gone(resource(self.aws, self.name))
        return faces if there else 0

    def __repr__(self) -> str:
        return f"<FaceCollection {self.name}>"

    def __getstate__(self) -> dict[str, Any]:
        raise TypeError("a face collection is not pickled: FaceCollection(name) in the other process")


def _pictures(dataset: object) -> ImageDataset:
    if not isinstance(dataset, ImageDataset):
        raise TypeError(f"pictures come as an ImageDataset (from_folder ...), not as {type(dataset).__name__}")
    return dataset
