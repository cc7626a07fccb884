"""Bad lines, made by hand, each with the one code that it should have."""

from __future__ import annotations

import json
from typing import Any

from tests.data.preflight.manifests import Record, boxed, image_level, named

NAME, BOX = "animal", "bounding-box"


def label(**changes: object) -> Record:
    """A line with an image-level label, other than it should be; `drop_` takes a field out."""
    return _changed(image_level(1), f"{NAME}-metadata", changes)


def boxes(number: int = 2, **changes: object) -> Record:
    """A line with boxes whose attribute is other than it should be."""
    return _changed(boxed(1, number), BOX, changes)


def meta(number: int = 2, **changes: object) -> Record:
    """A line with boxes whose metadata are other than they should be."""
    return _changed(boxed(1, number), f"{BOX}-metadata", changes)


def box(number: int = 2, **changes: object) -> Record:
    """A line whose last box is other than it should be."""
    record = boxed(1, number)
    record[BOX]["annotations"][-1].update(changes)
    return record


def sized(width: object, height: object) -> Record:
    return boxes(image_size=[{"width": width, "height": height, "depth": 3}])


def without(record: Record, *path: str | int) -> Record:
    *way, last = path
    inner: Any = record
    for key in way:
        inner = inner[key]
    del inner[last]
    return record


def _changed(record: Record, key: str, changes: dict[str, object]) -> Record:
    record[key].update({name.replace("_", "-") if key.endswith("metadata") else name: v for name, v in changes.items()})
    return record


