"""Parts of the data as a network hears them: what it learns from where nothing is true."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

import mediaml as mm
from mediaml.backends.background import background_examples, held_back
from mediaml.errors import DataError
from mediaml.runtime.learning import noise_examples, with_negatives
from mediaml.runtime.settings import Examples
from mediaml.runtime.spec import Spec

SPEC = Spec(sample_rate=8000, n_fft=256, hop_length=128, mel_bands=16, clip_seconds=1.0)
NOISES = 64


def recordings(folder: Path, count: int, seconds: float = 1.0) -> mm.AudioDataset:
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.RandomState(3)
    for number in range(count):
        soundfile.write(folder / f"{number}.wav", 0.1 * random.standard_normal(round(8000 * seconds)), 8000)
    return mm.AudioDataset.from_folder(folder, labels=None)


def examples(count: int) -> Examples:
    return Examples(np.ones((count, 16, SPEC.clip_frames), np.float32), np.ones((count, 2), np.float32))


class TestBackgroundThatIsHeldBack:
    def test_every_fifth_recording(self, tmp_path: Path) -> None:
        learned, counted = held_back(recordings(tmp_path, 10))
        assert learned is not None
        assert counted is not None
        assert (len(learned), len(counted)) == (8, 2)
        assert not set(learned.frame["path"]) & set(counted.frame["path"])

    def test_segments_of_one_recording_stay_together(self, tmp_path: Path) -> None:
        learned, counted = held_back(recordings(tmp_path, 3, seconds=4.0).segments(seconds=1.0))
        assert learned is not None
        assert counted is not None
        assert (len(learned), len(counted)) == (8, 4)
        assert not set(learned.frame["path"]) & set(counted.frame["path"])

    @pytest.mark.parametrize("seconds", [None, 1.0])
    def test_the_end_of_a_single_recording(self, tmp_path: Path, seconds: float | None) -> None:
        whole = recordings(tmp_path, 1, seconds=10.0)
        learned, counted = held_back(whole if seconds is None else whole.segments(seconds))
        assert learned is not None
        assert counted is not None
        assert learned.frame["end"].max() == pytest.approx(8.0)
        assert counted.frame["start"].min() == pytest.approx(8.0)
        assert learned.seconds + counted.seconds == pytest.approx(10.0)

    @pytest.mark.parametrize("count", [2, 3, 4, 5, 9])
    def test_of_few_stretches_of_one_recording_the_last(self, tmp_path: Path, count: int) -> None:
        learned, counted = held_back(recordings(tmp_path, 1, seconds=float(count)).segments(1.0))
        assert learned is not None
        assert counted is not None
        assert (len(learned), len(counted)) == (count - max(1, count // 5), max(1, count // 5))
        assert learned.frame["end"].max() <= counted.frame["start"].min()

    def test_what_cannot_be_read_is_not_all_that_is_counted_on(self, tmp_path: Path) -> None:
        recordings(tmp_path, 5)
        (tmp_path / "0.wav").write_bytes(b"no sound")
        learned, counted = held_back(mm.AudioDataset.from_folder(tmp_path, labels=None))
        assert learned is not None
        assert counted is not None
        assert (len(learned), len(counted)) == (3, 1)
        assert "0.wav" not in {Path(path).name for path in counted.frame["path"]}

    def test_none(self) -> None:
        assert held_back(None) == (None, None)


class TestWhatNothingIsTrueOf:
    def test_nothing_is_true_of_it(self) -> None:
        joined = with_negatives(examples(3), noise_examples(SPEC))
        assert joined.inputs.shape == (3 + NOISES, 16, SPEC.clip_frames)
        assert joined.truth[:3].all()
        assert not joined.truth[3:].any()

    def test_windows_of_background_but_not_more_than_wanted(self, tmp_path: Path) -> None:
        background = recordings(tmp_path, 2, seconds=5.0)
        assert background_examples(background, 40, SPEC, seed=7).shape == (10, 16, SPEC.clip_frames)
        assert len(background_examples(background, 4, SPEC, seed=7)) == 4
        assert background_examples(None, 4, SPEC, seed=7).shape == (0, 16, SPEC.clip_frames)

    def test_its_labels_do_not_matter(self, tmp_path: Path) -> None:
        recordings(tmp_path / "street", 2)
        labelled = mm.AudioDataset.from_folder(tmp_path)
        assert labelled.labels == ("street",)
        assert len(background_examples(labelled, 4, SPEC, seed=7)) == 2

    def test_none_of_it_can_be_read(self, tmp_path: Path) -> None:
        background = recordings(tmp_path, 2)
        for path in background.frame["path"]:
            Path(path).write_bytes(b"no sound")
        with pytest.raises(DataError, match="none of the 2 clips"):
            background_examples(background, 4, SPEC, seed=7)
