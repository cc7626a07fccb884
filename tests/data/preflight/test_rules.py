"""Every code of the service stands in the table, with what it means and what to do."""

from __future__ import annotations

import pytest

from mediaml.data.preflight.fault import Fault
from mediaml.data.preflight.rule import SPOILS
from mediaml.data.preflight.rules import CODES, MESSAGES

# AWS's pages, by kind of error
DATASET = {
    "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT",
    "ERROR_MANIFEST_SIZE_TOO_LARGE",
    "ERROR_MANIFEST_ROWS_EXCEEDS_MAXIMUM",
    "ERROR_INVALID_PERMISSIONS_MANIFEST_S3_BUCKET",
    "ERROR_TOO_MANY_RECORDS_IN_ERROR",
    "ERROR_MANIFEST_TOO_MANY_LABELS",
    "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_DISTRIBUTE",
}
TRAINING = {
    "ERROR_TOO_MANY_INVALID_ROWS_IN_MANIFEST",
    "ERROR_IMAGES_IN_MULTIPLE_S3_BUCKETS",
    "ERROR_INVALID_PERMISSIONS_IMAGES_S3_BUCKET",
    "ERROR_INVALID_IMAGES_S3_BUCKET_OWNER",
    "ERROR_INSUFFICIENT_IMAGES_PER_LABEL_FOR_AUTOSPLIT",
    "ERROR_MANIFEST_TOO_FEW_LABELS",
    "ERROR_MANIFEST_TOO_MANY_LABELS",
    "ERROR_INSUFFICIENT_LABEL_OVERLAP",
    "ERROR_MANIFEST_TOO_FEW_USABLE_LABELS",
    "ERROR_INSUFFICIENT_USABLE_LABEL_OVERLAP",
    "ERROR_FAILED_IMAGES_S3_COPY",
}
LINES = {
    "ERROR_MISSING_SOURCE_REF",
    "ERROR_INVALID_SOURCE_REF_FORMAT",
    "ERROR_NO_LABEL_ATTRIBUTES",
    "ERROR_INVALID_LABEL_ATTRIBUTE_FORMAT",
    "ERROR_INVALID_LABEL_ATTRIBUTE_METADATA_FORMAT",
    "ERROR_NO_VALID_LABEL_ATTRIBUTES",
    "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE",
    "ERROR_MISSING_CLASS_MAP_ID",
    "ERROR_INVALID_JSON_LINE",
    "ERROR_INVALID_IMAGE",
    "ERROR_INVALID_IMAGE_DIMENSION",
    "ERROR_INVALID_BOUNDING_BOX",
    "ERROR_NO_VALID_ANNOTATIONS",
    "ERROR_BOUNDING_BOX_TOO_SMALL",
    "ERROR_TOO_MANY_BOUNDING_BOXES",
    "ERROR_UNSUPPORTED_USE_CASE_TYPE",
    "ERROR_INVALID_LABEL_NAME_LENGTH",
}
WARNINGS = {"WARNING_UNANNOTATED_RECORD", "WARNING_NO_ANNOTATIONS", "WARNING_NO_ATTRIBUTE_ANNOTATIONS"}
ANCHORS = {"ERROR_EMPTY_MANIFEST", "ERROR_CANNOT_WRITE_OUTPUT_S3_BUCKET"}  # of messages that come without a code
DOCUMENTED = DATASET | TRAINING | LINES | WARNINGS | ANCHORS
NOT_LOCAL = {
    "ERROR_INVALID_PERMISSIONS_MANIFEST_S3_BUCKET",
    "ERROR_INVALID_PERMISSIONS_IMAGES_S3_BUCKET",
    "ERROR_INVALID_IMAGES_S3_BUCKET_OWNER",
    "ERROR_FAILED_IMAGES_S3_COPY",
    "ERROR_CANNOT_WRITE_OUTPUT_S3_BUCKET",
}


def test_every_documented_code_is_known_and_all_others_are_in_lower_case():
    assert {code for code in CODES if code.isupper()} == DOCUMENTED
    assert all(code.islower() for code in CODES if code not in DOCUMENTED)


def test_what_only_the_service_can_find_is_marked():
    assert {code for code, rule in CODES.items() if not rule.local} == NOT_LOCAL


@pytest.mark.parametrize("code", CODES)
def test_a_rule_says_what_is_wrong_and_what_to_do(code):
    rule = CODES[code]

    assert rule.spoils in SPOILS
    assert rule.severity == "warning" or code.startswith("ERROR_") or code.islower()
    assert rule.meaning[0].isupper() and not rule.meaning.endswith(".")
    assert rule.remedy and not rule.remedy.endswith(".")


def test_messages_without_a_code_lead_to_one():
    assert set(MESSAGES.values()) <= set(CODES)


def test_a_fault_tells_where_it_is():
    fault = Fault("ERROR_MISSING_SOURCE_REF", "it has image", 1200)

    assert str(fault) == "line 1,200: ERROR_MISSING_SOURCE_REF: it has image"
    assert str(Fault("ERROR_INVALID_BOUNDING_BOX", "left -1", 3, "boxes", "test")) == (
        "test, line 3, boxes: ERROR_INVALID_BOUNDING_BOX: left -1"
    )
    assert str(Fault("ERROR_EMPTY_MANIFEST", "0 bytes")) == "ERROR_EMPTY_MANIFEST: 0 bytes"
    assert (fault.severity, fault.meaning, fault.remedy) == (
        "error",
        CODES[fault.code].meaning,
        CODES[fault.code].remedy,
    )
