"""Serving in AWS's container: its toolkit calls `model_fn` once a worker, and `transform_fn` for each request."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Dict, Mapping, NamedTuple, Optional, Tuple, Union

import numpy as np

from . import learned, npy, recording, wav
from .detecting import Wanted, grid_of
from .dsp import as_waveform, loudest_dbfs
from .faults import Fault, SoundFault
from .learned import Learned
from .recording import ANY, Bounds
from .resample import resample
from .shard_sounds import spectrograms
from .verdict import Impression, Verdict, judge

try:
    from sagemaker_inference.errors import BaseInferenceToolkitError as Refusal
except ImportError:  # outside of AWS's container

    class Refusal(Exception):  # type: ignore[no-redef]
        """An answer of another status than 200, as AWS's toolkit words it."""

        def __init__(self, status_code: int, message: str, phrase: str) -> None:
            super().__init__(status_code, message, phrase)
            self.status_code = status_code
            self.message = message
            self.phrase = phrase


JSON, NPY = "application/json", "application/x-npy"
WAV = ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave")
BATCH = 8
LONGEST = 3600.0  # seconds
PARTIAL = "impression"
"""``Accept: application/json; detail=impression`` asks for what a verdict is made of, so that whoever cut a long sound
into pieces can put the pieces together."""
EVENTS = "events"
"""``Accept: application/json; detail=events`` asks for the sounds in a recording of any length; ``; hop=0.25`` and
``; batch=32`` may follow. A sound that cannot be read is an answer, too: it must not end a batch transform."""
MOST_BYTES = 5000000  # of an answer: AWS's server dies of 6.5 MB
MOST_AT_ONCE = 256

Body = Union[bytes, bytearray, str]


class Served(NamedTuple):
    """A model, and a name for exactly this one."""

    model: Learned
    version: str


def model_fn(model_dir: str) -> Served:
    """Load the model, once a worker."""
    model, _ = learned.read(model_dir)
    version = learned.version(model_dir)
    model.network.logits(np.zeros((1, model.spec.mel_bands, model.spec.clip_frames), np.float32), BATCH)  # warm
    return Served(model, version)


def transform_fn(served: Served, data: Body, content_type: Optional[str], accept: Optional[str]) -> Tuple[str, str]:
    """Answer a request.

    Parameters
    ----------
    served
        From `model_fn`.
    data
        ``audio/wav``: a file. ``application/x-npy``: samples, [samples] or [samples, channels], at the spectrogram's
        rate or at that of the parameter ``rate``. ``application/json``: ``{"samples": [...], "sample_rate": 16000}``.
    content_type, accept
        As they came. The answer is JSON; `PARTIAL` and `EVENTS` say what else than a verdict can be asked for.

    Raises
    ------
    Refusal
        400: the sound cannot be read. 413: it is too long. 415: neither of these types. 406: no JSON is wanted.
    """
    return answer(served, data, content_type, accept, ANY), JSON


def answer(served: Served, data: Body, content_type: Optional[str], accept: Optional[str], bounds: Bounds) -> str:
    """Answer a request, within bounds: as `transform_fn`, for servers that have some of their own."""
    kind, parameters = _parsed(content_type)
    wanted, details = _parsed(accept)
    if wanted not in ("", "*/*", "application/*", JSON):
        raise _refusal(406, "answers are application/json, not {}".format(wanted))
    if asks_for_events(accept):
        return _events(served, data, (kind, parameters), details, bounds)
    try:
        waveform, rate = _sound(data, kind, parameters, served.model.spec.sample_rate)
    except Refusal:
        raise
    except Exception as error:  # whatever a foreign body raises, it is the body's fault
        raise _refusal(400, "the sound cannot be read: {}".format(_short(error)))
    longest = min(LONGEST, bounds.seconds)
    if len(waveform) > longest * rate:
        raise _refusal(413, "the sound is longer than {:g} s: send it in pieces".format(longest))
    heard, windows = listen(served.model, waveform, rate)
    told = _impression(served, heard, windows) if details.get("detail") == PARTIAL else _verdict(served, heard)
    return json.dumps(told)


def asks_for_events(accept: Optional[str]) -> bool:
    """Say whether the answer is to be the events of a recording, which may take long."""
    return _parsed(accept)[1].get("detail") == EVENTS


def _events(
    served: Served, data: Body, sent: Tuple[str, Dict[str, str]], details: Mapping[str, str], bounds: Bounds
) -> str:
    """Say where which sounds are in a recording, or why it cannot be heard."""
    wanted, batch = _wanted(served, details)
    content = data.encode("utf-8") if isinstance(data, str) else data
    about = {"digest": hashlib.sha256(content).hexdigest(), "model": served.version, "labels": served.model.labels}
    try:
        found = recording.hear(served.model, _opened(served, data, *sent), wanted, batch, bounds)
        told = json.dumps(dict(about, error=None, **found))
    except Refusal:
        raise
    except Exception as error:  # whatever a foreign body raises
        told = json.dumps(dict(about, error=_short(error)))
    if len(told) > MOST_BYTES:
        told = json.dumps(dict(about, error="more events than {} bytes hold".format(MOST_BYTES)))
    return told


