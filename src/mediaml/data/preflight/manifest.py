"""Check a manifest, or a training manifest and its test manifest, as Rekognition Custom Labels would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from mediaml.data.preflight import whole
from mediaml.data.preflight.fault import Fault
from mediaml.data.preflight.line import LineFacts, check_line, unread
from mediaml.data.preflight.preflight import Figures, Preflight
from mediaml.data.preflight.quotas import Part, UseCase, rows_of
from mediaml.data.preflight.stream import MARK, RawLine, lines, no_text, start_of
from mediaml.data.preflight.tally import Found, Tally
from mediaml.data.preflight.whole import Split
from mediaml.data.progress import bar

STEP = 1000  # lines between two moves of the bar


def check_manifest(
    train: str | Path,
    test: str | Path | None = None,
    *,
    use_case: UseCase | None = None,
    split: Split | None = None,
    region: str | None = None,
    progress: bool = False,
) -> Preflight:
    """Tell what Rekognition Custom Labels would say of a manifest, with its own codes, lines and remedies.

    No picture is opened and nothing is sent. The file is read once, line by line; what is kept of a line is a number.

    Parameters
    ----------
    train
        The manifest to train on.
    test
        The manifest to test on, if there is one yet.
    use_case
        What is to be trained, ``IMAGE_LEVEL_LABELS`` or ``OBJECT_LOCALIZATION``. None: what most pictures have; AWS
        says only that the service chooses.
    split
        How the service is to make the test set where there is none: ``autosplit`` while it trains, or ``distribute``
        (`DistributeDatasetEntries`). None: not at all.
    region
        Of AWS: Mumbai and London take fewer pictures.
    progress
        Whether to show a bar.

    Raises
    ------
    AnnotationError
        A file cannot be read. What it holds never raises.
    """
    rows = rows_of(region)
    both = test is not None
    trained, found = _read(Path(train), "train", rows.train, both, progress, {})
    case = whole.chosen(trained, use_case)
    _conclude(trained, found, case, rows.train, None if both else split)
    if test is None:
        return _preflight([found], _figures(trained, case), None)
    tested, found_too = _read(Path(test), "test", rows.test, both, progress, trained.seen)
    # logos may be trained on labelled pictures and tested on boxes
    test_case = whole.chosen(tested, case)
    _conclude(tested, found_too, test_case, rows.test, None)
    if trained.usable and tested.usable:
        for fault in whole.overlap_faults(trained, tested, case, test_case):
            found_too.add(fault)
    return _preflight([found, found_too], _figures(trained, case), _figures(tested, test_case))


def _read(
    path: Path, role: Part, most: int, both: bool, progress: bool, elsewhere: Mapping[int, int]
) -> tuple[Tally, Found]:
    """Read a manifest and check its lines."""
    start, size = start_of(path), path.stat().st_size
    tally, found = Tally(role), Found(role if both else None)
    for fault in whole.file_faults(path, size, no_text(start)):
        found.add(fault)
    if no_text(start):
        return tally, found
    if start.startswith(MARK):
        found.add(Fault("byte_order_mark", "EF BB BF", 1))
    with bar(size, f"checking {path.name}", "B", progress) as move:
        _pass(path, tally, found, most, elsewhere, move)
    if not tally.lines:
        found.add(Fault("ERROR_EMPTY_MANIFEST", f"{size:,} bytes"))
    return tally, found


def _pass(
    path: Path, tally: Tally, found: Found, most: int, elsewhere: Mapping[int, int], move: Callable[..., None]
) -> None:
    """Let the lines of a manifest pass by."""
    passed, windows = 0, False
    for raw in lines(path):
        tally.lines = raw.number
        if raw.windows and not windows:
            found.add(Fault("windows_line_ends", "CR LF", raw.number))
            windows = True
        if raw.number <= most:
            tally.add(_facts(raw), found, elsewhere)
        passed += raw.bytes
        if raw.number % STEP == 0:
            move(step=passed)
            passed = 0
    move(step=passed)


def _facts(raw: RawLine) -> LineFacts:
    return unread(raw.number, raw.text) if isinstance(raw.text, tuple) else check_line(raw.text, raw.number)


def _conclude(tally: Tally, found: Found, use_case: UseCase, most: int, split: Split | None) -> None:
    """Check what only a whole manifest shows; one without lines has been told of."""
    if not tally.lines:
        return
    for fault in [*whole.line_faults(tally, most), *whole.bucket_faults(tally)]:
        found.add(fault)
    if not tally.usable and tally.bad:
        return  # that there are no labels follows from it
    for fault in [*whole.label_faults(tally, use_case), *whole.picture_faults(tally, use_case, split)]:
        found.add(fault)


def _figures(tally: Tally, use_case: UseCase) -> Figures:
    return Figures(
        lines=tally.lines,
        bad=tally.bad,
        usable=tally.usable,
        boxes=tally.boxes,
        pictures=dict(sorted(tally.labels.get(use_case, Counter()).items())),
        buckets=dict(tally.buckets.most_common()),
        use_case=use_case,
    )


def _preflight(founds: list[Found], train: Figures, test: Figures | None) -> Preflight:
    faults = sorted((fault for found in founds for fault in found.kept), key=lambda fault: fault.order)
    counts = sum((found.counts for found in founds), Counter[str]())
    ordered = {fault.code: counts[fault.code] for fault in faults}
    return Preflight(tuple(faults), ordered, train, test)
