"""Whatever finds things in videos, picture by picture."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

from mediaml.backends.mistaken import no_hop
from mediaml.backends.pictures.watching import Options, Watcher, watch
from mediaml.data.sampling import Sampling
from mediaml.values.timeline import Timeline


class Detecting(ABC):
    """What can watch a video."""

    @abstractmethod
    def watcher(self) -> Watcher:
        """Give what looks at the pictures of videos, or raise what says why there is nothing.

        Raises
        ------
        NotFittedError, NotDeployedError
            `fit` has not run, or there is no open deployment.
        """

    @no_hop
    def detect(
        self,
        video: str | Path,
        every: float | None = 1.0,
        *,
        scenes: bool = False,
        skip_similar: bool = False,
        minimum_seconds: float = 0.0,
        gap_seconds: float | None = None,
        progress: bool = True,
    ) -> Timeline:
        """Find things in a video, and where they come and go; the memory does not grow with its length.

        Parameters
        ----------
        video
            The file (extra ``video``).
        every
            Seconds from one picture that is looked at to the next; 0: every picture; None: only `scenes`.
        scenes
            Look at the first picture after each cut.
        skip_similar
            Do not look again at a picture that is nearly the same as the last one: what was seen there still holds.
        minimum_seconds
            What is shorter is no event. A picture stands for the time until the next one that is looked at.
        gap_seconds
            Events of one label that are closer than this are one; None: two steps of `every`.
        progress
            Show a bar for videos of more than a minute.

        Returns
        -------
        The events. One begins where its label's score reaches the label's threshold, and lasts, to both sides, while
        the score is at least half of it. Boxes are followed through an event (``event.tracks``). Times count from the
        first picture. A model that costs by the picture says before it starts how many it will look at.

        Raises
        ------
        NotFittedError, NotDeployedError
            `fit` has not run, or there is no open deployment.
        VideoError
            The file cannot be read, or has no picture.
        ValueError
            An option is out of its range.
        """
        options = Options(Sampling(every, scenes, skip_similar), minimum_seconds, gap_seconds)
        return watch(self.watcher(), video, options, progress)