def _wanted(served: Served, details: Mapping[str, str]) -> Tuple[Wanted, int]:
    """Check how to find events: what is wrong here is the request's fault, and not the sound's."""
    try:
        wanted = Wanted(float(details["hop"]) if "hop" in details else None)
        grid_of(served.model, wanted.hop)
        batch = int(details.get("batch", BATCH))
    except ValueError as error:
        raise _refusal(400, _short(error))
    if not 1 <= batch <= MOST_AT_ONCE:
        raise _refusal(400, "batch is from 1 to {}".format(MOST_AT_ONCE))
    return wanted, batch


def _opened(served: Served, data: Body, kind: str, parameters: Mapping[str, str]) -> recording.Sound:
    if kind in WAV:
        if isinstance(data, str):
            raise SoundFault("text came where bytes were expected")
        return wav.opened(data)
    return recording.Samples(*_sound(data, kind, parameters, served.model.spec.sample_rate))


def listen(model: Learned, waveform: np.ndarray, rate: int) -> Tuple[Impression, int]:
    """Hear samples: what was heard, and in how many windows."""
    spec = model.spec
    seconds = len(waveform) / float(rate)
    samples = resample(waveform, rate, spec.sample_rate)
    embeddings = model.network.embed(spectrograms(samples, spec, seconds), BATCH)
    probabilities, familiarity = model.recogniser.hear(embeddings)
    level = loudest_dbfs(samples, spec.sample_rate)
    heard = Impression(seconds, level, probabilities.mean(axis=0), float(familiarity.mean()))
    return heard, len(embeddings)


def _verdict(served: Served, heard: Impression) -> Dict[str, Any]:
    """Say what a person wants to know."""
    model = served.model
    verdict = judge(heard, model.recogniser.rule, model.spec)
    names = [model.labels[number] for number in verdict.given]
    return {
        "label": names[0] if names else None,
        "labels": names,
        "confidence": float(heard.probabilities[verdict.order[0]]),
        "score": verdict.score,
        "familiarity": heard.familiarity,
        "reason": verdict.reason,
        "alternatives": _alternatives(model, heard, verdict),
        "seconds": heard.seconds,
        "model": served.version,
    }


def _alternatives(model: Learned, heard: Impression, verdict: Verdict) -> Any:
    return [
        {"label": model.labels[number], "confidence": float(heard.probabilities[number])} for number in verdict.order
    ]


def _impression(served: Served, heard: Impression, windows: int) -> Dict[str, Any]:
    """Say what a verdict is made of, and by which rule."""
    model = served.model
    rule = model.recogniser.rule
    return {
        "labels": list(model.labels),
        "probabilities": heard.probabilities.tolist(),
        "familiarity": heard.familiarity,
        "level": heard.level if np.isfinite(heard.level) else None,
        "seconds": heard.seconds,
        "windows": windows,
        "rule": {
            "objective": rule.objective,
            # JSON knows no infinity: a label that is never given
            "thresholds": [float(one) if np.isfinite(one) else None for one in rule.thresholds],
            "typical": rule.typical,
        },
        "spectrogram": model.spec.to_dict(),
        "model": served.version,
    }


def _sound(data: Body, kind: str, parameters: Mapping[str, str], rate: int) -> Tuple[np.ndarray, int]:
    if kind in WAV:
        waveform, found = wav.read(_bytes(data))
        return _checked(waveform), _rate(found)
    if kind == NPY:
        return _checked(npy.read(_bytes(data))), _rate(parameters.get("rate", rate))
    if kind == JSON:
        document = json.loads(data if isinstance(data, str) else bytes(data).decode("utf-8"))
        return _checked(np.asarray(document["samples"], np.float32)), _rate(document["sample_rate"])
    raise _refusal(415, "send audio/wav, {} or {}, not {}".format(NPY, JSON, kind or "a body without Content-Type"))


def _checked(samples: np.ndarray) -> np.ndarray:
    waveform = as_waveform(samples)
    if not (np.abs(waveform) < recording.LARGEST_SAMPLE).all():  # False for NaN too
        raise SoundFault("there are samples that are no numbers, or absurdly large")
    return waveform


def _rate(value: Any) -> int:
    rate = int(value)
    if not 1 <= rate <= 1000000 or rate != float(value):
        raise SoundFault("a sample rate is a whole number of Hz, not {!r}".format(value))
    return rate


def _bytes(data: Body) -> bytes:
    if isinstance(data, str):
        raise SoundFault("text came where bytes were expected")
    return bytes(data)


def _parsed(header: Optional[str]) -> Tuple[str, Dict[str, str]]:
    """Give a media type in small letters, and its parameters: servers hand headers on as they came."""
    parts = [part.strip() for part in (header or "").split(";")]
    pairs = [part.split("=", 1) for part in parts[1:] if "=" in part]
    return parts[0].lower(), {name.strip().lower(): value.strip().strip('"') for name, value in pairs}


def _short(error: BaseException) -> str:
    """Give the reason without paths: AWS's toolkit sends it, and more, to whoever asked."""
    text = str(error) if isinstance(error, Fault) else "{} ({})".format(type(error).__name__, error)
    return text.splitlines()[0][:200] if text else type(error).__name__


def _refusal(status: int, message: str) -> Refusal:
    phrases = {400: "Bad Request", 406: "Not Acceptable", 413: "Payload Too Large", 415: "Unsupported Media Type"}
    return Refusal(status, message, phrases[status])


__all__ = ["Refusal", "listen", "model_fn", "transform_fn"]
