"""The parts of the detector: anchors, changes that keep boxes true, the choice of boxes, steps that learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediaml.backends import mxnet_thread
from mediaml.runtime import _mx
from mediaml.vision import anchors, box_augment, detector_training, nms
from mediaml.vision.box_augment import Example
from mediaml.vision.box_calibration import AS_IT_IS, fit_calibration
from mediaml.vision.detector import made
from mediaml.vision.fusion import flipped_back, fused
from tests.pictures import pretrained

SEEDS = st.integers(0, 10_000)
SIZES = np.array([[0.1, 0.1], [0.12, 0.1], [0.5, 0.4], [0.45, 0.5], [0.2, 0.25], [0.9, 0.8], [0.3, 0.3]], np.float32)


class TestAnchors:
    def test_they_lie_near_to_the_boxes(self) -> None:
        found = anchors.fit_anchors(SIZES, 256)
        assert len(found.sizes) == anchors.SIZES and sum(found.counts) == anchors.SIZES
        assert found.sizes.min() >= 0.1 - 1e-6 and found.sizes.max() <= 0.9 + 1e-6
        assert (np.diff(found.levels) >= 0).all(), "larger ones stand on coarser levels"

    def test_they_are_laid_out_over_the_picture(self) -> None:
        found = anchors.Anchors(np.array([[0.1, 0.2]], np.float32), np.array([2]))
        corners = found.corners(128)
        assert corners.shape == (16, 4)
        assert corners[0] == pytest.approx([0.125 - 0.05, 0.125 - 0.1, 0.125 + 0.05, 0.125 + 0.1])
        assert corners[1][0] > corners[0][0] and corners[1][1] == corners[0][1], "row by row"

    def test_few_boxes_give_few_anchors(self) -> None:
        assert len(anchors.fit_anchors(np.array([[0.5, 0.5]] * 3, np.float32), 128).sizes) == 1

    @given(SEEDS)
    @settings(max_examples=20, deadline=None)
    def test_shifts_are_those_of_mxnet(self, seed: int) -> None:
        """What MultiBoxTarget makes of a box is decoded to this box."""
        random = np.random.RandomState(seed)
        own = anchors.fit_anchors(SIZES, 128).corners(128)
        low = random.uniform(0, 0.6, (1, 2))
        box = np.concatenate([low, low + random.uniform(0.15, 0.39, (1, 2))], axis=1).astype(np.float32)

        def target() -> tuple[np.ndarray, np.ndarray]:
            mx = _mx.load()
            truth = _mx.array(np.concatenate([[[0.0]], box], axis=1)[None].astype(np.float32))
            shift, mask, _ = mx.nd.contrib.MultiBoxTarget(
                _mx.array(own[None]), truth, mx.nd.zeros((1, 2, len(own))),
                overlap_threshold=0.5, ignore_label=-1, negative_mining_ratio=-1, variances=anchors.VARIANCES,
            )  # fmt: skip
            return shift.asnumpy().reshape(-1, 4), mask.asnumpy().reshape(-1, 4)

        shift, mask = mxnet_thread.run(target)
        matched = mask[:, 0] > 0
        assert matched.any()
        assert np.abs(anchors.decoded(shift, own)[matched] - box).max() < 1e-4


def example(seed: int, boxes: int = 3) -> Example:
    """Boxes of one colour each on black: what is in a box can be seen in the pixels."""
    random = np.random.RandomState(seed)
    pixels = np.zeros((60, 80, 3), np.uint8)
    corners = []
    for number in range(boxes):
        left, top = random.randint(0, 50), random.randint(0, 40)
        width, height = random.randint(10, 30), random.randint(10, 20)
        pixels[top : top + height, left : left + width] = 0
        pixels[top : top + height, left : left + width, number] = 255
        corners.append((left / 80, top / 60, (left + width) / 80, (top + height) / 60))
    return Example(pixels, np.array(corners, np.float32).reshape(-1, 4), np.arange(boxes))


def extent(pixels: np.ndarray, channel: int) -> tuple[float, float, float, float]:
    rows, columns = (np.flatnonzero((pixels[:, :, channel] > 128).any(axis=axis)) for axis in (1, 0))
    high, wide = pixels.shape[:2]
    return columns[0] / wide, rows[0] / high, (columns[-1] + 1) / wide, (rows[-1] + 1) / high


@pytest.mark.parametrize("change", [box_augment.mirrored, box_augment.upside_down, None])
@given(seed=SEEDS)
@settings(max_examples=50, deadline=None)
def test_boxes_stay_true(change, seed: int) -> None:
    before = example(seed, 1)
    after = change(before) if change else box_augment.zoomed_out(before, np.random.RandomState(seed))
    black = after.pixels.copy()
    black[(black == box_augment.GREY).all(axis=2)] = 0
    assert extent(black, 0) == pytest.approx(tuple(after.corners[0]), abs=1e-5)


@given(seed=SEEDS)
@settings(max_examples=50, deadline=None)
def test_crops_keep_what_is_seen(seed: int) -> None:
    after = box_augment.cropped(example(seed, 1), np.random.RandomState(seed))
    assert len(after.corners) == 1 and after.pixels.size
    assert extent(after.pixels, 0) == pytest.approx(tuple(after.corners[0]), abs=1e-5)


@given(seed=SEEDS, size=st.sampled_from([(1, 40), (40, 1), (1, 1), (2, 3)]))
@settings(max_examples=50, deadline=None)
def test_a_line_of_pixels_can_be_cropped(seed: int, size: tuple[int, int]) -> None:
    whole = np.array([[0, 0, 1, 1], [0.5, 0.5, 1, 1]], np.float32)
    line = Example(np.zeros((*size, 3), np.uint8), whole, np.arange(2))
    assert box_augment.cropped(line, np.random.RandomState(seed)).pixels.size


@given(seed=SEEDS, boxes=st.integers(0, 3))
@settings(max_examples=50, deadline=None)
def test_changes_are_lawful(seed: int, boxes: int) -> None:
    before = example(seed, boxes)
    kept = before.pixels.copy()
    after = box_augment.changed(before, np.random.RandomState(seed))
    again = box_augment.changed(before, np.random.RandomState(seed))
    assert np.array_equal(after.pixels, again.pixels) and np.array_equal(before.pixels, kept)
    assert len(after.corners) == len(after.labels)
    assert (after.corners >= 0).all() and (after.corners <= 1).all()
    assert (after.corners[:, 2:] >= after.corners[:, :2]).all()


class TestTheChoiceOfBoxes:
    def test_the_surest_of_a_heap_is_kept(self) -> None:
        corners = np.array([[0, 0, 0.5, 0.5], [0.02, 0, 0.5, 0.5], [0.6, 0.6, 1, 1]], np.float32)
        assert nms.suppressed(corners, np.array([0, 0, 0])).tolist() == [0, 2]
        assert nms.suppressed(corners, np.array([0, 1, 0])).tolist() == [0, 1, 2], "of one label only"

    @given(SEEDS)
    @settings(max_examples=20, deadline=None)
    def test_it_is_mxnets(self, seed: int) -> None:
        """The same boxes as MXNet's own MultiBoxDetection."""
        random = np.random.RandomState(seed)
        own = anchors.fit_anchors(SIZES, 64).corners(64)
        # no two alike, or the order of both is as good
        scores = random.permutation(np.linspace(-7, 3, 2 * len(own), dtype=np.float32)).reshape(-1, 2)
        shifts = random.normal(0, 1, (len(own), 4)).astype(np.float32)
        found = nms.boxes_of(scores, shifts, own)

        def theirs() -> np.ndarray:
            mx = _mx.load()
            sure = 1 / (1 + np.exp(-scores.max(axis=1)))
            rows = np.zeros((1, 2, len(own)), np.float32)
            rows[0, 0], rows[0, 1] = 1 - sure, sure
            out = mx.nd.contrib.MultiBoxDetection(
                _mx.array(rows), _mx.array(shifts.reshape(1, -1)), _mx.array(own[None]),
                nms_threshold=nms.SAME, threshold=nms.LEAST_SCORE, force_suppress=True, variances=anchors.VARIANCES,
            )  # fmt: skip
            return np.asarray(out.asnumpy()[0])

        expected = mxnet_thread.run(theirs)
        expected = expected[expected[:, 0] >= 0]
        one_label = nms.boxes_of(scores.max(axis=1, keepdims=True), shifts, own)
        assert one_label.corners == pytest.approx(expected[: len(one_label.corners), 2:], abs=1e-4)
        assert (np.diff(found.scores) <= 0).all()

    def test_nothing_is_found_where_nothing_is(self) -> None:
        own = anchors.fit_anchors(SIZES, 64).corners(64)
        found = nms.boxes_of(np.full((len(own), 3), -20, np.float32), np.zeros((len(own), 4), np.float32), own)
        assert found.corners.shape == (0, 4) and found.labels.shape == (0,)


