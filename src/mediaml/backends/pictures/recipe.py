"""How a model of pictures learns: its settings, checked."""

from __future__ import annotations

from typing import Any

from mediaml.backends.arguments import criterion_of, whole_number
from mediaml.backends.pictures.looking import PARTS
from mediaml.runtime.thresholds import BEST_F1
from mediaml.vision.box_augment import FLIPS, HORIZONTAL
from mediaml.vision.detector import LARGEST_SIDE, SIDE, STEP
from mediaml.vision.detector_training import DetectorSettings
from mediaml.vision.fine_tuning import FineTuning

LABELS, BOXES = "efficientnet-lite0", "ssd"
NETWORKS = (LABELS, BOXES)
SETTINGS = (
    "network", "multi_label", "view", "augment", "fine_tune", "side", "flips", "epochs",
    "accept", "target_precision", "seed",
)  # fmt: skip


class ImageRecipe:
    """How a model of pictures learns; see `LocalImageModel`."""

    def __init__(  # noqa: PLR0913  the contract: named arguments, each on its own
        self,
        network: str = LABELS,
        *,
        multi_label: bool = False,
        view: str | None = None,
        augment: int | None = None,
        fine_tune: bool = False,
        side: int | None = None,
        flips: str = HORIZONTAL,
        epochs: int | None = None,
        accept: float | None = None,
        target_precision: float | None = None,
        seed: int = 7,
    ) -> None:
        if network not in NETWORKS:
            raise ValueError(f"there is no network {network!r} for pictures; there are: {', '.join(NETWORKS)}")
        if view is not None and view not in PARTS:
            raise ValueError(f"view is {', '.join(map(repr, PARTS))} or None, not {view!r}")
        self.network = network
        if flips not in FLIPS:
            raise ValueError(f"flips is {', '.join(map(repr, FLIPS))}, not {flips!r}")
        self.multi_label, self.fine_tune, self.flips = bool(multi_label), bool(fine_tune), flips
        self.view = view
        self.augment = None if augment is None else whole_number("augment", augment, 0)
        self.side = None if side is None else _side(side)
        _check_network(self)
        own = DetectorSettings().epochs if self.finds_boxes else FineTuning().epochs
        if epochs is not None and not (self.finds_boxes or self.fine_tune):
            raise ValueError("epochs are of a network that is trained: network='ssd' or fine_tune=True")
        self.epochs = None if epochs is None else whole_number("epochs", epochs, 1)
        self.rounds = own if self.epochs is None else self.epochs
        if self.finds_boxes and accept is not None:
            raise ValueError("accept is for labels; for boxes ask for target_precision, or for nothing (the best F1)")
        self.accept, self.target_precision = accept, target_precision
        several = self.multi_label or self.finds_boxes
        self.criterion = criterion_of(accept, target_precision, None, several)
        self.seed = whole_number("seed", seed, 0)

    @property
    def looks_at(self) -> int:
        """Pixels of the square that a detector looks at."""
        return SIDE if self.side is None else self.side

    @property
    def finds_boxes(self) -> bool:
        """Whether it finds where things are."""
        return self.network == BOXES

    @property
    def settings(self) -> dict[str, Any]:
        """What the model is made again with."""
        return {name: getattr(self, name) for name in SETTINGS}

    def about(self) -> dict[str, Any]:
        """Say what a report says of the model."""
        asked, value = self.criterion
        chosen = {"thresholds": "highest F1 of each label"} if asked == BEST_F1 else {asked: value}
        return {"model": type(self).__name__, "network": self.network, **chosen}


def _check_network(recipe: ImageRecipe) -> None:
    """Refuse what only the other network has: it would do nothing, silently."""
    labels_only = {
        "multi_label": recipe.multi_label,
        "view": recipe.view is not None,
        "augment": recipe.augment is not None,
        "fine_tune": recipe.fine_tune,
    }
    given = [name for name, is_given in labels_only.items() if is_given]
    if recipe.finds_boxes and given:
        raise ValueError(f"{', '.join(given)}: for labels only; network={BOXES!r} finds boxes")
    if not recipe.finds_boxes and not (recipe.flips == HORIZONTAL and recipe.side is None):
        raise ValueError(f"flips and side: for boxes only; network={LABELS!r} gives labels")


def _side(side: int) -> int:
    if whole_number("side", side, STEP) % STEP or side > LARGEST_SIDE:
        raise ValueError(f"side is a multiple of {STEP} up to {LARGEST_SIDE}, not {side}")
    return side
