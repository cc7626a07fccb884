"""Several labels at once, one, or none: a model that hears a hum under a whistle."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import soundfile

import mediaml as mm
from mediaml.errors import LabelError
from tests.metrics.test_at_thresholds import own_thresholds_give_what_was_given
from tests.sounds import RATE, small_model, tone

HUM, WHISTLE, BOTH = ("hum",), ("whistle",), ("hum", "whistle")


def together(labels: tuple[str, ...], number: int) -> npt.NDArray[np.float32]:
    return np.asarray(sum(tone(label, number) for label in labels), np.float32)


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> mm.AudioDataset:
    folder = tmp_path_factory.mktemp("together")
    rows = []
    for number in range(16):
        for labels in (HUM, WHISTLE, BOTH):
            path = folder / f"{'-'.join(labels)}-{number}.wav"
            soundfile.write(path, together(labels, number), RATE)
            rows.append({"path": str(path), "label": list(labels)})
    return mm.AudioDataset.from_table(pd.DataFrame(rows))


@pytest.fixture(scope="module")
def background(tmp_path_factory: pytest.TempPathFactory) -> mm.AudioDataset:
    folder = tmp_path_factory.mktemp("background")
    for number in range(6):
        soundfile.write(folder / f"{number}.wav", tone("hiss", number), RATE)
    return mm.AudioDataset.from_folder(folder, labels=None)


@pytest.fixture(scope="module")
def parts(sounds: mm.AudioDataset) -> tuple[mm.AudioDataset, ...]:
    return sounds.split(0.5, 0.5, seed=1)


@pytest.fixture(scope="module")
def model(parts: tuple[mm.AudioDataset, ...], background: mm.AudioDataset) -> mm.LocalAudioModel:
    return small_model(epochs=5, multi_label=True).fit(*parts, background=background, progress=False)


def only(dataset: mm.AudioDataset, labels: tuple[str, ...]) -> mm.AudioDataset:
    """The clips with exactly these labels."""
    wanted = labels if len(labels) > 1 else labels[0]
    frame = dataset.frame
    return mm.AudioDataset(frame[[label == wanted for label in frame["label"]]])


class TestVerdicts:
    @pytest.mark.parametrize("labels", [HUM, WHISTLE, BOTH])
    def test_all_that_is_heard_is_given_and_nothing_else(
        self, model: mm.LocalAudioModel, labels: tuple[str, ...]
    ) -> None:
        answers = model.predict([(together(labels, number), RATE) for number in range(50, 60)])
        assert np.mean([set(one.labels) == set(labels) for one in answers]) >= 0.8

    def test_the_surest_comes_first(self, model: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...]) -> None:
        several = [one for one in model.predict(parts[1]) if len(one.labels) > 1]
        assert several
        for one in several:
            sure = {score.label: score.confidence for score in one.alternatives}
            assert one.label == one.labels[0]
            assert sure[one.labels[0]] >= sure[one.labels[1]]

    @pytest.mark.parametrize("number", range(20, 24))
    def test_none_where_there_is_background_only(self, model: mm.LocalAudioModel, number: int) -> None:
        answer = model.predict((tone("hiss", number), RATE))
        assert (answer.label, answer.labels, answer.reason) == (None, (), "low_confidence"), "it was learned from"

    def test_silence_has_no_label(self, model: mm.LocalAudioModel) -> None:
        assert model.predict((np.zeros(RATE), RATE)).reason == "silence"

    def test_confidences_need_not_add_up_to_one(self, model: mm.LocalAudioModel) -> None:
        both = model.predict((together(BOTH, 50), RATE))
        assert sum(one.confidence for one in both.alternatives) > 1.2

    def test_in_text_every_label_has_its_percentage(self, model: mm.LocalAudioModel) -> None:
        both = model.predict((together(BOTH, 50), RATE))
        assert set(both.labels) == set(BOTH)
        for label in BOTH:
            assert f"{label} " in str(both)
        assert str(both).count("%") == 2

    def test_each_label_is_given_above_its_own_threshold(
        self, model: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...], tmp_path: Path
    ) -> None:
        deaf = mm.LocalAudioModel.load(model.save(tmp_path))
        deaf.thresholds = {"hum": float("inf")}
        for before, after in zip(model.predict(parts[1]), deaf.predict(parts[1]), strict=True):
            assert set(after.labels) == set(before.labels) - {"hum"}


class TestThresholds:
    def test_each_label_has_its_best_f1_where_nothing_is_asked_for(
        self, model: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...]
    ) -> None:
        assert "best_f1" in repr(model)
        table = model.thresholds
        assert (2 * table["precision"] * table["recall"] / (table["precision"] + table["recall"]) > 0.9).all()
        assert list(table["clips"]) == [sum(label in clip.labels for clip in parts[1]) for label in BOTH]

    def test_accept_keeps_that_share_of_each_labels_sounds(self, parts: tuple[mm.AudioDataset, ...]) -> None:
        model = small_model(epochs=2, multi_label=True, accept=0.75).fit(*parts, progress=False)
        table = model.thresholds
        assert (table["recall"] >= 0.75).all()
        assert (table["recall"] < 0.75 + 1 / table["clips"]).all(), "not one more than needed"


class TestEvaluate:
    def test_gives_a_report_of_several_labels(
        self, model: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...]
    ) -> None:
        report = model.evaluate(parts[1])
        assert isinstance(report, mm.MultiLabelReport)
        assert report.clips == len(parts[1])
        assert report.labels == BOTH
        assert report.mean_average_precision is not None
        assert report.mean_average_precision > 0.95
        assert [one.truths for one in report.outcomes] == [clip.labels for clip in parts[1]]
        assert [report.per_label[label].threshold for label in BOTH] == list(model.thresholds["threshold"])
        own_thresholds_give_what_was_given(report)

    def test_what_has_no_label_is_left_out_aloud(
        self, model: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...], background: mm.AudioDataset
    ) -> None:
        test = mm.AudioDataset(pd.concat([parts[1].frame, background.frame], ignore_index=True))
        with pytest.warns(UserWarning, match=f"6 of {len(test)} clips of the data have no label"):
            assert model.evaluate(test).clips == len(parts[1])

    def test_precision_and_recall_are_those_of_the_verdicts(
        self, model: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...], tmp_path: Path
    ) -> None:
        strict = mm.LocalAudioModel.load(model.save(tmp_path))
        answers = strict.predict(only(parts[1], HUM))
        strict.thresholds = {"hum": float(np.median([one.score for one in answers]))}
        report = strict.evaluate(parts[1])
        assert isinstance(report, mm.MultiLabelReport)
        heard = ["hum" in one.labels for one in strict.predict(parts[1])]
        true = ["hum" in clip.labels for clip in parts[1]]
        assert report.per_label["hum"].recall == pytest.approx(np.sum(np.logical_and(heard, true)) / np.sum(true))

    def test_a_label_that_the_model_does_not_know_is_refused(
        self, model: mm.LocalAudioModel, sounds: mm.AudioDataset
    ) -> None:
        with pytest.raises(LabelError, match="siren"):
            model.evaluate(sounds.relabel({"hum": "siren"}))


class TestSaveAndLoad:
    def test_a_loaded_model_says_the_same(
        self, model: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...], tmp_path: Path
    ) -> None:
        loaded = mm.LocalAudioModel.load(model.save(tmp_path / "model"))
        assert loaded.multi_label
        assert loaded.predict(parts[1]) == model.predict(parts[1])
        assert str(loaded.evaluate(parts[1])) == str(model.evaluate(parts[1]))
        pd.testing.assert_frame_equal(loaded.thresholds, model.thresholds)

    def test_the_folder_tells_that_it_gives_several(self, model: mm.LocalAudioModel, tmp_path: Path) -> None:
        facts = json.loads((model.save(tmp_path) / "model.json").read_text())
        assert facts["settings"]["multi_label"] is True
        assert facts["calibration"]["objective"] == "multi_label"


class TestWhatIsRefused:
    def test_a_model_of_one_label_a_clip_names_the_clip_and_the_way_out(self, sounds: mm.AudioDataset) -> None:
        with pytest.raises(LabelError, match=r"hum-whistle-\d\.wav .*has 2 labels \(hum, whistle\).*multi_label=True"):
            small_model().fit(sounds, progress=False)

    def test_in_validation_too(self, sounds: mm.AudioDataset, parts: tuple[mm.AudioDataset, ...]) -> None:
        alone = mm.AudioDataset(pd.concat([only(sounds, HUM).frame, only(sounds, WHISTLE).frame]))
        with pytest.raises(LabelError, match="multi_label=True"):
            small_model().fit(alone, validation=parts[1], progress=False)

    def test_one_label_alone_names_the_way_out(self, sounds: mm.AudioDataset) -> None:
        with pytest.raises(LabelError, match=r"only 'hum'.*multi_label=True tells one label from background="):
            small_model().fit(only(sounds, HUM), progress=False)


class TestOneLabelAlone:
    def test_it_is_told_from_background(self, sounds: mm.AudioDataset, background: mm.AudioDataset) -> None:
        train, validation = only(sounds, HUM).split(0.5, 0.5, seed=1)
        detector = small_model(epochs=2, multi_label=True)
        detector.fit(train, validation, background=background, progress=False)
        assert detector.labels == HUM
        hums = detector.predict([(tone("hum", number), RATE) for number in range(50, 60)])
        assert np.mean([one.labels == HUM for one in hums]) >= 0.9
        for label in ("hiss", "whistle"):
            others = detector.predict([(tone(label, number), RATE) for number in range(50, 60)])
            assert {one.labels for one in others} == {()}
        hisses = detector.predict([(tone("hiss", number), RATE) for number in range(50, 60)])
        assert max(one.confidence for one in hisses) < 0.5, "background was learned from, not only compared with"

    def test_false_alarms_can_be_limited(self, sounds: mm.AudioDataset, background: mm.AudioDataset) -> None:
        train, validation = only(sounds, HUM).split(0.5, 0.5, seed=1)
        model = small_model(epochs=1, multi_label=True, max_false_alarms_per_hour=0)
        model.fit(train, validation, background=background, progress=False)
        assert model.thresholds.loc["hum", "false_alarms_per_hour"] == 0
        assert {one.labels for one in model.predict(background)} == {()}
