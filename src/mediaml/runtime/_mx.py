"""MXNet, loaded once and in one place.

MXNet 1.9.1 needs four things done before its import, and must not be used after a fork:

- ``numpy.bool`` must exist (numpy removed it in 1.24 and brought it back in 2.0);
- the OpenMP library inside reads ``OMP_NUM_THREADS`` once, when it is loaded, and halves the machine's cores where
  it is not set (1.8 times slower on two cores). It is set for the moment of the import only, so that nothing else in
  the user's process sees it, and a value of the user's own always wins;
- where OpenCV is installed, MXNet would import it, for functions that nobody here calls: that changes the process's
  environment, and takes a tenth of a second.
"""

from __future__ import annotations

import os
import platform
import sys
import threading
import warnings
from contextlib import contextmanager
from typing import Any, Dict, Iterator

import numpy as np

from .cores import available_cores
from .faults import ForkFault, MXNetFault

_lock = threading.Lock()
_loaded: Dict[str, Any] = {}


def load() -> Any:
    """Give the mxnet module.

    Raises
    ------
    MXNetFault
        It is not installed, or pip has no wheel of it for this platform.
    ForkFault
        It was loaded in the parent, before this process was forked off.
    """
    with _lock:
        if "module" not in _loaded:
            _loaded["module"] = _import()
            _loaded["process"] = os.getpid()
    if _loaded["process"] != os.getpid():
        raise ForkFault(
            "MXNet was loaded in process {} before this process ({}) was forked off, and does not work on this side "
            "of a fork. Start workers with multiprocessing.get_context('spawn'), or load the model only after the "
            "fork.".format(_loaded["process"], os.getpid())
        )
    return _loaded["module"]


def available() -> bool:
    """Tell whether MXNet can be had here; it is loaded where it can."""
    try:
        load()
    except MXNetFault:
        return False
    return True


def _import() -> Any:
    if "bool" not in np.__dict__:
        np.bool = np.bool_  # type: ignore[attr-defined]
    try:
        with _default_environment("OMP_NUM_THREADS", str(available_cores())), _without(
            "cv2"
        ), warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of numpy functions that MXNet only looks up
            import mxnet
    except ImportError as error:
        raise MXNetFault(
            "MXNet is not available here ({}). pip has wheels of its last release, 1.9.1, for Linux (x86_64, aarch64) "
            "and Intel macOS only, and it needs Python 3.11 or older; this is {}. To learn, MXNet is needed; what was "
            "saved or exported predicts without it, by ONNX Runtime: pip install 'mediaml[onnx]'.".format(
                error, platform.python_version()
            )
        )
    return mxnet


@contextmanager
def _default_environment(name: str, value: str) -> Iterator[None]:
    """Set an environment variable for a moment, unless it is set already."""
    if name in os.environ:
        yield
        return
    os.environ[name] = value
    try:
        yield
    finally:
        os.environ.pop(name, None)


@contextmanager
def _without(module: str) -> Iterator[None]:
    """Make a module one that cannot be imported, for a moment, unless it is loaded already."""
    if module in sys.modules:
        yield
        return
    sys.modules[module] = None  # type: ignore[assignment]  # this is how Python itself says that there is none
    try:
        yield
    finally:
        sys.modules.pop(module, None)


def array(values: np.ndarray) -> Any:
    """Copy a numpy array to MXNet, in its own type.

    ``mx.nd.array`` would look up a name that scipy deprecates and takes away in its release 2.
    """
    return load().ndarray.ndarray.array(values, dtype=values.dtype)
