"""An archive is sifted once, and then only what is new."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import mediaml as mm
from mediaml.archive import examining
from mediaml.archive import scan as scanning
from mediaml.archive.engines import local
from mediaml.errors import DataError, NotDeployedError, NotFittedError, StoreError
from tests.archive.conftest import rows
from tests.watching import ColourModel


@pytest.fixture
def scan(archive: Path, sounds: mm.LocalAudioModel, pictures: ColourModel, tmp_path: Path):
    """Scan the archive with both models."""

    def run(**options):
        models = options.pop("models", {"sounds": sounds, "colours": pictures})
        store = options.pop("store", tmp_path / "catalog.sqlite")
        return mm.scan(archive, models, store, every=0.5, progress=False, **options)

    return run


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were examined, by name, and by which models."""
    seen: list[str] = []
    whole = examining.examine

    def counting(unit, entrants, settings, session=None):
        names = [one.name for one in entrants if one.key in unit.keys]
        seen.extend(f"{Path(place.path).name}: {', '.join(names)}" for place in unit.places)
        return whole(unit, entrants, settings, session)

    monkeypatch.setattr(local, "examine", counting)
    return seen


FOUND = {
    ("hum.wav", "hum", "sounds"),
    ("whistle.flac", "whistle", "sounds"),
    ("Größe 日本.mkv", "whistle", "sounds"),
    ("Größe 日本.mkv", "red", "colours"),
    ("Größe 日本.mkv", "blue", "colours"),
    ("red.png", "red", "colours"),
    ("green.bmp", "green", "colours"),
}


def test_all_is_found_that_is_there(scan):
    catalog = scan()

    assert {(file, label, model) for file, label, _, _, model in rows(catalog)} == FOUND
    segments = catalog.segments(label="whistle", file="Größe 日本.mkv")
    assert (segments["start"].iloc[0], segments["end"].iloc[0]) == pytest.approx((1, 5), abs=0.6)
    segments = catalog.segments(label="blue")
    assert (segments["start"].iloc[0], segments["end"].iloc[0]) == pytest.approx((4, 8), abs=0.1)


def test_what_cannot_be_read_is_listed_with_the_reason_and_ends_nothing(scan):
    files = scan().files.set_index("file")

    states = {Path(file).name: state for file, state in files["state"].items()}
    assert {name for name, state in states.items() if state == "not read"} == {"broken.mp4", "broken.png", "empty.wav"}
    assert {"hum.wav", "red.png"} <= {name for name, state in states.items() if state == "read"}
    reasons = files.loc[files["state"] == "not read", "reason"]
    assert all(reasons.str.len() > 5)
    assert "notes.txt" not in states
    assert ".hidden.wav" not in states


def test_a_second_scan_examines_nothing_and_says_the_same(scan, examined):
    before = scan().segments()
    count = len(examined)

    after = scan().segments()

    assert len(examined) == count
    assert after.equals(before)


def test_a_touched_file_is_not_examined_and_a_changed_one_is(scan, archive, examined):
    scan()
    examined.clear()
    hum, flac = archive / "tapes" / "hum.wav", archive / "tapes" / "whistle.flac"

    os.utime(hum, (1, 1))
    scan()
    assert examined == []

    shutil.copy(flac, hum.with_suffix(".flac"))
    hum.write_bytes((archive / "tapes" / "quiet.ogg").read_bytes())
    catalog = scan()
    assert sorted(examined) == ["hum.flac: sounds, colours", "hum.wav: sounds, colours"]
    assert len(catalog.segments(label="whistle", file="hum.flac")) == 1
    assert catalog.segments(file="hum.wav").empty


def test_a_model_that_comes_later_is_the_only_one_that_looks(scan, sounds, pictures, examined):
    scan(models={"sounds": sounds})
    examined.clear()

    catalog = scan()

    assert {line.split(": ")[1] for line in examined} == {"colours"}
    assert {(file, label, model) for file, label, _, _, model in rows(catalog)} == FOUND


