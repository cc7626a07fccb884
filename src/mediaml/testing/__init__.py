"""AWS without an account and without a network, for our tests and for yours.

    with mediaml.testing.offline_aws() as aws:
        model = mm.SageMakerAudioModel(role=aws.role, bucket=aws.bucket, session=aws.session, ...)

moto stands in for S3, IAM, STS and CloudWatch's logs; SageMaker's jobs and endpoints are played by processes of this
machine. It is no proof of what AWS does: docs/sagemaker.md says what was proven how.
"""

from __future__ import annotations

from mediaml.testing.clocks import HurriedClock, SteppedClock
from mediaml.testing.faults import Fault
from mediaml.testing.local_toolkit import LocalToolkit
from mediaml.testing.offline import OfflineAws, offline_aws

__all__ = ["Fault", "HurriedClock", "LocalToolkit", "OfflineAws", "SteppedClock", "offline_aws"]
