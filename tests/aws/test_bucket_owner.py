"""S3 is told whose bucket is meant: nothing is written to, or taken from, one that someone else has under its name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile

import mediaml as mm
from mediaml.aws.s3 import OWNER, Location, Storage, bucket_owner
from mediaml.aws.session import aws
from mediaml.errors import AwsAccessError, AwsConnectionError, AwsValidationError, DataError, EnvironmentSettingError
from mediaml.testing import Fault, OfflineAws, offline_aws
from tests.sounds import RATE, tone

Sent = list[tuple[str, dict[str, Any]]]
STRANGER = "999999999999"


def sent_to_s3(account: OfflineAws) -> Sent:
    """Note the parameters of each call of S3 from now on; play S3 to buckets of another account than expected."""
    from botocore.exceptions import ClientError

    found: Sent = []

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        found.append((model.name, dict(params)))
        if params.get("ExpectedBucketOwner", account.account) != account.account:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, model.name)

    account.session.events.register("before-parameter-build.s3", note)
    return found


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[OfflineAws]:
    monkeypatch.delenv(OWNER, raising=False)
    with offline_aws() as found:
        yield found


@pytest.fixture
def sent(account: OfflineAws) -> Sent:
    return sent_to_s3(account)


@pytest.fixture
def storage(account: OfflineAws, sent: Sent) -> Storage:
    return Storage(aws(account.session, account.clock))


def test_all_that_writes_or_looks_before_it_writes_names_the_owner(
    account: OfflineAws, storage: Storage, sent: Sent, tmp_path: Path
) -> None:
    at = Location(account.bucket, "a")
    (tmp_path / "small").write_bytes(b"x")
    (tmp_path / "large").write_bytes(bytes(9 << 20))  # in parts
    storage.put(b"x", at)
    storage.put_json({}, at / "b")
    storage.upload(tmp_path / "small", at / "c")
    storage.upload(tmp_path / "large", at / "d")
    assert storage.exists(at) and storage.has_bucket(account.bucket)
    assert {name for name, _ in sent} >= {"PutObject", "HeadObject", "HeadBucket", "CreateMultipartUpload"}
    assert {name for name, _ in sent} >= {"UploadPart", "CompleteMultipartUpload"}
    assert {params.get("ExpectedBucketOwner") for _, params in sent} == {account.account}
    assert sum(call.operation == "GetCallerIdentity" for call in account.calls) == 1  # it is asked once


def test_what_the_user_names_may_be_anyones(account: OfflineAws, storage: Storage, sent: Sent, tmp_path: Path) -> None:
    at = storage.put(b"x", Location(account.bucket, "a"))
    sent.clear()
    storage.get(at)
    storage.start_of(at, 1)
    storage.download(at, tmp_path / "a")
    assert len(list(storage.listed(at))) == 1
    assert len(sent) >= 4 and not any("ExpectedBucketOwner" in params for _, params in sent)


def test_what_is_our_own_is_read_from_our_own(
    account: OfflineAws, storage: Storage, sent: Sent, tmp_path: Path
) -> None:
    at = storage.put(b"x", Location(account.bucket, "a"))
    storage.get(at, own=True)
    storage.download(at, tmp_path / "a", own=True)
    assert len(list(storage.listed(at, own=True))) == 1
    assert {params.get("ExpectedBucketOwner") for _, params in sent} == {account.account}


def test_a_dataset_of_another_accounts_bucket(account: OfflineAws, sent: Sent, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone("hum", 1), RATE)
    account.session.client("s3").upload_file(str(tmp_path / "a.wav"), account.bucket, "sounds/hum/a.wav")
    sent.clear()
    uri = f"s3://{account.bucket}/sounds/"
    found = mm.AudioDataset.from_s3(uri, to=tmp_path / "to", session=account.session, progress=False)
    assert len(found) == 1
    assert not any("ExpectedBucketOwner" in params for _, params in sent)


def write(storage: Storage, at: Location, folder: Path) -> None:
    storage.put(b"x", at)


def look(storage: Storage, at: Location, folder: Path) -> None:
    storage.exists(at)


def have(storage: Storage, at: Location, folder: Path) -> None:
    storage.has_bucket(at.bucket)


def send(storage: Storage, at: Location, folder: Path) -> None:
    (folder / "a").write_bytes(b"x")
    storage.upload(folder / "a", at)


def test_a_bucket_that_someone_else_has(
    account: OfflineAws, storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OWNER, STRANGER)
    for act in (write, look, have, send):
        with pytest.raises(AwsAccessError, match=f"not of the account {STRANGER}.*{OWNER}"):
            act(storage, Location(account.bucket, "a"), tmp_path)


def test_the_owner_can_be_said_where_it_is_another_account(
    account: OfflineAws, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(OWNER, STRANGER)
    assert bucket_owner(storage.aws) == STRANGER
    assert not [call for call in account.calls if call.service == "sts"]
    for wrong in ("12", "a" * 12, "arn:aws:iam::123456789012:root", "١٢٣٤٥٦٧٨٩٠١٢"):
        monkeypatch.setenv(OWNER, wrong)
        with pytest.raises(EnvironmentSettingError, match="12 digits"):
            bucket_owner(storage.aws)


def test_without_a_way_to_sts_nothing_is_written_and_the_way_out_is_named(
    account: OfflineAws, storage: Storage, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    import types

    monkeypatch.setattr("botocore.endpoint.time", types.SimpleNamespace(sleep=lambda seconds: None))
    account.fail("sts", "*", Fault.LOST_BEFORE, times=100)
    with pytest.raises(AwsConnectionError, match=OWNER):
        storage.put(b"x", Location(account.bucket, "a"))
    assert sent == []
    monkeypatch.setenv(OWNER, account.account)
    storage.put(b"x", Location(account.bucket, "a"))


def test_a_file_that_fails_to_be_sent_is_an_error_of_ours(
    account: OfflineAws, storage: Storage, tmp_path: Path
) -> None:
    """boto3 raises one of its own kind, which is no ClientError."""
    (tmp_path / "a").write_bytes(b"x")
    account.fail("s3", "PutObject", Fault.ACCESS_DENIED)
    with pytest.raises(AwsAccessError, match="uploading"):
        storage.upload(tmp_path / "a", Location(account.bucket, "a"))


def test_what_would_fill_the_memory_is_not_read(
    account: OfflineAws, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mediaml.aws.s3.LARGEST", 3)
    at = storage.put(b"four", Location(account.bucket, "a"))
    with pytest.raises(AwsValidationError, match="4 bytes are too many"):
        storage.get(at)


def test_a_manifest_puts_no_picture_outside_of_the_folder(
    account: OfflineAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mediaml.data.pictures.addresses import fetched, local_copy

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for key in ("../../x.png", "a/../../x.png", "/../x.png", "", "/", ".."):
        with pytest.raises(DataError, match="no place below a folder"):
            fetched([f"s3://{account.bucket}/{key}"], tmp_path / "to", account.session, progress=False)
        with pytest.raises(DataError, match="no place below a folder"):
            local_copy(f"s3://{account.bucket}/{key}", account.session)


def test_a_key_that_begins_with_a_slash_stays_in_the_folder(account: OfflineAws, tmp_path: Path) -> None:
    from mediaml.data.pictures.addresses import fetched

    account.session.client("s3").put_object(Bucket=account.bucket, Key="/etc/x.png", Body=b"x")
    (place,) = fetched([f"s3://{account.bucket}//etc/x.png"], tmp_path / "to", account.session, progress=False)
    assert Path(place).is_relative_to(tmp_path / "to") and Path(place).read_bytes() == b"x"
