"""The local sound model: what it refuses, what it keeps, what it forgets."""

from __future__ import annotations

import json
import pickle
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import soundfile

import mediaml as mm
from mediaml.errors import (
    AudioError,
    DataError,
    LabelError,
    NotFittedError,
    SavedModelError,
    SpecMismatchError,
    SplitError,
)
from mediaml.features.examples import load_examples
from mediaml.reports.card import card
from tests.metrics.test_at_thresholds import own_thresholds_give_what_was_given
from tests.sounds import RATE, SPEC, small_model, tone, write_tones


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tones(tmp_path_factory.mktemp("tones"))


@pytest.fixture(scope="module")
def sounds(folder: Path) -> mm.AudioDataset:
    return mm.AudioDataset.from_folder(folder)


@pytest.fixture(scope="module")
def model(sounds: mm.AudioDataset) -> mm.LocalAudioModel:
    return small_model(epochs=12).fit(sounds, progress=False)


class TestFit:
    def test_learns_what_can_be_told_apart(self, model: mm.LocalAudioModel, sounds: mm.AudioDataset) -> None:
        fresh = [((tone(label, number), RATE), label) for label in sounds.labels for number in range(90, 100)]
        answers = model.predict([item for item, _ in fresh])
        right = [one.alternatives[0].label == label for one, (_, label) in zip(answers, fresh, strict=True)]
        assert np.mean(right) >= 0.9

    def test_takes_validation_out_of_train_where_there_is_none(self, model: mm.LocalAudioModel) -> None:
        data = model.training["data"]
        assert data["train"]["clips"] + data["validation"]["clips"] == 24
        assert data["validation"]["clips"] >= 3
        assert set(data["validation"]["labels"]) == {"hiss", "hum", "whistle"}

    def test_same_seed_same_model_other_seed_another(self, sounds: mm.AudioDataset) -> None:
        train, validation = sounds.split(0.5, 0.5, seed=1)
        item = (tone("hum", 50), RATE)
        one, same, other = (
            small_model(epochs=2, seed=seed).fit(train, validation, progress=False).predict(item) for seed in (3, 3, 4)
        )
        assert one == same
        assert one != other

    def test_the_best_epoch_on_validation_is_kept(self, sounds: mm.AudioDataset) -> None:
        train, validation = sounds.split(0.5, 0.5, seed=1)
        fitted = small_model(epochs=5).fit(train, validation, progress=False)
        losses = [epoch["validation_loss"] for epoch in fitted.history]
        as_good = [number for number, loss in enumerate(losses, 1) if loss <= 1.02 * min(losses[:number])]
        assert fitted.training["best_epoch"] == as_good[-1]

    def test_rows_without_a_label_are_left_out_aloud(self, sounds: mm.AudioDataset) -> None:
        with pytest.warns(UserWarning, match="8 of 24 clips of train have no label"):
            fitted = small_model(epochs=1).fit(sounds.relabel({"hum": None}), progress=False)
        assert fitted.labels == ("hiss", "whistle")

    def test_a_labels_own_folder_is_refused_with_the_name_of_its_parent(self, folder: Path) -> None:
        with (
            pytest.warns(UserWarning, match="have no label"),
            pytest.raises(
                LabelError, match=rf"no labelled clips: .* did you mean its parent, {re.escape(str(folder))}"
            ),
        ):
            small_model().fit(mm.AudioDataset.from_folder(folder / "hum"), progress=False)

    def test_several_labels_a_row_are_refused(self, sounds: mm.AudioDataset) -> None:
        frame = sounds.frame
        frame.at[0, "label"] = ("hiss", "hum")  # type: ignore[assignment]
        with pytest.raises(LabelError, match="has 2 labels"):
            small_model().fit(mm.AudioDataset(frame))

    def test_one_label_is_nothing_to_tell_apart(self, sounds: mm.AudioDataset) -> None:
        with pytest.raises(LabelError, match="only 'hum'"):
            small_model().fit(sounds.where(label="hum"))

    def test_validation_with_an_unknown_label_is_refused(self, sounds: mm.AudioDataset) -> None:
        with pytest.raises(LabelError, match="whistle"):
            small_model().fit(sounds.where(label=["hiss", "hum"]), validation=sounds)

    def test_files_that_cannot_be_read_are_left_out_aloud(self, tmp_path: Path) -> None:
        folder = write_tones(tmp_path / "tones", per_label=4)
        (folder / "hum" / "broken.wav").write_bytes(b"RIFF and then nothing")
        with pytest.warns(UserWarning, match=r"1 clip is left out.*broken\.wav"):
            small_model(epochs=1).fit(mm.AudioDataset.from_folder(folder), progress=False)

    def test_nothing_readable_is_an_error(self, tmp_path: Path) -> None:
        for label in ("a", "b"):
            for number in range(8):
                path = tmp_path / label / f"{number}.wav"
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(f"no sound {label}{number}".encode())
        with pytest.raises(DataError, match="none of the"):
            small_model().fit(mm.AudioDataset.from_folder(tmp_path), progress=False)

    def test_the_order_of_the_rows_does_not_matter(self, sounds: mm.AudioDataset) -> None:
        train, validation = sounds.split(0.5, 0.5, seed=1)
        shuffled = mm.AudioDataset(train.frame.sample(frac=1, random_state=3))
        one, other = (small_model(epochs=1).fit(part, validation, progress=False) for part in (train, shuffled))
        assert one.predict(validation) == other.predict(validation)

    def test_nothing_to_hold_back_is_an_error(self, sounds: mm.AudioDataset) -> None:
        two = mm.AudioDataset(sounds.frame.groupby("label").head(1))
        with (
            pytest.warns(UserWarning, match="exists in only 1 recording"),
            pytest.raises(SplitError, match="validation="),
        ):
            small_model().fit(two)

    def test_a_clip_behind_the_end_of_its_file_is_left_out_aloud(self, folder: Path) -> None:
        rows = [{"path": str(path), "label": path.parent.name, "start": 0, "end": 1} for path in folder.glob("*/*.wav")]
        rows.append({**rows[0], "start": 5, "end": 6})
        sounds = mm.AudioDataset.from_table(pd.DataFrame(rows))
        with pytest.warns(UserWarning, match=r"ends at 1\.000 s"):
            small_model(epochs=1).fit(sounds, progress=False)

    def test_rows_longer_than_a_clip_are_cut(self, tmp_path: Path) -> None:
        folder = write_tones(tmp_path / "tones", per_label=3, seconds=3.5)
        sounds = mm.AudioDataset.from_folder(folder)
        heard = load_examples(list(sounds), sounds.labels, small_model().builder.spec)
        # windows at half a second from 0 to 2.5 s
        assert list(np.bincount(heard.clips)) == [6] * 9
        assert small_model(epochs=1).fit(sounds, progress=False).labels == sounds.labels


