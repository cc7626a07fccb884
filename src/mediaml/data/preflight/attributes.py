"""The label attributes of a line: which there are, and what each says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from mediaml.data.preflight import quotas
from mediaml.data.preflight.boxes import check_boxes
from mediaml.data.preflight.fault import Said, shown
from mediaml.data.preflight.image_labels import check_image_label
from mediaml.data.preflight.metadata import BOXES_TYPE, FORMAT, OURS, Json, type_said

Attributed: TypeAlias = tuple[str, str, str | None]
"""A code, a detail, and the label attribute that is meant."""

SUFFIX = "-metadata"
NOT_LABELS = frozenset(("source-ref", "errors", "warnings"))  # the service writes the last two into its own manifests


class Attributes(NamedTuple):
    """What the label attributes of a line say; the fields are those of `LineFacts`."""

    said: tuple[Attributed, ...] = ()
    labels: tuple[str, ...] = ()
    box_labels: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    boxes: int = 0
    size: tuple[int, int] | None = None


@dataclass(slots=True)
class _Found:
    """What has been gathered so far."""

    said: list[Attributed] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    box_labels: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    boxes: int = 0
    size: tuple[int, int] | None = None
    boxless: list[tuple[str, bool]] = field(default_factory=list)  # attribute, and whether a human looked

    def take(self, name: str, said: tuple[Said, ...]) -> None:
        self.said += [(code, detail, name) for code, detail in said]


def check_attributes(record: Json) -> Attributes:
    """Check all label attributes of a line."""
    names = [name for name in record if name not in NOT_LABELS]
    if not names:
        # without a source-ref there is worse to tell
        told = "it has a source-ref only"
        return Attributes((("WARNING_UNANNOTATED_RECORD", told, None),) if "source-ref" in record else ())
    paired = [name for name in names if f"{name}{SUFFIX}" in record]
    hopeless = _hopeless(names, paired, record)
    if hopeless:
        return Attributes((hopeless,))
    found = _Found()
    for name in paired:
        _check_pair(found, name, record[name], record[f"{name}{SUFFIX}"])
    found.said += [*_lonely(names, record), *_too_many(found), *_boxless(found)]
    return _given(found)


def _hopeless(names: list[str], paired: list[str], record: Json) -> Attributed | None:
    """Say why nothing of a line looks like a label."""
    if not paired:
        told = ", ".join(shown(name) for name in names[:3])
        return "ERROR_NO_LABEL_ATTRIBUTES", f"it has {told}", None
    if not any(_is_ours(record[f"{name}{SUFFIX}"]) for name in paired):
        told = f"{shown(paired[0])}{SUFFIX} has none of {', '.join(OURS)}"
        return "ERROR_NO_VALID_LABEL_ATTRIBUTES", told, None
    return None


def _given(found: _Found) -> Attributes:
    return Attributes(
        said=tuple(found.said),
        labels=tuple(found.labels),
        box_labels=tuple(found.box_labels),
        named=tuple(found.named),
        boxes=found.boxes,
        size=found.size,
    )


def _is_ours(metadata: object) -> bool:
    return not isinstance(metadata, dict) or any(key in metadata for key in OURS)


def _check_pair(found: _Found, name: str, attribute: object, metadata: object) -> None:
    """Check one label attribute and its metadata."""
    if not isinstance(metadata, dict):
        found.take(name, ((FORMAT, f"{shown(name)}{SUFFIX} is {shown(metadata)}: an object is needed"),))
        return
    wrong_type = type_said(metadata)
    if wrong_type:
        found.take(name, (wrong_type,))
    elif metadata["type"] == BOXES_TYPE:
        _check_boxes(found, name, attribute, metadata)
    else:
        label = check_image_label(attribute, metadata)
        found.take(name, label.said)
        found.named += label.named
        found.labels += [label.label] if label.label is not None else []


def _check_boxes(found: _Found, name: str, attribute: object, metadata: Json) -> None:
    boxes = check_boxes(attribute, metadata)
    found.take(name, boxes.said)
    found.box_labels += boxes.labels
    found.named += boxes.named
    found.boxes += boxes.number
    found.size = found.size or boxes.size
    if not boxes.number and not boxes.said:
        found.boxless.append((name, metadata["human-annotated"] == "yes"))


def _lonely(names: list[str], record: Json) -> Iterator[Attributed]:
    """Find metadata without their label attribute: a name that is misspelt, and a label that would be lost."""
    for name in names:
        owner = name.removesuffix(SUFFIX)
        if name != owner and owner not in record and isinstance(record[name], dict) and "type" in record[name]:
            yield "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT", f"there is no {shown(owner)} beside {shown(name)}", owner


def _too_many(found: _Found) -> Iterator[Attributed]:
    if found.boxes > quotas.BOXES_PER_PICTURE:
        yield "ERROR_TOO_MANY_BOUNDING_BOXES", f"{found.boxes:,} boxes", None
    labels = len(set(found.labels))
    if labels > quotas.LABELS_PER_PICTURE:
        yield "too_many_labels_per_picture", f"{labels:,} labels", None


def _boxless(found: _Found) -> Iterator[Attributed]:
    """Tell of attributes without boxes: once for the line where it has nothing else."""
    if not found.boxless:
        return
    if found.labels or found.boxes or found.said:
        for name, _ in found.boxless:
            yield "WARNING_NO_ATTRIBUTE_ANNOTATIONS", "annotations is empty or missing", name
    elif any(human for _, human in found.boxless):
        yield "WARNING_NO_ANNOTATIONS", "annotations is empty or missing", None
    else:
        yield "WARNING_UNANNOTATED_RECORD", 'annotations is empty, and human-annotated is "no"', None
