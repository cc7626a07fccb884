"""WAV files on S3 heard by batch transforms: the rows are those of this machine, and nothing is heard twice."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
import soundfile
from typer.testing import CliRunner

import mediaml as mm
from mediaml.backends.sagemaker import artifact, sifting
from mediaml.backends.sagemaker.batch import Transforming
from mediaml.cli import app
from mediaml.errors import AwsValidationError, JobFailedError
from mediaml.testing import OfflineAws, offline_aws
from tests.backends.sagemaker.conftest import sagemaker_model
from tests.sounds import RATE, tone, write_tones


class Account(NamedTuple):
    """An offline account, and a model that was trained in it."""

    aws: OfflineAws
    model: mm.SageMakerAudioModel

    def put(self, name: str, content: bytes) -> str:
        self.aws.session.client("s3").put_object(Bucket=self.aws.bucket, Key=name, Body=content)
        return f"s3://{self.aws.bucket}/{name}"

    def scan(self, prefix: str, store: Path, **options: Any) -> mm.Catalog:
        arguments = {"engine": "sagemaker", "session": self.aws.session, "progress": False, **options}
        return mm.scan(f"s3://{self.aws.bucket}/{prefix}", arguments.pop("models", self.model), store, **arguments)

    def transforms(self) -> int:
        return sum(call.operation == "CreateTransformJob" for call in self.aws.calls)


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    folder = write_tones(tmp_path_factory.mktemp("tones") / "tones", per_label=10)
    train, validation = mm.AudioDataset.from_folder(folder).split(0.6, 0.4, seed=1)
    with offline_aws() as aws:
        yield Account(aws, sagemaker_model(aws).fit(train, validation, progress=False))
        assert aws.running() == []


@pytest.fixture(autouse=True)
def _spoken(capsys: pytest.CaptureFixture[str]) -> None:
    """Keep what is told to users out of the tests' own output."""


def encoded(samples: Any, rate: int = RATE, subtype: str = "PCM_16") -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, rate, subtype, format="WAV")
    return out.getvalue()


def scene(seconds: float = 40.0, number: int = 1) -> Any:
    samples = 0.01 * np.random.RandomState(number).standard_normal(int(seconds * RATE))
    for label, start, end in (("hum", 0.2, 0.3), ("whistle", 0.5, 0.65)):
        first = int(start * seconds * RATE)
        piece = tone(label, 70 + number, (end - start) * seconds)
        samples[first : first + len(piece)] += piece
    return samples


def fill(account: Account, prefix: str) -> None:
    account.put(f"{prefix}day.wav", encoded(scene(60)))
    account.put(f"{prefix}deep/day.WAV", encoded(scene(20, 2), subtype="PCM_24"))
    account.put(f"{prefix}two sides & more.wav", encoded(np.stack([scene(15, 3), 0.5 * scene(15, 4)], axis=1)))
    account.put(f"{prefix}short.wav", encoded(tone("whistle", 5, 0.7)))
    account.put(f"{prefix}empty.wav", encoded(np.zeros(0)))
    hurt = np.asarray(scene(50, 5), np.float32)
    hurt[40 * RATE] = np.nan
    account.put(f"{prefix}hurt.wav", encoded(hurt, subtype="FLOAT"))
    account.put(f"{prefix}broken.wav", b"RIFF and then nothing")


def rows(catalog: mm.Catalog) -> pd.DataFrame:
    return catalog.segments()


def test_the_rows_are_those_of_this_machine(account: Account, tmp_path: Path) -> None:
    fill(account, "same/")
    there = account.scan("same/", tmp_path / "there.sqlite")
    here = account.scan("same/", tmp_path / "here.sqlite", engine="local")
    assert len(rows(here)) >= 8
    pd.testing.assert_frame_equal(rows(there), rows(here), check_exact=False, rtol=0, atol=1e-6)
    columns = ["file", "kind", "duration", "segments", "state"]
    pd.testing.assert_frame_equal(there.files[columns], here.files[columns])
    state = there.files.set_index("file")["state"].to_dict()
    root = f"s3://{account.aws.bucket}/same/"
    assert state[f"{root}broken.wav"] == "not read"
    assert state[f"{root}hurt.wav"] == "partly read"
    reasons = {str(one.files.set_index("file").loc[f"{root}hurt.wav", "reason"]) for one in (there, here)}
    assert len(reasons) == 1
    assert there.timeline("day.wav").media == here.timeline("day.wav").media


