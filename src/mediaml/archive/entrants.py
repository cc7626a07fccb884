"""The models that sift an archive, each with a name, and a key that changes when it finds other things."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from mediaml.backends import detection
from mediaml.backends.listener import Listener
from mediaml.backends.local_image import Looker
from mediaml.backends.pictures import watching
from mediaml.backends.pictures.detecting import Detecting
from mediaml.backends.sagemaker.model import SageMakerAudioModel
from mediaml.backends.tracing import Embedder
from mediaml.data.sampling import Sampling
from mediaml.runtime.detecting import grid_of

Kind = Literal["sound", "picture"]


@dataclass(frozen=True)
class Settings:
    """How files are sifted.

    Parameters
    ----------
    sampling
        Which pictures of a video are looked at.
    hop
        Seconds from one window of a sound to the next; None: a quarter of what each network hears at once.
    max_cost
        What batch transforms may cost at most, in the currency of the models' prices; None: that is not asked.
    """

    sampling: Sampling = field(default_factory=Sampling)
    hop: float | None = None
    max_cost: float | None = None

    @property
    def watching(self) -> watching.Options:
        """How videos are watched."""
        return watching.Options(self.sampling)

    @property
    def listening(self) -> detection.Options:
        """How recordings are heard."""
        return detection.Options(self.hop)


@dataclass(frozen=True)
class Entrant:
    """A model in a scan.

    Parameters
    ----------
    name
        As the catalog calls it.
    kind
        What it finds things in.
    labels
        All that it looks or listens for; empty where it is not known.
    key
        Of the model with all its weights and thresholds, and of the settings that matter to it.
    model
        The model or deployment itself.
    embedder
        What makes its embeddings; None: it makes none.
    """

    name: str
    kind: Kind
    labels: tuple[str, ...]
    key: str
    model: Any = field(repr=False, compare=False)
    embedder: Embedder | None = None


def entrants(models: object, settings: Settings) -> tuple[Entrant, ...]:
    """Give each model its name and its key.

    Parameters
    ----------
    models
        One, several, or a mapping from names to models.
    settings
        Of the scan.

    Raises
    ------
    TypeError
        One is no model that finds things in recordings, videos or pictures.
    ValueError
        There is none, or the hop is out of its range for one.
    NotFittedError, NotDeployedError
        One is not ready.
    """
    named = dict(models) if isinstance(models, Mapping) else _named(models)
    if not named:
        raise ValueError("models: none was given; give one at least")
    return tuple(_entrant(str(name), model, settings) for name, model in named.items())


def _named(models: object) -> dict[str, Any]:
    """Name models after what they are, those of one kind by number."""
    given = list(models) if isinstance(models, Sequence) else [models]
    found: dict[str, Any] = {}
    for model in given:
        usual = "sounds" if isinstance(model, Listener | SageMakerAudioModel) else "pictures"
        number = 1
        while (name := usual if number == 1 else f"{usual}-{number}") in found:
            number += 1
        found[name] = model
    return found


def _entrant(name: str, model: Any, settings: Settings) -> Entrant:
    if isinstance(model, Listener | SageMakerAudioModel):
        fitted = model.hearer()
        grid_of(fitted, settings.hop)  # else one that is out of its range ends the scan at the first sound
        key = _key(name, fitted.identity, asdict(settings.listening))
        return Entrant(name, "sound", fitted.labels, key, model, fitted.embedder)
    if isinstance(model, Detecting):
        watcher = model.watcher()
        key = _key(name, watcher.identity, asdict(settings.watching))
        embedder = model.looker().embedder if isinstance(model, Looker) else None
        return Entrant(name, "picture", watcher.labels, key, model, embedder)
    raise TypeError(
        f"{name} is {model!r}: a scan takes local models and their deployments, a RekognitionModel that is deployed or "
        "connected to, and a SageMakerAudioModel, which hears on this machine"
    )


def _key(name: str, identity: str, options: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps([name, identity, options], sort_keys=True).encode()).hexdigest()[:32]