class TestSeveralViews:
    """Boxes of mirrored pictures are brought back and put together."""

    @staticmethod
    def boxes(*places: tuple[float, ...], label: int = 0, scores: tuple[float, ...] = ()) -> nms.Boxes:
        return nms.Boxes(
            np.array(places, np.float32).reshape(-1, 4),
            np.full(len(places), label),
            np.array(scores or [0.0] * len(places), np.float32),
        )

    def test_one_view_is_left_as_it_is(self) -> None:
        one = self.boxes((0.1, 0.1, 0.3, 0.3))
        assert fused([one]) is one

    def test_the_same_thing_is_averaged_by_confidence(self) -> None:
        found = fused([self.boxes((0.1, 0.1, 0.3, 0.3), scores=(2,)), self.boxes((0.12, 0.1, 0.32, 0.3), scores=(2,))])
        assert found.corners == pytest.approx(np.array([[0.11, 0.1, 0.31, 0.3]]), abs=1e-6)
        assert found.scores == pytest.approx([2.0], abs=1e-5)

    def test_what_only_one_of_two_sees_is_half_as_sure(self) -> None:
        found = fused([self.boxes((0.1, 0.1, 0.3, 0.3), scores=(0,)), self.boxes()])
        assert 1 / (1 + np.exp(-found.scores)) == pytest.approx([0.25])

    def test_labels_stay_apart_and_the_surest_comes_first(self) -> None:
        cat, dog = self.boxes((0.1, 0.1, 0.3, 0.3), scores=(0,)), self.boxes((0.1, 0.1, 0.3, 0.3), label=1, scores=(3,))
        assert fused([cat, dog]).labels.tolist() == [1, 0]

    @given(SEEDS)
    @settings(max_examples=30, deadline=None)
    def test_mirrored_boxes_come_back(self, seed: int) -> None:
        one = box_augment.mirrored(box_augment.upside_down(example(seed, 2)))
        there = nms.Boxes(one.corners, one.labels, np.zeros(2, np.float32))
        assert flipped_back(there, across=True, down=True).corners == pytest.approx(example(seed, 2).corners, abs=1e-6)


