"""What can be found in a dataset of pictures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from mediaml.data.checks.finding import Finding, Problem

ERRORS: dict[str, Problem] = {
    "no_pictures": Problem(
        "error", "The dataset has no rows", "look at how it was made: where() may have selected nothing"
    ),
    "no_labels": Problem(
        "error",
        "No picture has a label: there is nothing to be learnt",
        "from_folder() takes the folders in a folder as labels: give it the folder that these lie in",
    ),
    "missing_file": Problem(
        "error", "There is no such file", "restore it, correct its path or root=, or take the row out"
    ),
    "unreadable": Problem(
        "error", "It cannot be opened", "copy it again or save it again from the original; repair() leaves it out"
    ),
    "duplicate_across_labels": Problem(
        "error",
        "The same file carries different labels",
        "keep the right one; where both are to be seen, keep one row with both labels",
    ),
    "duplicate_across_parts": Problem(
        "error",
        "The same file stands in two parts: results on it are learnt by heart",
        "keep it in one part; split() of all pictures together does so by itself",
    ),
    "group_across_parts": Problem(
        "error",
        "One picture or group stands in two parts: results on it are learnt by heart",
        "divide by group: split() does so by itself, and keeps what group_column names together",
    ),
    "boxes_outside": Problem(
        "error",
        "Some boxes lie outside of the picture",
        "draw them again; the annotation may belong to another picture; repair() takes them out",
    ),
    "boxes_without_area": Problem(
        "error", "Some boxes have no area", "draw them again or take them out; repair() takes them out"
    ),
    "service_picture": Problem(
        "error",
        "It is no picture that Rekognition Custom Labels takes",
        "repair() writes a copy that it takes, as PNG or JPEG, and moves the boxes with it",
    ),
    "service_boxes": Problem(
        "error",
        "Some boxes are not such as Rekognition Custom Labels takes",
        "repair() cuts boxes off at the edge and takes tiny ones out; of more than 50 leave some out, or cut the "
        "picture into several",
    ),
    "service_labels": Problem(
        "error",
        "The labels are not such as Rekognition Custom Labels takes",
        "relabel() joins and renames labels: two at least, one where there are boxes, and 250 at most, of 255 "
        "characters",
    ),
    "service_rows": Problem(
        "error",
        "The dataset as a whole is not such as Rekognition Custom Labels takes",
        "correct what is told of single pictures, copy all into one bucket (upload() does so), and leave some out "
        "where they are too many",
    ),
}

WARNINGS: dict[str, Problem] = {
    "boxes_over_edge": Problem(
        "warning", "Some boxes reach out of the picture", "cut them off at the edge, as repair() does"
    ),
    "turned_with_boxes": Problem(
        "warning",
        "The picture is turned by its EXIF, and its boxes may be drawn on the unturned one",
        "look at it with show(); repair() turns the picture for good, and the boxes where the annotation states the "
        "unturned size",
    ),
    "size_differs": Problem(
        "warning",
        "The annotation states another size than the picture has",
        "make sure that it belongs to this picture; its boxes are counted in the stated size, and repair() brings "
        "them to the real one",
    ),
    "tiny_boxes": Problem(
        "warning", "Some boxes are so small that nothing can be seen in them", "draw them larger or take them out"
    ),
    "repeated_boxes": Problem(
        "warning",
        "Some boxes of one label lie on the same place",
        "keep one: a thing that is marked twice counts twice",
    ),
    "look_alike_across_labels": Problem(
        "warning",
        "Pictures that look alike carry different labels",
        "compare them: if they show the same, one label is wrong, or both should be on both",
    ),
    "look_alike_across_parts": Problem(
        "warning",
        "Pictures that look alike stand in two parts: results on them may be too good",
        "say what belongs together (film, person, place) with group_column, and split() again",
    ),
    "look_alike": Problem(
        "warning",
        "Some pictures look alike",
        "keep one of each where they are copies; where they are a burst or one film, name it with group_column before "
        "split()",
    ),
    "duplicate": Problem(
        "warning",
        "The same file is there twice",
        "keep one: a copy weighs double and makes results look better; repair() leaves it out",
    ),
    "blank": Problem("warning", "There is nothing to be seen", "take it out, unless emptiness is what it should teach"),
    "blurred": Problem(
        "warning", "It is blurred, or shows hardly any detail", "look at it: what a person cannot make out, drop"
    ),
    "too_small": Problem(
        "warning",
        "It has few pixels: networks look at pictures of 200 pixels and more",
        "go back to the original: enlarging adds nothing",
    ),
    "few_pictures": Problem(
        "warning",
        "A label has few pictures",
        "take more, on other days, at other places and with other cameras; 50 to 100 a label serve better than 10",
    ),
    "imbalance": Problem(
        "warning",
        "Some labels are far more frequent than others",
        "take more of the rare ones or leave some of the others out",
    ),
    "service_kinds": Problem(
        "warning",
        "Labels of pictures and boxes are mixed: Rekognition Custom Labels trains one kind",
        "use one kind throughout: it leaves the other out",
    ),
}

ADVICE: dict[str, Problem] = {
    "mixed_sizes": Problem(
        "advice",
        "The pictures are of very different sizes",
        "all are brought to one size: where size and label go together, that is what may be learnt",
    ),
    "service_unused": Problem(
        "advice",
        "Pictures without boxes are not trained on by Rekognition Custom Labels",
        "that costs nothing here; other detectors learn from them what to leave alone",
    ),
    "not_fetched": Problem(
        "advice", "Some pictures lie on S3: they were not looked at", "fetch() brings them to this machine"
    ),
    "unlabelled": Problem(
        "advice", "Some pictures have no label", "nothing is learnt from them: label them, or train on .labelled"
    ),
}

PROBLEMS: dict[str, Problem] = {**ERRORS, **WARNINGS, **ADVICE}
"""In the order in which they are reported."""


@dataclass(frozen=True, slots=True)
class PictureFinding(Finding):
    """One thing that was found in a dataset of pictures.

    Parameters
    ----------
    problem
        Its stable name, one of `PROBLEMS` of pictures.
    detail
        What exactly, in numbers with units.
    path
        The picture; None where the dataset as a whole is meant.
    labels
        Of the picture, or the label that is meant.
    twin
        The picture that it is like, where there is one.
    """

    problems: ClassVar[Mapping[str, Problem]] = PROBLEMS

    twin: str | None = None