def test_a_step_of_its_own_is_the_same_too(account: Account, tmp_path: Path) -> None:
    account.put("hop/day.wav", encoded(scene(20)))
    there, here = (rows(account.scan("hop/", tmp_path / one, engine=one, hop=0.5)) for one in ("sagemaker", "local"))
    assert len(here) > 0
    pd.testing.assert_frame_equal(there, here, check_exact=False, rtol=0, atol=1e-6)
    before = account.transforms()
    with pytest.raises(ValueError, match="hop is above 0 s"):
        account.scan("hop/", tmp_path / "x", hop=5.0)
    assert account.transforms() == before


def test_another_rate_finds_the_same_but_for_the_resamplers_rounding(account: Account, tmp_path: Path) -> None:
    import soxr

    account.put("rate/day.wav", encoded(soxr.resample(scene(40), RATE, 44100), 44100))
    there = rows(account.scan("rate/", tmp_path / "there"))
    here = rows(account.scan("rate/", tmp_path / "here", engine="local"))
    pd.testing.assert_frame_equal(there, here, check_exact=False, rtol=0, atol=1e-3)


def test_a_second_scan_does_nothing_and_a_new_file_is_heard_alone(account: Account, tmp_path: Path) -> None:
    fill(account, "again/")
    first = rows(account.scan("again/", tmp_path / "store"))
    before = account.transforms()
    pd.testing.assert_frame_equal(rows(account.scan("again/", tmp_path / "store")), first)
    assert account.transforms() == before
    new = account.put("again/new.wav", encoded(scene(20, 9)))
    found = rows(account.scan("again/", tmp_path / "store"))
    assert new in set(found["file"]) and len(found) > len(first)
    (request,) = [one.parameters for one in account.aws.calls if one.operation == "CreateTransformJob"][before:]
    source = request["TransformInput"]["DataSource"]["S3DataSource"]
    assert source["S3DataType"] == "ManifestFile"
    body = account.aws.session.client("s3").get_object(**place(source["S3Uri"]))["Body"].read()
    assert b"new.wav" in body and b"day.wav" not in body


