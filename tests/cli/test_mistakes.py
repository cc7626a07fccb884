"""What is mistyped ends in a sentence and an exit code, never in a traceback: every command, and typical mistakes."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import mediaml as mm
from tests.cli import tree
from tests.cli.conftest import Run
from tests.watching import ColourModel

MISTAKES = [
    # what is written, its exit code, and what is said of it
    ("demo nowhere", 1, "there is no such folder"),
    ("demo empty --pictures", 1, "there is no picture below this folder"),
    ("detect nowhere a.wav", 1, "there is no such folder"),
    ("detect arn:aws:sagemaker:eu-west-1:123456789012:endpoint/birds a.wav", 1, "is not the ARN of a version"),
    ("detect nowhere a.mp4 --every inf", 2, "'--every': a finite number is expected"),
    ("detect MODEL SOUND --hop 100", 2, "hop is above 0 s and at most"),
    ("scan nowhere --model MODEL", 1, "no such file or folder"),
    ("scan PICTURES --model arn:aws:sagemaker:eu-west-1:123456789012:endpoint/birds", 1, "not the ARN of a version"),
    ("scan TONES --model MODEL --hop 100", 2, "hop is above 0 s and at most"),
    ("scan TONES --model MODEL --engine sagemaker", 2, "hears with SageMakerAudioModel alone"),
    ("scan TONES --model MODEL --engine spark", 2, "'spark' is not one of 'local', 'ray', 'sagemaker'"),
    ("scan TONES --model MODEL --price cheap", 2, "could not convert string to float"),
    ("segments nowhere.sqlite", 1, "there is no such store"),
    ("segments STORE --label rde", 1, "no model looked for 'rde'"),
    ("segments STORE --want red=3 --order time", 2, "--want orders by value, not by time"),
    ("segments STORE --want red", 2, "a label and a number"),
    ("segments STORE --file nowhere.mp4", 1, "there is no such file in"),
    ("similar STORE a.wav --start 5", 2, "give both, --start and --end"),
    ("similar STORE a.wav --start 5 --end 1", 2, "cannot end (1 s) before it starts (5 s)"),
    ("similar STORE a.wav --by arn:aws:x", 2, "keeps nothing to compare by"),
    ("export STORE best.mp4", 2, "best.mp4 does not end with .otio or .edl"),
    ("export STORE clips/ --file red.png", 2, "clips does not end with"),
    ("export STORE red.mp4 --file red.png", 2, "red.mp4 does not end with"),
    ("export STORE red.csv --file red.png --top 3", 2, "--file writes all that was found in one file"),
    ("export STORE best.otio --margin 2", 2, "clips have a margin"),
    ("export STORE clips --margin inf", 2, "'--margin': a finite number is expected"),
    ("review STORE page --label rde", 1, "no model looked for 'rde'"),
    ("export-onnx nowhere out", 1, "there is no such folder"),
    ("serve nowhere", 1, "there is no such folder"),
    ("serve nowhere --timeout -1", 2, "timeout: Input should be greater than 0"),
    ("sounds check nowhere", 1, "there is no such folder or table"),
    ("sounds check EMPTY", 1, "there is no recording below this folder"),
    ("sounds split nowhere --out parts", 1, "there is no such folder or table"),
    ("sounds split TONES --out parts --fractions 0.5,half", 2, "could not convert string to float"),
    ("sounds fit TONES --out model --clip-seconds 0", 1, "at least one sample"),
    ("sounds fit TONES --out model --seed 99999999999", 2, "seed is a whole number"),
    ("sounds fit TONES --out model --accept 0.9 --target-precision 0.9", 2, "not both"),
    ("sounds evaluate MODEL PICTURES", 1, "there is no recording below this folder"),
    ("sounds predict nowhere a.wav", 1, "there is no such folder"),
    ("sounds detect MODEL SOUND --hop 100", 2, "hop is above 0 s and at most"),
    ("sounds detect MODEL nowhere.wav", 1, "no such file"),
    ("pictures check nowhere", 1, "there is no such folder or file"),
    ("pictures split EMPTY --out parts", 1, "there is no picture below this folder"),
    ("pictures convert PICTURES new.manifest --to manifest", 1, "has no address on S3"),
    ("pictures fit PICTURES --out model --side 65", 2, "side is a multiple of 64"),
    ("pictures fit PICTURES --out model --flips never", 2, "flips and side: for boxes only"),
    ("pictures evaluate MODEL PICTURES", 1, "a model of the kind 'local-audio'"),
    ("pictures predict MODEL a.png", 1, "a model of the kind 'local-audio'"),
    ("weights fetch yamnett", 1, "there are no weights for 'yamnett'"),
    ("weights remove yamnett", 1, "there are no weights for 'yamnett'"),
    ("aws running --region 'x y'", 1, "'x y' doesn't match a supported format"),
    ("aws stop", 2, "say what to end, by name, or --all"),
    ("aws stop birds --region 'x y'", 1, "'x y' doesn't match a supported format"),
    ("aws setup --region 'x y'", 1, "'x y' doesn't match a supported format"),
]
NOTHING_TO_MISTYPE = {"weights list", "cache info", "cache clear"}
ITS_ANSWER_IS_WHAT_IS_WRONG = {"aws doctor"}


@pytest.fixture
def at_hand(model: Path, tones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A folder to work in, and what commands work on, by the word that stands for it."""
    monkeypatch.chdir(tmp_path)
    for name in ("pictures", "empty"):
        (tmp_path / name).mkdir()
    Image.new("RGB", (40, 30), (220, 10, 10)).save(tmp_path / "pictures" / "red.png")
    mm.scan(tmp_path / "pictures", ColourModel(), tmp_path / "store.sqlite", progress=False)
    sound = next(tones.rglob("*.wav"))
    words = {"MODEL": model, "TONES": tones, "SOUND": sound, "PICTURES": "pictures", "EMPTY": "empty"}
    return {**{word: str(place) for word, place in words.items()}, "STORE": "store.sqlite"}


