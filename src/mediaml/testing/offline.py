"""The offline AWS: an account that exists as long as a block lasts."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from mediaml._extras import require
from mediaml.aws.clock import Clock
from mediaml.aws.stop_role import NAME as STOP_ROLE
from mediaml.aws.stop_role import POLICY as STOP_POLICY
from mediaml.aws.stop_role import StopRole, remember
from mediaml.testing.buckets import Buckets
from mediaml.testing.clocks import HurriedClock, MovableClock
from mediaml.testing.endpoints import Endpoints
from mediaml.testing.faults import Fault
from mediaml.testing.local_toolkit import LocalToolkit
from mediaml.testing.logs import Logs
from mediaml.testing.price_list import PriceList
from mediaml.testing.quotas import Quotas
from mediaml.testing.rekognition.learner import Fit, usual
from mediaml.testing.rekognition.twin import CustomLabels
from mediaml.testing.rights import Rights
from mediaml.testing.roles import Roles
from mediaml.testing.schedules import Schedules
from mediaml.testing.tags import Tags
from mediaml.testing.toolkit import Toolkit
from mediaml.testing.training_jobs import TrainingJobs
from mediaml.testing.transforms import Transforms
from mediaml.testing.wire import Call, Wire

if TYPE_CHECKING:
    import boto3

ACCOUNT = "123456789012"  # moto's
ROLE = "mediaml-offline"
IMAGE = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/mxnet:offline"
"""Containers are played by the toolkit, whatever image is named."""
PRIVATE = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
TRUST: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


class OfflineAws:
    """An account of the offline AWS; `offline_aws` gives it.

    Attributes
    ----------
    session
        A boto3 session of this account and region.
    clock
        For models: a long wait takes a moment.
    region, account, role, bucket, image
        What models are told; the role and the bucket exist, and so does the role that ``mediaml aws setup`` makes.
    ledger
        The ledger that is used while the block lasts.
    rekognition
        Custom Labels: how fast its states change, how many calls it takes ...; `rekognition.faces`: what finds and
        describes the faces of collections.
    price_list
        What AWS's Price List says: empty, until products are added.
    quotas, rights
        What Service Quotas and IAM's simulation of policies answer: tables to change.
    """

    def __init__(self, region: str, toolkit: Toolkit, folder: Path, wire: Wire, clock: Clock) -> None:
        self.region, self.account, self.image = region, ACCOUNT, IMAGE
        self.session = _session(region)
        self.clock = clock
        self.bucket = f"mediaml-offline-{region}"
        self.ledger = folder / "ledger.jsonl"
        self._wire = wire
        arn = f"arn:aws:sagemaker:{region}:{ACCOUNT}"
        buckets = Buckets(self.session.client("s3"), wire)
        logs = Logs(self.session.client("logs"), wire)
        roles = Roles(self.session.client("iam"), wire)
        self._schedules = Schedules(self.session.client("scheduler"), wire, roles)
        self.price_list = PriceList()
        self._jobs = TrainingJobs(toolkit, buckets, logs, roles, folder, arn)
        self._endpoints = Endpoints(toolkit, buckets, logs, roles, folder, arn)
        self._transforms = Transforms(self._endpoints, buckets, logs, arn)
        self.rekognition = CustomLabels(region, ACCOUNT, self.clock, buckets, folder)
        self.quotas, self.rights = Quotas(), Rights()
        with wire.inside():
            self.role = self._furnish()
        self._answer(Tags())

    def _furnish(self) -> str:
        where = {} if self.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        s3 = self.session.client("s3")
        s3.create_bucket(Bucket=self.bucket, **where)
        # as AWS makes them since 2023: nothing can be made public, and all is encrypted
        s3.put_public_access_block(Bucket=self.bucket, PublicAccessBlockConfiguration=dict.fromkeys(PRIVATE, True))
        encrypted = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        s3.put_bucket_encryption(Bucket=self.bucket, ServerSideEncryptionConfiguration={"Rules": [encrypted]})
        made = self.session.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))
        self._make_stop_role()
        return str(made["Role"]["Arn"])

    def _make_stop_role(self) -> None:
        role, client = StopRole(ACCOUNT), self.session.client("iam")
        client.create_role(RoleName=STOP_ROLE, AssumeRolePolicyDocument=json.dumps(role.trust))
        client.put_role_policy(RoleName=STOP_ROLE, PolicyName=STOP_POLICY, PolicyDocument=json.dumps(role.policy))
        remember(role)

    def _answer(self, tags: Tags) -> None:
        jobs, endpoints, transforms = self._jobs, self._endpoints, self._transforms
        ours = {
            "CreateTrainingJob": tags.noting(jobs.create, "TrainingJobArn"),
            "DescribeTrainingJob": jobs.describe,
            "StopTrainingJob": jobs.stop,
            "ListTrainingJobs": jobs.listed,
            "CreateModel": tags.noting(endpoints.create_model, "ModelArn"),
            "DescribeModel": endpoints.describe_model,
            "DeleteModel": endpoints.delete_model,
            "ListModels": endpoints.listed_models,
            "CreateEndpointConfig": tags.noting(endpoints.create_config, "EndpointConfigArn"),
            "DescribeEndpointConfig": endpoints.describe_config,
            "DeleteEndpointConfig": endpoints.delete_config,
            "ListEndpointConfigs": endpoints.listed_configs,
            "CreateEndpoint": tags.noting(endpoints.create, "EndpointArn"),
            "DescribeEndpoint": endpoints.describe,
            "DeleteEndpoint": tags.forgetting(endpoints.delete, f"{endpoints.arn}:endpoint/", "EndpointName"),
            "ListEndpoints": endpoints.listed,
            "CreateTransformJob": tags.noting(transforms.create, "TransformJobArn"),
            "DescribeTransformJob": transforms.describe,
            "StopTransformJob": transforms.stop,
            "ListTransformJobs": transforms.listed,
            "ListTags": tags.listed,
            "AddTags": tags.add,
        }
        for name, operation in ours.items():
            self._wire.operations["sagemaker", name] = operation
        for name, operation in self.rekognition.operations().items():
            self._wire.operations["rekognition", name] = operation
        self._wire.operations["pricing", "GetProducts"] = self.price_list.products
        self._wire.operations["service-quotas", "ListServiceQuotas"] = self.quotas.list_applied
        self._wire.operations["service-quotas", "ListAWSDefaultServiceQuotas"] = self.quotas.list_defaults
        self._wire.operations["iam", "SimulatePrincipalPolicy"] = self.rights.simulate
        self._wire.operations["sagemaker-runtime", "InvokeEndpoint"] = endpoints.invoke
        self._wire.operations["sagemaker-runtime", "InvokeEndpointAsync"] = endpoints.invoke_async

    @property
    def calls(self) -> list[Call]:
        """Every call that was made, in order."""
        return self._wire.calls

    @property
    def settings(self) -> dict[str, Any]:
        """What a model is told to work here: ``mm.SageMakerAudioModel(**aws.settings)``."""
        images = {"image_uri": self.image, "serving_image_uri": self.image}
        return {"role": self.role, "bucket": self.bucket, "session": self.session, "clock": self.clock, **images}

    def running(self) -> list[tuple[str, str]]:
        """Name what would be billed now, as kind and name."""
        kinds = (
            ("training-job", self._jobs.running()),
            ("transform-job", self._transforms.running()),
            ("endpoint", self._endpoints.running()),
            ("rekognition-training", self.rekognition.training()),
            ("rekognition-model", self.rekognition.running()),
        )
        return [(kind, name) for kind, names in kinds for name in names]

    def schedules(self) -> list[str]:
        """Name the schedules that are still to come."""
        return self._schedules.names()

    def pass_time(self, hours: float) -> list[str]:
        """Let time pass, and the schedules do their work; gives what they have called.

        Raises
        ------
        TypeError
            The clock was given, and is one that goes by itself.
        """
        if not isinstance(self.clock, MovableClock):
            raise TypeError(f"{self.clock!r} cannot be put forward; it has no advance(seconds)")
        self.clock.advance(hours * 3600)
        return self._schedules.carry_out(self.clock.now())

    def fail(
        self,
        service: str,
        operation: str,
        what: Fault | BaseException,
        *,
        times: int = 1,
        after: int = 0,
        acts: bool = False,
    ) -> None:
        """Let calls go wrong.

        Parameters
        ----------
        service, operation
            As in `calls`: ``"sagemaker", "CreateEndpoint"``; ``"*"``: any operation.
        what
            A fault, or an exception that the caller gets: ``KeyboardInterrupt()`` plays Ctrl-C.
        times
            How many calls.
        after
            How many of them go well before.
        acts
            The service has acted all the same.
        """
        self._wire.faults.plan(service, operation, what, times, after, acts)

    def heal(self) -> None:
        """Forget the faults that are still to come."""
        self._wire.faults.clear()

    def interrupt(self, job: str) -> None:
        """Take the spot capacity of a training away; it goes on with another machine."""
        self._jobs.interrupt(job)

    def fail_job(self, reason: str = "CapacityError: Unable to provision requested ML compute capacity.") -> None:
        """Let the next training job fail at its start."""
        self._jobs.next_reason = reason

    def step_states(self, yes: bool = True) -> None:
        """Show the states of jobs, endpoints and versions one by one, a state a look, as a slow service would."""
        self.rekognition.pace = "by look" if yes else "at once"
        self._jobs.step_states = self._endpoints.step_states = self._transforms.step_states = yes

    @contextmanager
    def serve(self, port: int = 0) -> Iterator[str]:
        """Answer over HTTP as well, to other processes and languages; gives the address, for ``AWS_ENDPOINT_URL``.

        Parameters
        ----------
        port
            Of this machine; 0: any that is free.

        Raises
        ------
        MissingExtraError
            moto's server is not installed.
        """
        from mediaml.testing.serving import served

        with served(self._wire, port) as address:
            yield address

    def close(self) -> None:
        """End all processes."""
        self._transforms.close()
        self._jobs.close()
        self._endpoints.close()


def _session(region: str) -> boto3.Session:
    """Give a session of its own, whose models of AWS's services are read once in a process: they are large."""
    import boto3
    from botocore.session import Session

    core, loader = Session(), _loader()
    core.register_component("data_loader", loader)
    made = boto3.Session("testing", "testing", region_name=region, botocore_session=core)
    loader.search_paths[:] = dict.fromkeys(loader.search_paths)  # each session has added boto3's folder
    return made


