"""What a server answers, and what it refuses."""

from __future__ import annotations

import hashlib
import io
import json

import numpy as np
import pytest
import soundfile

import mediaml as mm
from mediaml.runtime import inference, wav
from tests.sounds import RATE, small_model, tone, write_tones


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    sounds = mm.AudioDataset.from_folder(write_tones(tmp_path_factory.mktemp("tones") / "tones", per_label=8))
    train, validation = sounds.split(0.5, 0.5, seed=1)
    return small_model(epochs=6).fit(train, validation, progress=False)


@pytest.fixture(scope="module")
def served(model, tmp_path_factory):
    return inference.model_fn(str(model.save(tmp_path_factory.mktemp("model") / "m")))


def asked(served, body, content_type="audio/wav", accept="application/json"):
    content, kind = inference.transform_fn(served, body, content_type, accept)
    assert kind == "application/json"
    return json.loads(content)


def npy(samples):
    out = io.BytesIO()
    np.save(out, samples)
    return bytearray(out.getvalue())


SOUND = tone("hum", 99)


def test_the_answer_is_the_local_models(model, served):
    told = asked(served, wav.write(SOUND, RATE))
    expected = model.predict((SOUND, RATE))
    assert told["label"] == expected.label == "hum"
    assert told["confidence"] == pytest.approx(expected.confidence, abs=1e-9)
    assert (told["score"], told["familiarity"]) == pytest.approx((expected.score, expected.familiarity), abs=1e-6)
    assert [one["label"] for one in told["alternatives"]] == [one.label for one in expected.alternatives]
    assert told["reason"] is None and told["seconds"] == 1.0
    assert len(told["model"]) == 16


@pytest.mark.parametrize("seconds", [0.3, 1.0, 1.04, 2.3, 7.77])
def test_a_sound_of_any_length_is_heard_in_the_same_windows(model, served, seconds):
    sound = tone("whistle", 98, seconds)
    told, expected = asked(served, wav.write(sound, RATE)), model.predict((sound, RATE))
    assert (told["label"], told["reason"]) == (expected.label, expected.reason)
    assert told["confidence"] == pytest.approx(expected.confidence, abs=1e-6)


@pytest.mark.parametrize(
    ("sound", "reason"),
    [(np.zeros(RATE, np.float32), "silence"), (SOUND[:20], "too_short"), (np.zeros(0, np.float32), "too_short")],
    ids=["silence", "a moment", "nothing"],
)
def test_nothing_is_recognised_with_the_reason(served, sound, reason):
    told = asked(served, wav.write(sound, RATE))
    assert (told["label"], told["labels"], told["reason"]) == (None, [], reason)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (wav.write(SOUND, RATE), "audio/wav"),
        (bytearray(wav.write(SOUND, RATE)), "Audio/X-WAV; codecs=1"),
        (npy(SOUND), "application/x-npy"),
        (npy(np.stack([SOUND, SOUND], axis=1)), f"application/x-npy; rate={RATE}"),
        (npy((SOUND * 32767).astype(np.int16)), "application/x-npy"),
        (json.dumps({"samples": SOUND.tolist(), "sample_rate": RATE}), "application/json"),
        (bytearray(json.dumps({"samples": SOUND.tolist(), "sample_rate": RATE}), "utf-8"), "application/json; a=b"),
    ],
    ids=["wav", "wav by another name", "npy", "npy stereo", "npy int16", "json", "json as bytes"],
)
def test_every_kind_of_body_says_the_same(served, body, content_type):
    told = asked(served, body, content_type)
    assert told["label"] == "hum"
    assert told["confidence"] == pytest.approx(asked(served, wav.write(SOUND, RATE))["confidence"], abs=1e-3)