class TestCalibration:
    def test_confidence_is_how_often_a_box_is_right(self) -> None:
        random = np.random.RandomState(0)
        scores = random.normal(0, 3, 4000)
        right = random.rand(4000) < 1 / (1 + np.exp(-(0.5 * scores - 1)))
        found = fit_calibration(scores, right)
        assert (found.slope, found.shift) == pytest.approx((0.5, -1), abs=0.1)
        order = found.confidence(np.sort(scores))
        assert (np.diff(order) >= 0).all(), "the order of boxes stays"

    def test_without_mistakes_nothing_changes(self) -> None:
        assert (
            fit_calibration(np.ones(3), np.ones(3, bool)) == AS_IT_IS == fit_calibration(np.zeros(0), np.zeros(0, bool))
        )


@pytest.mark.parametrize("counts", [(0, 0, 1, 0), (1, 0, 0, 0), (0, 0, 0, 2), (1, 2, 3, 1), (0, 2, 0, 1)])
def test_the_network_answers_for_every_anchor(counts: tuple[int, ...]) -> None:
    levels = np.repeat(np.arange(4), counts)
    own = anchors.Anchors(np.full((len(levels), 2), 0.3, np.float32), levels)

    def shapes() -> list[tuple[int, ...]]:
        mx = _mx.load()
        net = made(3, own)
        net.initialize(mx.init.Zero())
        return [one.shape for one in net(mx.nd.zeros((2, 3, 128, 128)))]

    count = len(own.corners(128))
    assert mxnet_thread.run(shapes) == [(2, count, 3), (2, count, 4)]


def test_steps_learn() -> None:
    """A detector that sees the same picture again and again learns it."""
    pretrained()
    one = example(3, 2)
    own = anchors.fit_anchors(one.corners[:, 2:] - one.corners[:, :2], 128)
    square, truth = detector_training.square(one, 128)
    settings_ = detector_training.DetectorSettings(side=128, epochs=30, least_steps=1, batch_size=2, warmup=2)

    def losses() -> list[float]:
        trainer = detector_training.DetectorTrainer(3, own, settings_, 2)
        from mediaml.vision.views import as_input

        inputs = as_input(np.stack([square, square]))
        return [trainer.step(inputs, detector_training.padded([truth, truth])) for _ in range(12)]

    found = mxnet_thread.run(losses)
    assert found[-1] < 0.5 * found[0]
