"""Everything that the service may say of a manifest, and what it means."""

from __future__ import annotations

from mediaml.data.preflight import line_rules, manifest_rules
from mediaml.data.preflight.rule import Rule

CODES: dict[str, Rule] = {
    **manifest_rules.FILES,
    **manifest_rules.PLACES,
    **manifest_rules.LABELS,
    **line_rules.DROPPED,
    **line_rules.ATTRIBUTES,
    **line_rules.BOXES,
    **line_rules.PICTURES,
    **line_rules.WARNINGS,
    **manifest_rules.TEXT,
}
"""In the order in which they are reported, among those that are equally bad."""

MESSAGES: dict[str, str] = {
    "The manifest file extension or contents are invalid": "ERROR_MANIFEST_INACCESSIBLE_OR_UNSUPPORTED_FORMAT",
    "The manifest file is empty": "ERROR_EMPTY_MANIFEST",
    "The manifest file size exceeds the maximum supported size": "ERROR_MANIFEST_SIZE_TOO_LARGE",
    "The S3 bucket permissions are incorrect": "ERROR_INVALID_PERMISSIONS_MANIFEST_S3_BUCKET",
    "Unable to write to output S3 bucket": "ERROR_CANNOT_WRITE_OUTPUT_S3_BUCKET",
}
"""What a training says where it gives no code (page "Terminal manifest file errors"; the codes are its anchors)."""
