"""What the user left to us: the role, the bucket, the images."""

from __future__ import annotations

from mediaml._extras import require
from mediaml._warnings import warn
from mediaml.aws.s3 import Storage
from mediaml.aws.session import Aws, translated
from mediaml.backends.sagemaker.settings import Site
from mediaml.errors import AwsAccessError, AwsError, AwsNotFoundError, AwsValidationError, MissingExtraError

MXNET, PYTHON = "1.9.0", "py38"
ARGUMENTS = {"training": "image_uri", "inference": "serving_image_uri"}
EXTRA = "sagemaker"
LOOKING = "finding the execution role"


def role_of(site: Site, aws: Aws) -> str:
    """Give the execution role.

    Raises
    ------
    AwsAccessError
        None is given, and this is no SageMaker notebook.
    AwsError
        Who this is cannot be asked.
    """
    if site.role is not None:
        return site.role
    helper = require("sagemaker.core.helper.session_helper", EXTRA, f"{LOOKING} (or give role=)")
    try:
        with translated(f"{LOOKING} (role='arn:aws:iam::...:role/...' says it, too)"):
            return str(helper.get_execution_role(helper.Session(boto_session=aws.session)))
    except AwsError:
        raise
    except Exception as error:  # the package raises ValueError and others
        raise AwsAccessError(
            f"{LOOKING}: none was found ({error}); give role='arn:aws:iam::...:role/...', one that SageMaker may take"
        ) from error


def bucket_of(site: Site, aws: Aws, storage: Storage) -> str:
    """Give the bucket; none is ever created.

    Raises
    ------
    AwsNotFoundError
        None is given, and the default bucket does not exist.
    """
    if site.bucket is not None:
        return site.bucket
    default = f"sagemaker-{aws.region}-{aws.account()}"  # the name that the sagemaker package gives it
    if not storage.has_bucket(default):
        raise AwsNotFoundError(
            f"no bucket was given, and SageMaker's default bucket {default} does not exist. Give bucket=, or make it: "
            f"aws s3 mb s3://{default}"
        )
    return default


def image_of(site: Site, aws: Aws, purpose: str, instance_type: str) -> str:
    """Give the URI of the container image.

    Parameters
    ----------
    site, aws
        Where.
    purpose
        ``"training"`` or ``"inference"``.
    instance_type
        That it runs on: with or without a GPU.

    Raises
    ------
    MissingExtraError
        None is given, and the package that knows AWS's is not there.
    AwsValidationError
        AWS has no such image in this region.
    """
    argument = ARGUMENTS[purpose]
    given: str | None = getattr(site, argument)
    if given is not None:
        return given
    uris = require("sagemaker.core.image_uris", EXTRA, f"finding AWS's MXNet {purpose} image (or give {argument}=)")
    try:
        return str(
            uris.retrieve(
                "mxnet", aws.region, version=MXNET, py_version=PYTHON, instance_type=instance_type, image_scope=purpose
            )
        )
    except ValueError as error:
        raise AwsValidationError(
            f"AWS has no MXNet {MXNET} image for {purpose} in {aws.region} ({error}): give one of your own "
            f"({argument}=), or another region"
        ) from error


def warn_without_serving(site: Site, aws: Aws, instance_type: str) -> None:
    """Say before a training is paid for that nothing on AWS can serve what it makes, as no image is known for that."""
    try:
        image_of(site, aws, "inference", instance_type)
    except (MissingExtraError, AwsValidationError) as error:
        warn(f"what is trained can be brought here (to_local), but not be served on AWS as things are: {error}")
