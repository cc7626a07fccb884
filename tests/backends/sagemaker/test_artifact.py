"""model.tar.gz may be anyone's: only the model's own files come out, below the folder, and not more than fit."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from mediaml.backends.sagemaker import artifact
from mediaml.errors import SavedModelError


def packed(place: Path, *members: tarfile.TarInfo, content: bytes = b"{}") -> Path:
    with tarfile.open(place / "model.tar.gz", "w:gz") as archive:
        for one in members:
            one.size = len(content) if one.isreg() else 0
            archive.addfile(one, io.BytesIO(content) if one.isreg() else None)
    return place / "model.tar.gz"


def member(name: str, kind: bytes = tarfile.REGTYPE, to: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, to
    return made


def test_the_models_files_and_no_others(tmp_path: Path) -> None:
    members = [member(name) for name in ("model.json", "model-1.params", "other", "code/train.py", "code/model.json")]
    artifact.unpack(packed(tmp_path, *members), tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["model-1.params", "model.json"]


@pytest.mark.parametrize("name", ["../model.json", "/etc/model.json", "a/../../model.json", "code/../../model.json"])
def test_a_path_out_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(SavedModelError, match="points out of the archive"):
        artifact.unpack(packed(tmp_path, member(name)), tmp_path / "out")
    assert not (tmp_path / "model.json").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE])
def test_what_is_no_file_is_left_where_it_is(tmp_path: Path, kind: bytes) -> None:
    (tmp_path / "secret").write_text("secret")
    link = member("model.json", kind, str(tmp_path / "secret"))
    artifact.unpack(packed(tmp_path, link, member("model-1.params")), tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["model-1.params"]


def test_a_link_and_then_a_file_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("theirs")
    link = member("model.json", tarfile.SYMTYPE, str(tmp_path / "theirs"))
    artifact.unpack(packed(tmp_path, link, member("model.json")), tmp_path / "out")
    assert (tmp_path / "theirs").read_text() == "theirs" and not (tmp_path / "out/model.json").is_symlink()


def test_a_bomb_of_zeros(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifact, "LARGEST", 1 << 16)
    with pytest.raises(SavedModelError, match="too large"):
        artifact.unpack(packed(tmp_path, member("model.json"), content=bytes(1 << 20)), tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


def test_many_small_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifact, "MOST_MEMBERS", 20)
    with pytest.raises(SavedModelError, match="too large"):
        artifact.unpack(packed(tmp_path, *(member(f"code/{n}") for n in range(30))), tmp_path / "out")


@pytest.mark.parametrize("kind", [b"x", b"g", b"L", b"K"])
def test_a_header_of_gigabytes_is_not_read_to_memory(tmp_path: Path, kind: bytes) -> None:
    """A thousand bytes of a file can say that a name has four gigabytes."""
    header = tarfile.TarInfo("model.json")
    header.type, header.size = kind, 4 << 30
    with gzip.open(tmp_path / "model.tar.gz", "wb") as file:
        file.write(header.tobuf(tarfile.GNU_FORMAT) + bytes(4096))
    with pytest.raises(SavedModelError):
        artifact.unpack(tmp_path / "model.tar.gz", tmp_path / "out")


@pytest.mark.parametrize(
    "content",
    [b"", b"text", gzip.compress(b"no archive" * 100), gzip.compress(b"x" * 2000)[:-9]],
    ids=["nothing", "text", "no tar inside", "cut off"],  # the bytes hold the time
)
def test_what_is_no_archive(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.tar.gz").write_bytes(content)
    with pytest.raises(SavedModelError, match=r"no model\.tar\.gz"):
        artifact.unpack(tmp_path / "model.tar.gz", tmp_path / "out")