def test_a_changed_model_takes_the_place_of_what_it_found_before(scan, sounds, examined):
    scan()
    examined.clear()

    catalog = scan(models={"sounds": sounds, "colours": ColourModel(threshold=1.5)})

    assert {line.split(": ")[1] for line in examined} == {"colours"}
    assert set(catalog.segments()["model"]) == {"sounds"}


def test_what_is_gone_is_left_out_and_comes_back_without_being_examined(scan, archive, tmp_path, examined):
    scan()
    examined.clear()
    shutil.move(archive / "red.png", tmp_path / "red.png")

    without = scan()
    assert "red.png" not in {file for file, *_ in rows(without)}
    assert without.files.set_index("file").loc[str(archive / "red.png"), "state"] == "gone"

    shutil.move(tmp_path / "red.png", archive / "red.png")
    assert "red.png" in {file for file, *_ in rows(scan())}
    assert examined == []


def test_what_is_in_a_folder_that_cannot_be_listed_stays_and_is_told(scan, archive, pictures, closed, caplog):
    (archive / "locked").mkdir()
    shutil.copy(archive / "red.png", archive / "locked" / "too.png")
    before = scan(models=pictures).segments(label="red")

    with closed(archive / "locked"):
        assert scan(models=pictures).segments(label="red").equals(before)

    assert f"out of reach, and left as they were: {archive / 'locked'}: Permission denied" in caplog.text


def test_what_could_not_be_read_is_tried_again_with_other_tools(scan, examined, monkeypatch):
    scan()
    examined.clear()
    monkeypatch.setattr(scanning, "tools_of", lambda engine: "newer")

    scan()

    assert {line.split(":")[0] for line in examined} == {"broken.mp4", "broken.png", "empty.wav"}


