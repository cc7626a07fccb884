"""Cuts in a video, by PySceneDetect (extra ``video``), while its pictures go by."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from mediaml._extras import require

SHORTEST = 0.6  # seconds of a scene, PySceneDetect's own
WIDTH = 256  # pixels: cuts are found as well in small pictures, and sooner
BEHIND = 2  # pictures by which a cut is noticed late: the detector compares with those after it, too
TIME_BASE = Fraction(1, 90000)  # of MPEG; fine enough to tell any two pictures apart
ANY_RATE = Fraction(25)  # PySceneDetect wants one, and goes by the times


class Cuts:
    """Finds the first picture of each scene by PySceneDetect's AdaptiveDetector, with its own settings."""

    def __init__(self) -> None:
        detectors = require("scenedetect.detectors", "video", "finding scenes")
        self._detector = detectors.AdaptiveDetector(min_scene_len=SHORTEST, window_width=BEHIND)

    def look(self, time: float, frame: Any) -> list[float]:
        """Take the next picture, and give the times of cuts that are known now."""
        from scenedetect.common import FrameTimecode, Timecode

        height = max(1, round(frame.height * WIDTH / frame.width))
        small = frame.to_ndarray(format="bgr24", width=min(WIDTH, frame.width), height=min(height, frame.height))
        at = FrameTimecode(Timecode(pts=round(time / TIME_BASE), time_base=TIME_BASE), fps=ANY_RATE)
        return [cut.seconds for cut in self._detector.process_frame(at, small)]