def place(uri: str) -> dict[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": key}


class Killed(BaseException):
    """Ends a process in the middle."""


def test_killed_while_rows_are_written_it_goes_on_without_another_transform(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(account, "killed/")
    before = account.transforms()
    read, times = sifting.Sifting.answer, []

    def dying(self: sifting.Sifting, file: sifting.File) -> Any:
        times.append(file)
        if len(times) > 3:
            raise Killed
        return read(self, file)

    with monkeypatch.context() as patch:
        patch.setattr(sifting.Sifting, "answer", dying)
        with pytest.raises(Killed):
            account.scan("killed/", tmp_path / "store")
    assert 0 < len(mm.Catalog(tmp_path / "store").files) < 7
    found = account.scan("killed/", tmp_path / "store")
    assert account.transforms() == before + 1
    assert len(found.files) == 7
    whole = account.scan("killed/", tmp_path / "whole", engine="local")
    pd.testing.assert_frame_equal(rows(found), rows(whole), check_exact=False, rtol=0, atol=1e-6)


@pytest.mark.parametrize("started", [True, False], ids=["while it works", "before it was created"])
def test_killed_before_the_transform_was_over_it_is_waited_for(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: bool
) -> None:
    prefix = f"waiting-{started}/"
    account.put(f"{prefix}day.wav", encoded(scene(20, 21 + started)))
    before = account.transforms()

    def dying(*arguments: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Transforming, "_wait" if started else "_create", dying)
        with pytest.raises(Killed):
            account.scan(prefix, tmp_path / "store")
    assert account.transforms() == before + started
    assert len(rows(account.scan(prefix, tmp_path / "store"))) >= 2
    assert account.transforms() == before + 1
    assert account.aws.running() == []


def test_what_a_failed_transform_heard_is_kept(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        account.put(f"failing/{name}.wav", encoded(scene(10, ord(name))))
    read = account.aws._transforms.buckets.read

    def unreadable(uri: str) -> bytes:
        if uri.endswith("failing/b.wav"):
            raise OSError("the disk is scratched")
        return read(uri)

    with monkeypatch.context() as patch:
        patch.setattr(account.aws._transforms.buckets, "read", unreadable)
        with pytest.raises(JobFailedError, match="scratched"):
            account.scan("failing/", tmp_path / "store")
    assert [Path(one).name for one in mm.Catalog(tmp_path / "store").files["file"]] == ["a.wav"]
    before = account.transforms()
    found = account.scan("failing/", tmp_path / "store")
    assert account.transforms() == before + 1
    assert set(found.files["state"]) == {"read"} and len(found.files) == 3


def test_files_that_it_does_not_take_say_which_engine_does(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mediaml.archive.engines import sagemaker

    out = io.BytesIO()
    soundfile.write(out, scene(10), RATE, format="FLAC")
    account.put("others/day.flac", out.getvalue())
    account.put("others/long.wav", encoded(scene(30)))
    account.put("others/short.wav", encoded(scene(10)))
    monkeypatch.setattr(sagemaker, "MEGABYTE", 3000)  # 100 of them: more than 10 s have, and less than 30 s
    store = tmp_path / "store"
    files = account.scan("others/", store).files
    assert list(files["state"]) == ["not read", "not read", "read"]
    assert "WAV files only; engine='local'" in files["reason"][0]
    assert "files of up to 100 MB" in files["reason"][1]
    before = account.transforms()
    assert list(account.scan("others/", store).files["state"]) == ["not read", "not read", "read"]
    here = account.scan("others/", store, engine="local")
    assert list(here.files["state"]) == ["read"] * 3
    kept = rows(here)
    assert len(set(kept["file"])) == 3
    pd.testing.assert_frame_equal(rows(account.scan("others/", store)), kept)
    assert account.transforms() == before, "what is known is not heard again"
    both = account.scan("others/", store, models={"again": account.model})
    assert set(rows(both)[lambda one: one["model"] == "sounds"]["file"]) == set(kept["file"]), "the others' rows stay"


def test_several_models_each_have_a_transform(account: Account, tmp_path: Path) -> None:
    account.put("several/day.wav", encoded(scene(20)))
    models = {"one": account.model, "other": account.model}
    before = account.transforms()
    found = rows(account.scan("several/", tmp_path / "store", models=models))
    assert account.transforms() == before + 2
    one, other = (found[found["model"] == name].drop(columns="model").reset_index(drop=True) for name in models)
    pd.testing.assert_frame_equal(one, other)


def test_what_costs_is_said_before_it_starts(
    account: Account, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account.put("told/day.wav", encoded(scene(10)))
    account.scan("told/", tmp_path / "store", workers=3)
    told = capsys.readouterr().err
    assert "mediaml starts the batch transform" in told
    assert "of 1 WAV files, 0.2 MB in us-east-1 on 3 x ml.m5.large" in told


def test_only_its_own_models_and_files_on_s3(account: Account, tmp_path: Path) -> None:
    folder = write_tones(tmp_path / "tones", per_label=2)
    before = account.transforms()
    with pytest.raises(ValueError, match=r"hears files on S3 .* not "):
        mm.scan(folder, account.model, tmp_path / "store", engine="sagemaker", progress=False)
    account.put("wrong/day.wav", encoded(scene(10)))
    local = account.model.to_local()
    with pytest.raises(ValueError, match="hears with SageMakerAudioModel alone"):
        account.scan("wrong/", tmp_path / "store", models=[account.model, local])
    assert account.transforms() == before


def test_a_model_of_an_older_mediaml_is_refused_before_anything_costs(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.put("older/day.wav", encoded(scene(10)))
    before = account.transforms()
    monkeypatch.setattr(artifact, "HEARS", Path("code/never.py"))
    with pytest.raises(AwsValidationError, match="trained by an older mediaml"):
        account.scan("older/", tmp_path / "store")
    assert account.transforms() == before


def test_the_command_line_keeps_to_a_cost(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mediaml.backends.sagemaker.model.image_of", lambda *_: account.aws.image)
    account.put("dear/a.wav", encoded(scene(20)))
    account.aws.price_list.add("AmazonSageMaker", {"regionCode": account.aws.region}, 0.5)
    words = ["scan", f"s3://{account.aws.bucket}/dear/", "--model", f"sagemaker:{account.model.job}"]
    words += ["--engine", "sagemaker", "--store", str(tmp_path / "c.sqlite")]
    before, price = account.transforms(), "sagemaker transform ml.m5.large=2"

    def told(code: int, *more: str) -> str:
        done = CliRunner().invoke(app, [*words, *more], catch_exceptions=False)
        assert done.exit_code == code, done.output
        return done.stderr

    assert "max_cost=7.9 USD is less than this may cost" in told(1, "--max-cost", "7.9", "--price", price)
    assert "no prices for 'sagemaker transform ml.m5.large'" in told(1, "--max-cost", "7.9"), "AWS is asked"
    assert "could not convert" in told(2, "--price", "cheap")
    assert account.transforms() == before, "nothing was started"
    assert "8.00 USD at most" in told(0, "--max-cost", "8", "--price", price)
    assert account.transforms() == before + 1
