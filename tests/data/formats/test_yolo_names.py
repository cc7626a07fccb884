"""Names of YOLO's classes: each belongs to its number, whatever else stands in the file."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.data.formats.yolo_names import read_names, write_names
from mediaml.errors import AnnotationError
from tests.data.formats.real_boxes import NAMES


def read(folder: Path, text: str | bytes, file: str = "data.yaml") -> dict[int, str]:
    (folder / file).write_bytes(text.encode() if isinstance(text, str) else text)
    return dict(read_names(folder))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("names:\n  # animals\n  - cat\n  - dog\n", ["cat", "dog"]),
        ("names:\n- cat\n# and another one\n- dog\n", ["cat", "dog"]),
        ("names:\n  - cat # the first\n\n  - dog\n", ["cat", "dog"]),
        ('names: ["a, b", "c"]\n', ["a, b", "c"]),
        ("names: [cat,\n  dog]  # two\nnc: 2\n", ["cat", "dog"]),
        ("names: {0: cat, 1: 'a, }'}\n", ["cat", "a, }"]),
        ("names:\n  0: \"a \\\"b\\\" \\\\ c\"\n  1: 'it''s'\n", ['a "b" \\ c', "it's"]),
        ("names: [no, 1, 1.50, 2024-01-01, null]\n", ["no", "1", "1.50", "2024-01-01", "null"]),
        ("path: .\nnames: [a#b, C#]\n", ["a#b", "C#"]),
        ("known: &known [cat, dog]\nnames: *known\n", ["cat", "dog"]),
        ("names:\n  - >-\n    guide\n    dog\n", ["guide dog"]),
    ],
)
def test_names_are_what_yaml_says(tmp_path: Path, text: str, names: list[str]) -> None:
    assert read(tmp_path, text) == dict(enumerate(names))


def test_numbers_may_have_gaps_and_any_order(tmp_path: Path) -> None:
    assert read(tmp_path, "names:\n  7: dog\n  0: cat\n") == {7: "dog", 0: "cat"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_accents_in_any_encoding_of_yaml(tmp_path: Path, encoding: str) -> None:
    assert read(tmp_path, "names: [Käuzchen, 猫]\r\n".encode(encoding)) == {0: "Käuzchen", 1: "猫"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("names: [cat, dog\n", "is not YAML"),
        ("names:\n\t- cat\n", "line 2: is not YAML"),
        ("names: \x00\n", "is not YAML"),
        (b"names: [\xff]\n", "is not YAML"),
        ("names: " + "[" * 5000, "nested too deep"),
        ("a: 1\n", "has no names:"),
        ("- cat\n", "has no names:"),
        ("", "has no names:"),
        ("names: [a]\nnames: [b]\n", "names: more than once"),
        ("names: []\n", "no names after names:"),
        ("nc: 2\nnames: obj.names\n", "line 2: names: is a list of texts"),
        ("names:\n  cat: 0\n", "line 2: names: is a list of texts, or numbers"),
        ("names:\n  - cat\n  - traffic: light\n", "line 3: the class 1 is named by no text"),
        ("names:\n  - cat\n  -\n  - dog\n", "line 3: the class 1 has no name"),
        ("names:\n  0: cat\n  0: dog\n", "line 3: the class 0 has two names, the first: 'cat'"),
        ("names:\n  ? " + "9" * 5000 + "\n  : cat\n", "line 2: names: is a list of texts"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, text: str | bytes, reason: str) -> None:
    with pytest.raises(AnnotationError, match=rf"data\.yaml.*{reason}"):
        read(tmp_path, text)


def test_a_file_that_grows_while_it_is_read_is_refused_in_few_words(tmp_path: Path) -> None:
    laughs = "".join(f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in pairwise("abcdefghi"))
    with pytest.raises(AnnotationError, match=r"the class 0 is named by no text") as found:
        read(tmp_path, f"a: &a [lol]\n{laughs}names: *i\n")
    assert len(str(found.value)) < 400


def test_no_object_is_made_of_a_file(tmp_path: Path) -> None:
    text = f"names:\n  - !!python/object/apply:os.mkdir ['{tmp_path / 'made'}']\n"
    with pytest.raises(AnnotationError, match="line 2: the class 0 is named by no text"):
        read(tmp_path, text)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("text", ["cat\n\ndog\n", "\ncat\ndog\n"])
def test_an_empty_line_between_names_is_no_class(tmp_path: Path, text: str) -> None:
    with pytest.raises(AnnotationError, match=r"names\.txt, line \d: the class \d has no name"):
        read(tmp_path, text, "names.txt")


def test_empty_lines_at_the_end_are_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "cat\n dog \r\n\n\n", "classes.txt") == {0: "cat", 1: "dog"}


@given(st.lists(NAMES, min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_read_back_from_either_file(
    tmp_path_factory: pytest.TempPathFactory, labels: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("n")
    write_names(folder, labels)
    assert read_names(folder, folder / "names.txt") == dict(enumerate(labels))
    assert read_names(folder, folder / "data.yaml") == dict(enumerate(labels))
    assert yaml.safe_load((folder / "data.yaml").read_bytes())["names"] == dict(enumerate(labels))


def test_names_of_many_words_stay_whole(tmp_path: Path) -> None:
    labels = ["no", "#1", 'the "best" \\ of: all', "long " * 60 + "name", "two\nlines"]
    write_names(tmp_path, labels)
    assert read_names(tmp_path, tmp_path / "data.yaml") == dict(enumerate(labels))
