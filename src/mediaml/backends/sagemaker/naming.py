"""The name that a training takes: that of its data and settings, or the next one where such a job has failed."""

from __future__ import annotations

from typing import Any

from mediaml.aws.polling import poll
from mediaml.backends.sagemaker.creating import JOB, Workshop


def free_name(workshop: Workshop, name: str) -> str:
    """Give the name, or the next one where a job of this name has failed or was stopped."""
    number, taken = 1, name
    while found := _settled(workshop, taken):
        if found["TrainingJobStatus"] not in ("Failed", "Stopped"):
            break
        number += 1
        taken = f"{name}-{number}"
    return taken


def _settled(workshop: Workshop, name: str) -> dict[str, Any] | None:
    """Look at a job; one that is being stopped is waited for."""
    return poll(
        lambda: workshop.describe(JOB, name),
        lambda found: found is None or found["TrainingJobStatus"] != "Stopping",
        workshop.aws.clock,
        f"the end of the job {name}",
        600,
    )
