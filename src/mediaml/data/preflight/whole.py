"""The rules for a manifest as a whole, once all of its lines have passed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from mediaml.data.checks.finding import counted
from mediaml.data.preflight import quotas
from mediaml.data.preflight.fault import Fault, shown
from mediaml.data.preflight.quotas import UseCase
from mediaml.data.preflight.tally import Tally

Split = Literal["autosplit", "distribute"]
LEAST_TO_SPLIT = 2  # one for each part; AWS does not say how many it wants


def file_faults(path: Path, size: int, no_text: str | None) -> Iterator[Fault]:
    """Check what can be seen of a file before it is read; `no_text` names a format that is no text."""
    unsupported = "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT"
    if not path.suffix:
        yield Fault(unsupported, f"{shown(path.name)} has no extension")
    if no_text:
        yield Fault(unsupported, f"it is {no_text}, not text in UTF-8")
    if size > quotas.MANIFEST_BYTES:
        yield Fault("ERROR_MANIFEST_SIZE_TOO_LARGE", f"{size / 1e9:,.2f} GB")


def line_faults(tally: Tally, most: int) -> Iterator[Fault]:
    """Check how many lines there are, and how many are bad."""
    if tally.lines > most:
        detail = f"{tally.lines:,} lines; at most {most:,}, and the others were not looked at"
        yield Fault("ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM", detail)
    checked = min(tally.lines, most)
    if tally.dropped > quotas.BAD_LINES * checked:
        yield Fault("ERROR_TOO_MANY_RECORDS_IN_ERROR", _share(tally.dropped, checked))
    elif tally.bad > quotas.BAD_LINES * checked:
        yield Fault("ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST", _share(tally.bad, checked))


def _share(number: int, lines: int) -> str:
    return f"{number:,} of {counted(lines, 'line')} ({100 * number / lines:.0f} %); at most 20 %"


def bucket_faults(tally: Tally) -> Iterator[Fault]:
    """Check that all pictures are in one bucket."""
    if tally.second_bucket is not None:
        most = ", ".join(f"{name} ({count:,})" for name, count in tally.buckets.most_common(3))
        detail = f"{counted(len(tally.buckets), 'bucket')}: {most}"
        yield Fault("ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS", detail, tally.second_bucket)


def chosen(tally: Tally, wanted: UseCase | None = None) -> UseCase:
    """Give what the service would train: AWS says only that it chooses; the kind of most pictures is taken here."""
    pictures = tally.pictures
    if wanted and pictures[wanted]:
        return wanted
    if not pictures:
        return wanted or "NOT_DETERMINED"
    boxes, labels = pictures["OBJECT_LOCALIZATION"], pictures["IMAGE_LEVEL_LABELS"]
    return "OBJECT_LOCALIZATION" if boxes >= labels else "IMAGE_LEVEL_LABELS"


def all_labels(tally: Tally) -> set[str]:
    """Give the labels that a usable picture has, in whatever form."""
    return {label for labels in tally.labels.values() for label in labels}


def label_faults(tally: Tally, use_case: UseCase) -> Iterator[Fault]:
    """Check how many labels there are."""
    labels, used = all_labels(tally), tally.labels.get(use_case, Counter())
    least = quotas.LEAST_LABELS[use_case]
    kind = {"IMAGE_LEVEL_LABELS": "image-level labels", "OBJECT_LOCALIZATION": "boxes"}.get(use_case, "either kind")
    if len(labels | tally.named) > quotas.MOST_LABELS:
        yield Fault("ERROR_MANIFEST_TOO_MANY_LABELS", f"{len(labels | tally.named):,} labels; at most 250")
    if len(labels) < least:
        yield Fault("ERROR_MANIFEST_TOO_FEW_LABELS", f"{counted(len(labels), 'label')}; {kind} need {least}")
    elif len(used) < least:
        detail = f"{counted(len(used), 'label')} for {kind}, which the model would be trained for; {least} are needed"
        yield Fault("ERROR_MANIFEST_TOO_FEW_USABLE_LABELS", detail)
    if all(tally.labels.values()):
        told = f"{tally.pictures['IMAGE_LEVEL_LABELS']:,} pictures with image-level labels"
        yield Fault("mixed_use_cases", f"{told}, {tally.pictures['OBJECT_LOCALIZATION']:,} with boxes")


def picture_faults(tally: Tally, use_case: UseCase, split: Split | None) -> Iterator[Fault]:
    """Check how many pictures each label has."""
    labels = tally.labels.get(use_case, Counter())
    for label in sorted(tally.named - all_labels(tally)):
        yield Fault("label_without_pictures", shown(label))
    for label, count in sorted(labels.items()):
        told = f"{shown(label)}: {counted(count, 'picture')}"
        if tally.role == "test":
            if count > quotas.TEST_PICTURES_PER_LABEL:
                yield Fault("too_many_test_pictures_per_label", told)
        elif split and count < LEAST_TO_SPLIT:
            yield Fault(f"ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_{split.upper()}", told)
        elif count < quotas.WISE_PICTURES_PER_LABEL:
            yield Fault("few_pictures", told)


def overlap_faults(train: Tally, test: Tally, train_case: UseCase, test_case: UseCase) -> Iterator[Fault]:
    """Check that the test manifest has enough of the labels that are trained."""
    too_few = _missing(all_labels(train), all_labels(test))
    if too_few:
        yield Fault("ERROR_INSUFFICIENT_LABEL_OVERLAP", too_few)
        return
    too_few = _missing(set(train.labels.get(train_case, ())), set(test.labels.get(test_case, ())))
    if too_few:
        yield Fault("ERROR_INSUFFICIENT_USABLE_LABEL_OVERLAP", too_few)


def _missing(train: set[str], test: set[str]) -> str | None:
    """Say which labels are missing, where they are too many."""
    common = train & test
    if len(common) >= quotas.LABEL_OVERLAP * len(train):
        return None
    missing = sorted(train - test)
    names = ", ".join(shown(label) for label in missing[:3]) + (", ..." if len(missing) > 3 else "")
    return f"{len(common):,} of {counted(len(train), 'label')}; missing: {names}"
