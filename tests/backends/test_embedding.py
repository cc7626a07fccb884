"""From clips to embeddings: one by one or together, heard or remembered, it is the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

import mediaml as mm
from mediaml.backends import mxnet_thread
from mediaml.backends.embedding import Heard, embed, embed_clips
from mediaml.data.waveform import Waveform
from mediaml.errors import AudioError
from mediaml.features import cache
from mediaml.features.items import Sound
from mediaml.runtime.network import Network
from tests.sounds import RATE, SPEC, tone

BATCH = 8
WEIGHTS, OTHER_WEIGHTS = "weights-1", "weights-2"


@pytest.fixture(scope="module")
def network() -> Network:
    """One that has not learned anything: it hears all the same."""
    return mxnet_thread.run(lambda: Network("cnn", mm.SpectrogramBuilder(**SPEC).spec, 2, seed=7))


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[mm.Clip]:
    """Short, long and clip-long ones, and stretches of a long recording."""
    folder = tmp_path_factory.mktemp("clips")
    made = []
    for number, seconds in enumerate((1.0, 0.4, 3.3, 1.0, 2.0, 0.9)):
        path = folder / f"{number}.wav"
        soundfile.write(path, tone("hum" if number % 2 else "whistle", number, seconds), RATE)
        made.append(mm.Clip(path=path))
    for start in (0.0, 1.5):
        made.append(mm.Clip(path=folder / "2.wav", segment=mm.Segment(start=start, end=start + 1)))
    return made


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv(cache.FOLDER, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def listened(network: Network, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many spectrograms the network was given, call by call."""
    counts: list[int] = []
    heard = network.embed

    def counted(inputs: npt.NDArray[np.float32], batch_size: int = 32) -> Any:
        counts.append(len(inputs))
        return heard(inputs, batch_size)

    monkeypatch.setattr(network, "embed", counted)
    return counts


def assert_same(one: Heard, other: Heard) -> None:
    assert (one.item, one.name, one.segment, one.last, str(one.error)) == (
        other.item,
        other.name,
        other.segment,
        other.last,
        str(other.error),
    )
    assert one.level == pytest.approx(other.level)
    np.testing.assert_allclose(one.embeddings, other.embeddings, atol=1e-5)


class TestTogether:
    def test_in_company_as_alone(self, network: Network, clips: list[mm.Clip]) -> None:
        for number, heard in enumerate(embed_clips(network, clips, BATCH)):
            (alone,) = embed_clips(network, [clips[number]], BATCH)
            np.testing.assert_allclose(heard.embeddings, alone.embeddings, atol=1e-5)
            assert (heard.segment, heard.name) == (alone.segment, alone.name)

    @pytest.mark.parametrize("batch", [1, 3, 100])
    def test_the_batch_size_does_not_matter(self, network: Network, clips: list[mm.Clip], batch: int) -> None:
        for one, other in zip(embed_clips(network, clips, BATCH), embed_clips(network, clips, batch), strict=True):
            assert_same(one, other)

    def test_each_clip_is_whole_and_in_order(self, network: Network, clips: list[mm.Clip]) -> None:
        heard = embed_clips(network, clips, BATCH)
        assert [one.item for one in heard] == list(range(len(clips)))
        assert [one.name for one in heard] == [str(clip.path) for clip in clips]
        assert all(one.last and one.error is None for one in heard)
        # windows of a second at every half second
        assert [len(one.embeddings) for one in heard] == [1, 1, 6, 1, 3, 1, 1, 1]
        assert [one.embeddings.shape[1] for one in heard] == [network.module.EMBEDDING] * len(clips)

    def test_a_clip_hears_its_own_stretch(self, network: Network, clips: list[mm.Clip]) -> None:
        heard = embed_clips(network, clips, BATCH)
        assert heard[7].segment == mm.Segment(start=1.5, end=2.5)
        np.testing.assert_allclose(heard[7].embeddings[0], heard[2].embeddings[3], atol=1e-4)

    def test_items_are_heard_as_clips_are(self, network: Network, clips: list[mm.Clip]) -> None:
        as_items = np.concatenate([one.embeddings for one in embed(network, (clip for clip in clips), BATCH)])
        as_clips = np.concatenate([one.embeddings for one in embed_clips(network, clips, BATCH)])
        np.testing.assert_allclose(as_items, as_clips, atol=1e-5)

    def test_a_batch_is_filled_across_items(self, network: Network, clips: list[mm.Clip], listened: list[int]) -> None:
        embed_clips(network, [clips[0]] * 20, BATCH)
        assert listened == [8, 8, 4]

    def test_nothing_asked_nothing_heard(self, network: Network, listened: list[int]) -> None:
        assert embed_clips(network, [], BATCH) == []
        assert list(embed(network, [], BATCH)) == []
        assert listened == []

    def test_progress_is_told_once_a_clip(self, network: Network, clips: list[mm.Clip], kept: Path) -> None:
        for known in ([], clips[:3], clips):
            embed_clips(network, known, BATCH, WEIGHTS)
            told = Mock()
            embed_clips(network, clips, BATCH, WEIGHTS, told)
            assert told.call_count == len(clips)