ATTRIBUTE, METADATA = "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT", "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT"
WRONG_SIZES: list[object] = [
    [],
    {},
    [640],
    [{"width": 640, "height": 480}],
    2 * [{"width": 640, "height": 480, "depth": 3}],
]
NO_INTEGERS: list[object] = ["cat", 1.5, True, None, {"a": 1}, [1]]
NO_SHARES: list[object] = [-0.1, 1.1, "1", None, True]
NO_TEXTS: list[object] = [1, None, ["cat"]]
NO_YES: list[object] = [True, "YES", "", []]
NO_DATES: list[object] = ["yesterday", 1583516799, ""]
NO_LISTS: list[object] = [{}, "none", None, 3]
NO_NUMBERS: list[object] = ["3", 3.5, None, True, [3]]
NO_OBJECTS: list[object] = [1, None, "cat", []]
BAD: list[tuple[str, Record | str]] = [
    ("ERROR_INVALID_JSON_LINE", ""),
    ("ERROR_INVALID_JSON_LINE", "  \t"),
    ("ERROR_INVALID_JSON_LINE", '{"source-ref": "s3://pictures/1.png"'),
    ("ERROR_INVALID_JSON_LINE", "{"),
    ("ERROR_INVALID_JSON_LINE", "[]"),
    ("ERROR_INVALID_JSON_LINE", "3"),
    ("ERROR_INVALID_JSON_LINE", "[" * 50_000),
    ("ERROR_INVALID_JSON_LINE", json.dumps(label(confidence=float("nan")))),
    ("ERROR_INVALID_JSON_LINE", json.dumps(image_level(1)) + "," + json.dumps(image_level(2))),
    ("ERROR_INVALID_JSON_LINE", "\ufeff" + json.dumps(image_level(1))),
    ("ERROR_MISSING_SOURCE_REF", {"source": "s3://pictures/1.png", **named(NAME, "cat")}),
    ("ERROR_MISSING_SOURCE_REF", without(boxed(1), "source-ref")),
    *(
        ("ERROR_INVALID_SOURCE_REF_FORMAT", {"source-ref": wrong, **named(NAME, "cat")})
        for wrong in (
            "https://pictures.s3.amazonaws.com/1.png",
            "s3:/pictures/1.png",
            "s3://pictures",
            "s3://pictures/",
            "s3:///1.png",
            "s3://a/1.png",
            "s3://pic tures/1.png",
            f"s3://pictures/{'é' * 513}",
            "",
            None,
            7,
            ["s3://pictures/1.png"],
        )
    ),
    ("dropped_line_too_long", json.dumps({**image_level(1), "note": "x" * 100_000})),
    ("ERROR_NO_LABEL_ATTRIBUTES", without(image_level(1), f"{NAME}-metadata")),
    ("ERROR_NO_LABEL_ATTRIBUTES", without(image_level(1), NAME)),
    ("ERROR_NO_LABEL_ATTRIBUTES", {**without(boxed(1), f"{BOX}-metadata"), "bounding_box-metadata": {}}),
    ("ERROR_NO_VALID_LABEL_ATTRIBUTES", {"source-ref": "s3://pictures/1.png", NAME: 1, f"{NAME}-metadata": {"x": 1}}),
    ("ERROR_UNSUPPORTED_USE_CASE_TYPE", label(type="groundtruth/image-classification-multilabel")),
    ("ERROR_UNSUPPORTED_USE_CASE_TYPE", meta(type="groundtruth/semantic-segmentation")),
    *((ATTRIBUTE, {**image_level(1), NAME: wrong}) for wrong in NO_INTEGERS),
    (ATTRIBUTE, {**image_level(1), "colour-metadata": named("colour", "red")["colour-metadata"]}),
    *((ATTRIBUTE, {**boxed(1), BOX: wrong}) for wrong in NO_OBJECTS),
    (ATTRIBUTE, without(boxed(1), BOX, "image_size")),
    *((ATTRIBUTE, boxes(image_size=wrong)) for wrong in WRONG_SIZES),
    (ATTRIBUTE, sized("640", 480)),
    (ATTRIBUTE, sized(640.5, 480)),
    *((ATTRIBUTE, boxes(annotations=wrong)) for wrong in NO_LISTS),
    *((ATTRIBUTE, box(left=wrong)) for wrong in NO_NUMBERS),
    (ATTRIBUTE, without(boxed(1), BOX, "annotations", 1, "top")),
    *((METADATA, {**image_level(1), f"{NAME}-metadata": wrong}) for wrong in NO_OBJECTS),
    *(
        (METADATA, without(image_level(1), f"{NAME}-metadata", field))
        for field in ("confidence", "class-name", "human-annotated", "creation-date", "type")
    ),
    *((METADATA, label(confidence=wrong)) for wrong in NO_SHARES),
    *((METADATA, label(class_name=wrong)) for wrong in NO_TEXTS),
    *((METADATA, label(human_annotated=wrong)) for wrong in NO_YES),
    *((METADATA, label(creation_date=wrong)) for wrong in NO_DATES),
    (METADATA, label(job_name=3)),
    (METADATA, label(type=None)),
    *(
        (METADATA, without(boxed(1), f"{BOX}-metadata", field))
        for field in ("objects", "class-map", "human-annotated", "creation-date", "type")
    ),
    (METADATA, meta(objects={})),
    (METADATA, meta(objects=[{"confidence": 1}] * 3)),
    (METADATA, meta(objects=[{"confidence": 1}, {"confidence": "sure"}])),
    (METADATA, meta(class_map=["Echo", "Dot"])),
    (METADATA, meta(class_map={"0": "Echo", "1": 1})),
    ("ERROR_INVALID_LABEL_NAME_LENGTH", label(class_name="x" * 256)),
    ("ERROR_INVALID_LABEL_NAME_LENGTH", label(class_name="")),
    ("ERROR_INVALID_LABEL_NAME_LENGTH", meta(class_map={"0": "Echo", "1": "x" * 256})),
    (
        "too_many_labels_per_picture",
        {**image_level(1), **{k: v for n in range(50) for k, v in named(f"n{n}", f"l{n}").items()}},
    ),
    ("ERROR_TOO_MANY_BOUNDING_BOXES", boxed(1, 51)),
    ("ERROR_TOO_MANY_BOUNDING_BOXES", {**boxed(1, 26), **boxed(1, 25, "more")}),
    ("ERROR_NO_VALID_ANNOTATIONS", boxes(annotations=[{}, {"left": 3}])),
    ("ERROR_NO_VALID_ANNOTATIONS", boxes(annotations=["box", None])),
    ("ERROR_INVALID_BOUNDING_BOX", box(left=-1)),
    ("ERROR_INVALID_BOUNDING_BOX", box(top=-1)),
    ("ERROR_INVALID_BOUNDING_BOX", box(width=-5)),
    ("ERROR_INVALID_BOUNDING_BOX", box(left=486)),
    ("ERROR_INVALID_BOUNDING_BOX", box(top=380)),
    ("ERROR_INVALID_BOUNDING_BOX", box(height=10**30)),
    ("ERROR_BOUNDING_BOX_TOO_SMALL", box(width=1)),
    ("ERROR_BOUNDING_BOX_TOO_SMALL", box(height=0)),
    ("ERROR_MISSING_BOUNDING_BOX_CONFIDENCE", meta(objects=[{"confidence": 1}])),
    ("ERROR_MISSING_BOUNDING_BOX_CONFIDENCE", meta(objects=[{"confidence": 1}, {}])),
    ("ERROR_MISSING_BOUNDING_BOX_CONFIDENCE", meta(objects=[None, {"confidence": 1}])),
    ("ERROR_MISSING_CLASS_MAP_ID", box(class_id=7)),
    ("ERROR_MISSING_CLASS_MAP_ID", meta(class_map={"0": "Echo"})),
    ("ERROR_INVALID_IMAGE_DIMENSION", sized(4097, 480)),
    ("ERROR_INVALID_IMAGE_DIMENSION", boxes(0, image_size=[{"width": 63, "height": 480, "depth": 3}], annotations=[])),
    ("ERROR_INVALID_IMAGE", boxes(0, image_size=[{"width": 64, "height": 1281, "depth": 3}], annotations=[])),
    ("WARNING_UNANNOTATED_RECORD", {"source-ref": "s3://pictures/1.png"}),
    ("WARNING_UNANNOTATED_RECORD", {"source-ref": "s3://pictures/1.png", "errors": [], "warnings": []}),
    ("WARNING_UNANNOTATED_RECORD", meta(0, human_annotated="no")),
    ("WARNING_NO_ANNOTATIONS", boxed(1, 0)),
    ("WARNING_NO_ANNOTATIONS", without(boxed(1, 0), BOX, "annotations")),
    ("WARNING_NO_ATTRIBUTE_ANNOTATIONS", {**boxed(1), **boxed(1, 0, "more")}),
    ("WARNING_NO_ATTRIBUTE_ANNOTATIONS", {**image_level(1), **boxed(1, 0)}),
]
