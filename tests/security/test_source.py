"""What no file of mediaml does: run code from data, start a shell, read pickles, or look away from certificates."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import mediaml

ROOT = Path(mediaml.__file__).parent
PICKLES = {"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "torch"}
RUNS_CODE = {"eval", "exec", "compile", "__import__"}
SHELLS = {"system", "popen", "getoutput", "getstatusoutput", "spawnl", "spawnv", "create_subprocess_shell"}
UNSAFE = {"unpack_archive", "_create_unverified_context", "CERT_NONE", "disable_warnings", "mktemp", "load_module"}
DECLARED = {
    # tensors of one file that is pinned by its hash: docs/decisions/0009-pictures.md
    ("vision/checkpoint.py", "pickle"),
}


class Found(NamedTuple):
    """Something that stands in the source."""

    file: str
    line: int
    what: str


def name_of(node: ast.expr) -> str:
    """Give the last part of a name."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def keyword(call: ast.Call, name: str) -> object:
    """Give a constant that a call is given by name; None: it is not."""
    found = next((one.value for one in call.keywords if one.arg == name), None)
    return found.value if isinstance(found, ast.Constant) else found


def looked_at(text: str, file: str) -> Iterator[Found]:
    """Name whatever in a module breaks the law."""
    for node in ast.walk(ast.parse(text)):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Import):
            for one in node.names:
                if one.name.split(".")[0] in PICKLES:
                    yield Found(file, line, one.name.split(".")[0])
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PICKLES:
            yield Found(file, line, (node.module or "").split(".")[0])
        if isinstance(node, ast.Name | ast.Attribute) and name_of(node) in UNSAFE:
            yield Found(file, line, name_of(node))
        if isinstance(node, ast.Call):
            yield from (Found(file, line, what) for what in _calls(node))


def _calls(node: ast.Call) -> Iterator[str]:
    name, bare = name_of(node.func), isinstance(node.func, ast.Name)
    if bare and name in RUNS_CODE:
        yield name
    if not bare and name in SHELLS:
        yield name
    if keyword(node, "shell") not in (None, False):
        yield "shell=True"
    if keyword(node, "verify") is False or keyword(node, "use_ssl") is False:
        yield "TLS off"
    if keyword(node, "allow_pickle") not in (None, False):
        yield "allow_pickle"
    owner = name_of(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    if owner in ("np", "numpy") and name == "load" and keyword(node, "allow_pickle") is not False:
        yield "np.load without allow_pickle=False"
    if name in ("extractall", "extract") and keyword(node, "filter") != "data":
        yield "an archive unpacked unchecked"
    if owner == "yaml" and name in ("load", "unsafe_load", "full_load"):
        yield "yaml.load"
    if owner in ("mx", "nd") and name in ("load", "load_frombuffer"):
        yield "arrays by MXNet's own reader"


def test_nothing_in_the_source_breaks_the_law() -> None:
    files = sorted(ROOT.rglob("*.py"))
    assert len(files) > 300
    found = [one for path in files for one in looked_at(path.read_text("utf-8"), path.relative_to(ROOT).as_posix())]
    assert {(one.file, one.what) for one in found} == DECLARED, "\n".join(map(str, found))


@pytest.mark.parametrize(
    "text",
    [
        *("eval('1')", "exec(text)", "import pickle", "from joblib import load", "import os; os.system('ls')"),
        *("subprocess.run(x, shell=True)", "subprocess.run(x, shell=yes)", "session.client('s3', verify=False)"),
        *("boto3.client('s3', use_ssl=False)", "np.load(f)", "np.load(f, allow_pickle=True)", "tar.extractall(to)"),
        *("np.savez(f, allow_pickle=maybe)", "ssl._create_unverified_context()", "yaml.load(f)", "mx.nd.load(f)"),
        *("shutil.unpack_archive(f)", "torch.load(f)\nimport torch", "tar.extract(m, filter='tar')"),
    ],
)
def test_the_law_sees_what_breaks_it(text: str) -> None:
    assert list(looked_at(text, "a.py"))


@pytest.mark.parametrize(
    "text",
    [
        "re.compile('a')",
        "ast.literal_eval(text)",
        "np.load(f, allow_pickle=False)",
        "tar.extractall(to, filter='data')",
    ],
)
def test_the_law_leaves_the_rest_alone(text: str) -> None:
    assert not list(looked_at(text, "a.py"))
