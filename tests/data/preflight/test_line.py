"""One bad line for every code that a line may have: this code is told, with its line, and no other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.data.preflight import line_rules as rules
from mediaml.data.preflight.line import check_line
from mediaml.data.preflight.rules import CODES
from tests.data.preflight.bad_lines import ATTRIBUTE, BAD, BOX, NAME, box, label, meta, sized, without
from tests.data.preflight.manifests import Record, boxed, image_level, named

OF_WHOLE_MANIFESTS = {"dropped_duplicate_source_ref"}


def text_of(line: Record | str) -> str:
    return line if isinstance(line, str) else json.dumps(line)


def ids(value: object) -> str:
    return value if isinstance(value, str) and value in CODES else ""


@pytest.mark.parametrize(("code", "line"), BAD, ids=ids)
def test_a_bad_line_has_its_code_and_no_other(code, line):
    facts = check_line(text_of(line), 17)

    assert [(fault.code, fault.line) for fault in facts.faults] == [(code, 17)]
    assert facts.dropped == (CODES[code].spoils == "dropped")
    if CODES[code].spoils in ("dropped", "picture"):
        assert not facts.usable
        assert facts.bad == (CODES[code].severity == "error")


def test_every_code_of_a_line_has_a_bad_line_here():
    of_lines = {**rules.DROPPED, **rules.ATTRIBUTES, **rules.BOXES, **rules.PICTURES, **rules.WARNINGS}
    assert set(of_lines) - OF_WHOLE_MANIFESTS == {code for code, _ in BAD}


def test_a_line_with_image_level_labels():
    facts = check_line(json.dumps({**image_level(1), **named("colour", "black")}), 3)

    assert facts.faults == ()
    assert (facts.source_ref, facts.bucket) == ("s3://pictures/images/1.png", "pictures")
    assert (facts.labels, facts.box_labels, facts.use_case) == (("cat", "black"), (), "IMAGE_LEVEL_LABELS")
    assert facts.usable and not facts.bad


def test_a_line_with_boxes():
    facts = check_line(json.dumps(boxed(1, 3)), 3)

    assert facts.faults == ()
    assert (facts.labels, facts.box_labels, facts.boxes) == ((), ("Echo", "Dot", "Echo"), 3)
    assert (facts.named, facts.size, facts.use_case) == (("Echo", "Dot"), (640, 480), "OBJECT_LOCALIZATION")


@pytest.mark.parametrize(
    "line",
    [
        boxed(1, 50),
        box(left=485, top=379),
        box(left=0, top=0, width=640, height=480),
        box(width=2, height=2),
        box(left=12.0),
        sized(4096, 480),
        label(class_name="x" * 255),
        {**image_level(1), NAME: "0"},
        {**image_level(1), "worker": "w-17", "more": {"a": 1}},
        label(creation_date="2013-11-18 02:53:27"),
        label(creation_date="2013-11-18T02:53:27Z"),
        without(image_level(1), f"{NAME}-metadata", "job-name"),
        {**image_level(1), "source-ref": "s3://pictures/" + "x" * 1024},
        {**image_level(1), "source-ref": "s3://pictures/a b/ä//?.png"},
    ],
)
def test_what_is_just_right_has_no_fault(line):
    assert check_line(json.dumps(line), 1).faults == ()


def test_the_other_boxes_of_a_picture_are_used():
    facts = check_line(json.dumps(box(3, left=-1)), 1)

    assert facts.usable and facts.box_labels == ("Echo", "Dot")
    assert facts.faults[0].attribute == BOX
    assert facts.faults[0].detail == "annotations[2]: left -1, top 20, width 155, height 101 in a picture of 640 x 480"


def test_a_picture_without_a_good_box_is_bad():
    facts = check_line(json.dumps(box(1, left=-1)), 1)

    assert facts.bad and not facts.usable


def test_many_bad_boxes_are_one_fault():
    record = boxed(1, 5)
    for annotation in record[BOX]["annotations"]:
        annotation["left"] = 600

    assert [fault.detail[-12:] for fault in check_line(json.dumps(record), 1).faults] == ["(and 4 more)"]


def test_a_box_is_measured_as_the_service_trains_on_it():
    record = sized(3840, 2160)
    record[BOX]["annotations"][0]["width"] = 3
    assert [fault.code for fault in check_line(json.dumps(record), 1).faults] == ["ERROR_BOUNDING_BOX_TOO_SMALL"]

    record[BOX]["annotations"][0]["width"] = 4
    assert check_line(json.dumps(record), 1).faults == ()


def test_a_label_that_is_too_long_takes_only_its_boxes_away():
    facts = check_line(json.dumps(meta(class_map={"0": "Echo", "1": "x" * 256})), 1)

    assert facts.usable and facts.box_labels == facts.named == ("Echo",)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All ways into a record."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([way] if way else []), *(place for key, item in inner for place in places(item, (*way, key)))]


@given(st.text())
def test_no_text_raises(text):
    assert check_line(text, 1).faults


@given(JSON)
def test_no_json_raises(value):
    facts = check_line(json.dumps(value), 1)

    assert facts.faults and not facts.usable


@settings(max_examples=300)
@given(st.data(), JSON)
def test_nothing_in_a_line_raises(data, value):
    record = json.loads(json.dumps({**image_level(1), **boxed(1)}))
    *way, last = data.draw(st.sampled_from(places(record)))
    inner: Any = record
    for key in way:
        inner = inner[key]
    inner[last] = value
    facts = check_line(json.dumps(record), 1)

    assert all(str(fault) and fault.remedy for fault in facts.faults)


def test_no_nesting_raises():
    deep = "[" * 900 + "]" * 900
    line = json.dumps(image_level(1)).replace("1,", f"{deep},", 1)

    assert [fault.code for fault in check_line(line, 1).faults] == [ATTRIBUTE]
