"""Every kind of value that a notebook shows, with labels and names of files that would like to be markup."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import soundfile
from PIL import Image

import mediaml as mm
from mediaml.aws.plan import Charge, Plan
from mediaml.aws.prices import Price
from mediaml.data.pictures.repair import Repaired
from mediaml.models.improvement import Improvement
from mediaml.reports.views.finds import Counted, catalog_html
from mediaml.values.comparison import Comparison, Difference
from mediaml.values.service_evaluation import ServiceLabel
from mediaml.values.timeline import Sighting, Track
from tests.sounds import RATE, tone

HOSTILE = "<script>alert('x')</script>&\x1b"
ESCAPED = "&lt;script&gt;alert(&#39;x&#39;)&lt;"
SIZE = (64, 48)
BOX = mm.Box(label=HOSTILE, left=8, top=6, width=30, height=20, confidence=0.8)


def sound(folder: Path, seconds: float = 2.0) -> Path:
    """A recording whose name is markup, as far as a file system takes it."""
    path = folder / "<b>hum<i>.wav"
    if not path.exists():
        soundfile.write(path, tone("hum", 1, seconds), RATE)
    return path


def picture(folder: Path) -> Path:
    path = folder / "<b>grey<i>.png"
    Image.new("RGB", SIZE, (120, 120, 120)).save(path)
    return path


def heard(source: str, label: str | None = HOSTILE, **more: Any) -> mm.AudioPrediction:
    """What a model says of a second of a recording."""
    scores = (mm.Score(label=HOSTILE, confidence=0.83), mm.Score(label="rain", confidence=0.17))
    given: dict[str, Any] = {"reason": None if label else "unlike_training_data", "alternatives": scores, **more}
    return mm.AudioPrediction(
        label=label, confidence=0.83, familiarity=0.4, segment=mm.Segment(start=0.5, end=1.5), source=source, **given
    )


def seen(source: str, boxes: tuple[mm.Box, ...] = (BOX,)) -> mm.ImagePrediction:
    scores = (mm.Score(label=HOSTILE, confidence=0.8),)
    width, height = SIZE
    return mm.ImagePrediction(
        label=HOSTILE, confidence=0.8, alternatives=scores, boxes=boxes, width=width, height=height, source=source
    )


def find(source: str, tracks: bool = False, media: mm.Media | None = None) -> mm.Find:
    followed = (Track(sightings=(Sighting(time=0, box=BOX),)),) if tracks else ()
    event = mm.Event(label=HOSTILE, segment=mm.Segment(start=0.5, end=1.5), confidence=0.7, tracks=followed)
    return mm.Find(source=source, event=event, media=media, value=0.5)


def comparison() -> Comparison:
    better = Difference(old=0.8, new=0.9, between=mm.Interval(low=0.02, high=0.18))
    untested = Difference(old=None, new=None)
    return Comparison(
        figure="accuracy",
        label_figure="f1",
        overall=better,
        per_label={HOSTILE: better, "owl": untested},
        counted="210 clips",
    )


def improvement() -> Improvement[str]:
    report: Any = None  # no view looks at the reports behind the comparison
    return Improvement("old", "new", report, report, comparison())


def sounds(folder: Path) -> mm.AudioDataset:
    (folder / "empty.wav").touch()
    rows = {"path": [str(sound(folder)), str(folder / "empty.wav")], "label": [HOSTILE, None]}
    return mm.AudioDataset.from_table(pd.DataFrame(rows))


def pictures(folder: Path) -> mm.ImageDataset:
    frame = mm.ImageDataset.from_table(pd.DataFrame({"path": [str(picture(folder))], "label": [HOSTILE]})).frame
    frame["boxes"] = pd.Series([(BOX,)], dtype=object)
    return mm.ImageDataset(frame)


def face() -> mm.FaceSearch:
    matches = (mm.FaceMatch(person=HOSTILE, similarity=0.98, face_id="1"),)
    return mm.FaceSearch(
        label=HOSTILE,
        confidence=0.98,
        alternatives=(mm.Score(label=HOSTILE, confidence=0.98),),
        faces=(mm.Face(box=BOX, matches=matches), mm.Face(box=BOX)),
        source="bytes",
    )


class ByCatalog:
    """What a catalog gives to its view."""

    def _repr_html_(self) -> str:
        found = [Counted("m", HOSTILE, 3, 2, 9.0), Counted("m", "never", 0, 0, 0.0)]
        return catalog_html("/a/store.sqlite", {"read": 2, "not read": 1}, 0.1, found, [], [("/x.wav", HOSTILE)])


def service() -> mm.ServiceEvaluation:
    given = ServiceLabel(threshold=0.4, precision=0.9, recall=0.95, f1=0.92, pictures=12)
    return mm.ServiceEvaluation(f1=0.9, precision=0.9, recall=0.9, per_label={HOSTILE: given, "b": ServiceLabel()})


def plan() -> Plan:
    priced = Charge("training", 2, 2.0, Price(0.5, "USD", "a table", "2026-11-20"))
    return Plan(HOSTILE, "eu-west-1", "ends after 2 hours", (priced, Charge("hosting", 1, None, None, HOSTILE)))


def refused() -> mm.FaceIndex:
    bad = mm.RefusedFace(path="/x.jpg", person=HOSTILE, reason="low_quality")
    return mm.FaceIndex(collection="people", indexed={HOSTILE: 12}, refused=(bad,))


Make = Callable[[Path], Any]
VALUES: dict[str, Make] = {
    "AudioPrediction": lambda folder: heard(str(sound(folder))),
    "AudioPrediction, nothing": lambda folder: heard(str(sound(folder)), None),
    "ImagePrediction": lambda folder: seen(str(picture(folder))),
    "FaceSearch": lambda _: face(),
    "Clip": lambda folder: mm.Clip(path=sound(folder), labels=(HOSTILE,)),
    "Picture": lambda folder: mm.Picture(path=str(picture(folder)), labels=(HOSTILE,), boxes=(BOX,)),
    "AudioDataset": sounds,
    "ImageDataset": pictures,
    "Timeline": lambda folder: mm.Timeline(
        source=str(sound(folder)), duration=2, events=(find("").event,), labels=(HOSTILE,)
    ),
    "Find": lambda folder: find(str(sound(folder))),
    "Find, a picture": lambda folder: find(str(picture(folder)), tracks=True),
    "Reel": lambda folder: mm.Reel(name=HOSTILE, finds=(find(str(sound(folder))), find("s3://bucket/far.wav"))),
    "Catalog": lambda _: ByCatalog(),
    "Comparison": lambda _: comparison(),
    "Improvement": lambda _: improvement(),
    "ServiceEvaluation": lambda _: service(),
    "Plan": lambda _: plan(),
    "FaceIndex": lambda _: refused(),
    "Repaired": lambda folder: Repaired(
        pictures(folder), pd.DataFrame({"path": ["a"], "new_path": ["b"], "what": [f"{HOSTILE}; copied"]})
    ),
    "Value": lambda _: mm.Value(labels={HOSTILE: 3.0, "rain": 0.0}),
    "show": lambda folder: mm.show([heard(str(sound(folder))), seen(str(picture(folder))), heard("/gone.wav")]),
}
