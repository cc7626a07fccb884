"""A model as an HTTP service: SageMaker's contract and a typed one of its own (extra ``service``)."""

from __future__ import annotations

from mediaml.service.app import create_app, from_environment
from mediaml.service.settings import ServiceSettings

__all__ = ["ServiceSettings", "create_app", "from_environment"]
