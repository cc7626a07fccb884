"""A training manifest beside its test manifest."""

from __future__ import annotations

from mediaml.data.preflight.preflight import Preflight
from tests.data.preflight.bad_manifests import labelled, two
from tests.data.preflight.manifests import animals, image_level, logos


def places(found: Preflight) -> list[tuple[str, str | None, int | None]]:
    return [(fault.code, fault.part, fault.line) for fault in found.faults]


def test_each_manifest_is_checked_by_itself(tmp_path):
    found = two([*animals(), ""], [*animals(10, first=100), "", ""])(tmp_path)

    assert places(found) == [
        ("ERROR_INVALID_JSON_LINE", "train", 25),
        ("ERROR_INVALID_JSON_LINE", "test", 11),
        ("ERROR_INVALID_JSON_LINE", "test", 12),
    ]
    assert str(found.faults[1]).startswith("test, line 11: ERROR_INVALID_JSON_LINE")


def test_a_picture_in_both_manifests(tmp_path):
    found = two([*animals()], [*animals(4, first=100), image_level(5, "dog")])(tmp_path)

    assert places(found) == [("train_test_overlap", "test", 5)]
    assert found.faults[0].detail == "it is on line 6 of the training manifest"


def test_half_of_the_labels_must_be_tested(tmp_path):
    enough = two(labelled(*"abcd"), labelled(*"abxyz", first=1000))(tmp_path)
    too_few = two(labelled(*"abcde"), labelled(*"abxyz", first=1000))(tmp_path)

    assert places(enough) == []
    assert places(too_few) == [("ERROR_INSUFFICIENT_LABEL_OVERLAP", "test", None)]
    assert too_few.faults[0].detail == "2 of 5 labels; missing: c, d, e"


def test_logos_may_be_trained_on_labels_and_tested_on_boxes(tmp_path):
    found = two(labelled("Echo", "Dot"), [*logos(5, first=100)])(tmp_path)

    assert places(found) == []
    assert found.test is not None and found.test.use_case == "OBJECT_LOCALIZATION"