@cache
def _loader() -> Any:
    from botocore.loaders import create_loader

    return create_loader()


@contextmanager
def offline_aws(
    region: str = "us-east-1",
    *,
    toolkit: Toolkit | None = None,
    folder: str | Path | None = None,
    clock: Clock | None = None,
    learner: Fit | None = None,
) -> Iterator[OfflineAws]:
    """Work in an account of this machine, for as long as the block lasts; nothing of it is left.

    Parameters
    ----------
    region
        Its name.
    toolkit
        What plays the containers; None: processes of this Python.
    folder
        For their disks; None: a temporary one.
    clock
        For models and services; None: one on which a long wait takes a moment.
    learner
        What learns in the place of Custom Labels: takes the pictures and ``"labels"`` or ``"boxes"``, and gives a model
        of its own, of which the thresholds are taken away. ``lambda *_: mm.load("model")`` is soon through. None: a
        `LocalImageModel` is trained.

    Raises
    ------
    MissingExtraError
        moto is not installed.
    """
    moto = require("moto", "testing", "the offline AWS")
    place = Path(tempfile.mkdtemp(prefix="mm", dir=None if folder is None else folder))
    own = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "MEDIAML_LEDGER": str(place / "ledger.jsonl"),
    }
    # a profile, an endpoint or a token of the user's must lead nowhere from here
    others = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    wire = Wire()
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, place, ignore_errors=True)
        stack.enter_context(mock.patch.dict(os.environ, {**others, **own}, clear=True))
        stack.enter_context(moto.mock_aws())
        stack.enter_context(wire.tapped())
        aws = OfflineAws(region, toolkit or LocalToolkit(), place, wire, clock or HurriedClock())
        stack.callback(aws.close)
        aws.rekognition.fit = learner or usual
        yield aws