class TestArguments:
    @pytest.mark.parametrize("wrong", ["recordings/", 0.2])
    def test_what_is_no_dataset_is_refused_by_name(self, wrong: Any) -> None:
        with pytest.raises(TypeError, match=f"train is an AudioDataset.*not {type(wrong).__name__}"):
            small_model().fit(wrong)

    def test_a_clip_too_short_for_the_network_is_refused(self, sounds: mm.AudioDataset) -> None:
        builder = mm.SpectrogramBuilder(**{**SPEC, "clip_seconds": 0.2})
        with pytest.raises(SpecMismatchError, match="7 frames of 32 bands; the cnn needs 9"):
            mm.LocalAudioModel(builder, epochs=1).fit(sounds, progress=False)

    @pytest.mark.parametrize("wrong", [{"seed": -1}, {"seed": None}, {"epochs": 2.5}, {"batch_size": True}])
    def test_no_whole_numbers(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match=next(iter(wrong))):
            small_model(**wrong)

    @pytest.mark.parametrize("wrong", [{"fine_tune": True}, {"weights_from": "yamnet.npz"}])
    def test_what_is_for_pretrained_networks_only(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(ValueError, match="cnn learns from scratch.*" + next(iter(wrong))):
            small_model(**wrong)

    def test_a_name_is_no_builder(self) -> None:
        with pytest.raises(TypeError, match="network="):
            mm.LocalAudioModel("cnn")  # type: ignore[arg-type]

    @pytest.mark.parametrize("wrong", [{"epochs": 0}, {"batch_size": 0}, {"accept": 1.5}, {"accept": -0.1}])
    def test_out_of_range(self, wrong: dict[str, float]) -> None:
        with pytest.raises(ValueError, match=next(iter(wrong))):
            small_model(**wrong)

    def test_unknown_network(self) -> None:
        with pytest.raises(SpecMismatchError, match=r"'transformer'.*cnn"):
            mm.LocalAudioModel(network="transformer")

    def test_no_builder_takes_the_networks_own(self) -> None:
        assert mm.LocalAudioModel().builder.clip_seconds == 5.0


class TestEvaluate:
    def test_an_unknown_label_is_refused_by_name(self, model: mm.LocalAudioModel, sounds: mm.AudioDataset) -> None:
        with pytest.raises(LabelError, match="siren"):
            model.evaluate(sounds.relabel({"hum": "siren"}))

    def test_unreadable_clips_are_listed_and_not_counted(self, model: mm.LocalAudioModel, folder: Path) -> None:
        rows = [(str(folder / "hum" / "0.wav"), "hum"), (str(folder / "hum" / "gone.wav"), "hum")]
        with pytest.warns(UserWarning, match="do not exist"):
            test = mm.AudioDataset.from_table(pd.DataFrame(rows, columns=["path", "label"]))
        report = model.evaluate(test)
        assert report.clips == 1
        assert len(report.unreadable) == 1
        assert "gone.wav" in report.unreadable[0]

    def test_report_says_what_was_measured_on_what(self, model: mm.LocalAudioModel, sounds: mm.AudioDataset) -> None:
        _, test = sounds.split(0.5, 0.5, seed=5)
        report = model.evaluate(test)
        assert report.data["content"] == test.content_hash()
        assert report.data["origin"] == [{"split": [0.5, 0.5], "seed": 5, "part": 1}]
        assert report.model["data"]["train"]["content"] == model.training["data"]["train"]["content"]
        assert report.model["calibration"]["held_out"] > 0 and report.model["seconds"] > 0
        assert set(report.model["measured_with"]) == {"python", "mediaml", "numpy", "mxnet", "date"}
        assert report.model["validation_given"] is False and "validation" in report.model["data"]
        held_back = next(fact.value for section in card(report) for fact in section.facts if fact.name == "held back")
        assert held_back.startswith("no part was given for validation")
        own_thresholds_give_what_was_given(report)


class TestPredict:
    def test_long_items_are_the_mean_of_windows_at_half_a_clip(self, model: mm.LocalAudioModel) -> None:
        samples = np.concatenate([tone("hum", 1), tone("hiss", 2), tone("whistle", 3)])
        whole = model.predict((samples, RATE))
        windows = [model.predict((samples[start : start + RATE], RATE)) for start in range(0, 2 * RATE + 1, RATE // 2)]
        for label in model.labels:
            parts = [score.confidence for one in windows for score in one.alternatives if score.label == label]
            together = next(score.confidence for score in whole.alternatives if score.label == label)
            assert together == pytest.approx(np.mean(parts), abs=1e-4)
        assert whole.segment == mm.Segment(start=0, end=3)

    def test_short_items_are_repeated(self, model: mm.LocalAudioModel) -> None:
        short = tone("whistle", 5)[: RATE // 4]
        assert model.predict((short, RATE)).confidence == pytest.approx(
            model.predict((np.tile(short, 4), RATE)).confidence, abs=1e-4
        )

    def test_a_clip_of_a_dataset_hears_its_segment_only(self, model: mm.LocalAudioModel, tmp_path: Path) -> None:
        soundfile.write(tmp_path / "both.wav", np.concatenate([tone("hum", 1), tone("whistle", 2)]), RATE)
        first, second = (
            model.predict(mm.Clip(path=tmp_path / "both.wav", segment=mm.Segment(start=start, end=start + 1)))
            for start in (0, 1)
        )
        assert [one.alternatives[0].label for one in (first, second)] == ["hum", "whistle"]
        assert second.segment == mm.Segment(start=1, end=2)

    def test_low_confidence_is_nothing_recognised(self, sounds: mm.AudioDataset) -> None:
        strict = small_model(epochs=1, accept=0.0).fit(sounds, progress=False)
        answers = strict.predict(list(sounds))
        assert {one.reason for one in answers if one.label is None} == {"low_confidence"}
        thresholds = strict.thresholds["threshold"]
        for one in answers:
            assert (one.score >= thresholds[one.alternatives[0].label]) == (one.label is not None)

    def test_files_that_are_closed_behind_the_call_are_heard(
        self, model: mm.LocalAudioModel, sounds: mm.AudioDataset
    ) -> None:
        def opened() -> Iterator[Any]:
            for path in sounds.frame["path"]:
                with Path(path).open("rb") as file:
                    yield file

        answers = model.predict(opened())
        assert [one.confidence for one in answers] == [one.confidence for one in model.predict(sounds)]

    def test_whatever_an_item_raises_the_batch_goes_on(self, model: mm.LocalAudioModel, folder: Path) -> None:
        class Broken:
            def read(self, size: int = -1) -> bytes:
                raise ZeroDivisionError("the line is dead")

        good = folder / "hum" / "0.wav"
        items: list[Any] = [good, Broken(), ([[1, 2], [3]], 8000), (np.zeros(9), float("inf")), np.zeros(9), good]
        answers = model.predict(items, on_error="skip")
        assert [one.error is None for one in answers] == [True, False, False, False, False, True]
        assert "the line is dead" in (answers[1].error or "")

    def test_samples_without_a_rate_and_tables_are_one_wrong_item(
        self, model: mm.LocalAudioModel, sounds: mm.AudioDataset
    ) -> None:
        for wrong in (np.zeros(8000, np.float32), sounds.frame):
            with pytest.raises(AudioError, match="sample_rate"):
                model.predict(wrong)  # type: ignore[arg-type]

    def test_many_bad_items_take_no_longer_each_than_few(self, model: mm.LocalAudioModel) -> None:
        answers = model.predict([f"gone-{number}.wav" for number in range(3000)], on_error="skip")
        assert [one.source for one in answers] == [f"gone-{number}.wav" for number in range(3000)]

    def test_unknown_on_error_is_refused(self, model: mm.LocalAudioModel) -> None:
        with pytest.raises(ValueError, match="ignore"):
            model.predict([], on_error="ignore")  # type: ignore[call-overload]

    def test_any_iterable_of_items(self, model: mm.LocalAudioModel, sounds: mm.AudioDataset) -> None:
        paths = list(sounds.frame["path"])[:3]
        expected = model.predict(paths)
        assert model.predict(iter(paths)) == expected
        assert model.predict(tuple(paths)) == expected
        assert model.predict(pd.Series(paths)) == expected  # type: ignore[comparison-overlap]


class TestSaveAndLoad:
    def test_a_loaded_model_says_the_same(
        self, model: mm.LocalAudioModel, sounds: mm.AudioDataset, tmp_path: Path
    ) -> None:
        loaded = mm.load(model.save(tmp_path / "model"))
        assert loaded.predict(sounds) == model.predict(sounds)
        assert isinstance(loaded, mm.LocalAudioModel)
        assert loaded.builder == model.builder
        assert (loaded.accept, loaded.seed, loaded.epochs) == (model.accept, model.seed, model.epochs)
        assert loaded.training == json.loads(json.dumps(model.training))

    def test_the_folder_tells_how_it_was_made(self, model: mm.LocalAudioModel, tmp_path: Path) -> None:
        facts = json.loads((model.save(tmp_path / "model") / "model.json").read_text())
        assert facts["spectrogram"] == {**facts["spectrogram"], **SPEC}
        assert facts["training"]["settings"]["seed"] == 7
        assert len(facts["training"]["data"]["train"]["content"]) == 16
        assert facts["training"]["versions"]["mxnet"] == "1.9.1"
        assert facts["calibration"]["temperature"] > 0

    def test_saving_again_replaces_and_leaves_no_rest(self, model: mm.LocalAudioModel, tmp_path: Path) -> None:
        model.save(tmp_path / "model")
        model.save(tmp_path / "model")
        assert len(list((tmp_path / "model").iterdir())) == 2

    def test_what_is_no_model_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SavedModelError, match=r"no model\.json"):
            mm.load(tmp_path)
        (tmp_path / "model.json").write_text("{")
        with pytest.raises(SavedModelError, match="cannot be read"):
            mm.load(tmp_path)

    @pytest.mark.parametrize(
        ("change", "complaint"),
        [
            ({"format": 99}, "newer mediaml"),
            ({"kind": "toaster"}, "toaster"),
            ({"labels": None}, "not what mediaml writes"),
            ({"labels": ["a"]}, "weights"),
            ({"settings": {"depth": 3}}, "settings"),
            ({"network": "gone"}, "gone"),
            ({"spectrogram": {"colour": 1}}, "colour"),
            ({"arrays": {"file": "../../etc/passwd", "sha256": ""}}, "out of the folder"),
        ],
    )
    def test_a_changed_model_is_refused_with_the_reason(
        self, model: mm.LocalAudioModel, tmp_path: Path, change: dict[str, object], complaint: str
    ) -> None:
        facts = json.loads((model.save(tmp_path) / "model.json").read_text())
        (tmp_path / "model.json").write_text(json.dumps({**facts, **change}))
        with pytest.raises((SavedModelError, SpecMismatchError), match=complaint):
            mm.load(tmp_path)

    def test_damaged_weights_are_refused(self, model: mm.LocalAudioModel, tmp_path: Path) -> None:
        weights = next(model.save(tmp_path).glob("*.params"))
        weights.write_bytes(weights.read_bytes()[:-7])
        with pytest.raises(SavedModelError, match="damaged"):
            mm.load(tmp_path)

    def test_models_are_not_pickled(self, model: mm.LocalAudioModel) -> None:
        with pytest.raises(TypeError, match=r"mm\.load"):
            pickle.dumps(model)

    def test_nothing_learned_nothing_saved(self, tmp_path: Path) -> None:
        with pytest.raises(NotFittedError):
            small_model().save(tmp_path)

    def test_a_moved_folder_still_loads(self, model: mm.LocalAudioModel, tmp_path: Path) -> None:
        shutil.move(model.save(tmp_path / "here"), tmp_path / "there")
        assert isinstance(mm.load(tmp_path / "there"), mm.LocalAudioModel)


def test_without_mxnet_data_works_and_training_says_what_is_missing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = (
        "import sys; sys.modules['mxnet'] = None\n"
        "import mediaml as mm\n"
        "sounds = mm.AudioDataset.from_folder(sys.argv[1]); sounds.check(); model = mm.LocalAudioModel()\n"
        "try: model.fit(sounds, progress=False)\n"
        "except mm.errors.BackendError as error: print(error)\n"
    )
    answer = subprocess.run([sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=True)
    assert "wheels of its last release, 1.9.1, for Linux" in answer.stdout


def test_a_deployment_is_the_model_as_it_was(sounds: mm.AudioDataset) -> None:
    fitted = small_model(epochs=1).fit(sounds, progress=False)
    path = sounds.frame["path"][0]
    with fitted.deploy() as endpoint:
        before = endpoint.predict(path)
        fitted.fit(sounds.relabel({"hum": "drone"}), progress=False)
        assert endpoint.predict(path) == before
