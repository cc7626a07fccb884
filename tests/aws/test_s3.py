"""Files on S3, offline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile

import mediaml as mm
from mediaml.aws.s3 import Location, Storage, location
from mediaml.aws.session import aws
from mediaml.errors import AwsAccessError, AwsConnectionError, AwsNotFoundError, AwsValidationError, DataError
from mediaml.testing import Fault, OfflineAws, offline_aws
from tests.sounds import RATE, tone, write_tones


@pytest.fixture
def account() -> Iterator[OfflineAws]:
    with offline_aws() as found:
        yield found


@pytest.fixture
def storage(account: OfflineAws) -> Storage:
    return Storage(aws(account.session, account.clock))


def test_a_location_is_a_bucket_and_a_key() -> None:
    assert location("s3://bucket/a/b.wav") == Location("bucket", "a/b.wav")
    assert location("s3://bucket") == Location("bucket", "")
    assert (Location("bucket", "a/") / "b").uri == "s3://bucket/a/b"
    assert (Location("bucket", "") / "b").uri == "s3://bucket/b"
    for wrong in ("bucket/key", "s3://", "https://bucket/key"):
        with pytest.raises(AwsValidationError, match="s3://bucket/key was expected"):
            location(wrong)


def test_what_is_written_can_be_read(account: OfflineAws, storage: Storage, tmp_path: Path) -> None:
    at = storage.put(b"content", Location(account.bucket, "a/b"))
    (tmp_path / "file").write_bytes(b"more")
    storage.upload(tmp_path / "file", at / "c")
    assert storage.get(at) == b"content"
    assert storage.found(at) == next(storage.listed(at))
    with pytest.raises(AwsNotFoundError, match=r"looking at s3://.*nothing"):
        storage.found(at / "nothing")
    assert storage.exists(at) and not storage.exists(at / "nothing")
    assert [(one.location.key, one.size) for one in storage.listed(Location(account.bucket, "a/"))] == [
        ("a/b", 7),
        ("a/b/c", 4),
    ]
    assert storage.download(at / "c", tmp_path / "deep" / "c").read_bytes() == b"more"
    assert storage.has_bucket(account.bucket) and not storage.has_bucket("no-such-bucket")
    with pytest.raises(AwsNotFoundError, match=r"reading s3://.*nothing"):
        storage.get(at / "nothing")


def test_what_is_denied_says_where(account: OfflineAws, storage: Storage) -> None:
    account.fail("s3", "PutObject", Fault.ACCESS_DENIED)
    with pytest.raises(AwsAccessError, match=f"writing s3://{account.bucket}/x"):
        storage.put(b"", Location(account.bucket, "x"))


def test_without_a_region_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import boto3

    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(AwsConnectionError, match="AWS_DEFAULT_REGION"):
        aws(boto3.Session()).client("s3")


class TestDatasets:
    """`AudioDataset.from_s3`."""

    def fill(self, account: OfflineAws, folder: Path) -> None:
        client = account.session.client("s3")
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                client.upload_file(str(path), account.bucket, f"sounds/{path.relative_to(folder).as_posix()}")

    def test_a_folder_per_label(self, account: OfflineAws, tmp_path: Path) -> None:
        local = write_tones(tmp_path / "tones", per_label=2)
        self.fill(account, local)
        found = mm.AudioDataset.from_s3(
            f"s3://{account.bucket}/sounds", to=tmp_path / "copy", session=account.session, progress=False
        )
        assert found.labels == ("hiss", "hum", "whistle")
        assert found.content_hash() == mm.AudioDataset.from_folder(local).content_hash()

    def test_only_what_has_changed_is_fetched_again(self, account: OfflineAws, tmp_path: Path) -> None:
        self.fill(account, write_tones(tmp_path / "tones", per_label=2))

        def fetched() -> int:
            before = sum(call.operation == "GetObject" for call in account.calls)
            uri = f"s3://{account.bucket}/sounds/"
            mm.AudioDataset.from_s3(uri, to=tmp_path / "copy", session=account.session, progress=False)
            return sum(call.operation == "GetObject" for call in account.calls) - before

        assert (fetched(), fetched()) == (6, 0)
        soundfile.write(tmp_path / "new.wav", tone("hum", 77, 2.0), RATE)
        account.session.client("s3").upload_file(str(tmp_path / "new.wav"), account.bucket, "sounds/hum/0.wav")
        assert fetched() == 1

    def test_what_was_moved_to_another_label_has_that_one_alone(
        self, account: OfflineAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        self.fill(account, write_tones(tmp_path / "tones", per_label=2))
        uri, client = f"s3://{account.bucket}/sounds/", account.session.client("s3")
        assert len(mm.AudioDataset.from_s3(uri, session=account.session, progress=False).where(label="hum")) == 2
        source = {"Bucket": account.bucket, "Key": "sounds/hum/0.wav"}
        client.copy_object(Bucket=account.bucket, Key="sounds/hiss/moved.wav", CopySource=source)
        client.delete_object(Bucket=account.bucket, Key="sounds/hum/0.wav")
        found = mm.AudioDataset.from_s3(uri, session=account.session, progress=False)
        assert (len(found), len(found.where(label="hum")), len(found.where(label="hiss"))) == (6, 1, 3)
        (tmp_path / "copy" / "hum").mkdir(parents=True)
        soundfile.write(tmp_path / "copy" / "hum" / "mine.wav", tone("hum", 5), RATE)
        with pytest.warns(UserWarning, match="files that are not on S3"):
            mm.AudioDataset.from_s3(uri, to=tmp_path / "copy", session=account.session, progress=False)

    def test_a_table_beside_them(self, account: OfflineAws, tmp_path: Path) -> None:
        local = write_tones(tmp_path / "tones", per_label=1)
        (local / "labels.csv").write_text("path,label\nhum/0.wav,low\nwhistle/0.wav,high\n")
        self.fill(account, local)
        uri = f"s3://{account.bucket}/sounds/"
        found = mm.AudioDataset.from_s3(
            uri, table="labels.csv", to=tmp_path / "copy", session=account.session, progress=False
        )
        assert found.labels == ("high", "low")

    def test_nothing_there_and_keys_that_point_elsewhere(self, account: OfflineAws, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="there are no files"):
            mm.AudioDataset.from_s3(f"s3://{account.bucket}/none/", session=account.session, to=tmp_path)
        account.session.client("s3").put_object(Bucket=account.bucket, Key="evil/../../x.wav", Body=b"")
        with pytest.raises(DataError, match="no place below a folder"):
            mm.AudioDataset.from_s3(f"s3://{account.bucket}/evil/", session=account.session, to=tmp_path / "c")
