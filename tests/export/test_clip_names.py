"""The names of clips: what every system takes, and never a place outside the folder."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediaml.export.clips import export_clips
from mediaml.export.cutting.names import clip_name, suffix_of
from tests.export.filmed import find

texts = st.text(st.characters(), max_size=80) | st.sampled_from(
    ("../../etc/passwd", "CON", "nul.txt", "a" * 300, "é" * 200, "\u202egpj", "..", "C:\\Windows", "\ud800", "", " . ")
)


@given(texts, texts, st.floats(0, 1e6), st.floats(0, 1), st.integers(1, 10**6), st.integers(1, 10**6))
def test_every_system_takes_the_name(
    label: str, source: str, start: float, confidence: float, number: int, count: int
) -> None:
    suffix = suffix_of(source, ".wav")
    name = clip_name(number, count, find(source, start, start, label, confidence), suffix)

    assert len(name.encode("utf-8")) <= 150
    assert not re.search(r'[<>:"/\\|?*%\x00-\x1f\x7f\u202e]', name)
    assert name == name.strip(". ") and re.match(r"\d{4,}_\d{3}_", name) and name.endswith(suffix)
    assert PurePosixPath(name).name == name == PureWindowsPath(name).name
    assert int(name.split("_")[0]) == number


@pytest.mark.parametrize(
    ("label", "source", "expected"),
    (
        ("dog_bark", "shelf/match.mp4", "0001_097_dog_bark_match_01-01-03.4.mp4"),
        ("Hundegebell, groß", "Łódź.mp4", "0001_097_Hundegebell,_groß_Łódź_01-01-03.4.mp4"),
        ("犬", "東京.mp4", "0001_097_犬_東京_01-01-03.4.mp4"),
        ("../../etc/passwd", "a.mp4", "0001_097_etc_passwd_a_01-01-03.4.mp4"),
        ("", "", "0001_097_01-01-03.4.mp4"),
        ("a<b>c", "C:\\day\\one.mp4", "0001_097_a_b_c_one_01-01-03.4.mp4"),
        ("e\u0301", "x.mp4", "0001_097_é_x_01-01-03.4.mp4"),
    ),
)
def test_a_name_tells_what_is_in_the_clip(label: str, source: str, expected: str) -> None:
    assert clip_name(1, 9, find(source, 3663.4, 3664, label), ".mp4") == expected


def test_numbers_have_as_many_digits_as_are_needed() -> None:
    assert clip_name(7, 123456, find("a.wav", 0, 1), ".wav").startswith("000007_")


@pytest.mark.parametrize(
    ("source", "expected"),
    (("a.MP4", ".mp4"), ("a", ".wav"), ("a.b c", ".wav"), ("a." + "x" * 40, ".wav"), ("s/a.wav/", ".wav")),
)
def test_an_ending_is_a_plain_one(source: str, expected: str) -> None:
    assert suffix_of(source, ".wav") == expected


@given(label=texts)
def test_no_label_leads_out_of_the_folder(label: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    import numpy as np
    import soundfile

    top = tmp_path_factory.mktemp("top")
    soundfile.write(top / "day.wav", np.zeros(800), 8000)
    (clip,) = export_clips([find(top / "day.wav", 0, 0.1, label)], top / "in" / "out", progress=False)

    assert clip.path is not None and clip.path.resolve().parent == (top / "in" / "out").resolve()
    assert {path.relative_to(top).parts[0] for path in top.rglob("*")} == {"day.wav", "in"}
    assert len(list(Path(top / "in" / "out").iterdir())) == 2
