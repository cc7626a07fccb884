"""What ships to AWS: the runtime and two lines, the same bytes for the same code."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
from pathlib import Path

import mediaml.runtime
from mediaml.aws import staging


def members() -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(staging.source().content)) as archive:
        return {one.name: archive.extractfile(one).read() for one in archive}  # type: ignore[union-attr]


def test_the_entry_point_is_at_the_root_and_the_runtime_is_whole() -> None:
    runtime = Path(mediaml.runtime.__file__).parent
    expected = {f"mediaml_runtime/{path.relative_to(runtime).as_posix()}" for path in runtime.rglob("*.py")}
    assert set(members()) == {"train.py", *expected}
    assert members()["train.py"].decode() == staging.ENTRY_LINES


def test_the_same_code_has_the_same_bytes() -> None:
    first = staging.source()
    staging.source.cache_clear()
    assert staging.source() == first


def test_it_runs_alone(tmp_path: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(staging.source().content)) as archive:
        archive.extractall(tmp_path, filter="data")
    told = subprocess.run(
        [sys.executable, "-I", "-c", "import sys; sys.path.insert(0, '.'); import mediaml_runtime.inference, "
         "mediaml_runtime.train; print([name for name in sys.modules if name.split('.')[0] == 'mediaml'])"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.strip() == "[]"
