"""What is wrong with single pictures, and with how they are labelled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from mediaml.data.checks.finding import counted
from mediaml.data.checks.one_folder import in_one_folder
from mediaml.data.pictures.problems import PictureFinding as Found
from mediaml.data.pictures.seen import Seen, rows_of
from mediaml.data.preflight.quotas import SHORTEST_SIDE, WISE_PICTURES_PER_LABEL

BLURRED = 0.01
"""Of 653 real pictures none is below 0.025; blurred by a fiftieth of their shorter side, nine of ten are below 0.01."""
IMBALANCE = 10.0
MIXED = 4.0  # the longest side of the largest picture over that of the smallest
USUAL = 0.05  # of the pictures may be larger or smaller: a few odd ones are no mixture


def damaged(pictures: Sequence[Seen]) -> Iterator[Found]:
    """Find pictures that cannot be used."""
    for picture in pictures:
        if picture.measured is not None and picture.measured.failure is not None:
            yield Found(picture.measured.failure, picture.measured.reason, picture.path, picture.labels)


def not_fetched(pictures: Sequence[Seen]) -> Iterator[Found]:
    """Tell once how many pictures lie on S3."""
    away = sum(picture.measured is None for picture in pictures)
    if away:
        yield Found("not_fetched", f"{away:,} of {counted(len(pictures), 'picture')}")


def unclear(pictures: Sequence[Seen], told: Collection[str]) -> Iterator[Found]:
    """Find pictures that show nothing, or little; those that were `told` of for their size are left out of that."""
    for picture in pictures:
        measured, size = picture.measured, picture.size
        if measured is None or size is None or not picture.usable:
            continue
        if measured.hash is None:
            detail = f"its grey levels differ by {measured.contrast:.1f} of 255 (standard deviation)"
            yield Found("blank", detail, picture.path, picture.labels)
        elif measured.sharpness is not None and measured.sharpness < BLURRED:
            detail = f"sharpness {measured.sharpness:.4f}; below {BLURRED:g} is blurred, real pictures have 0.02 to 1"
            yield Found("blurred", detail, picture.path, picture.labels)
        if min(size) < SHORTEST_SIDE and picture.path not in told:
            yield Found("too_small", f"{size[0]:,} x {size[1]:,} pixels", picture.path, picture.labels)


def mixed_sizes(pictures: Sequence[Seen]) -> Iterator[Found]:
    """Tell once where sizes differ widely, after the largest and the smallest few."""
    sizes = sorted((max(picture.size), picture.size) for picture in pictures if picture.size is not None)
    cut = int(USUAL * len(sizes))
    usual = sizes[cut : len(sizes) - cut]
    if usual and usual[-1][0] > MIXED * usual[0][0]:
        (_, small), (_, large) = usual[0], usual[-1]
        yield Found("mixed_sizes", f"from {small[0]:,} x {small[1]:,} to {large[0]:,} x {large[1]:,} pixels")


def few(pictures: Sequence[Seen]) -> Iterator[Found]:
    """Find labels with few pictures, and labels far rarer than others."""
    counts = Counter(label for picture in pictures for label in picture.labels)
    for label, count in sorted(counts.items()):
        if count < WISE_PICTURES_PER_LABEL:
            detail = (
                f"{counted(count, 'picture')}; at least {WISE_PICTURES_PER_LABEL} are advised (AWS, Custom Labels "
                f"guide, 'Preparing images')"
            )
            yield Found("few_pictures", detail, labels=(label,))
    if counts:
        (most, many), (least, little) = counts.most_common()[0], counts.most_common()[-1]
        if many > IMBALANCE * little:
            detail = (
                f"{most} is in {counted(many, 'picture')}, {least} in {counted(little, 'picture')}: "
                f"{many / little:.0f} to 1"
            )
            yield Found("imbalance", detail, labels=(least,))


def unlabelled(pictures: Sequence[Seen]) -> Iterator[Found]:
    """Tell once how many rows have neither a label nor anybody who looked for boxes, and whether one folder has all."""
    rows = rows_of(pictures)
    without = sum(not row.labels and row.boxes is None for row in rows)
    one_folder = in_one_folder([picture.path for picture in pictures])
    if without and without == len(rows) and one_folder:
        yield Found("no_labels", f"{counted(without, 'picture')}: {one_folder}")
    elif without:
        yield Found("unlabelled", f"{without:,} of {counted(len(rows), 'picture')}")
