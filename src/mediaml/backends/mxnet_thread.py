"""All of MXNet's work on one thread of its own.

MXNet keeps state for each thread and must be called from one and the same (apache/mxnet issues 3946 and 12756: a lock
is not enough), so every caller hands its work to this one and waits.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from mediaml.errors import (
    BackendError,
    CheckpointError,
    DataError,
    ForkedProcessError,
    SavedModelError,
    SpecMismatchError,
)
from mediaml.runtime import faults

T = TypeVar("T")
_lock = threading.Lock()
_thread: tuple[int, ThreadPoolExecutor] | None = None


def run(function: Callable[[], T]) -> T:
    """Run a function on MXNet's thread and wait for what it gives.

    Raises
    ------
    ForkedProcessError
        The thread was started in the parent of this process.
    """
    with translated():
        return _executor().submit(function).result()


def _executor() -> ThreadPoolExecutor:
    global _thread  # noqa: PLW0603
    with _lock:
        if _thread is None:
            _thread = os.getpid(), ThreadPoolExecutor(1, "mediaml-mxnet")
        process, executor = _thread
    if process != os.getpid():
        raise faults.ForkFault(
            f"MXNet was started in process {process}, of which this process ({os.getpid()}) is a fork, and does not "
            "work on this side of a fork. Start workers with multiprocessing.get_context('spawn'), or load the model "
            "only in the worker."
        )
    return executor


@contextmanager
def translated() -> Iterator[None]:
    """Turn the runtime's errors into mediaml's, and MXNet's own into `BackendError`."""
    try:
        yield
    except faults.Fault as fault:
        raise _ERRORS.get(type(fault), DataError)(str(fault)) from fault
    except RuntimeError as error:
        if type(error).__module__.startswith("mxnet"):
            raise BackendError(f"MXNet: {error}") from error
        raise


_ERRORS: dict[type[faults.Fault], type[BaseException]] = {
    faults.SpecFault: SpecMismatchError,
    faults.StoreFault: SavedModelError,
    faults.CheckpointFault: CheckpointError,
    faults.MXNetFault: BackendError,
    faults.ForkFault: ForkedProcessError,
}
