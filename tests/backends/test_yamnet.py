"""A head on YAMNet: a few clips are enough, what was heard is remembered, and the model is whole in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import soundfile

import mediaml as mm
from mediaml.errors import LabelError, SpecMismatchError, WeightsError
from mediaml.features import cache, weights
from mediaml.runtime import noise, store
from mediaml.runtime.network import Network
from mediaml.runtime.networks import yamnet
from tests.sounds import RATE, SPEC, tone, write_tones
from tests.weights import yamnet_weights

NOISES = len(noise.KINDS) * noise.OF_EACH


def yamnet_model(**settings: Any) -> mm.LocalAudioModel:
    """A model that hears a second at once."""
    builder = mm.SpectrogramBuilder.for_network("yamnet", clip_seconds=1.0)
    return mm.LocalAudioModel(builder, network="yamnet", **settings)


@pytest.fixture(scope="module", autouse=True)
def pretrained() -> weights.Weights:
    return yamnet_weights()


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> mm.AudioDataset:
    return mm.AudioDataset.from_folder(write_tones(tmp_path_factory.mktemp("tones"), per_label=6))


@pytest.fixture(scope="module")
def parts(sounds: mm.AudioDataset) -> tuple[mm.AudioDataset, ...]:
    return sounds.split(0.5, 0.5, seed=1)


@pytest.fixture(scope="module")
def model(parts: tuple[mm.AudioDataset, ...]) -> mm.LocalAudioModel:
    return yamnet_model().fit(parts[0], progress=False)


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which no weights were fetched, and nothing was heard yet."""
    monkeypatch.setenv(weights.FOLDER, str(tmp_path / "weights"))
    monkeypatch.setenv(cache.FOLDER, str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def listened(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many spectrograms the body was given, call by call."""
    counts: list[int] = []
    embed = Network.embed

    def counted(network: Network, inputs: npt.NDArray[np.float32], batch_size: int = 32) -> Any:
        counts.append(len(inputs))
        return embed(network, inputs, batch_size)

    monkeypatch.setattr(Network, "embed", counted)
    return counts


class TestFit:
    def test_three_clips_a_label_are_enough_for_plain_sounds(
        self, model: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...]
    ) -> None:
        report = model.evaluate(parts[1])
        assert isinstance(report, mm.AudioReport)
        assert report.accuracy >= 0.8
        assert report.model["network"] == "yamnet"

    def test_the_head_is_all_that_is_learned(self, model: mm.LocalAudioModel, pretrained: weights.Weights) -> None:
        assert model.history == ()
        assert model.training["settings"] == {"seed": 7}
        published = yamnet.turned(pretrained.arrays)
        for name, body in _body(model).items():
            assert np.array_equal(body, published[name]), name

    def test_a_model_of_the_former_format_hears_the_same(
        self, model: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...], tmp_path: Path
    ) -> None:
        """There the kernels stood as published."""
        facts, arrays = store.read(str(model.save(tmp_path)), "model")
        former = {**arrays, **yamnet.turned({name: one for name, one in arrays.items() if "network/" in name})}
        store.write(str(tmp_path), "model", {**facts, "format": 2}, former)
        again = mm.load(tmp_path)
        assert again.predict(parts[1]) == model.predict(parts[1])

    def test_the_same_data_gives_the_same_model(
        self, model: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...]
    ) -> None:
        shuffled = mm.AudioDataset(parts[0].frame.sample(frac=1, random_state=3))
        other = yamnet_model().fit(shuffled, progress=False)
        for one, same in zip(model.predict(parts[1]), other.predict(parts[1]), strict=True):
            assert one.label == same.label
            assert one.score == pytest.approx(same.score, abs=1e-4)

    def test_thresholds_are_chosen_on_all_of_train_by_cross_validation(
        self, model: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...]
    ) -> None:
        assert list(model.thresholds["clips"]) == [3, 3, 3]
        given = yamnet_model().fit(*parts, progress=False)
        assert list(given.thresholds["clips"]) == [3, 3, 3]
        assert given.training["data"]["validation"]["content"] == parts[1].content_hash()

    def test_one_clip_a_label_works_and_says_what_is_missing(self, sounds: mm.AudioDataset) -> None:
        one_each = mm.AudioDataset(sounds.frame.groupby("label").head(1))
        with pytest.warns(UserWarning, match=r"no label has two recordings.*not calibrated.*validation="):
            model = yamnet_model().fit(one_each, progress=False)
        assert list(model.thresholds["threshold"]) == [0, 0, 0]
        assert list(model.thresholds["clips"]) == [0, 0, 0]
        right = [one.label == clip.labels[0] for one, clip in zip(model.predict(sounds), sounds, strict=True)]
        assert np.mean(right) >= 0.7
        assert model.predict((np.zeros(RATE), RATE)).reason == "silence"

    def test_background_is_nothing_recognised(self, parts: tuple[mm.AudioDataset, ...], tmp_path: Path) -> None:
        known, other = (part.where(label=["hum", "whistle"]) for part in parts)
        background = parts[0].where(label="hiss").relabel({"hiss": None})
        model = yamnet_model().fit(known, other, background=background, progress=False)
        assert {one.label for one in model.predict(parts[1].where(label="hiss"))} == {None}
        assert {one.label for one in model.predict(other)} >= {"hum", "whistle"}

    @pytest.mark.slow
    def test_all_layers_are_trained_where_asked(
        self, parts: tuple[mm.AudioDataset, ...], pretrained: weights.Weights, nowhere: Path
    ) -> None:
        model = yamnet_model(fine_tune=True, epochs=1, batch_size=2, weights_from=pretrained.source)
        model.fit(*parts, progress=False)
        assert len(model.history) == 1
        assert model.training["settings"]["learning_rate"] == 2e-4
        body = _body(model)
        still = [name for name, array in body.items() if np.array_equal(array, pretrained.arrays[name])]
        assert still == []
        assert not cache.path().exists(), "what a body of its own hears is not kept under the pretrained one's name"
        assert mm.load(model.save(nowhere / "model")).predict(parts[1]) == model.predict(parts[1])


class TestFrontEnd:
    def test_another_builder_is_refused_by_what_is_different(self) -> None:
        with pytest.raises(SpecMismatchError, match=r"yamnet hears through its own front end.*mel_bands.*sample_rate"):
            mm.LocalAudioModel(mm.SpectrogramBuilder(**SPEC), network="yamnet")

    def test_a_network_in_the_builders_place_is_named(self) -> None:
        with pytest.raises(TypeError, match="network="):
            mm.LocalAudioModel("yamnet")  # type: ignore[arg-type]

    def test_a_clip_shorter_than_a_patch_is_refused(self) -> None:
        builder = mm.SpectrogramBuilder.for_network("yamnet", clip_seconds=0.9)
        with pytest.raises(SpecMismatchError, match=r"at least 0\.975 s, not 0\.9 s"):
            mm.LocalAudioModel(builder, network="yamnet")

    def test_no_builder_takes_the_networks_own(self) -> None:
        assert mm.LocalAudioModel(network="yamnet").builder.sample_rate == 16000


class TestWeights:
    def test_where_they_were_not_fetched_the_command_is_named(
        self, parts: tuple[mm.AudioDataset, ...], nowhere: Path
    ) -> None:
        with pytest.raises(WeightsError, match="mediaml weights fetch yamnet"):
            yamnet_model().fit(parts[0], progress=False)

    def test_a_file_of_ones_own(
        self, model: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...], pretrained: weights.Weights, nowhere: Path
    ) -> None:
        own = nowhere / "mine.npz"
        own.write_bytes(pretrained.source.read_bytes())
        assert pretrained.digest == weights.SOURCES["yamnet"].arrays, "what the licence in a model card is told of"
        other = yamnet_model(weights_from=own).fit(parts[0], progress=False)
        for one, same in zip(model.predict(parts[1]), other.predict(parts[1]), strict=True):
            assert one.score == pytest.approx(same.score, abs=1e-4)
        assert other.training["weights"] == model.training["weights"] == pretrained.digest
        assert other._again().weights_from == own, "improve learns on the same weights"

    @pytest.mark.parametrize("content", [None, b"no weights"])
    def test_a_file_that_holds_none_is_refused_by_name(
        self, parts: tuple[mm.AudioDataset, ...], tmp_path: Path, content: bytes | None
    ) -> None:
        own = tmp_path / "mine.npz"
        if content is not None:
            own.write_bytes(content)
        with pytest.raises(WeightsError, match=r"mine\.npz"):
            yamnet_model(weights_from=own).fit(parts[0], progress=False)


class TestCache:
    @pytest.fixture(autouse=True)
    def empty(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(cache.FOLDER, str(tmp_path / "cache"))

    def test_what_was_heard_is_not_heard_again(self, parts: tuple[mm.AudioDataset, ...], listened: list[int]) -> None:
        first = yamnet_model().fit(parts[0], progress=False)
        assert sum(listened) == len(parts[0]) + NOISES
        listened.clear()
        second = yamnet_model(accept=0.5).fit(parts[0], progress=False)
        assert first.evaluate(parts[0]).clips == second.evaluate(parts[0]).clips == len(parts[0])
        assert listened == []

    def test_it_changes_nothing(self, parts: tuple[mm.AudioDataset, ...]) -> None:
        reports = [yamnet_model().fit(*parts, progress=False).evaluate(parts[1]) for _ in range(2)]
        assert [one.prediction for one in reports[0].outcomes] == [one.prediction for one in reports[1].outcomes]

    def test_it_can_be_turned_off(
        self, parts: tuple[mm.AudioDataset, ...], listened: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(cache.LIMIT, "0")
        for _ in range(2):
            listened.clear()
            yamnet_model().fit(parts[0], progress=False)
            assert sum(listened) == len(parts[0]) + NOISES
        assert not cache.path().exists()


class TestSaveAndLoad:
    def test_the_folder_is_all_that_is_needed(
        self, model: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...], nowhere: Path
    ) -> None:
        loaded = mm.LocalAudioModel.load(model.save(nowhere / "model"))
        assert loaded.predict(parts[1]) == model.predict(parts[1])
        assert loaded.network == "yamnet"
        assert loaded.builder == model.builder
        pd.testing.assert_frame_equal(loaded.thresholds, model.thresholds)
        assert not (nowhere / "weights").exists()

    def test_what_it_hears_is_known_to_the_loaded_model(
        self, model: mm.LocalAudioModel, parts: tuple[mm.AudioDataset, ...], nowhere: Path, listened: list[int]
    ) -> None:
        loaded = mm.LocalAudioModel.load(model.save(nowhere / "model"))
        report = model.evaluate(parts[1])
        listened.clear()
        assert str(loaded.evaluate(parts[1])) == str(report)
        assert listened == []

    def test_it_finds_sounds_in_a_recording(self, model: mm.LocalAudioModel, nowhere: Path) -> None:
        samples = 0.001 * np.random.RandomState(1).standard_normal(12 * RATE)
        samples[4 * RATE : 8 * RATE] += tone("whistle", 1, 4)
        soundfile.write(nowhere / "day.wav", samples, RATE)
        loaded = mm.LocalAudioModel.load(model.save(nowhere / "model"))
        loaded.thresholds = {"whistle": 0.5, "hum": float("inf"), "hiss": float("inf")}
        found = loaded.detect(nowhere / "day.wav", progress=False)
        assert [event.label for event in found.events] == ["whistle"]
        assert found.events[0].segment.start == pytest.approx(4, abs=1)
        assert found.events[0].segment.end == pytest.approx(8, abs=1)
        assert found.model["window"] == pytest.approx(0.975 + 0.48, abs=0.01), "two patches"


class TestMultiLabel:
    @pytest.fixture(scope="class")
    @staticmethod
    def mixed(tmp_path_factory: pytest.TempPathFactory) -> mm.AudioDataset:
        folder = tmp_path_factory.mktemp("mixed")
        rows = []
        for number in range(6):
            for labels in (("hum",), ("whistle",), ("hum", "whistle")):
                path = folder / f"{'-'.join(labels)}-{number}.wav"
                soundfile.write(path, sum(tone(label, number) for label in labels), RATE)
                rows.append({"path": str(path), "label": list(labels)})
        return mm.AudioDataset.from_table(pd.DataFrame(rows))

    def test_several_labels_one_or_none(self, mixed: mm.AudioDataset, parts: tuple[mm.AudioDataset, ...]) -> None:
        background = parts[0].where(label="hiss").relabel({"hiss": None})
        model = yamnet_model(multi_label=True).fit(mixed, background=background, progress=False)
        report = model.evaluate(mixed)
        assert isinstance(report, mm.MultiLabelReport)
        assert report.mean_average_precision is not None
        assert report.mean_average_precision > 0.9
        found = [set(clip.labels) <= set(one.labels) for one, clip in zip(model.predict(mixed), mixed, strict=True)]
        assert np.mean(found) >= 0.9
        nothing = model.predict(parts[1].where(label="hiss"))
        assert {one.labels for one in nothing} == {()}
        assert max(one.confidence for one in nothing) < 0.5, "background was an example of none of the labels"

    def test_one_label_alone_is_told_from_background(self, parts: tuple[mm.AudioDataset, ...]) -> None:
        hums, rest = parts[0].where(label="hum"), parts[0].where(label=["hiss", "whistle"])
        background = rest.relabel({"hiss": None, "whistle": None})
        model = yamnet_model(multi_label=True).fit(hums, background=background, progress=False)
        for one, clip in zip(model.predict(parts[1]), parts[1], strict=True):
            assert (one.confidence > 0.5) == (clip.labels == ("hum",)), clip.path

    def test_several_labels_are_refused_without_it(self, mixed: mm.AudioDataset) -> None:
        with pytest.raises(LabelError, match="multi_label=True"):
            yamnet_model().fit(mixed, progress=False)


def _body(model: mm.LocalAudioModel) -> dict[str, npt.NDArray[np.float32]]:
    """The body's weights by the names that they were fetched under."""
    network = model._ready().network
    assert isinstance(network, Network)
    prefix = network.body.prefix
    return {name[len(prefix) :]: array for name, array in network.arrays().items() if name.startswith(prefix)}
