"""Everything that mediaml raises on purpose.

Each says what to do; `MediamlError` is all of them.

    MediamlError
    ├── MissingExtraError (ImportError)     a package that this feature needs is not installed
    ├── DataError (ValueError)              the user's files or tables
    │   ├── AudioError                      a recording cannot be read, or its samples cannot be used
    │   ├── ImageError                      a picture cannot be read, or is too large to be opened
    │   ├── VideoError                      a video cannot be read, or has no picture
    │   ├── AnnotationError                 a table of annotations; names the file and the line
    │   ├── TableError                      a CSV, Parquet or DataFrame of clips
    │   ├── LabelError                      labels that a model or a split cannot work with
    │   └── SplitError                      a split that would leak or lose a label
    ├── ExportError (ValueError)            what was found cannot be written in this format
    ├── StoreError                          the store of a scan is none, damaged, or in use
    ├── ModelError
    │   ├── NotFittedError                  `fit` has not run yet
    │   ├── SpecMismatchError (ValueError)  a spectrogram specification that does not fit
    │   ├── SavedModelError (ValueError)    a saved model is missing, damaged or from a newer mediaml
    │   ├── CheckpointError (ValueError)    a checkpoint of another training
    │   ├── WeightsError                    pretrained weights are not there, or not what they should be
    │   ├── ForkedProcessError              MXNet used in a process that was forked after it was loaded
    │   └── BackendError                    MXNet failed or is not available on this platform
    ├── EnvironmentSettingError (ValueError) an environment variable does not hold what it should
    ├── CostError                           money
    │   ├── CostLimitError                  it may cost more than max_cost
    │   ├── PriceUnknownError               what it costs is not known, so max_cost cannot be kept
    │   └── UnattendedError                 it bills when idle, and nothing would end it if this process died
    ├── DeploymentError
    │   ├── NotDeployedError                the deployment was closed, or never opened
    │   ├── PayloadTooLarge (ValueError)    more than an endpoint of this kind takes at once
    │   └── ServiceError                    a service of mediaml's failed, refused, or cannot be reached
    │       └── ServiceBusyError            too many ask it at once, even after retries
    └── AwsError                            a service of AWS said no, or nothing
        ├── AwsAccessError                  a right is missing
        ├── AwsQuotaError                   a limit of the account is reached
        ├── AwsThrottledError               too many calls, even after retries
        ├── AwsNotReadyError                what was asked is not ready yet, or busy
        ├── AwsNotFoundError                there is no such thing
        ├── AwsValidationError (ValueError) the service does not accept what it was asked
        ├── AwsConnectionError              the service cannot be reached
        ├── JobFailedError                  a job or an endpoint failed, with the end of its log
        └── WaitedTooLongError              it still goes on; waiting for it was given up

    Detached (KeyboardInterrupt)            waiting was interrupted, the job goes on
"""

from __future__ import annotations

from pathlib import Path

from mediaml._secrets import without_secrets


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
        self.source = without_secrets(str(source))
        super().__init__(self.source, reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


class ImageError(DataError):
    """A picture cannot be read, or is too large to be opened safely.

    Parameters
    ----------
    source
        What could not be read, as a person would name it: the file's path, or ``bytes``, ``array``.
    reason
        Why, in a few words.
    """

    def __init__(self, source: str | Path, reason: str) -> None:
        self.source = without_secrets(str(source))
        super().__init__(self.source, reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"


class VideoError(DataError):
    """A video cannot be read, or has no picture.

    Parameters
    ----------
    source
        The file's path or address.
    reason
        Why, in a few words.
    """

    def __init__(self, source: str | Path, reason: str) -> None:
        self.source = without_secrets(str(source))
        super().__init__(self.source, reason)
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


class ExportError(MediamlError, ValueError):
    """What was found cannot be written in this format; the message says what to do."""


class StoreError(MediamlError):
    """The store of a scan is none, is damaged, or is in use by another scan."""


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


class CostError(MediamlError):
    """Something may cost too much, or no one knows how much. Nothing was started."""


class CostLimitError(CostError):
    """It may cost more than ``max_cost``."""


class PriceUnknownError(CostError):
    """What it costs is not known, so that ``max_cost`` cannot be kept."""


class UnattendedError(CostError):
    """It bills when idle, and nothing would end it if this process died."""


class DeploymentError(MediamlError):
    """Something about a deployment."""


class NotDeployedError(DeploymentError):
    """The deployment was closed, or the model was never deployed."""


class PayloadTooLarge(DeploymentError, ValueError):  # noqa: N818  the name that HTTP gives it
    """One window of a sound is more than an endpoint of this kind takes; the message names the way out."""


class ServiceError(DeploymentError):
    """A service that ``mediaml serve`` runs failed, refused a request, or cannot be reached.

    Parameters
    ----------
    message
        What happened, and what to do.
    status
        Of HTTP; 0 where there was no answer.
    request_id
        As it stands in the service's logs; empty where there is none.
    """

    def __init__(self, message: str, status: int = 0, request_id: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.request_id = request_id


class ServiceBusyError(ServiceError):
    """Too many ask the service at once: it still refuses after all retries."""


class AwsError(MediamlError):
    """A service of AWS said no, or nothing.

    Parameters
    ----------
    message
        What happened, and what to do.
    code
        The service's own code; empty where it said nothing.
    request_id
        For AWS's support; empty where there is none.
    """

    def __init__(self, message: str, code: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.request_id = request_id


class AwsAccessError(AwsError):
    """The caller, or the role that the service works with, lacks a right."""


class AwsQuotaError(AwsError):
    """A limit of the account is reached, or is 0 from the start."""


class AwsThrottledError(AwsError):
    """Too many calls: the service still refuses after all retries."""


class AwsNotReadyError(AwsError):
    """What was asked is not ready yet, or is busy."""


class AwsNotFoundError(AwsError):
    """There is no such thing in this account and region."""


class AwsValidationError(AwsError, ValueError):
    """The service does not accept what it was asked."""


class AwsConnectionError(AwsError):
    """The service cannot be reached, or there are no credentials."""


class JobFailedError(AwsError):
    """A job or an endpoint failed.

    Parameters
    ----------
    message
        The reason that AWS gives, and what to do.
    log
        The last lines of its log; may be empty.
    """

    def __init__(self, message: str, log: tuple[str, ...] = ()) -> None:
        super().__init__(message if not log else message + "\nThe end of its log:\n  " + "\n  ".join(log))
        self.log = log


class WaitedTooLongError(AwsError):
    """It still goes on: only the waiting was given up."""


class Detached(KeyboardInterrupt):
    """Waiting was interrupted; the job goes on, and costs, until it ends.

    Parameters
    ----------
    message
        How to wait for it again, and how to stop it.
    job
        Its name.
    """

    def __init__(self, message: str, job: str) -> None:
        super().__init__(message)
        self.job = job
