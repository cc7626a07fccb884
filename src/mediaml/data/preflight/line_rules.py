"""The rules for single lines.

Sources: AWS's pages "Non-terminal JSON line validation errors", "Terminal errors" (of datasets: its content errors have
no code) and "Guidelines and quotas". Names in lower case are this library's: the service has a rule there, but no code.
"""

from __future__ import annotations

from mediaml.data.preflight.rule import Rule

_GUIDE = "see AWS's pages 'Image-level labels in manifest files' and 'Object localization in manifest files'"

DROPPED: dict[str, Rule] = {
    "ERROR_INVALID_JSON_LINE": Rule(
        "error",
        "dropped",
        "The line is no JSON object; a dataset leaves it out without a word",
        "write one whole JSON object on the line, or take the line out",
    ),
    "ERROR_MISSING_SOURCE_REF": Rule(
        "error",
        "dropped",
        "The line has no source-ref; a dataset leaves it out without a word",
        'add "source-ref": "s3://bucket/key", spelt so, or take the line out',
    ),
    "ERROR_INVALID_SOURCE_REF_FORMAT": Rule(
        "error",
        "dropped",
        "The source-ref is no place in S3; a dataset leaves the line out without a word",
        'write it as "s3://bucket/key", or take the line out',
    ),
    "dropped_duplicate_source_ref": Rule(
        "error",
        "dropped",
        "The picture stood in the manifest before; a dataset leaves it out without a word",
        "put all labels or boxes of a picture into one line",
    ),
    "dropped_line_too_long": Rule(
        "error",
        "dropped",
        "The line has more than 100,000 characters; a dataset leaves it out without a word",
        "take out what is not needed: class-map entries without boxes, other jobs' attributes, or boxes",
    ),
}

ATTRIBUTES: dict[str, Rule] = {
    "ERROR_NO_LABEL_ATTRIBUTES": Rule(
        "error",
        "picture",
        "The line has no label attribute with a -metadata beside it",
        "name the two alike: NAME and NAME-metadata",
    ),
    "ERROR_NO_VALID_LABEL_ATTRIBUTES": Rule(
        "error", "picture", "No label attribute of the line has a format that the service knows", _GUIDE
    ),
    "ERROR_UNSUPPORTED_USE_CASE_TYPE": Rule(
        "error",
        "part",
        "The type of a label attribute is not one that the service knows",
        "give it as groundtruth/image-classification or groundtruth/object-detection; other jobs of Ground Truth must "
        "be converted first",
    ),
    "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT": Rule(
        "error", "part", "A label attribute does not have the form that its type asks for", _GUIDE
    ),
    "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT": Rule(
        "error", "part", "The metadata of a label attribute do not have the form that their type asks for", _GUIDE
    ),
    "ERROR_INVALID_LABEL_NAME_LENGTH": Rule(
        "error", "part", "The name of a label is empty or too long", "give it 1 to 255 characters"
    ),
    "too_many_labels_per_picture": Rule(
        "error", "picture", "The picture has more than 50 image-level labels", "leave labels out of the line"
    ),
}

BOXES: dict[str, Rule] = {
    "ERROR_TOO_MANY_BOUNDING_BOXES": Rule(
        "error",
        "picture",
        "The picture has more than 50 boxes",
        "leave boxes out, in annotations and in objects, or cut the picture into several",
    ),
    "ERROR_NO_VALID_ANNOTATIONS": Rule(
        "error",
        "part",
        "None of the boxes has the form that it needs",
        "give each class_id, left, top, width and height as whole numbers, in pixels",
    ),
    "ERROR_INVALID_BOUNDING_BOX": Rule(
        "error",
        "part",
        "A box reaches out of the picture or has negative values",
        "cut it off at the edge; image_size must be that of the picture as it is stored",
    ),
    "ERROR_BOUNDING_BOX_TOO_SMALL": Rule(
        "error",
        "part",
        "A box is not larger than 1 x 1 pixel once the longest side of the picture is 1,280",
        "draw it larger or take it out, in annotations and in objects",
    ),
    "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE": Rule(
        "error",
        "part",
        "A box has no confidence",
        'give each box its {"confidence": 1} in objects of the metadata, in the order of annotations',
    ),
    "ERROR_MISSING_CLASS_MAP_ID": Rule(
        "error",
        "part",
        "The class_id of a box is missing from the class-map",
        'add it to class-map of the metadata, as text: {"0": "label"}',
    ),
}

PICTURES: dict[str, Rule] = {
    "ERROR_INVALID_IMAGE": Rule(
        "error",
        "picture",
        "The picture cannot be used: its format, size in bytes or aspect ratio",
        "store it as PNG or JPEG of at most 15 MB and 20:1, and check that it is where source-ref says",
    ),
    "ERROR_INVALID_IMAGE_DIMENSION": Rule(
        "error",
        "picture",
        "The sides of the picture are not within 64 to 4,096 pixels",
        "make it smaller or larger, and its boxes with it",
    ),
}

WARNINGS: dict[str, Rule] = {
    "WARNING_UNANNOTATED_RECORD": Rule(
        "warning", "picture", "The picture has no label: it is not trained on", "label it, or take the line out"
    ),
    "WARNING_NO_ANNOTATIONS": Rule(
        "warning",
        "picture",
        "The picture has no boxes: it is not trained on",
        "draw boxes, or take the line out",
    ),
    "WARNING_NO_ATTRIBUTE_ANNOTATIONS": Rule(
        "warning",
        "part",
        "A label attribute has no boxes: it is not trained on",
        "draw boxes, or take the attribute out of the line",
    ),
}
