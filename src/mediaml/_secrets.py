"""Texts without what opens doors: keys and tokens of AWS, signed addresses, passwords in addresses."""

from __future__ import annotations

import re

HIDDEN = "***"
_PASSWORD = re.compile(r"(?<=://)[^/\s'\"]+@")
_SIGNED = re.compile(r"\?[^\s'\"<>]*(?:X-Amz-|AWSAccessKeyId|Signature|sig=|token=)[^\s'\"<>]*", re.IGNORECASE)
# services quote the request that they could not verify, with its token
_NAMED = re.compile(
    r"((?:x-amz-security-token|x-amz-signature|secret_?access_?key|session_?token|AWSAccessKeyId|\bSignature)"
    r"['\"]?\s*[:=]\s*['\"]?)[^\s'\",&<>]+",
    re.IGNORECASE,
)
_KEY = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b")


def without_secrets(text: str) -> str:
    """Give a text as it may stand in logs, reports and errors."""
    text = _SIGNED.sub(f"?{HIDDEN}", _PASSWORD.sub(f"{HIDDEN}@", text))
    return _KEY.sub(HIDDEN, _NAMED.sub(rf"\g<1>{HIDDEN}", text))