@pytest.mark.parametrize("rate", [4 * RATE, 11025, 44100])
def test_another_rate_is_resampled_there(model, served, rate):
    import soxr

    told = asked(served, wav.write(soxr.resample(SOUND, RATE, rate), rate))
    assert told["label"] == "hum"
    assert told["confidence"] == pytest.approx(model.predict((SOUND, RATE)).confidence, abs=0.02)


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_24", "DOUBLE"])
def test_other_samples(served, subtype):
    out = io.BytesIO()
    soundfile.write(out, SOUND, RATE, subtype, format="WAV")
    assert asked(served, out.getvalue())["label"] == "hum"


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "status"),
    [
        (b"no sound", "audio/wav", "application/json", 400),
        (b"", "audio/wav", "application/json", 400),
        ("text", "audio/wav", "application/json", 400),
        (b"no array", "application/x-npy", "application/json", 400),
        (npy(np.array([{}], object)), "application/x-npy", "application/json", 400),
        (npy(np.array(["a"])), "application/x-npy", "application/json", 400),
        (npy(np.array([np.inf])), "application/x-npy", "application/json", 400),
        (npy(np.zeros((2, 2, 2))), "application/x-npy", "application/json", 400),
        (b"PK\x03\x04 no archive", "application/x-npy", "application/json", 400),
        (b"", "application/x-npy", "application/json", 400),
        ('{"samples": [1], "sample_rate": Infinity}', "application/json", "application/json", 400),
        ("[" * 100000, "application/json", "application/json", 400),
        (npy(SOUND), "application/x-npy; rate=0", "application/json", 400),
        ("{", "application/json", "application/json", 400),
        ('{"samples": [1]}', "application/json", "application/json", 400),
        ('{"samples": [1], "sample_rate": 1.5}', "application/json", "application/json", 400),
        (wav.write(np.zeros(3601, np.float32), 1), "audio/wav", "application/json", 413),
        (b"ID3", "audio/mpeg", "application/json", 415),
        (b"", None, "application/json", 415),
        (wav.write(SOUND, RATE), "audio/wav", "text/csv", 406),
    ],
)
def test_what_is_refused_has_a_status_and_a_short_reason_without_paths(served, body, content_type, accept, status):
    with pytest.raises(inference.Refusal) as caught:
        inference.transform_fn(served, body, content_type, accept)
    assert caught.value.status_code == status
    assert 0 < len(caught.value.message) < 260
    assert "/" not in caught.value.message.replace("audio/", "").replace("application/", "").replace("text/", "")


@pytest.mark.parametrize("accept", [None, "", "*/*", "application/*", "application/json", "Application/JSON; q=1"])
def test_whoever_takes_json_gets_it(served, accept):
    assert asked(served, wav.write(SOUND, RATE), accept=accept)["label"] == "hum"


def test_what_a_verdict_is_made_of(model, served):
    told = asked(served, wav.write(tone("hum", 97, 3.0), RATE), accept="application/json; detail=impression")
    assert told["labels"] == list(model.labels)
    assert told["windows"] == 5
    assert sum(told["probabilities"]) == pytest.approx(1)
    assert told["rule"]["thresholds"] == pytest.approx(model.thresholds["threshold"].tolist())
    assert told["spectrogram"]["sample_rate"] == RATE
    assert (
        asked(served, wav.write(np.zeros(RATE, np.float32), RATE), accept="application/json; detail=impression")[
            "level"
        ]
        is None
    )


def test_a_label_that_is_never_given_stays_so_in_json(model, served):
    recogniser = served.model.recogniser._replace(thresholds=np.array([np.inf, 0.0, 0.0]))
    never = served._replace(model=served.model._replace(recogniser=recogniser))
    told = asked(never, wav.write(SOUND, RATE), accept="application/json; detail=impression")
    assert told["rule"]["thresholds"] == [None, 0.0, 0.0]


# --- events


def scene(seconds=12.0):
    samples = 0.01 * np.random.RandomState(3).standard_normal(int(seconds * RATE))
    for label, start, end in (("hum", 2.0, 4.0), ("whistle", 7.0, 10.0)):
        samples[int(start * RATE) : int(end * RATE)] += tone(label, 70, end - start)
    return np.asarray(samples, np.float32)


EVENTS = "application/json; detail=events; batch=8"