@pytest.fixture
def away(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Let a file be out of reach while it is examined, as on a network drive that is away for a while."""
    whole = local.examine  # type: ignore[attr-defined]  # as the engine has imported it

    @contextmanager
    def out_of_reach(name: str) -> Iterator[None]:
        def examine(*args, **kwargs):
            (archive / name).rename(tmp_path / name)
            try:
                return whole(*args, **kwargs)
            finally:
                (tmp_path / name).rename(archive / name)

        with monkeypatch.context() as patch:
            patch.setattr(local, "examine", examine)
            yield

    return out_of_reach


RED, FILM = "red.png", "Größe 日本.mkv"


@pytest.mark.parametrize("name", [RED, FILM])
def test_what_was_out_of_reach_is_told_and_examined_by_the_next_scan(scan, archive, pictures, away, examined, name):
    with away(name):
        files = scan(models=pictures, workers=1).files.set_index("file")

    assert files.loc[str(archive / name), "state"] == "not read"
    assert files.loc[str(archive / name), "reason"] == "No such file or directory; the next scan tries again"
    assert "red" in set(scan(models=pictures).segments(file=name)["label"])
    scan(models=pictures)
    assert examined == [f"{name}: pictures"], "by the second scan alone"


@pytest.mark.parametrize("name", [RED, FILM])
def test_what_went_away_while_it_was_read_is_examined_by_the_next_scan(
    scan, archive, pictures, name, tmp_path, monkeypatch
):
    whole = examining.hash_of_bytes  # type: ignore[attr-defined]

    def hashed_and_gone(path: str) -> str:
        digest = whole(path)
        if Path(path).name == name:
            (archive / name).rename(tmp_path / name)
        return digest

    with monkeypatch.context() as patch:
        patch.setattr(examining, "hash_of_bytes", hashed_and_gone)
        files = scan(models=pictures).files.set_index("file")
    (tmp_path / name).rename(archive / name)

    assert files.loc[str(archive / name), "reason"] == "No such file or directory; the next scan tries again"
    assert "red" in set(scan(models=pictures).segments(file=name)["label"])


@pytest.mark.parametrize("name", [RED, FILM])
def test_what_was_found_before_stays_while_a_file_is_out_of_reach(scan, archive, pictures, away, name):
    before = scan(models={"colours": pictures}).segments()
    both = {"colours": pictures, "boxes": ColourModel(boxes=True)}

    with away(name):
        meanwhile = scan(models=both, workers=1)

    assert meanwhile.segments(model="colours").equals(before)
    assert meanwhile.segments(file=name, model="boxes").empty
    assert len(scan(models=both).segments(file=name, model="boxes")) > 0


def test_what_was_found_before_stays_where_a_file_has_changed_and_is_out_of_reach(scan, archive, pictures, away):
    before = scan(models=pictures).segments()
    os.utime(archive / RED, (1, 1))
    with (archive / RED).open("ab") as file:
        file.write(b" ")

    with away(RED):
        assert scan(models=pictures, workers=1).segments().equals(before)

    assert len(scan(models=pictures).segments(file=RED)) == 1


def test_rows_do_not_depend_on_how_many_files_are_examined_at_once(scan, tmp_path):
    one = scan(store=tmp_path / "one.sqlite", workers=1).segments()
    four = scan(store=tmp_path / "four.sqlite", workers=4).segments()

    assert one.equals(four)


def test_a_fault_that_is_not_a_files_ends_the_scan_and_what_was_done_is_kept(scan, sounds, tmp_path):
    class Closed(ColourModel):
        def predict(self, items, *, on_error="raise"):
            raise NotDeployedError("closed")

    with pytest.raises(NotDeployedError):
        scan(models={"sounds": sounds, "colours": Closed()}, workers=1)

    kept = mm.Catalog(tmp_path / "catalog.sqlite")
    assert ("hum.wav", "hum", "sounds") in {(file, label, model) for file, label, _, _, model in rows(kept)}
    assert {(file, label, model) for file, label, _, _, model in rows(scan())} == FOUND


def test_models_that_cost_say_before_how_many_pictures_there_are(scan, pictures):
    pictures.paid = True

    scan(models=pictures)
    assert pictures.announced == [(16 + 4, "the archive")]

    scan(models=pictures)
    assert pictures.announced[1] == (0, "the archive")


def test_two_models_that_hear_the_same_file_decode_it_once(scan, sounds, monkeypatch, tmp_path):
    from mediaml.data import decode

    whole = decode.read
    stretches: list[tuple[str, float]] = []

    def counting(source, start=0.0, end=None, sample_rate=None):
        stretches.append((Path(source).name, start))
        return whole(source, start, end, sample_rate)

    monkeypatch.setattr(decode, "read", counting)
    other = sounds.load(sounds.save(tmp_path / "model"))
    other.thresholds = {"hum": 0.71}
    catalog = scan(models={"one": sounds, "other": other})

    assert len(stretches) == len(set(stretches))
    alone = sounds.detect(catalog.segments(label="hum")["file"].iloc[0], progress=False)
    assert list(catalog.segments(label="hum", model="one")["start"]) == [event.segment.start for event in alone]


@pytest.mark.parametrize("asked", [mm.scan, mm.plan_scan])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"engine": "spark"}, "engine is one of local, ray, sagemaker, not 'spark'"),
        ({"engine": "sagemaker"}, "hears with SageMakerAudioModel alone"),
        ({"every": float("nan")}, "every is a number of seconds"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_happens(asked, options, said, archive, pictures, tmp_path):
    with pytest.raises(ValueError, match=said):
        asked(archive, pictures, tmp_path / "catalog.sqlite", **options)
    assert not (tmp_path / "catalog.sqlite").exists()


@pytest.mark.parametrize("asked", [mm.scan, mm.plan_scan])
def test_a_hop_that_would_leave_out_something_is_refused_before_anything_happens(asked, archive, sounds, tmp_path):
    with pytest.raises(ValueError, match="hop is above 0 s and at most"):
        asked(archive, sounds, tmp_path / "catalog.sqlite", hop=100.0)
    assert not (tmp_path / "catalog.sqlite").exists()


@pytest.mark.parametrize(
    ("models", "error"),
    [({}, ValueError), ([], ValueError), (["logos"], TypeError), (mm.LocalAudioModel(), NotFittedError)],
)
def test_what_is_no_model_is_refused_before_anything_happens(scan, models, error, tmp_path):
    with pytest.raises(error):
        scan(models=models)
    assert not (tmp_path / "catalog.sqlite").exists()


def test_an_archive_that_is_not_there_and_a_store_that_is_none_are_named(sounds, tmp_path):
    (tmp_path / "store.sqlite").write_bytes(b"this is no database" * 100)

    with pytest.raises(DataError, match="nowhere: no such"):
        mm.scan(tmp_path / "nowhere", sounds, tmp_path / "new.sqlite")
    with pytest.raises(StoreError, match=r"store\.sqlite"):
        mm.scan(tmp_path, sounds, tmp_path / "store.sqlite")


def test_progress_is_told_on_the_error_stream_only(archive, sounds, tmp_path, capsys):
    mm.scan(archive / "tapes", sounds, tmp_path / "c.sqlite")

    said = capsys.readouterr()
    assert said.out == ""
    assert "3 of 3 files examined" in said.err

    (archive / "tapes" / "notes.xyz").touch()
    (archive / "tapes" / "broken.mp4").write_bytes(b"no film" * 100)
    mm.scan(archive / "tapes", sounds, tmp_path / "c.sqlite")

    told = capsys.readouterr().err
    assert "1 could not be read (broken.mp4: " in told
    assert "1 other is no media (.xyz 1)" in told


SCRIPT = """
import sys
from pathlib import Path
import mediaml as mm
from tests.watching import ColourModel
if __name__ == "__main__":
    archive, store, model = sys.argv[1:]
    print("ready", flush=True)
    mm.scan(archive, {"sounds": mm.load(model), "colours": ColourModel()}, store, every=0.5, progress=False)
"""


def started(archive: Path, store: Path, model: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, str(archive), str(store), str(model)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def checked(store: Path) -> str:
    with sqlite3.connect(store) as database:
        return str(database.execute("PRAGMA integrity_check").fetchone()[0])


@pytest.mark.slow
def test_killed_at_any_instant_it_goes_on_and_ends_with_the_same_catalog(scan, archive, sounds, tmp_path):
    for number in range(30):
        shutil.copy(archive / "tapes" / "hum.wav", archive / f"hum-{number}.wav")
    model = sounds.save(tmp_path / "model")
    expected = scan(store=tmp_path / "whole.sqlite")
    random, store, kills = np.random.RandomState(5), tmp_path / "killed.sqlite", 0
    while kills < 20:
        store.unlink(missing_ok=True)
        for _ in range(4):
            process = started(archive, store, model)
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(random.uniform(0.1, 3.0))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            kills += 1
        catalog = scan(store=store)
        assert checked(store) == "ok"
        assert catalog.segments().equals(expected.segments())
        assert catalog.files.equals(expected.files)


@pytest.mark.slow
def test_two_scans_of_one_store_do_no_harm(scan, archive, sounds, tmp_path):
    for number in range(20):
        shutil.copy(archive / "tapes" / "hum.wav", archive / f"hum-{number}.wav")
    model = sounds.save(tmp_path / "model")
    expected = scan(store=tmp_path / "whole.sqlite")
    store = tmp_path / "both.sqlite"

    both = [started(archive, store, model) for _ in range(2)]
    for process in both:
        process.communicate()

    assert [process.returncode for process in both] == [0, 0]
    assert checked(store) == "ok"
    assert mm.Catalog(store).segments().equals(expected.segments())
