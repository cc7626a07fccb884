"""What a training costs at most."""

from __future__ import annotations

from mediaml.aws.plan import Charge, Plan
from mediaml.backends.sagemaker.settings import Site


def training_plan(name: str, site: Site, region: str) -> Plan:
    """Say what it costs to train where the site says."""
    kind = "spot" if site.spot else "on-demand"
    return Plan(
        f"the training job {name}",
        f"{region} on one {site.instance_type} ({kind})",
        f"{site.max_hours:g} hour{'s' * (site.max_hours != 1)} at most",
        (Charge(f"sagemaker training {site.instance_type}", 1, site.max_hours),),
    )
