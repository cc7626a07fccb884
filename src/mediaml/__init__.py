"""Find things in pictures, video and sound: one contract for models on this machine and in the cloud."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mediaml import errors, samples
    from mediaml.archive.catalog import Catalog
    from mediaml.archive.scan import plan_scan, scan
    from mediaml.archive.value import Value
    from mediaml.aws.plan import Plan
    from mediaml.aws.price_list import AwsPriceList
    from mediaml.aws.prices import Price, PriceTable
    from mediaml.backends.connecting import connect
    from mediaml.backends.http.audio import HttpAudioDeployment
    from mediaml.backends.http.image import HttpImageDeployment
    from mediaml.backends.local_audio import LocalAudioModel
    from mediaml.backends.local_deployment import LocalDeployment
    from mediaml.backends.local_image import LocalImageDeployment, LocalImageModel
    from mediaml.backends.rekognition.deployment import RekognitionDeployment
    from mediaml.backends.rekognition.faces.collection import FaceCollection
    from mediaml.backends.rekognition.model import RekognitionModel
    from mediaml.backends.sagemaker.endpoint import SageMakerEndpoint
    from mediaml.backends.sagemaker.model import SageMakerAudioModel
    from mediaml.data.audio import AudioDataset
    from mediaml.data.image import ImageDataset
    from mediaml.data.pictures.check import ImageCheck
    from mediaml.data.pictures.repair import Repaired
    from mediaml.data.preflight.manifest import check_manifest
    from mediaml.data.quality import AudioCheck
    from mediaml.features.spectrogram import SpectrogramBuilder
    from mediaml.models.base import Deployment, Model
    from mediaml.models.event_evaluation import evaluate_events
    from mediaml.models.improvement import Improvement
    from mediaml.models.load import load
    from mediaml.models.selection import select
    from mediaml.reports.files import load_report
    from mediaml.reports.views.examples import show
    from mediaml.values.clip import Clip
    from mediaml.values.comparison import Comparison
    from mediaml.values.detection_report import DetectionReport
    from mediaml.values.event_report import EventReport
    from mediaml.values.face import Face, FaceIndex, FaceMatch, FaceSearch, RefusedFace
    from mediaml.values.geometry import Box, Segment
    from mediaml.values.interval import Interval
    from mediaml.values.media import FrameRate, Media
    from mediaml.values.multi_label_report import ImageMultiLabelReport, MultiLabelReport
    from mediaml.values.picture import Picture
    from mediaml.values.prediction import AudioPrediction, ImagePrediction, Score
    from mediaml.values.reel import Find, Reel
    from mediaml.values.report import AudioReport, ImageReport
    from mediaml.values.service_evaluation import ServiceEvaluation
    from mediaml.values.shown import Notes
    from mediaml.values.timeline import Event, Sighting, Timeline, Track

__version__ = "0.1.0"

# Name and module: loaded when first used, so that `import mediaml` costs nothing.
_PUBLIC = {
    "AudioCheck": "mediaml.data.quality",
    "AudioDataset": "mediaml.data.audio",
    "AudioPrediction": "mediaml.values.prediction",
    "AudioReport": "mediaml.values.report",
    "AwsPriceList": "mediaml.aws.price_list",
    "Box": "mediaml.values.geometry",
    "Catalog": "mediaml.archive.catalog",
    "Clip": "mediaml.values.clip",
    "Comparison": "mediaml.values.comparison",
    "Deployment": "mediaml.models.base",
    "DetectionReport": "mediaml.values.detection_report",
    "Event": "mediaml.values.timeline",
    "EventReport": "mediaml.values.event_report",
    "Face": "mediaml.values.face",
    "FaceCollection": "mediaml.backends.rekognition.faces.collection",
    "FaceIndex": "mediaml.values.face",
    "FaceMatch": "mediaml.values.face",
    "FaceSearch": "mediaml.values.face",
    "Find": "mediaml.values.reel",
    "FrameRate": "mediaml.values.media",
    "HttpAudioDeployment": "mediaml.backends.http.audio",
    "HttpImageDeployment": "mediaml.backends.http.image",
    "ImageCheck": "mediaml.data.pictures.check",
    "ImageDataset": "mediaml.data.image",
    "ImageMultiLabelReport": "mediaml.values.multi_label_report",
    "ImagePrediction": "mediaml.values.prediction",
    "ImageReport": "mediaml.values.report",
    "Improvement": "mediaml.models.improvement",
    "Interval": "mediaml.values.interval",
    "LocalAudioModel": "mediaml.backends.local_audio",
    "LocalDeployment": "mediaml.backends.local_deployment",
    "LocalImageDeployment": "mediaml.backends.local_image",
    "LocalImageModel": "mediaml.backends.local_image",
    "Media": "mediaml.values.media",
    "Model": "mediaml.models.base",
    "MultiLabelReport": "mediaml.values.multi_label_report",
    "Notes": "mediaml.values.shown",
    "Picture": "mediaml.values.picture",
    "Plan": "mediaml.aws.plan",
    "Price": "mediaml.aws.prices",
    "PriceTable": "mediaml.aws.prices",
    "Reel": "mediaml.values.reel",
    "RefusedFace": "mediaml.values.face",
    "RekognitionDeployment": "mediaml.backends.rekognition.deployment",
    "RekognitionModel": "mediaml.backends.rekognition.model",
    "Repaired": "mediaml.data.pictures.repair",
    "SageMakerAudioModel": "mediaml.backends.sagemaker.model",
    "SageMakerEndpoint": "mediaml.backends.sagemaker.endpoint",
    "Score": "mediaml.values.prediction",
    "Segment": "mediaml.values.geometry",
    "ServiceEvaluation": "mediaml.values.service_evaluation",
    "Sighting": "mediaml.values.timeline",
    "SpectrogramBuilder": "mediaml.features.spectrogram",
    "Timeline": "mediaml.values.timeline",
    "Track": "mediaml.values.timeline",
    "Value": "mediaml.archive.value",
    "check_manifest": "mediaml.data.preflight.manifest",
    "connect": "mediaml.backends.connecting",
    "evaluate_events": "mediaml.models.event_evaluation",
    "load": "mediaml.models.load",
    "load_report": "mediaml.reports.files",
    "plan_scan": "mediaml.archive.scan",
    "scan": "mediaml.archive.scan",
    "select": "mediaml.models.selection",
    "show": "mediaml.reports.views.examples",
}
_MODULES = ("errors", "samples")

__all__ = [
    "AudioCheck",
    "AudioDataset",
    "AudioPrediction",
    "AudioReport",
    "AwsPriceList",
    "Box",
    "Catalog",
    "Clip",
    "Comparison",
    "Deployment",
    "DetectionReport",
    "Event",
    "EventReport",
    "Face",
    "FaceCollection",
    "FaceIndex",
    "FaceMatch",
    "FaceSearch",
    "Find",
    "FrameRate",
    "HttpAudioDeployment",
    "HttpImageDeployment",
    "ImageCheck",
    "ImageDataset",
    "ImageMultiLabelReport",
    "ImagePrediction",
    "ImageReport",
    "Improvement",
    "Interval",
    "LocalAudioModel",
    "LocalDeployment",
    "LocalImageDeployment",
    "LocalImageModel",
    "Media",
    "Model",
    "MultiLabelReport",
    "Notes",
    "Picture",
    "Plan",
    "Price",
    "PriceTable",
    "Reel",
    "RefusedFace",
    "RekognitionDeployment",
    "RekognitionModel",
    "Repaired",
    "SageMakerAudioModel",
    "SageMakerEndpoint",
    "Score",
    "Segment",
    "ServiceEvaluation",
    "Sighting",
    "SpectrogramBuilder",
    "Timeline",
    "Track",
    "Value",
    "check_manifest",
    "connect",
    "errors",
    "evaluate_events",
    "load",
    "load_report",
    "plan_scan",
    "samples",
    "scan",
    "select",
    "show",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"mediaml.{name}")
    if name not in _PUBLIC:
        raise AttributeError(f"module 'mediaml' has no attribute {name!r}")
    value = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
