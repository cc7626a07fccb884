"""What a user should know of a model that has just learned."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mediaml.runtime.recogniser import Recogniser
from mediaml.runtime.thresholds import FALSE_ALARMS


def remarks(
    recogniser: Recogniser,
    hours: float,
    calibrated: bool,
    labels: Sequence[str],
    criterion: tuple[str, float],
) -> list[str]:
    """Say what is not as it was asked for.

    Parameters
    ----------
    recogniser
        With its thresholds.
    hours
        Of background that false alarms were counted on.
    calibrated
        Whether anything could be held out.
    labels
        In the same order.
    criterion
        What was asked for, and its value.
    """
    name, value = criterion
    told = []
    if not calibrated:
        given = (
            "every sound that is not silent"
            if recogniser.objective == "single_label"
            else "whatever is familiar and as likely as not"
        )
        told.append(
            f"no label has two recordings, so nothing can be held out: confidences are not calibrated, and {given} "
            f"gets a label. Add recordings, or give validation="
        )
    never = [label for label, one in zip(labels, recogniser.thresholds, strict=True) if np.isinf(one)]
    if never:
        told.append(
            f"no threshold gives {', '.join(never)} what was asked for ({name}={value:g}): it is never given. See "
            f"model.thresholds"
        )
    if calibrated and name == FALSE_ALARMS and 0 < value * hours < 1:
        told.append(
            f"{value:g} false alarms an hour cannot be told on {hours:.2g} hours of background: the thresholds let "
            f"none of it through, which is no promise. Give at least {1 / value:.2g} hours"
        )
    return told