class TestUnreadable:
    @pytest.fixture
    def mixed(self, clips: list[mm.Clip], tmp_path: Path) -> list[mm.Clip]:
        (tmp_path / "broken.wav").write_bytes(b"RIFF and then nothing")
        behind = mm.Clip(path=clips[0].path, segment=mm.Segment(start=5, end=6))
        return [mm.Clip(path=tmp_path / "broken.wav"), clips[0], mm.Clip(path=tmp_path / "gone.wav"), behind, clips[2]]

    def test_they_are_told_in_their_place_and_the_others_are_heard(
        self, network: Network, clips: list[mm.Clip], mixed: list[mm.Clip]
    ) -> None:
        heard = embed_clips(network, mixed, BATCH)
        assert [isinstance(one.error, AudioError) for one in heard] == [True, False, True, True, False]
        assert "broken.wav" in str(heard[0].error)
        assert "gone.wav" in str(heard[2].error)
        assert "ends at 1.000 s" in str(heard[3].error)
        good = embed_clips(network, [clips[0], clips[2]], BATCH)
        for one, other in zip((heard[1], heard[4]), good, strict=True):
            np.testing.assert_allclose(one.embeddings, other.embeddings, atol=1e-5)

    def test_they_are_not_kept(self, network: Network, mixed: list[mm.Clip], kept: Path) -> None:
        first = embed_clips(network, mixed, BATCH, WEIGHTS)
        assert cache.info().entries == 2
        for one, other in zip(first, embed_clips(network, mixed, BATCH, WEIGHTS), strict=True):
            assert_same(one, other)

    def test_a_clip_that_is_damaged_behind_its_beginning_is_not_kept(
        self, network: Network, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        soundfile.write(tmp_path / "long.wav", tone("hum", 1, 20), RATE)
        read = Sound.read

        def damaged(sound: Sound, start: float, end: float, sample_rate: int) -> Waveform:
            if start > 0:
                raise OSError("the disk is scratched")
            return read(sound, start, end, sample_rate)

        monkeypatch.setattr(Sound, "read", damaged)
        (heard,) = embed_clips(network, [mm.Clip(path=tmp_path / "long.wav")], BATCH, WEIGHTS)
        assert "the disk is scratched" in str(heard.error)
        assert cache.info().entries == 0

    def test_none_of_them_readable(self, network: Network, mixed: list[mm.Clip]) -> None:
        heard = embed_clips(network, [mixed[0], mixed[2]], BATCH)
        assert all(one.error is not None and len(one.embeddings) == 0 for one in heard)


class TestRemembered:
    def test_what_was_heard_is_not_heard_again(
        self, network: Network, clips: list[mm.Clip], kept: Path, listened: list[int]
    ) -> None:
        first = embed_clips(network, clips, BATCH, WEIGHTS)
        assert sum(listened) == 15
        listened.clear()
        second = embed_clips(network, clips, BATCH, WEIGHTS)
        assert listened == []
        for one, other in zip(first, second, strict=True):
            assert_same(one, other)
            assert np.array_equal(one.embeddings, other.embeddings), "to the last bit"

    def test_hits_and_misses_mixed_keep_their_order(
        self, network: Network, clips: list[mm.Clip], kept: Path, listened: list[int]
    ) -> None:
        embed_clips(network, clips[1::2], BATCH, WEIGHTS)
        listened.clear()
        mixed = embed_clips(network, clips, BATCH, WEIGHTS)
        assert sum(listened) == 1 + 6 + 3 + 1
        for one, other in zip(mixed, embed_clips(network, clips, BATCH), strict=True):
            assert_same(one, other)

    def test_a_clip_that_comes_twice(self, network: Network, clips: list[mm.Clip], kept: Path) -> None:
        heard = embed_clips(network, [clips[2], clips[0], clips[2]], BATCH, WEIGHTS)
        assert [len(one.embeddings) for one in heard] == [6, 1, 6]
        assert cache.info().entries == 2

    def test_what_other_weights_heard_is_not_used(
        self, network: Network, clips: list[mm.Clip], kept: Path, listened: list[int]
    ) -> None:
        embed_clips(network, clips, BATCH, WEIGHTS)
        listened.clear()
        embed_clips(network, clips, BATCH, OTHER_WEIGHTS)
        assert sum(listened) == 15
        assert cache.info().entries == 2 * len(clips)

    def test_what_was_heard_through_another_front_end_is_not_used(
        self, network: Network, clips: list[mm.Clip], kept: Path
    ) -> None:
        other_spec = mm.SpectrogramBuilder(**{**SPEC, "clip_seconds": 2.0}).spec
        other = mxnet_thread.run(lambda: Network("cnn", other_spec, 2, seed=7))
        embed_clips(network, clips, BATCH, WEIGHTS)
        assert [len(one.embeddings) for one in embed_clips(other, clips, BATCH, WEIGHTS)] == [1, 1, 3, 1, 1, 1, 1, 1]

    def test_another_stretch_of_the_same_file_is_heard(
        self, network: Network, clips: list[mm.Clip], kept: Path, listened: list[int]
    ) -> None:
        embed_clips(network, clips, BATCH, WEIGHTS)
        listened.clear()
        new = clips[6].model_copy(update={"segment": mm.Segment(start=0.0, end=1.25)})
        embed_clips(network, [new], BATCH, WEIGHTS)
        assert sum(listened) == 2

    def test_a_file_that_changed_is_heard_again_and_a_copy_is_not(
        self, network: Network, kept: Path, tmp_path: Path, listened: list[int]
    ) -> None:
        path, copy = tmp_path / "one.wav", tmp_path / "copy.wav"
        soundfile.write(path, tone("hum", 1), RATE)
        embed_clips(network, [mm.Clip(path=path)], BATCH, WEIGHTS)
        copy.write_bytes(path.read_bytes())
        soundfile.write(path, tone("hum", 2, 1.5), RATE)
        listened.clear()
        heard = embed_clips(network, [mm.Clip(path=copy), mm.Clip(path=path)], BATCH, WEIGHTS)
        assert [one.name for one in heard] == [str(copy), str(path)]
        assert sum(listened) == 2, "the two windows of the new sound"

    def test_without_a_name_for_the_weights_nothing_is_kept(
        self, network: Network, clips: list[mm.Clip], kept: Path
    ) -> None:
        embed_clips(network, clips, BATCH)
        assert not kept.exists()

    def test_a_damaged_cache_costs_time_only(self, network: Network, clips: list[mm.Clip], kept: Path) -> None:
        expected = embed_clips(network, clips, BATCH)
        kept.mkdir()
        cache.path().write_bytes(b"no database" * 1000)
        with pytest.warns(UserWarning, match="the cache .* is not used.*mediaml cache clear"):
            heard = embed_clips(network, clips, BATCH, WEIGHTS)
        for one, other in zip(heard, expected, strict=True):
            assert_same(one, other)

    def test_what_was_heard_before_the_process_died_is_kept(
        self, network: Network, clips: list[mm.Clip], kept: Path
    ) -> None:
        stretches = [
            clips[2].model_copy(update={"segment": mm.Segment(start=number / 100, end=number / 100 + 1)})
            for number in range(100)
        ]
        with pytest.raises(KeyboardInterrupt):
            embed_clips(network, stretches, BATCH, WEIGHTS, _dies_after(90))
        assert cache.info().entries == 64


def _dies_after(clips: int) -> Any:
    left: Iterator[int] = iter(range(clips))

    def told() -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    return told
