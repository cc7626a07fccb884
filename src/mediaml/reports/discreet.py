"""Texts for readers from outside: without numbers of accounts and without folders."""

from __future__ import annotations

import re

ACCOUNT = re.compile(
    r"(\barn:[^\s:]*:[^\s:]*:[^\s:]*:)\d{12}\b"
    r"|\b\d{12}(?=\.dkr\.ecr\.)"  # an address of an image
    r"|(\b[a-z]{2}(?:-[a-z]+)+-\d-)\d{12}\b"  # a bucket whose name ends on the region and the account
)
MASK = "ACCOUNT"
FOLDERS = re.compile(
    r"(?:^|(?<=[\s'\"(]))(?:[a-z][\w+.-]*:/|[a-z]:)?[\\/]{1,2}(?=[^\s\\/])(?:[^:'\"]*[\\/])?", re.IGNORECASE
)
SLASH = re.compile(r"[\\/]")


def without_account(text: str) -> str:
    """Put ``ACCOUNT`` in the place of the number of an AWS account, where it is known to be one."""
    return ACCOUNT.sub(lambda found: f"{found[1] or found[2] or ''}{MASK}", text)


def names_only(problem: str) -> str:
    """Leave of ``path: reason`` the name of the file and the reason, and of other absolute paths their names.

    Where ``: `` stands in the name of a folder, that folder and those within it are left.
    """
    source, between, reason = problem.partition(": ")
    if not between:
        return FOLDERS.sub("", problem)
    return f"{SLASH.split(source)[-1]}{between}{FOLDERS.sub('', reason)}"
