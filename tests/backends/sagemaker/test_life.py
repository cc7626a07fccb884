"""The whole life of a model on SageMaker, on the offline AWS: train, measure, serve, ask, end."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

import mediaml as mm
from mediaml.backends.sagemaker.inventory import inventory, stop
from mediaml.errors import AudioError, AwsNotFoundError, AwsValidationError, JobFailedError, NotDeployedError
from mediaml.features.items import Item
from mediaml.reports.card import card
from mediaml.runtime import wav
from mediaml.testing import Fault
from tests.backends.sagemaker.conftest import Trained, sagemaker_model
from tests.sounds import RATE, small_model, tone, write_tones


def test_the_trained_model_is_the_one_that_would_have_been_trained_here(trained: Trained) -> None:
    """The job runs the same code on the same clips: 16-bit samples are all the difference."""
    local = small_model(epochs=6).fit(trained.train, trained.validation, progress=False)
    assert trained.model.labels == local.labels
    there = trained.model.to_local()
    assert isinstance(there, mm.LocalAudioModel)
    for one, other in zip(there.predict(trained.test), local.predict(trained.test), strict=True):
        assert one.alternatives[0].label == other.alternatives[0].label
        assert one.confidence == pytest.approx(other.confidence, abs=0.05)


def test_the_model_knows_what_it_learned_from(trained: Trained) -> None:
    there = trained.model.to_local()
    assert isinstance(there, mm.LocalAudioModel)
    assert there.training["data"]["train"]["content"] == trained.train.content_hash()
    assert there.training["trained_with"]["mxnet"]
    assert there.training["seconds"] > 0 and "core" in there.training["machine"]
    assert len(there.history) == 6
    report = there.evaluate(trained.train)
    assert "very clips" in report.warnings[0]


def test_a_report_by_batch_transform_and_one_by_an_endpoint_are_the_local_one(trained: Trained) -> None:
    local = trained.model.to_local().evaluate(trained.test)
    by_transform = trained.model.evaluate(trained.test, progress=False)
    assert trained.aws.running() == []
    with trained.model.deploy():
        by_endpoint = trained.model.evaluate(trained.test, progress=False)
    for report in (by_transform, by_endpoint):
        assert isinstance(report, mm.AudioReport) and isinstance(local, mm.AudioReport)
        assert report.confusion == local.confusion
        assert report.brier == pytest.approx(local.brier, abs=1e-6)
        assert [one.clip for one in report.outcomes] == [one.clip for one in local.outcomes]
        assert report.model["job"] == trained.model.job


@pytest.mark.slow
def test_a_clip_that_is_too_long_for_a_transform_is_measured_in_pieces(trained: Trained, tmp_path: Path) -> None:
    folder = write_tones(tmp_path / "tones", per_label=2)
    hour = np.tile(tone("hum", 90, 60.0), 56)
    assert 4 * len(hour) > 100 << 20
    soundfile.write(folder / "hum/hour.flac", hour, RATE)
    clips = mm.AudioDataset.from_folder(folder)
    by_transform = trained.model.evaluate(clips, progress=False)
    local = trained.model.to_local().evaluate(clips)
    assert isinstance(by_transform, mm.AudioReport) and isinstance(local, mm.AudioReport)
    assert [one.clip for one in by_transform.outcomes] == [one.clip for one in local.outcomes]
    assert by_transform.confusion == local.confusion
    assert by_transform.brier == pytest.approx(local.brier, abs=1e-6)
    assert trained.aws.running() == []


@pytest.mark.slow
def test_a_report_names_the_service_and_not_what_is_loaded_here(trained: Trained) -> None:
    by_transform = trained.model.evaluate(trained.test, progress=False).model
    assert by_transform["measured_with"]["verdicts by"].startswith("SageMaker: a batch transform on ml.")
    assert not {"numpy", "mxnet", "python"} & set(by_transform["measured_with"])
    with trained.model.deploy() as endpoint:
        by_endpoint = trained.model.evaluate(trained.test, progress=False)
    assert by_endpoint.model["measured_with"]["verdicts by"] == f"SageMaker: the endpoint {endpoint.name}"
    facts = {fact.name: fact.value for section in card(by_endpoint) for fact in section.facts}
    assert "mxnet" in facts["versions"] and "mediaml" in facts["prepared with"] and "trained with" not in facts
    assert facts["held back"] == "the part that was given for validation"


@pytest.mark.slow
def test_a_part_that_was_held_back_is_not_said_to_have_been_given(trained: Trained) -> None:
    alone = sagemaker_model(trained.aws, epochs=1).fit(trained.train, progress=False).to_local()
    assert isinstance(alone, mm.LocalAudioModel)
    assert alone.training["validation_given"] is False and "validation" in alone.training["data"]


def test_an_endpoint_says_what_the_local_model_says(trained: Trained) -> None:
    local = trained.model.to_local()
    content = soundfile_bytes(tone("hum", 50))
    items: list[Item] = [
        next(iter(trained.test)),
        content,
        io.BytesIO(content),
        (tone("whistle", 51, 7.3), RATE),
        (np.zeros(RATE, np.float32), RATE),
        (np.zeros(3, np.float32), RATE),
    ]
    with trained.model.deploy(kind="realtime", max_hours=1) as endpoint:
        assert trained.aws.running() == [("endpoint", endpoint.name)]
        said = endpoint.predict(items)
        assert endpoint.labels == trained.model.labels
        assert len(endpoint.version) == 16
        assert endpoint.predict([]) == []
        assert endpoint.predict(items[0]) == said[0]
        assert trained.model.predict(items[0]) == said[0]
    items[2] = io.BytesIO(content)
    for one, other in zip(said, local.predict(items), strict=True):
        assert (one.label, one.reason, one.segment, one.source) == (
            other.label,
            other.reason,
            other.segment,
            other.source,
        )
        assert one.confidence == pytest.approx(other.confidence, abs=1e-6)
        assert one.score == pytest.approx(other.score, abs=1e-6)
    assert said[4].reason == "silence" and said[5].reason == "too_short"


def test_a_serverless_endpoint_that_has_still_to_grow_ends_no_batch(trained: Trained) -> None:
    with trained.model.deploy() as endpoint:
        expected = endpoint.predict(trained.test)
        trained.aws.fail("sagemaker-runtime", "InvokeEndpoint", Fault.NOT_READY, times=6)
        assert endpoint.predict(trained.test) == expected


def soundfile_bytes(samples: object) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, RATE, format="WAV")
    return out.getvalue()


def test_what_is_too_large_for_a_request_is_sent_in_pieces(trained: Trained) -> None:
    minutes = np.concatenate([tone("hum", 60, 100.0), tone("whistle", 61, 101.3)])  # 6.4 MB
    expected = trained.model.to_local().predict((minutes, RATE))
    assert isinstance(expected, mm.AudioPrediction)
    with trained.model.deploy(kind="serverless") as endpoint:
        before = sum(call.operation == "InvokeEndpoint" for call in trained.aws.calls)
        said = endpoint.predict((minutes, RATE))
        asked = sum(call.operation == "InvokeEndpoint" for call in trained.aws.calls) - before
    assert asked == 3  # one to learn the model's rate, two pieces
    assert said.confidence == pytest.approx(expected.confidence, abs=1e-6)
    assert (said.label, said.segment) == (expected.label, expected.segment)


def test_bad_items_are_named_and_the_others_go_on(trained: Trained, tmp_path: Path) -> None:
    (tmp_path / "broken.wav").write_bytes(b"RIFF and then nothing")
    items = [next(iter(trained.test)).path, tmp_path / "broken.wav", tmp_path / "missing.wav"]
    with trained.model.deploy() as endpoint:
        said = endpoint.predict(items, on_error="skip")
        assert [one.error is None for one in said] == [True, False, False]
        assert "broken.wav" in str(said[1].error)
        with pytest.raises(AudioError, match=r"broken\.wav"):
            endpoint.predict(items)
        with pytest.raises(ValueError, match="on_error"):
            endpoint.predict(items, on_error="ignore")  # type: ignore[call-overload]


def test_an_async_endpoint_answers_by_s3(trained: Trained) -> None:
    with trained.model.deploy(kind="async", max_hours=1) as endpoint:
        assert endpoint.predict((tone("hum", 52), RATE)).label == "hum"
    with pytest.raises(AwsValidationError, match="attach"):
        mm.connect("x", kind="async", session=trained.aws.session)


@pytest.mark.slow
def test_an_async_endpoint_takes_more_in_one_request_than_awss_server_does_without_being_told(trained: Trained) -> None:
    minutes = np.concatenate([tone("hum", 53, 110.0), tone("whistle", 54, 101.3)])
    assert 4 * len(minutes) > 6553500
    expected = trained.model.to_local().predict((minutes, RATE))
    assert isinstance(expected, mm.AudioPrediction)
    with trained.model.deploy(kind="async", max_hours=1) as endpoint:
        before = len(trained.aws.calls)
        said = endpoint.predict((minutes, RATE))
        asked = [call for call in trained.aws.calls[before:] if call.operation == "InvokeEndpointAsync"]
    assert len(asked) == 2  # one to learn the model's rate
    assert (said.label, said.segment) == (expected.label, expected.segment)
    assert said.confidence == pytest.approx(expected.confidence, abs=1e-6)


def test_connecting_needs_the_right_to_invoke_and_no_other(trained: Trained) -> None:
    with trained.model.deploy() as endpoint:
        before = len(trained.aws.calls)
        connected = mm.connect(endpoint.name, session=trained.aws.session)
        assert connected.predict(next(iter(trained.test))) == endpoint.predict(next(iter(trained.test)))
        assert {call.operation for call in trained.aws.calls[before:]} == {"InvokeEndpoint"}
        connected.close()
        assert trained.aws.running() == [("endpoint", endpoint.name)], "whoever connected does not end it"
        with pytest.raises(NotDeployedError, match="closed"):
            connected.predict((tone("hum", 1), RATE))
    with pytest.raises(NotDeployedError, match="there is no endpoint no-such-endpoint"):
        mm.connect("no-such-endpoint", session=trained.aws.session).predict((tone("hum", 1), RATE))


def test_nothing_is_opened_by_asking(trained: Trained) -> None:
    fresh = mm.SageMakerAudioModel.attach(trained.model.job, session=trained.aws.session, clock=trained.aws.clock)
    with pytest.raises(NotDeployedError, match=r"with model\.deploy"):
        fresh.predict((tone("hum", 1), RATE))
    assert trained.aws.running() == []


def test_an_endpoint_that_costs_when_idle_needs_an_end(trained: Trained) -> None:
    with pytest.raises(AwsValidationError, match=r"max_hours=, or keep=True"):
        trained.model.deploy(kind="realtime")
    with pytest.raises(AwsValidationError, match="kind is one of"):
        trained.model.deploy(kind="magic")  # type: ignore[arg-type]
    assert trained.aws.running() == []


def test_an_endpoint_ends_when_its_time_is_over(trained: Trained) -> None:
    import time

    endpoint = trained.model.deploy(kind="realtime", max_hours=1 / 3600)
    until = time.monotonic() + 30
    while trained.aws.running() and time.monotonic() < until:
        time.sleep(0.1)
    assert trained.aws.running() == []
    endpoint.close()


def test_an_endpoint_for_production_stays_until_it_is_ended(
    trained: Trained, capsys: pytest.CaptureFixture[str]
) -> None:
    endpoint = trained.model.deploy(kind="realtime", keep=True)
    endpoint.close()
    assert trained.aws.running() == [("endpoint", endpoint.name)]
    with trained.model.deploy(kind="realtime", max_hours=1) as again:
        assert again.name == endpoint.name, "the same model served in the same way is the same endpoint"
    assert trained.aws.running() == [("endpoint", endpoint.name)], "whoever uses it in passing does not end it"
    assert "is to stay" in capsys.readouterr().err
    with pytest.raises(AwsValidationError, match=r"there already, on ml\.m5\.large and not on ml\.c5\.large"):
        trained.model.deploy(kind="realtime", max_hours=1, instance_type="ml.c5.large")
    workshop = trained.model._workshop
    (found,) = [one for one in inventory(workshop) if one.bills]
    assert found.keep
    stop(workshop, found)
    assert trained.aws.running() == []


def test_a_plan_is_told_before_anything_starts(trained: Trained, capsys: pytest.CaptureFixture[str]) -> None:
    with trained.model.deploy(kind="realtime", max_hours=2):
        pass
    told = capsys.readouterr().err
    assert "the realtime endpoint" in told and "us-east-1 on ml.m5.large" in told and "2 hours at most" in told


def test_an_archive_is_heard_by_a_batch_transform(trained: Trained) -> None:
    client = trained.aws.session.client("s3")
    for name, samples in {"a": tone("hum", 70), "deep/b": tone("whistle", 71, 3.0), "c": np.zeros(RATE)}.items():
        body = wav.write(np.asarray(samples, np.float32), RATE)
        client.put_object(Bucket=trained.aws.bucket, Key=f"archive/{name}.wav", Body=body)
    root = f"s3://{trained.aws.bucket}/"
    found = trained.model.transform(f"{root}archive/", f"{root}out/")
    assert isinstance(found, pd.DataFrame)
    rows = found.set_index("path")
    assert sorted(rows.index) == [f"{root}archive/{name}.wav" for name in ("a", "c", "deep/b")]
    assert rows.loc[f"{root}archive/a.wav", "label"] == "hum"
    assert rows["label"].isna().sum() == 1
    assert rows.loc[f"{root}archive/c.wav", "reason"] == "silence"
    with pytest.raises(AwsValidationError, match="there are no files"):
        trained.model.transform(f"{root}nothing/", f"{root}out/")
    client.put_object(Bucket=trained.aws.bucket, Key="bad/x.wav", Body=b"no sound")
    with pytest.raises(JobFailedError, match=r"400"):
        trained.model.transform(f"{root}bad/", f"{root}out2/")
    assert trained.aws.running() == []


@pytest.mark.slow
def test_files_that_have_come_since_are_heard_by_the_next_transform(trained: Trained) -> None:
    client, root = trained.aws.session.client("s3"), f"s3://{trained.aws.bucket}/"
    for count, (name, sound) in enumerate({"a": tone("hum", 70), "b": tone("whistle", 71, 3.0)}.items(), start=1):
        client.put_object(Bucket=trained.aws.bucket, Key=f"growing/{name}.wav", Body=wav.write(sound, RATE))
        found = trained.model.transform(f"{root}growing/", f"{root}growing-out/")
        assert [Path(path).name for path in found["path"]] == ["a.wav", "b.wav"][:count]
        assert found["confidence"].gt(0).all(), "each was heard"
    assert trained.aws.running() == []


def test_answers_that_the_next_transform_would_hear_are_refused_before_anything_starts(trained: Trained) -> None:
    root = f"s3://{trained.aws.bucket}/"
    trained.aws.session.client("s3").put_object(Bucket=trained.aws.bucket, Key="one/a.wav", Body=b"x")
    before = len(trained.aws.calls)
    for target in (f"{root}one", f"{root}one/", f"{root}one/out/"):
        with pytest.raises(AwsValidationError, match=r"s3://.*/one/.* lies under s3://.*/one/.*a target beside it"):
            trained.model.transform(f"{root}one", target)
    assert not {call.operation for call in trained.aws.calls[before:]} & {"CreateModel", "CreateTransformJob"}


def test_events_in_an_archive_by_a_batch_transform(trained: Trained, tmp_path: Path) -> None:
    client = trained.aws.session.client("s3")
    hum = np.concatenate([np.zeros(5 * RATE), tone("hum", 70, 3.0), np.zeros(4 * RATE)]).astype(np.float32)
    bodies = {"a day": wav.write(hum, RATE), "deep/quiet": wav.write(np.zeros(RATE), RATE), "bad": b"no sound"}
    bodies["long"] = wav.write(np.tile(hum, 18), RATE)
    assert len(bodies["long"]) > 6553500, "more than AWS's model server takes without being told"
    for name, body in bodies.items():
        client.put_object(Bucket=trained.aws.bucket, Key=f"days/{name}.wav", Body=body)
    root = f"s3://{trained.aws.bucket}/"
    found = trained.model.transform(f"{root}days/", f"{root}days-out/", events=True, hop=0.5)
    assert list(found.columns) == ["path", "start", "end", "label", "confidence", "reason"]
    for name in ("a day", "long"):
        (tmp_path / "day.wav").write_bytes(bodies[name])
        expected = trained.model.detect(tmp_path / "day.wav", hop=0.5, progress=False)
        rows = found[found["path"] == f"{root}days/{name}.wav"]
        assert list(rows["label"]) == [event.label for event in expected.events]
        assert "hum" in set(rows["label"])
        np.testing.assert_allclose(rows["start"], [event.segment.start for event in expected.events], atol=1e-6)
        np.testing.assert_allclose(rows["end"], [event.segment.end for event in expected.events], atol=1e-6)
        np.testing.assert_allclose(rows["confidence"], [event.confidence for event in expected.events], atol=1e-6)
    (bad,) = found[found["reason"].notna()].to_dict("records")
    assert (bad["path"], bad["reason"]) == (f"{root}days/bad.wav", "this is no WAV file")
    assert bad["label"] is None or pd.isna(bad["label"])
    assert f"{root}days/deep/quiet.wav" not in set(found["path"])
    with pytest.raises(ValueError, match="hop is above 0 s"):
        trained.model.transform(f"{root}days/", f"{root}days-out/", events=True, hop=60.0)
    assert trained.aws.running() == []


def test_another_process_attaches(trained: Trained) -> None:
    fresh = mm.SageMakerAudioModel.attach(trained.model.job, session=trained.aws.session, clock=trained.aws.clock)
    assert fresh.status().status == "Completed"
    assert fresh.wait(progress=False).labels == trained.model.labels
    assert (fresh.network, fresh.epochs, fresh.builder, fresh.site.bucket, fresh.site.prefix) == (
        "cnn", 6, trained.model.builder, trained.aws.bucket, "mediaml",
    )  # fmt: skip
    with pytest.raises(AwsNotFoundError, match="there is no training job no-such-job"):
        mm.SageMakerAudioModel.attach("no-such-job", session=trained.aws.session)


def test_the_same_data_and_settings_find_the_job_that_is_there(trained: Trained) -> None:
    before = sum(call.operation == "CreateTrainingJob" for call in trained.aws.calls)
    again = sagemaker_model(trained.aws).fit(trained.train, trained.validation, progress=False)
    assert again.job == trained.model.job
    assert sum(call.operation == "CreateTrainingJob" for call in trained.aws.calls) == before


def test_what_is_saved_is_a_local_model(trained: Trained, tmp_path: Path) -> None:
    loaded = mm.load(trained.model.save(tmp_path / "model"))
    assert isinstance(loaded, mm.LocalAudioModel)
    assert loaded.predict(trained.test) == trained.model.to_local().predict(trained.test)


def test_all_that_was_created_carries_our_tag(trained: Trained) -> None:
    created = [call for call in trained.aws.calls if call.operation.startswith("Create") and call.parameters]
    assert created
    for call in created:
        if call.service == "sagemaker":
            tags = {row["Key"]: row["Value"] for row in call.parameters["Tags"]}
            assert tags["mediaml:owner"] == "mediaml" and tags["mediaml:job"]
