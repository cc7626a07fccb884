"""Copies of S3's files on this machine: fetched once, again when they change, and by several processes at once."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

import mediaml as mm
from mediaml.aws.s3 import Location, Object, Storage
from mediaml.aws.session import aws
from mediaml.data.copies import copy_changed
from mediaml.errors import AwsNotFoundError, DataError
from mediaml.testing import OfflineAws, offline_aws
from tests.pictures import drawn, write_shapes

DAY = 24 * 3600  # seconds


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OfflineAws]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with offline_aws() as found:
        yield found


def sent(account: OfflineAws, path: Path, key: str) -> str:
    account.session.client("s3").upload_file(str(path), account.bucket, key)
    return f"s3://{account.bucket}/{key}"


def downloads(account: OfflineAws) -> int:
    return sum(call.operation == "GetObject" for call in account.calls)


def pictures(*addresses: str) -> mm.ImageDataset:
    return mm.ImageDataset.from_table(pd.DataFrame({"path": addresses, "label": ["circle"] * len(addresses)}))


def fetched(found: mm.ImageDataset, account: OfflineAws, to: Path | None = None) -> list[Path]:
    local = found.fetch(to, session=account.session, progress=False)
    return [Path(path) for path in local.frame["path"]]


def part(folder: Path, age: float, ending: str = "") -> Path:
    """A file as another process writes it while it fetches, or as it was left when that was killed."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f".mediaml-0123456789abcdef.part{ending}"
    path.write_bytes(b"half of")
    os.utime(path, (time.time() - age,) * 2)
    return path


class TestPictures:
    def test_what_has_not_changed_is_not_fetched_again(self, account: OfflineAws, tmp_path: Path) -> None:
        drawn("circle", 0).save(tmp_path / "a.png")
        found = pictures(sent(account, tmp_path / "a.png", "photos/a.png"))
        (first,) = fetched(found, account)
        before = downloads(account)
        assert (fetched(found, account), downloads(account)) == ([first], before)

    def test_what_has_changed_is_fetched_again(self, account: OfflineAws, tmp_path: Path) -> None:
        for name in ("a", "b"):
            drawn("circle", ord(name)).save(tmp_path / f"{name}.png")
        found = pictures(sent(account, tmp_path / "a.png", "photos/a.png"))
        fetched(found, account)
        sent(account, tmp_path / "b.png", "photos/a.png")
        (again,) = fetched(found, account)
        assert again.read_bytes() == (tmp_path / "b.png").read_bytes()

    def test_a_picture_in_several_rows_is_fetched_once(self, account: OfflineAws, tmp_path: Path) -> None:
        drawn("circle", 0).save(tmp_path / "a.png")
        address = sent(account, tmp_path / "a.png", "photos/a.png")
        one, other = fetched(pictures(address, address), account)
        assert one == other and downloads(account) == 1

    def test_one_that_is_on_s3_no_longer_is_named(self, account: OfflineAws, tmp_path: Path) -> None:
        with pytest.raises(AwsNotFoundError, match=f"s3://{account.bucket}/photos/none.png"):
            fetched(pictures(f"s3://{account.bucket}/photos/none.png"), account)

    def test_a_manifest_that_has_changed_is_read_anew(self, account: OfflineAws, tmp_path: Path) -> None:
        shapes = mm.ImageDataset.from_folder(write_shapes(tmp_path / "shapes", 1))
        counts = []
        for found in (shapes, shapes.where(label="circle")):
            found.to_manifest(tmp_path / "a.manifest", bucket=account.bucket)
            address = sent(account, tmp_path / "a.manifest", "out/a.manifest")
            counts.append(len(mm.ImageDataset.from_manifest(address, session=account.session)))
        assert counts == [3, 1]

    def test_parts_of_a_killed_process_do_not_stay(self, account: OfflineAws, tmp_path: Path) -> None:
        drawn("circle", 0).save(tmp_path / "a.png")
        left = part(tmp_path / "here" / account.bucket / "photos", 2 * DAY)
        fetched(pictures(sent(account, tmp_path / "a.png", "photos/a.png")), account, tmp_path / "here")
        assert not left.exists()


class TestSeveralProcesses:
    @pytest.mark.parametrize("ending", ["", ".6d3A9fB1"])
    def test_what_another_one_is_fetching_stays(self, account: OfflineAws, tmp_path: Path, ending: str) -> None:
        drawn("circle", 0).save(tmp_path / "a.png")
        uri = sent(account, tmp_path / "a.png", "shapes/circle/a.png").removesuffix("circle/a.png")
        folder = tmp_path / "cache" / "mediaml" / "s3" / account.bucket / "shapes" / "circle"
        fresh = part(folder, 60, ending)
        assert len(mm.ImageDataset.from_s3(uri, session=account.session, progress=False)) == 1
        assert fresh.exists()
        os.utime(fresh, (time.time() - 2 * DAY,) * 2)
        assert len(mm.ImageDataset.from_s3(uri, session=account.session, progress=False)) == 1
        assert not fresh.exists(), "its process was killed"

    def test_in_a_folder_of_the_users_own_parts_are_none_of_the_files_that_are_not_on_s3(
        self, account: OfflineAws, tmp_path: Path
    ) -> None:
        drawn("circle", 0).save(tmp_path / "a.png")
        uri = sent(account, tmp_path / "a.png", "shapes/circle/a.png").removesuffix("circle/a.png")
        fresh, left = part(tmp_path / "to", 60), part(tmp_path / "to" / "circle", 2 * DAY)
        mm.ImageDataset.from_s3(uri, to=tmp_path / "to", session=account.session, progress=False)
        assert fresh.exists() and not left.exists()

    def test_they_fetch_the_same_files_into_the_same_folder(self, account: OfflineAws, tmp_path: Path) -> None:
        for path in sorted(write_shapes(tmp_path / "shapes", 4).rglob("*.png")):
            sent(account, path, f"shapes/{path.parent.name}/{path.name}")
        sessions = [account.session for _ in range(4)]

        def fetch(session: object) -> str:
            uri = f"s3://{account.bucket}/shapes/"
            return mm.ImageDataset.from_s3(uri, session=session, progress=False).content_hash()

        with ThreadPoolExecutor(len(sessions)) as pool:
            hashes = set(pool.map(fetch, sessions))
        assert hashes == {mm.ImageDataset.from_folder(tmp_path / "shapes").content_hash()}


def test_a_file_that_goes_while_it_is_fetched_is_named_and_leaves_nothing(account: OfflineAws, tmp_path: Path) -> None:
    gone = Object(Location(account.bucket, "a.png"), 3, time.time())
    with pytest.raises(DataError, match=rf"{account.bucket}/a\.png is gone since"):
        copy_changed(Storage(aws(account.session)), [(gone, tmp_path / "to" / "a.png")], "file", progress=False)
    assert list((tmp_path / "to").iterdir()) == []
