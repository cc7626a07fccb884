"""What is planted in a clean dataset is found, once, with its file; and nothing else is."""

from __future__ import annotations

import csv
import os
import re
import shutil
import tracemalloc
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import soundfile

from mediaml import AudioDataset
from mediaml.data.checks.finding import PROBLEMS
from mediaml.data.checks.measure import measure
from mediaml.data.quality import AudioCheck, check_sounds
from tests.shared_data import shared

RATE = 8000
SECONDS = 4.0


Floats = npt.NDArray[np.float64]


def noise(seed: int, seconds: float = SECONDS, rate: int = RATE) -> Floats:
    return np.random.default_rng(seed).normal(0.0, 0.1, round(seconds * rate))


def tone(hz: float, level: float = 1.0, seconds: float = SECONDS, rate: int = RATE) -> Floats:
    wave: Floats = level * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)
    return wave


def write(path: Path, samples: Floats, rate: int = RATE, subtype: str | None = "PCM_16") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate, subtype=subtype, format="OGG" if subtype == "OPUS" else None)
    return path


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two labels with ten good recordings each."""
    sounds = tmp_path_factory.mktemp("clean")
    for number in range(10):
        write(sounds / "cat" / f"{number}.wav", noise(number))
        write(sounds / "dog" / f"{number}.wav", noise(100 + number))
    return sounds


@pytest.fixture
def folder(clean: Path, tmp_path: Path) -> Path:
    """A copy of the clean dataset, to spoil."""
    return shutil.copytree(clean, tmp_path / "sounds")


def check(folder: Path) -> AudioCheck:
    return AudioDataset.from_folder(folder).check()


def problems(found: AudioCheck) -> dict[str, list[str]]:
    """Problem to names of files (or labels); what every small dataset is told is left out."""
    told: dict[str, list[str]] = {}
    for problem, path, label in found.findings[["problem", "path", "label"]].itertuples(index=False):
        told.setdefault(problem, []).append(Path(path).name if path else label)
    assert told.pop("few_clips", [None]) == [None]
    return told


def detail(found: AudioCheck, problem: str) -> str:
    rows = found.findings[found.findings["problem"] == problem]
    assert len(rows) == 1
    return str(rows["detail"].iloc[0])


# --- nothing to find ------------------------------------------------------------------------------------------------


def test_nothing_is_found_in_a_clean_dataset(folder):
    clips = AudioDataset.from_folder(folder).segments(seconds=3.0, hop=0.02)
    before = clips.frame
    found = clips.check()
    assert len(clips) >= 1000
    assert found.findings.empty
    assert found.ok
    assert found.verdict == "nothing found that would spoil a training"
    pd.testing.assert_frame_equal(clips.frame, before)


def test_the_figures_are_right(folder):
    found = AudioDataset.from_folder(folder).segments(seconds=3.0, hop=1.0).check()
    assert found.summary["clips"] == 40
    assert found.summary["recordings"] == 20
    assert found.summary["hours"] == pytest.approx(40 * 3 / 3600)
    assert found.summary["labels"] == 2
    assert found.summary["sample_rates"] == {RATE: 20}
    assert found.summary["formats"] == {"WAV PCM_16": 20}
    assert found.counts.loc["cat"].to_dict() == {"recordings": 10, "clips": 20, "minutes": pytest.approx(1.0)}


def test_it_is_the_same_every_time(folder):
    write(folder / "dog" / "silent.wav", np.zeros(8000))
    shutil.copy(folder / "dog" / "1.wav", folder / "cat" / "copy.wav")
    sounds = AudioDataset.from_folder(folder)
    assert sounds.check() == sounds.check()


# --- files that cannot be used --------------------------------------------------------------------------------------


def test_a_file_that_is_no_sound_is_unreadable(folder):
    (folder / "dog" / "broken.wav").write_bytes(b"this is no sound")
    found = check(folder)
    assert problems(found) == {"unreadable": ["broken.wav"]}
    assert "libsndfile: Format not recognised" in detail(found, "unreadable")
    assert str(folder) not in detail(found, "unreadable"), "the path stands in its own column"
    assert not found.ok
    assert found.findings["label"].iloc[0] == "dog"
    assert found.findings["severity"].iloc[0] == "error"


def test_a_file_that_is_gone_is_missing(folder):
    sounds = AudioDataset.from_folder(folder)
    (folder / "dog" / "3.wav").unlink()
    found = sounds.check()
    assert problems(found) == {"missing_file": ["3.wav"]}
    assert not found.ok


def test_a_folder_in_place_of_a_file_is_unreadable(folder):
    sounds = AudioDataset.from_folder(folder)
    (folder / "dog" / "3.wav").unlink()
    (folder / "dog" / "3.wav").mkdir()
    assert problems(sounds.check()) == {"unreadable": ["3.wav"]}


def test_a_codec_that_nobody_knows_is_unreadable(folder):
    sounds = AudioDataset.from_folder(folder)
    content = (folder / "dog" / "3.wav").read_bytes()
    (folder / "dog" / "3.wav").write_bytes(content[:20] + b"\xcd\xab" + content[22:])
    assert problems(sounds.check()) == {"unreadable": ["3.wav"]}


@pytest.mark.parametrize("header", [True, False])
def test_files_without_sound_are_empty_and_no_duplicates(folder, header):
    for name in ("nothing.wav", "void.wav"):
        write(folder / "cat" / name, np.zeros(0))
        if not header:
            (folder / "cat" / name).write_bytes(b"")
    assert problems(check(folder)) == {"empty": ["nothing.wav", "void.wav"]}


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e12])
def test_samples_that_are_no_numbers(folder, value):
    samples = noise(1)
    samples[[5, 6, 31_000]] = value
    write(folder / "cat" / "odd.wav", samples, subtype="DOUBLE")
    found = check(folder)
    assert problems(found) == {"not_numbers": ["odd.wav"]}
    assert detail(found, "not_numbers") == "3 of 32,000 samples"


@pytest.mark.parametrize("suffix", ["wav", "aiff", "flac", "mp3", "ogg", "opus"])
def test_a_file_that_was_cut_is_truncated(folder, suffix):
    subtype = {"mp3": "MPEG_LAYER_III", "ogg": "VORBIS", "opus": "OPUS"}.get(suffix, "PCM_16")
    whole = write(folder / "dog" / f"whole.{suffix}", noise(7, seconds=20), subtype=subtype)
    found = check(folder)
    assert problems(found).keys() <= {"too_long", "clip_length"}, "not cut yet"
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 3])
    found = check(folder)
    assert problems(found)["truncated"] == [whole.name]
    assert found.ok, "what is there can be used"


def test_a_file_of_which_little_is_left_is_truncated_and_nothing_else(folder):
    path = folder / "dog" / "3.wav"
    path.write_bytes(path.read_bytes()[:4000])
    assert problems(check(folder)) == {"truncated": ["3.wav"], "clip_length": [None]}


# --- silence --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(32_000),
        np.full(32_000, 0.5),
        0.0005 * noise(1) / 0.1,
        np.stack([noise(1), -noise(1)], axis=1),
    ],
    ids=["zeros", "constant", "very quiet", "channels that cancel each other out"],
)
def test_silence_is_found(folder, samples):
    write(folder / "dog" / "quiet.wav", samples)
    found = check(folder)
    assert problems(found) == {"silent": ["quiet.wav"]}
    assert ("cancel each other" in detail(found, "silent")) == (samples.ndim == 2)


def test_one_short_click_is_no_silence(folder):
    samples = np.zeros(32_000)
    samples[31_000:31_400] = noise(1)[:400]
    write(folder / "dog" / "click.wav", samples)
    assert problems(check(folder)) == {}


def test_silent_segments_are_told_once_a_recording(folder):
    samples = noise(5, seconds=12)
    samples[4 * RATE :] = 0
    write(folder / "dog" / "mostly.wav", samples)
    found = AudioDataset.from_folder(folder).segments(seconds=3.0).check()
    assert problems(found) == {"silent_segments": ["mostly.wav"]}
    assert detail(found, "silent_segments") == "2 clips of 4 below -60 dBFS, the first 6.00 to 9.00 s"


# --- clipping -------------------------------------------------------------------------------------------------------

RUMBLE = np.convolve(noise(3), np.ones(8), "same")  # of limited band, as recordings are
LOUD = np.clip(4 * RUMBLE, -1, 1)


@pytest.mark.parametrize(
    ("samples", "subtype"),
    [
        (LOUD, "PCM_16"),
        (0.4 * LOUD, "PCM_16"),
        (LOUD, "FLOAT"),
        (LOUD, "PCM_U8"),
        (np.stack([noise(4), LOUD], axis=1), "PCM_16"),
        (np.clip(tone(440, 1.3) + 0.02 * noise(9), -1, 1), "PCM_24"),
        (np.concatenate([LOUD[:2000], np.zeros(30_000)]), "PCM_16"),
    ],
    ids=["16 bit", "turned down afterwards", "float", "8 bit", "one channel", "tone", "a short bark"],
)
def test_clipping_is_found(folder, samples, subtype):
    write(folder / "dog" / "loud.wav", samples, subtype=subtype)
    found = check(folder)
    assert problems(found) == {"clipped": ["loud.wav"]}
    assert re.fullmatch(r"\d+\.\d\d% of its samples lie on [\d,]+ flat tops", detail(found, "clipped"))


def square(hz: float, harmonics: int = 7) -> Floats:
    """A square tone of limited band: its tops are ripples."""
    return np.asarray(np.sum([0.8 * tone(hz * n) / n for n in range(1, 2 * harmonics, 2)], axis=0))


@pytest.mark.parametrize(
    ("samples", "subtype"),
    [
        (tone(20), "PCM_16"),
        (tone(50), "PCM_U8"),
        (tone(30), "ULAW"),
        (tone(3, 0.001) + tone(70, 0.02), "PCM_U8"),
        (square(110), "PCM_16"),
        (np.tanh(RUMBLE) / np.tanh(np.abs(RUMBLE).max()), "PCM_16"),
        (RUMBLE / np.abs(RUMBLE).max(), "PCM_16"),
        (5 * RUMBLE, "FLOAT"),
        (np.repeat(noise(3, seconds=1.0), 4), "PCM_16"),
        (np.maximum(RUMBLE, 0) / RUMBLE.max(), "PCM_16"),
        (np.where(np.arange(32_000) % 20_000 < 25, 1.0, 0.99 * RUMBLE / np.abs(RUMBLE).max()), "PCM_16"),
    ],
    ids=[
        "slow",
        "8 bit",
        "mu-law",
        "quiet 8 bit",
        "square-ish",
        "limited",
        "normalised",
        "beyond 1",
        "repeated",
        "rectified",
        "two knocks",
    ],
)
def test_loud_sounds_without_flat_tops_are_not_clipped(folder, samples, subtype):
    write(folder / "dog" / "loud.wav", samples, subtype=subtype)
    assert problems(check(folder)) == {}


def test_clipping_is_found_in_lossy_files_by_full_scale(folder):
    write(folder / "dog" / "loud.ogg", LOUD, subtype="VORBIS")
    write(folder / "dog" / "fine.ogg", 0.7 * tone(440), subtype="VORBIS")
    assert problems(check(folder)) == {"clipped": ["loud.ogg"]}


# --- lengths --------------------------------------------------------------------------------------------------------


def test_lengths_far_from_the_others(folder):
    write(folder / "dog" / "short.wav", noise(50, seconds=0.4))
    write(folder / "dog" / "long.wav", noise(51, seconds=60))
    found = check(folder)
    assert problems(found) == {"too_short": ["short.wav"], "too_long": ["long.wav"], "clip_length": [None]}
    assert detail(found, "too_short") == "0.40 s, the median is 4.00 s"
    cut = AudioDataset.from_folder(folder).segments(seconds=4.0).check()
    assert "too_long" not in problems(cut), "it is cut now"


def test_lengths_are_compared_within_a_label(tmp_path):
    for number in range(30):
        write(tmp_path / "rain" / f"{number}.wav", noise(50 + number, seconds=3))
    for number in range(10):
        write(tmp_path / "click" / f"{number}.wav", noise(number, seconds=0.3))
    assert problems(check(tmp_path)) == {"clip_length": [None]}


def test_lengths_may_vary(tmp_path):
    for number in range(13):
        write(tmp_path / "rain" / f"{number}.wav", noise(number, seconds=0.4 * 1.3**number))
    assert problems(check(tmp_path)) == {"clip_length": [None]}, "0.4 to 9.3 s, the median is 1.9 s"


def test_less_than_a_window_is_too_short_even_where_all_are(tmp_path):
    for number in range(10):
        write(tmp_path / "click" / f"{number}.wav", noise(number, seconds=0.04))
    assert problems(check(tmp_path))["too_short"] == [f"{number}.wav" for number in range(10)]


def test_clip_length_is_one_piece_of_advice(tmp_path):
    for number in range(20):
        write(tmp_path / "click" / f"{number}.wav", noise(number, seconds=1.0 if number < 12 else 1.5))
    found = check(tmp_path)
    assert problems(found) == {"clip_length": [None]}
    assert detail(found, "clip_length") == "20 clips of 20 shorter than 3 s (1 s)"


def test_clips_behind_the_end_of_their_recording(folder):
    table = pd.DataFrame(
        {
            "path": [str(folder / "cat" / f"{number}.wav") for number in range(10)],
            "label": "cat",
            "start": 0.0,
            "end": [4.0] * 8 + [4.08, 9.0],
        }
    )
    found = AudioDataset.from_table(table).check()
    assert problems(found) == {"beyond_end": ["9.wav"]}
    assert detail(found, "beyond_end") == "1 clip of 1, the first 0.00 to 9.00 s, in a recording of 4.00 s"


# --- duplicates and leaks -------------------------------------------------------------------------------------------


def test_a_copy_is_a_duplicate(folder):
    shutil.copy(folder / "dog" / "4.wav", folder / "dog" / "copy.wav")
    found = check(folder)
    assert problems(found) == {"duplicate": ["copy.wav"]}
    assert detail(found, "duplicate") == "the same bytes as 4.wav"
    assert found.ok


def test_every_copy_but_the_first_is_told(folder):
    for name in ("copy.wav", "copy2.wav"):
        shutil.copy(folder / "dog" / "4.wav", folder / "dog" / name)
    assert problems(check(folder)) == {"duplicate": ["copy.wav", "copy2.wav"]}


def test_the_same_sound_in_another_format_is_a_duplicate(folder):
    samples, _ = soundfile.read(folder / "dog" / "4.wav")
    write(folder / "dog" / "again.flac", samples)
    write(folder / "dog" / "stereo.aiff", np.stack([samples, samples], axis=1), subtype="PCM_24")
    write(folder / "dog" / "other_rate.wav", samples, rate=2 * RATE)
    found = check(folder)
    told = problems(found)
    assert told.pop("duplicate") == ["again.flac", "stereo.aiff"], "the same numbers at another rate sound otherwise"
    assert told.keys() == {"mixed_sample_rates", "clip_length"}
    assert "other bytes, the same sound as 4.wav" in found.findings["detail"].tolist()


def test_what_ffmpeg_reads_is_compared_too(folder):
    av = pytest.importorskip("av")
    with av.open(str(folder / "dog" / "again.m4a"), "w") as container:
        stream = container.add_stream("alac", rate=RATE)
        stream.layout = "mono"
        samples, _ = soundfile.read(folder / "dog" / "4.wav", dtype="int16")
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16p", layout="mono")
        frame.sample_rate = RATE
        resampler = av.AudioResampler(format="s16p", frame_size=4096)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    sounds = AudioDataset.from_folder(folder)
    assert measure(str(folder / "dog" / "again.m4a")).info is not None
    assert problems(sounds.check()) == {"duplicate": ["again.m4a"]}


def test_the_same_sound_with_two_labels_is_an_error(folder):
    shutil.copy(folder / "cat" / "4.wav", folder / "dog" / "copy.wav")
    found = check(folder)
    assert problems(found) == {"duplicate_across_labels": ["copy.wav"]}
    assert detail(found, "duplicate_across_labels") == "the same bytes as ../cat/4.wav, labelled cat"
    assert not found.ok


def test_a_copy_without_a_label_contradicts_nothing(folder):
    shutil.copy(folder / "cat" / "4.wav", folder / "copy.wav")
    assert problems(check(folder)) == {"duplicate": ["copy.wav"], "unlabelled": [None]}


def test_a_row_that_stands_twice(folder):
    paths = [str(folder / "cat" / f"{number}.wav") for number in range(10)]
    table = pd.DataFrame({"path": [*paths, paths[3], paths[5]], "label": ["cat"] * 11 + ["dog"]})
    found = AudioDataset.from_table(table).check()
    told = problems(found)
    assert told["duplicate"] == ["3.wav"]
    assert told["duplicate_across_labels"] == ["5.wav"]
    assert detail(found, "duplicate_across_labels").endswith(
        "rows 5 and 11 of the table are the same part of the same file: cat and dog"
    )


def test_silent_files_are_no_duplicates(folder):
    for name in ("a.wav", "b.wav"):
        write(folder / "cat" / name, np.zeros(32_000))
    assert problems(check(folder)) == {"silent": ["a.wav", "b.wav"]}


def test_a_copy_in_another_part(folder, tmp_path):
    samples, _ = soundfile.read(folder / "dog" / "4.wav")
    write(tmp_path / "test" / "dog" / "4.wav", noise(900))
    leak = write(tmp_path / "test" / "dog" / "leak.flac", samples)
    test = AudioDataset.from_folder(tmp_path / "test")
    found = AudioDataset.from_folder(folder).check(against=test)
    assert problems(found) == {"duplicate_across_parts": ["4.wav"]}, (
        "dog/4.wav of another folder is no leak by its name"
    )
    assert str(leak.name) in detail(found, "duplicate_across_parts")
    assert not found.ok


def test_a_recording_in_another_part(folder):
    clips = AudioDataset.from_folder(folder).segments(seconds=2.0)
    train, test = clips.where(start=0.0), clips.where(start=2.0, path=str(folder / "cat" / "4.wav"))
    found = train.check(against=[test])
    assert problems(found) == {"recording_across_parts": ["4.wav"], "clip_length": [None]}
    assert not found.ok


def test_a_split_has_no_leak(folder):
    train, test = AudioDataset.from_folder(folder).segments(seconds=2.0).split(0.5, 0.5, seed=1)
    assert not problems(train.check(against=test)).keys() & {"recording_across_parts", "duplicate_across_parts"}


def test_a_group_in_another_part(folder):
    paths = [str(folder / "cat" / f"{number}.wav") for number in range(10)]
    days = ["monday"] * 4 + ["tuesday"] * 3 + ["sunday"] * 3
    sounds = AudioDataset.from_table(pd.DataFrame({"path": paths, "label": "cat", "day": days}), group_column="day")
    everything = sounds.frame
    found = check_sounds(everything.iloc[:5], [everything.iloc[5:]])
    told = problems(found)
    assert told["recording_across_parts"] == ["4.wav"]
    assert detail(found, "recording_across_parts").startswith("group 'tuesday' is in")


@pytest.mark.parametrize("column", ["split", "fold"])
def test_parts_by_a_column_of_the_table(folder, column):
    shutil.copy(folder / "cat" / "2.wav", folder / "cat" / "copy.wav")
    paths = [str(folder / "cat" / f"{number}.wav") for number in range(10)] + [str(folder / "cat" / "copy.wav")]
    table = pd.DataFrame({"path": paths, "label": "cat", column: [1] * 6 + [2] * 5})
    table = pd.concat(
        [table.assign(start=0.0, end=4.0), table.iloc[[8]].assign(**{column: 1, "start": 0.5, "end": 4.0})]
    )
    found = AudioDataset.from_table(table).check()
    assert problems(found) == {"duplicate_across_parts": ["copy.wav"], "recording_across_parts": ["8.wav"]}
    assert detail(found, "recording_across_parts") == f"the recording is in {column} 1, 2 (2 clips)"


# --- the dataset as a whole -----------------------------------------------------------------------------------------


def test_mixed_sample_rates_name_the_label_that_has_its_own(folder):
    for number in range(10):
        write(folder / "bird" / f"{number}.wav", noise(200 + number, rate=16_000), rate=16_000)
    found = check(folder)
    assert problems(found) == {"mixed_sample_rates": [None]}
    assert detail(found, "mixed_sample_rates") == "8,000 Hz: 20 recordings; 16,000 Hz: 10 recordings (all of bird)"


def test_mixed_sample_rates_are_counted(folder):
    write(folder / "dog" / "high.wav", noise(200, rate=16_000), rate=16_000)
    assert detail(check(folder), "mixed_sample_rates") == "8,000 Hz: 20 recordings; 16,000 Hz: 1 recording"


def test_few_recordings_are_told_for_each_label(folder):
    for number in range(9):
        write(folder / "bird" / f"{number}.wav", noise(200 + number))
    found = check(folder)
    assert problems(found) == {"few_recordings": ["bird"]}
    assert detail(found, "few_recordings") == "9 recordings (9 clips); at least 10 are wanted"
    assert found.ok, "it never blocks"


@pytest.mark.parametrize(("hop", "told"), [(0.25, {}), (0.2, {"imbalance": ["cat"]})], ids=["87 to 10", "106 to 10"])
def test_imbalance_names_the_rarest(folder, hop, told):
    write(folder / "dog" / "long.wav", noise(51, seconds=12))
    sounds = AudioDataset.from_folder(folder).segments(seconds=3.0, hop=hop)
    cats = sounds.where(label="cat", start=0.0).frame
    frame = pd.concat([cats, sounds.where(label="dog").frame], ignore_index=True)
    assert problems(check_sounds(frame)) == told


def test_unlabelled_clips_are_told_once(folder):
    found = AudioDataset.from_folder(folder, labels=None).check()
    assert problems(found) == {"unlabelled": [None]}
    assert detail(found, "unlabelled") == "20 of 20 clips"
    assert found.counts.empty


def test_a_labels_own_folder_is_an_error_that_names_its_parent(folder):
    found = AudioDataset.from_folder(folder / "dog").check()
    assert problems(found) == {"no_labels": [None]}
    assert detail(found, "no_labels") == (
        f"10 clips: no folder per label in {folder / 'dog'}; did you mean its parent, {folder}?"
    )
    assert not found.ok


def test_a_dataset_without_rows(folder):
    found = AudioDataset.from_folder(folder).unlabelled.check()
    assert problems(found) == {"no_clips": [None]}
    assert str(found).startswith("0 clips")
    assert "Nothing was changed" in found.save(folder / "check.html").read_text()


# --- long and odd files ---------------------------------------------------------------------------------------------


def test_a_long_recording_is_never_in_memory_as_a_whole(tmp_path):
    path, minutes = tmp_path / "long.wav", 20
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16") as file:
        for _ in range(minutes * 60 - 1):
            file.write(np.zeros(RATE))
        file.write(noise(1, seconds=1))
    measure(str(path))  # what is loaded once is not counted
    tracemalloc.start()
    try:
        heard = measure(str(path), [(0.0, minutes * 60 - 1.0), (minutes * 60 - 2.0, minutes * 60.0)])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert heard.seconds == minutes * 60
    assert heard.clip_levels == (float("-inf"), heard.level)
    assert heard.level == pytest.approx(-20, abs=1)
    assert peak < 0.2 * minutes * 60 * RATE * 4


def test_odd_files_are_reported_and_crash_nothing(tmp_path):
    table = shared("odd_audio.csv")
    with table.open(newline="", encoding="utf-8") as file:
        known = {row["path"]: row for row in csv.DictReader(file) if "453s" not in row["path"]}
    frame = pd.DataFrame({"path": sorted(known), "label": "odd"})
    sounds = AudioDataset.from_table(frame, root=table.parent)
    found = sounds.check()
    unusable = set(found.findings[found.findings["severity"] == "error"]["path"])
    good = {
        str(table.parent / name) for name, row in known.items() if row["libsndfile"] == "ok" and row["frames"] != "0"
    }
    assert len(good) > 100
    assert not unusable & good
    truncated = found.findings[found.findings["problem"] == "truncated"]["path"].map(os.path.basename)
    assert "variable-block.flac" in set(truncated)
    assert "01 - wrong max blocksize.flac" not in set(truncated), "libsndfile reads it where nobody seeks in it"
    assert {"unreadable", "empty", "truncated", "silent", "duplicate"} <= set(found.findings["problem"])
    assert found.findings["path"].dropna().map(os.path.isabs).all()


# --- how it shows itself --------------------------------------------------------------------------------------------


def test_every_finding_has_its_severity_and_remedy(folder):
    (folder / "dog" / "broken.wav").write_bytes(b"this is no sound")
    write(folder / "dog" / "silent.wav", np.zeros(32_000))
    table = check(folder).findings
    assert list(table.columns) == ["severity", "problem", "path", "label", "detail", "remedy"]
    assert table["severity"].tolist() == ["error", "warning", "advice"], "the worst first"
    assert table["remedy"].tolist() == [PROBLEMS[problem].remedy for problem in table["problem"]]


def test_it_prints_the_first_files_of_each_problem(folder):
    for number in range(8):
        write(folder / "dog" / f"silent{number}.wav", np.zeros(32_000))
    text = str(check(folder))
    assert text.startswith("28 clips (1.9 min) of 28 recordings, 2 labels; 8,000 Hz\n8 warnings, 1 piece of advice\n")
    assert text.count("silent (8)") == 1
    assert "dog/silent0.wav: only digital zeros in 4.00 s" in text
    assert "dog/silent5.wav" not in text
    assert "and 3 more" in text
    assert repr(check(folder)) == "<AudioCheck of 28 clips: 8 warnings, 1 piece of advice>"


def test_the_page_is_whole_and_escaped(folder):
    write(folder / "<b>cow" / "<script>alert(1)<script>&.wav", np.zeros(32_000))
    page = check(folder).save(folder / "new" / "check.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "<script" not in page
    assert "<b>cow" not in page
    assert "&lt;b&gt;cow/&lt;script&gt;alert(1)&lt;script&gt;&amp;.wav" in page
    assert not re.search(r"(?:src|href)=|https?://|@import|url\(", page), "self-contained"
    assert "prefers-color-scheme: dark" in page
    assert [path.name for path in (folder / "new").iterdir()] == ["check.html"], "written in one step"


def test_the_notebook_view_is_a_part_of_a_page(folder):
    shutil.copy(folder / "cat" / "4.wav", folder / "dog" / "copy.wav")
    view = check(folder)._repr_html_()
    assert "<html" not in view and "<body" not in view
    assert "duplicate_across_labels" in view and "dog/copy.wav" in view


def test_a_page_is_saved_as_html_only(folder):
    with pytest.raises(ValueError, match=r"\.html.*to_csv"):
        check(folder).save(folder / "check.csv")
    assert not (folder / "check.csv").exists()


def test_names_that_are_no_text_are_shown(folder):
    name = os.fsdecode(b"caf\xe9\n.wav")
    try:
        shutil.copy(folder / "dog" / "1.wav", folder / "dog" / name)
    except OSError:
        pytest.skip("this file system takes no such name")
    found = check(folder)
    assert found.findings["path"].tolist()[0] == str(folder / "dog" / name)
    assert "dog/caf??.wav: the same bytes as 1.wav" in str(found)
    assert "caf??.wav" in found.save(folder / "check.html").read_text(encoding="utf-8")
