"""An offline account to look at, put right again after each test."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mediaml.backends.doctor import Finding, asking, doctor, quotas
from mediaml.testing import OfflineAws, offline_aws
from mediaml.testing.offline import TRUST
from mediaml.testing.quotas import Quotas

Look = Callable[..., dict[str, Finding]]


@pytest.fixture(scope="package")
def account() -> Iterator[OfflineAws]:
    with offline_aws() as found:
        yield found


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes wrong is not tried again: tests do not wait."""
    for module in (asking, quotas):
        monkeypatch.setattr(module, "ATTEMPTS", 1)


@pytest.fixture
def aws(account: OfflineAws) -> Iterator[OfflineAws]:
    account.calls.clear()
    yield account
    account.heal()
    account.rights.denied.clear()
    account.quotas.__dict__.update(Quotas().__dict__)


@pytest.fixture
def look(aws: OfflineAws) -> Look:
    """Look at what is given, as the account's own session; gives the findings by what was looked at."""

    def looked(**given: Any) -> dict[str, Finding]:
        found = doctor(**{"session": aws.session, **given})
        by_name = {one.what: one for one in found}
        assert len(by_name) == len(found), "each is told once"
        assert all(one.remedy for one in found if one.level == "problem"), "each problem has its remedy"
        return by_name

    return looked


@pytest.fixture
def new_role(aws: OfflineAws) -> Iterator[Callable[..., str]]:
    """Make a role with a statement in its trust policy, changed as is said; it ends with the test."""
    client = aws.session.client("iam")
    names: list[str] = []

    def made(path: str = "/", **changed: Any) -> str:
        statement = {**TRUST["Statement"][0], **changed}
        policy = json.dumps({**TRUST, "Statement": [statement]})
        names.append(f"role-{len(names)}")
        role = client.create_role(RoleName=names[-1], Path=path, AssumeRolePolicyDocument=policy)["Role"]
        return str(role["Arn"])

    yield made
    for name in names:
        client.delete_role(RoleName=name)
