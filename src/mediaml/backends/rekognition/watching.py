"""A running version that watches videos: every picture is a call, and costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mediaml._notices import notice
from mediaml.backends.identity import digest_of
from mediaml.backends.pictures.joining import Glimpse, Sight
from mediaml.backends.rekognition.answers import ELSE
from mediaml.data.video import Pixels
from mediaml.errors import ImageError

if TYPE_CHECKING:
    from mediaml.backends.rekognition.deployment import RekognitionDeployment

ENOUGH = 1e-6  # where the service applies thresholds of its own, all that it tells was found
SHORTER_SIDE = 1080  # pixels: more would not get through a call (4 MB) unharmed, either


class ServiceWatcher:
    """A running version of a Custom Labels model."""

    at_least: int | None = SHORTER_SIDE
    paid = True

    def __init__(self, deployment: RekognitionDeployment) -> None:
        self._deployment = deployment
        self._own = deployment.thresholds is None
        self.labels = deployment.labels

    @property
    def onsets(self) -> Mapping[str, float]:
        """The confidence from which on each label is seen."""
        return {} if self._own else dict(self._deployment.thresholds or {})

    @property
    def usual_onset(self) -> float:
        """The same for a label that was given no threshold."""
        return ENOUGH if self._own else ELSE

    @property
    def identity(self) -> str:
        """Name the version with its thresholds."""
        return digest_of((self._deployment.arn, sorted(self.onsets.items()), self._own), {})

    @property
    def about(self) -> Mapping[str, Any]:
        """What it is, for the record."""
        return {"version": self._deployment.name, "onset": dict(self.onsets)}

    def announce(self, pictures: int | None, source: str) -> None:
        """Say how many calls it will be: each costs."""
        calls = "a call of DetectCustomLabels a picture" if pictures is None else f"up to {pictures:,} calls"
        notice(f"mediaml asks {self._deployment.name} about {source}: {calls}")

    def glimpses(self, pictures: Iterable[Pixels]) -> Iterator[Glimpse | ImageError]:
        """Ask about pictures; the answers come in order. Candidates below the thresholds are asked for, too."""
        asked = self._deployment if self._own else self._deployment.everything()
        for found in asked.look(pictures):
            if isinstance(found, ImageError):
                yield found
                continue
            given = set(found.labels) if self._own else {one.label for one in found.alternatives}
            sights = {one.label: Sight(one.confidence, one.confidence) for one in found.alternatives}
            yield Glimpse({label: one for label, one in sights.items() if label in given}, found.boxes)
