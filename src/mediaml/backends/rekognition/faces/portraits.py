"""From a dataset to portraits: whose face is in which picture, or in which part of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from mediaml.aws.s3 import Storage, is_uri, location
from mediaml.backends.examination import boxed, labelled
from mediaml.backends.provenance import SHORT_HASH
from mediaml.backends.rekognition.asking import AT_ONCE
from mediaml.backends.rekognition.faces.names import KEY, external_id
from mediaml.data.grouping import content_hash
from mediaml.data.image import ImageDataset
from mediaml.errors import AwsAccessError, AwsNotFoundError, AwsValidationError, LabelError
from mediaml.values.face import RefusedFace
from mediaml.values.geometry import Box

NO_FILE = "there is no such file"


class Portrait(NamedTuple):
    """A picture of a person.

    Parameters
    ----------
    path
        The picture.
    person
        Whose face is in it.
    box
        Where; None: it is the only face of the picture.
    key
        What it is known again by: made of the picture's content and then of the box; empty where it cannot be read.
    unreadable
        Why it cannot be read.
    """

    path: str
    person: str
    box: Box | None
    key: str = ""
    unreadable: str = ""

    @property
    def external(self) -> str:
        """What the service keeps with the face."""
        return external_id(self.person, self.key)


class _Content(NamedTuple):
    """The hash of a picture's content, or why there is none."""

    digest: str
    unreadable: str = ""


class Sorted(NamedTuple):
    """Portraits that are to be indexed, how many are there already, and those that cannot be indexed."""

    new: list[Portrait]
    already: int
    refused: list[RefusedFace]


def portraits(dataset: ImageDataset, storage: Storage) -> list[Portrait]:
    """Give the portraits of a dataset; pictures with boxes have one a box, others the one that their label says.

    Raises
    ------
    LabelError
        A picture without boxes has several labels, none has any, or a name is too long for the service.
    """
    rows = list(_rows(dataset))
    for person in {one.person for one in rows}:
        external_id(person, "0" * KEY)  # a name that the service does not take is told before anything is sent
    paths = list(dict.fromkeys(one.path for one in rows))
    with ThreadPoolExecutor(AT_ONCE, "mediaml-faces") as pool:
        contents = dict(zip(paths, pool.map(lambda path: _content(path, storage), paths), strict=True))
    return [_read(one, contents[one.path]) for one in rows]


def _read(one: Portrait, content: _Content) -> Portrait:
    return one._replace(key=_key(content.digest, one.box), unreadable=content.unreadable)


def _rows(dataset: ImageDataset) -> Iterator[Portrait]:
    if not dataset.has_boxes:
        for picture in one_person_each(dataset):
            yield Portrait(picture.path, picture.labels[0], None)
        return
    for picture in boxed(dataset, "the dataset"):
        for box in picture.boxes or ():
            yield Portrait(picture.path, box.label, box)


def one_person_each(dataset: ImageDataset) -> ImageDataset:
    """Leave out pictures without a person, saying so, and refuse those with several.

    Raises
    ------
    LabelError
        A picture has several labels, or none has any.
    """
    for picture in dataset:
        if len(picture.labels) > 1:
            raise LabelError(
                f"{picture.path} has {len(picture.labels)} labels ({', '.join(picture.labels)}), and nobody can say "
                "whose face is which: draw boxes, or leave it out"
            )
    return labelled(dataset, "the dataset", multi_label=False)


def _content(path: str, storage: Storage) -> _Content:
    """Hash a picture; one that is missing, or that nobody may read, does not end the others."""
    if not is_uri(path):
        found = content_hash(path)
        return _Content("", NO_FILE) if found.startswith("unreadable:") else _Content(found)
    try:
        return _Content(hashlib.sha256(storage.get(location(path))).hexdigest())
    except AwsNotFoundError:
        return _Content("", NO_FILE)
    except (AwsAccessError, AwsValidationError) as error:
        return _Content("", str(error))


def _key(content: str, box: Box | None) -> str:
    """Give what a portrait is known again by; with a box, too, it begins as the picture's content alone.

    So a picture is known as seen, whichever box it was indexed by. Keys of boxes that were made before this rule was
    differ: their faces would be stored again.
    """
    if not content or box is None:
        return content[:KEY]
    place = " ".join(f"{one:.0f}" for one in (box.left, box.top, box.width, box.height))
    return content[:SHORT_HASH] + hashlib.sha256(place.encode()).hexdigest()[: KEY - SHORT_HASH]


def sort_out(found: Sequence[Portrait], held: Mapping[str, str]) -> Sorted:
    """Leave out what the collection has.

    Parameters
    ----------
    found
        Portraits.
    held
        Persons by the keys of the pictures that are stored.
    """
    people = dict(held)
    told = Sorted([], 0, [])
    already = 0
    for one in found:
        if not one.key:
            told.refused.append(_refused(one, one.unreadable))
        elif one.key not in people:
            people[one.key] = one.person
            told.new.append(one)
        elif people[one.key] == one.person:
            already += 1
        else:
            told.refused.append(_of_another(one, people[one.key]))
    return told._replace(already=already)


def _refused(one: Portrait, detail: str) -> RefusedFace:
    return RefusedFace(path=one.path, person=one.person, reason="not_readable", detail=detail)


def _of_another(one: Portrait, person: str) -> RefusedFace:
    detail = f"this very picture is {person}'s; delete_person({person!r}) first, if that was wrong"
    return RefusedFace(path=one.path, person=one.person, reason="another_person", detail=detail)
