"""How long something took, and on which machine."""

from __future__ import annotations

import platform
import time
from typing import Any, Dict

from .cores import available_cores


def took(began: float) -> Dict[str, Any]:
    """Tell how long a training took, in seconds since ``time.monotonic()`` was `began`, and on which machine.

    Of a training that was resumed it is the time of the last run.
    """
    cores = available_cores()
    named = "{} {}, {} core{}".format(platform.uname().system, platform.machine(), cores, "s" * (cores != 1))
    return {"seconds": round(time.monotonic() - began, 1), "machine": named}
