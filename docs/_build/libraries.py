"""The libraries in the wheels of packages: files `lib...` that are no package of their own, and so in no metadata.

``docs/_build/packages.py`` writes them into docs/dependencies.md. One that is not known here is an error: read its
licence, and add it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import distribution

FILE = re.compile(r"^lib(?P<name>\w.*?)(?:-[0-9a-f]{8})*(?:[._][\d.]*(?:dev|x86_64)?)?\.(?:so|dylib)\b")
EXTENSION = re.compile(r"\.(?:cpython-|abi3)")  # modules of Python's, the package's own

# Files by their names, the project that they are of, and its licence: read in the wheel's texts where there are some
# (numpy, scipy, Pillow, opencv-python), else in the project's own.
KNOWN = {
    r"av\w+|swscale|swresample": ("FFmpeg", "LGPL-2.1-or-later; in av LGPL-3.0-or-later, see above"),
    "x264": ("x264", "GPL-2.0-or-later"),
    "x265": ("x265", "GPL-2.0-or-later"),
    "mp3lame": ("LAME", "LGPL-2.0-or-later"),
    "gnutls": ("GnuTLS", "LGPL-2.1-or-later"),
    "nettle|hogweed": ("Nettle", "LGPL-3.0-or-later OR GPL-2.0-or-later"),
    "gmp": ("GMP", "LGPL-3.0-or-later OR GPL-2.0-or-later"),
    "unistring": ("libunistring", "LGPL-3.0-or-later OR GPL-2.0-or-later"),
    "asound": ("alsa-lib", "LGPL-2.1-or-later"),
    "sndfile": ("libsndfile", "LGPL-2.1-or-later"),
    "quadmath": ("libquadmath", "LGPL-2.1-or-later"),
    "gfortran": ("libgfortran", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    "gomp": ("libgomp", "GPL-3.0-or-later WITH GCC-exception-3.1"),
    r"Qt5\w+|qxcb": ("Qt 5", "LGPL-3.0-only"),
    "crypto|ssl": ("OpenSSL 1.1", "OpenSSL"),
    r"openblas\S*|scipy_openblas": ("OpenBLAS", "BSD-3-Clause"),
    r"Xau|X11-xcb|xcb\S*": ("X.Org", "MIT"),
    r"xkbcommon\S*": ("libxkbcommon", "MIT"),
    "drm": ("libdrm", "MIT"),
    "vpl": ("oneVPL", "MIT"),
    "vpx": ("libvpx", "BSD-3-Clause"),
    r"webp\w*|sharpyuv": ("libwebp", "BSD-3-Clause"),
    "opus": ("Opus", "BSD-3-Clause"),
    "SvtAv1Enc": ("SVT-AV1", "BSD-3-Clause-Clear"),
    "dav1d": ("dav1d", "BSD-2-Clause"),
    "avif": ("libavif", "BSD-2-Clause"),
    r"opencore-\w+": ("opencore-amr", "Apache-2.0"),
    r"brotli\w+": ("Brotli", "MIT"),
    "freetype": ("FreeType", "FTL OR GPL-2.0-or-later"),
    "harfbuzz": ("HarfBuzz", "MIT-Modern-Variant"),
    "jpeg": ("libjpeg-turbo", "IJG AND BSD-3-Clause"),
    "lcms2": ("Little CMS", "MIT"),
    "lzma": ("XZ Utils' liblzma", "0BSD"),
    "openjp2": ("OpenJPEG", "BSD-2-Clause"),
    "png16": ("libpng", "libpng-2.0"),
    "tiff": ("libtiff", "libtiff"),
    "zstd": ("Zstandard", "BSD-3-Clause OR GPL-2.0-only"),
    "jemalloc": ("jemalloc", "BSD-2-Clause"),
    "mxnet": ("MXNet", "Apache-2.0"),
    r"arrow\w*|parquet": ("Arrow", "Apache-2.0"),
    r"onnxruntime\w*": ("ONNX Runtime", "MIT"),
}
FIRST = ("avif",)  # of names that two of these fit, the narrower one


class UnknownLibraryError(LookupError):
    """A package brings a library whose licence nobody has read."""


def libraries(packages: Iterable[str]) -> dict[tuple[str, str], set[str]]:
    """Which packages bring a library, by the library's project and licence.

    Raises
    ------
    UnknownLibraryError
        The licence of one is not in `KNOWN`.
    """
    found: dict[tuple[str, str], set[str]] = {}
    for package in packages:
        for name in names(file.name for file in distribution(package).files or ()):
            found.setdefault(known(name, package), set()).add(package)
    return found


def names(files: Iterable[str]) -> set[str]:
    """The names of the libraries among files: without ``lib``, without versions and digests."""
    matches = [FILE.match(one) for one in files if not EXTENSION.search(one)]
    return {match["name"] for match in matches if match}


def known(name: str, package: str) -> tuple[str, str]:
    """A library's project and its licence."""
    for pattern in (*FIRST, *KNOWN):
        if re.fullmatch(pattern, name):
            return KNOWN[pattern]
    raise UnknownLibraryError(f"{package} brings the library {name}: read its licence, and add it to {__file__}")


def table(packages: Iterable[str]) -> str:
    """The table, as Markdown."""
    rows = ["| library | its licence | inside of |", "|---|---|---|"]
    for (project, licence), reasons in sorted(libraries(packages).items(), key=lambda one: one[0][0].lower()):
        rows.append(f"| {project} | {licence} | {', '.join(sorted(reasons))} |")
    return "\n".join(rows) + "\n"