@pytest.mark.parametrize("more", ["", "; hop=0.5"])
def test_events_are_the_local_models(model, served, tmp_path, more):
    soundfile.write(tmp_path / "day.wav", scene(), RATE, "FLOAT")
    expected = model.detect(tmp_path / "day.wav", hop=0.5 if more else None, progress=False)
    content = (tmp_path / "day.wav").read_bytes()
    told = asked(served, bytearray(content), accept=EVENTS + more)
    assert len(expected.events) >= 2
    assert [event[0] for event in told["events"]] == [event.label for event in expected.events]
    for (_, start, end, confidence), event in zip(told["events"], expected.events, strict=True):
        assert (start, end) == pytest.approx((event.segment.start, event.segment.end), abs=1e-6)
        assert confidence == pytest.approx(event.confidence, abs=1e-6)
    assert (told["duration"], told["sample_rate"], told["channels"]) == (12.0, RATE, 1)
    assert (told["problems"], told["error"]) == ([], None)
    assert told["digest"] == hashlib.sha256(content).hexdigest()
    assert told["labels"] == list(model.labels) and len(told["model"]) == 16


@pytest.mark.parametrize("kind", ["application/x-npy", "application/json"])
def test_other_bodies_have_events_too(served, kind):
    body = npy(scene()) if kind.endswith("npy") else json.dumps({"samples": scene().tolist(), "sample_rate": RATE})
    expected = asked(served, wav.write(scene(), RATE), accept=EVENTS)
    assert asked(served, body, kind, EVENTS)["events"] == expected["events"]


def test_a_stretch_that_is_no_sound_is_a_problem_and_the_rest_is_heard(served):
    samples = np.tile(scene(), 6)
    samples[50 * RATE] = np.nan
    told = asked(served, wav.write(samples, RATE), accept=EVENTS)
    (problem,) = told["problems"]
    assert problem.endswith("samples are NaN, infinite or absurdly large")
    assert told["error"] is None and told["events"]
    told = asked(served, wav.write(np.full(RATE, np.nan, np.float32), RATE), accept=EVENTS)
    assert "samples are NaN" in told["error"] and "events" not in told


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "this is no WAV file"),
        (b"no sound", "this is no WAV file"),
        ("text", "text came where bytes were expected"),
        (wav.write(np.zeros(10, np.float32), 4000000), "samples at 4000000 Hz"),
        (wav.write(np.zeros(200000, np.float32), 1), "windows are more than"),
    ],
)
def test_a_sound_that_cannot_be_heard_is_an_answer_that_ends_no_batch(served, body, reason):
    told = asked(served, body, accept=EVENTS)
    assert reason in told["error"]
    assert "events" not in told and len(told["digest"]) == 64


@pytest.mark.parametrize("wrong", ["hop=0", "hop=9", "hop=nan", "hop=inf", "hop=x", "batch=0", "batch=257", "batch=x"])
def test_events_wanted_in_an_impossible_way_are_refused(served, wrong):
    with pytest.raises(inference.Refusal) as caught:
        inference.transform_fn(served, wav.write(SOUND, RATE), "audio/wav", f"application/json; detail=events; {wrong}")
    assert caught.value.status_code == 400
    assert 0 < len(caught.value.message) < 260


def test_an_answer_is_never_larger_than_the_server_sends(served, monkeypatch):
    monkeypatch.setattr(inference, "MOST_BYTES", 300)
    told = asked(served, wav.write(scene(), RATE), accept=EVENTS)
    assert told["error"] == "more events than 300 bytes hold" and "events" not in told


def test_events_of_another_type_are_refused_as_before(served):
    with pytest.raises(inference.Refusal) as caught:
        inference.transform_fn(served, b"ID3", "audio/mpeg", EVENTS)
    assert caught.value.status_code == 415


def test_nothing_at_all_has_no_events(served):
    told = asked(served, wav.write(np.zeros(0, np.float32), RATE), accept=EVENTS)
    assert (told["events"], told["duration"], told["error"]) == ([], 0.0, None)
