"""Everything that mediaml raises on purpose.

MediamlError
├── MissingExtraError (ImportError)     a package that this feature needs is not installed
├── DataError (ValueError)              the user's files or tables
│   ├── AudioError                      a recording cannot be read, or its samples cannot be used
│   ├── AnnotationError                 a table of annotations; names the file and the line
│   ├── TableError                      a CSV, Parquet or DataFrame of clips
│   ├── LabelError                      labels that a model or a split cannot work with
│   └── SplitError                      a split that would leak or lose a label
├── ModelError
│   ├── NotFittedError                  `fit` has not run yet
│   ├── SpecMismatchError (ValueError)  a spectrogram specification that does not fit
│   ├── SavedModelError (ValueError)    a saved model is missing, damaged or from a newer mediaml
│   ├── CheckpointError (ValueError)    a checkpoint of another training
│   ├── WeightsError                    pretrained weights are not there, or not what they should be
│   ├── ForkedProcessError              MXNet used in a process that was forked after it was loaded
│   └── BackendError                    MXNet failed or is not available on this platform
├── EnvironmentSettingError (ValueError) an environment variable does not hold what it should
└── DeploymentError
    └── NotDeployedError                the deployment was closed, or never opened
"""

from __future__ import annotations

from pathlib import Path


class MediamlError(Exception):
    """The root of all errors that mediaml raises on purpose."""


class MissingExtraError(MediamlError, ImportError):
    """A package that this feature needs is not installed; the message holds the pip command."""


class DataError(MediamlError, ValueError):
    """Something in the user's files or tables."""


class AudioError(DataError):
    """A recording cannot be read, or its samples cannot be used.

    Parameters
    ----------
    source
        What could not be read, as a person would name it: the file's path, or ``bytes``, ``array``.
    reason
        Why, in a few words.
    """

    def __init__(self, source: str | Path, reason: str) -> None:
        super().__init__(str(source), reason)
        self.source = str(source)
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


class AnnotationError(DataError):
    """A table of annotations cannot be read.

    Parameters
    ----------
    path
        The table.
    line
        The line of the file, counted from 1; None where the whole file is meant.
    reason
        What is wrong and what was expected.
    """

    def __init__(self, path: str | Path, line: int | None, reason: str) -> None:
        super().__init__(str(path), line, reason)
        self.path = Path(path)
        self.line = line
        self.reason = reason

    def __str__(self) -> str:
        place = f"{self.path}" if self.line is None else f"{self.path}, line {self.line}"
        return f"{place}: {self.reason}"


class TableError(DataError):
    """A CSV, Parquet or DataFrame of clips cannot be used."""


class LabelError(DataError):
    """Labels that a model or a split cannot work with."""


class SplitError(DataError):
    """A split that would leak a recording or lose a label."""


class ModelError(MediamlError):
    """Something about a model."""


class NotFittedError(ModelError):
    """`fit` has not run yet."""


class SpecMismatchError(ModelError, ValueError):
    """A spectrogram specification that does not fit the network or the waveform."""


class SavedModelError(ModelError, ValueError):
    """A saved model is missing, damaged, or written by a newer mediaml."""


class CheckpointError(ModelError, ValueError):
    """A checkpoint folder belongs to another training."""


class WeightsError(ModelError):
    """Pretrained weights are not on this machine, cannot be fetched, or are not what they should be."""


class ForkedProcessError(ModelError):
    """MXNet was loaded before this process was forked, and does not work on this side of a fork."""


class BackendError(ModelError):
    """MXNet failed, or has no wheel for this platform."""


class EnvironmentSettingError(MediamlError, ValueError):
    """An environment variable of mediaml's does not hold what it should."""


class DeploymentError(MediamlError):
    """Something about a deployment."""


class NotDeployedError(DeploymentError):
    """The deployment was closed, or the model was never deployed."""