@pytest.mark.parametrize(("line", "code", "said"), MISTAKES, ids=[line for line, *_ in MISTAKES])
@pytest.mark.slow
def test_a_mistake_ends_in_a_sentence(line: str, code: int, said: str, at_hand: dict[str, str], run: Run) -> None:
    """`run` raises what is no plain ending."""
    keys = {"AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none", "AWS_EC2_METADATA_DISABLED": "true"}
    before = sorted(Path().rglob("*"))

    result = run(*(at_hand.get(word, word) for word in shlex.split(line)), code=code, **keys)

    assert result.stdout == ""
    assert said in " ".join(result.stderr.split())
    assert ("Usage: " in result.stderr) == (code == 2)
    assert sorted(Path().rglob("*")) == before, "nothing was made"


def test_every_command_is_among_them() -> None:
    covered = {name for name in tree.commands() for line, *_ in MISTAKES if f"{line} ".startswith(f"{name} ")}
    assert covered | NOTHING_TO_MISTYPE | ITS_ANSWER_IS_WHAT_IS_WRONG == set(tree.commands())


def _numbers() -> list[tuple[str, str]]:
    """All options that take a number with a fraction."""
    return [
        (words, name)
        for words, command in tree.commands().items()
        for name, option in tree.options(command).items()
        if option.type_descriptor.annotation is float
    ]


@pytest.mark.parametrize(("words", "option"), _numbers())
@pytest.mark.parametrize("number", ["inf", "nan"])
def test_infinity_and_what_is_no_number_are_refused_by_every_option(
    words: str, option: str, number: str, run: Run
) -> None:
    assert f"'{option}'" in run(*words.split(), option, number, code=2).stderr


def test_some_options_take_numbers() -> None:
    expected: set[Any] = {("scan", "--hop"), ("export", "--margin"), ("sounds fit", "--accept")}
    assert expected <= set(_numbers())
