"""One bad manifest for every code that a whole file may have: this code is told, and no other."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaml.data.preflight import manifest_rules, quotas
from mediaml.data.preflight.manifest import check_manifest
from mediaml.data.preflight.preflight import Preflight
from mediaml.data.preflight.rules import CODES
from mediaml.errors import AnnotationError
from tests.data.preflight.bad_manifests import BAD, TESTED_APART
from tests.data.preflight.manifests import Record, animals, boxed, image_level, logos, named, write
from tests.shared_data import shared

Lines = list[Record | str]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "output.manifest"


def test_good_manifests_have_no_fault(path, tmp_path):
    train, test = write(path, animals()), write(tmp_path / "test.manifest", animals(10, first=100))
    found = check_manifest(train, test)

    assert found.ok and found.faults == () and found.counts == {}
    assert found.train.pictures == {"cat": 12, "dog": 12}
    assert (found.train.lines, found.train.usable, found.train.bad, found.train.boxes) == (24, 24, 0, 0)
    assert (found.train.buckets, found.train.use_case) == ({"pictures": 24}, "IMAGE_LEVEL_LABELS")
    assert found.test is not None and found.test.pictures == {"cat": 5, "dog": 5}


def test_boxes_are_counted(path):
    found = check_manifest(write(path, logos()))

    assert found.faults == ()
    assert (found.train.boxes, found.train.pictures) == (48, {"Dot": 24, "Echo": 24})


def test_aws_own_examples_are_right(path):
    pages = [shared("manifests", "aws-docs", f"md-create-manifest-file-{kind}.md") for kind in KINDS]
    blocks = [block for page in pages for block in re.findall(r"```(.*?)```", page.read_text(), re.DOTALL)]
    examples = [json.dumps(json.loads(re.sub(r"#.*", "", block))) for block in blocks]
    told = [fault for line in examples for fault in check_manifest(write(path, [line])).faults if fault.line]

    assert len(examples) == 5
    # one of them stands for a place in S3 with the words "S3 bucket location"
    assert [fault.code for fault in told] == ["ERROR_INVALID_SOURCE_REF_FORMAT"]


KINDS = ("classification", "object-detection")


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        (("images", "detection", "coco", "derived.output.manifest"), []),
        # this box has no side at all in the source too
        (("images", "detection", "bccd", "derived.output.manifest"), [("ERROR_BOUNDING_BOX_TOO_SMALL", 103)]),
        # the second line is about a text
        (
            ("manifests", "data__output.manifest"),
            [
                ("ERROR_TOO_MANY_RECORDS_IN_ERROR", None),
                ("ERROR_MANIFEST_TOO_FEW_LABELS", None),
                ("ERROR_MISSING_SOURCE_REF", 2),
                ("ERROR_UNSUPPORTED_USE_CASE_TYPE", 2),
            ],
        ),
    ],
)
def test_real_manifests(data, errors):
    found = check_manifest(shared(*data))

    assert [(fault.code, fault.line) for fault in found.faults if fault.severity == "error"] == errors


@pytest.mark.parametrize(("code", "line", "build", "beside"), BAD, ids=[case[0] for case in BAD])
def test_a_bad_manifest_has_its_code_and_no_other(tmp_path, code, line, build, beside):
    found = build(tmp_path)

    assert [(fault.code, fault.line) for fault in found.faults if fault.code not in beside] == [(code, line)]
    assert set(found.counts) == {code, *beside}
    assert found.ok == (CODES[code].severity == "warning" and not any(one.startswith("ERROR") for one in beside))


def test_every_code_of_manifests_that_can_be_found_has_a_bad_manifest_here():
    groups = (manifest_rules.FILES, manifest_rules.PLACES, manifest_rules.LABELS, manifest_rules.TEXT)
    local = {code for group in groups for code, rule in group.items() if rule.local}

    assert local - TESTED_APART == {code for code, *_ in BAD} - {"dropped_duplicate_source_ref"}


def test_a_bad_line_is_found_in_its_place(path):
    good = animals()
    bad = {"ref": "s3://pictures/1.png", **named("animal", "cat")}
    found = check_manifest(write(path, [*good[:6], bad, *good[6:]]))

    assert [(fault.code, fault.line) for fault in found.faults] == [("ERROR_MISSING_SOURCE_REF", 7)]


def codes(found: Preflight) -> list[str]:
    return list(found.counts)


def test_a_fifth_of_bad_lines_is_borne(path):
    bad = ["{}"] * 6
    assert "ERROR_TOO_MANY_RECORDS_IN_ERROR" not in codes(check_manifest(write(path, [*animals(24), *bad])))
    assert "ERROR_TOO_MANY_RECORDS_IN_ERROR" in codes(check_manifest(write(path, [*animals(24), *bad, "{}"])))


def test_all_kinds_of_bad_lines_count_together(path):
    bad: Lines = ["not JSON"] * 4 + [boxed(100 + n, 51) for n in range(4)]

    assert "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST" in codes(check_manifest(write(path, [*animals(), *bad])))


def test_pictures_without_labels_are_not_bad(path):
    bare = [{"source-ref": f"s3://pictures/bare/{n}.png"} for n in range(24)]

    assert codes(check_manifest(write(path, [*animals(), *bare]))) == ["WARNING_UNANNOTATED_RECORD"]


def test_class_maps_count_as_labels(path):
    many = tuple(f"label {n}" for n in range(251))

    assert "ERROR_MANIFEST_TOO_MANY_LABELS" in codes(check_manifest(write(path, [boxed(1, 10, labels=many)])))


def test_the_kind_can_be_chosen(path):
    assert codes(check_manifest(write(path, [{**image_level(n, "cat"), **boxed(n)} for n in range(24)]))) == [
        "mixed_use_cases"
    ]
    found = check_manifest(path, use_case="IMAGE_LEVEL_LABELS")

    assert codes(found) == ["ERROR_MANIFEST_TOO_FEW_USABLE_LABELS", "mixed_use_cases"]
    assert found.train.pictures == {"cat": 24}


def test_too_large(path, monkeypatch):
    monkeypatch.setattr(quotas, "MANIFEST_BYTES", 1000)

    assert codes(check_manifest(write(path, animals()))) == ["ERROR_MANIFEST_SIZE_TOO_LARGE"]


def test_too_many_lines_are_counted_but_not_checked(path, monkeypatch):
    monkeypatch.setattr(quotas, "SMALL_REGIONS", {"eu-west-2": quotas.Rows(24, 3)})
    write(path, [*animals(), "not JSON"])
    found = check_manifest(path, region="eu-west-2")

    assert (codes(found), found.train.lines) == (["ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM"], 25)
    assert codes(check_manifest(path, region="eu-west-1")) == ["ERROR_INVALID_JSON_LINE"]


def test_the_limits_of_the_small_regions():
    assert quotas.rows_of("ap-south-1") == (28_000, 7_000)
    assert quotas.rows_of(None) == (250_000, 250_000)


def test_a_line_that_is_not_utf_8_spoils_itself_only(path):
    text = "\n".join(json.dumps(line) for line in animals()).encode()
    path.write_bytes(text.replace(b"images/4.png", b"images/\xe4.png"))
    found = check_manifest(path)

    assert [(fault.code, fault.line) for fault in found.faults] == [("ERROR_INVALID_JSON_LINE", 5)]
    assert "not UTF-8" in found.faults[0].detail


@pytest.mark.parametrize("length", [100_001, 400_002, 400_003, 2_000_000])
def test_a_long_line_is_told_of_and_passed_over(path, length):
    found = check_manifest(write(path, [*animals(), "x" * length, image_level(99)]))

    assert [(fault.code, fault.line) for fault in found.faults] == [("dropped_line_too_long", 25)]
    assert (found.train.lines, found.train.usable) == (26, 25)


def test_the_last_line_needs_no_end(path):
    path.write_text("\n".join(json.dumps(line) for line in animals()))

    assert check_manifest(path).train.usable == 24


@pytest.mark.parametrize("name", ["nothing.manifest", ""])
def test_a_file_that_cannot_be_read_raises(tmp_path, name):
    with pytest.raises(AnnotationError, match="cannot be read"):
        check_manifest(tmp_path / name)


@given(st.binary() | st.text().map(str.encode), st.sampled_from(["", "\\ud800", "\\u0000", "é"]))
def test_nothing_in_a_file_raises(tmp_path_factory, data, sign):
    path = tmp_path_factory.getbasetemp() / "any.manifest"
    odd = json.dumps(boxed(1)).replace("Echo", f"Echo{sign}").encode()
    path.write_bytes(data + b"\n" + odd)
    found = check_manifest(path, path, progress=True)

    assert str(found) and len(found.findings) == len(found.faults)
