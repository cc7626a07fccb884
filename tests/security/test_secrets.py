"""Keys, tokens and signed addresses stand in no error, log, report or file."""

from __future__ import annotations

import contextlib
import io
import logging
import traceback
import types
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

import mediaml as mm
from mediaml._secrets import without_secrets
from mediaml.errors import AudioError, ImageError, VideoError
from mediaml.testing import Fault, OfflineAws, offline_aws
from tests.backends.rekognition.conftest import divided, rekognition_model
from tests.backends.sagemaker.conftest import sagemaker_model
from tests.backends.sagemaker.toolkits import Quick
from tests.colours import colour_fit, colours
from tests.sounds import write_tones

KEY, SECRET, TOKEN = "ASIAMEDIAMLSECRETKEY", "mediaml/SECRET+of/the/account00000000000", "FwoGZXmediamlTOKEN//////////"
ADDRESS = f"https://b.s3.amazonaws.com/a.wav?X-Amz-Credential={KEY}&X-Amz-Security-Token={TOKEN}&X-Amz-Signature=abc123"
FORBIDDEN = (KEY, SECRET, TOKEN, "X-Amz-Signature", "AWSAccessKeyId", "abc123")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"none at {ADDRESS}", "none at https://b.s3.amazonaws.com/a.wav?***"),
        (f"GET /a?AWSAccessKeyId={KEY}&Signature=abc123&Expires=1 failed", "GET /a?*** failed"),
        (f"'POST\nx-amz-security-token:{TOKEN}\n'", "'POST\nx-amz-security-token:***\n'"),
        (f"Credential={KEY}/20261129", "Credential=***/20261129"),
        (f"aws_secret_access_key = {SECRET}", "aws_secret_access_key = ***"),
        ("Looking in indexes: https://me:hunter2@pypi.example.org/simple", "Looking in indexes: https://***@pypi.example.org/simple"),
        ("s3://bucket/a@b.wav?versionId=3 is gone", "s3://bucket/a@b.wav?versionId=3 is gone"),
        ("nothing to hide: AKIA, a=b", "nothing to hide: AKIA, a=b"),
        ("https://user:p@ss@host/x", "https://***@host/x"),
        ("{'SecretAccessKey': 'abc/def', 'SessionToken': 'xyz'}", "{'SecretAccessKey': '***', 'SessionToken': '***'}"),
        ("Authorization: AWS4 Signature=deadbeef", "Authorization: AWS4 Signature=***"),
        ("https://store/x?sv=1&sig=abc", "https://store/x?***"),
    ],
)  # fmt: skip
def test_a_text_without_its_secrets(text: str, expected: str) -> None:
    assert without_secrets(text) == expected


@pytest.mark.parametrize("error", [AudioError, ImageError, VideoError])
def test_an_error_that_names_a_signed_address(error: type[AudioError]) -> None:
    made = error(ADDRESS, "no such file")
    assert not [one for one in FORBIDDEN for told in (str(made), repr(made), made.source) if one in told]
    assert str(error("day.wav?", "no such file")) == "day.wav?: no such file"


class Told:
    """Everything that anyone may read, gathered."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.text = folder, io.StringIO()

    def error(self, error: BaseException) -> None:
        """An exception as programs show it: its text, its repr, its traceback with the causes, its fields."""
        shown = "".join(traceback.format_exception(error))
        self.text.write(f"{error}\n{error!r}\n{shown}\n{vars(error)}\n")

    def everything(self) -> str:
        """All of that, and every file."""
        files = (path.read_bytes().decode("latin-1") for path in sorted(self.folder.rglob("*")) if path.is_file())
        return "\n".join([self.text.getvalue(), *files])


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Told]:
    found = Told(tmp_path)
    handler = logging.StreamHandler(found.text)
    handler.addFilter(lambda record: record.name.split(".")[0] == "mediaml" or record.levelno >= logging.WARNING)
    root = logging.getLogger()
    root.addHandler(handler)
    logging.getLogger("mediaml").setLevel(logging.DEBUG)
    monkeypatch.setattr("botocore.endpoint.time", types.SimpleNamespace(sleep=lambda seconds: None))
    monkeypatch.setattr("botocore.retries.bucket.TokenBucket.acquire", lambda self, amount=1, block=True: True)
    with (
        contextlib.redirect_stdout(found.text),
        contextlib.redirect_stderr(found.text),
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        yield found
        found.text.writelines(f"{one.message}\n" for one in caught)
    root.removeHandler(handler)
    logging.getLogger("mediaml").setLevel(logging.NOTSET)


@contextlib.contextmanager
def account(tmp_path: Path) -> Iterator[OfflineAws]:
    """An offline account with recognisable credentials."""
    import boto3

    with offline_aws(toolkit=Quick(), folder=tmp_path) as aws, pytest.MonkeyPatch.context() as patch:
        for name, value in (("ACCESS_KEY_ID", KEY), ("SECRET_ACCESS_KEY", SECRET), ("SESSION_TOKEN", TOKEN)):
            patch.setenv(f"AWS_{name}", value)
        aws.session = boto3.Session(KEY, SECRET, TOKEN, region_name=aws.region)
        yield aws


def refusals() -> list[Fault | BaseException]:
    """What services really say that quotes the request."""
    quoted = f"The Canonical String was 'POST\n/\n\nhost:x\nx-amz-security-token:{TOKEN}\n' Credential={KEY}/1"
    unsigned = ClientError({"Error": {"Code": "SignatureDoesNotMatch", "Message": quoted}}, "Any")
    return [Fault.ACCESS_DENIED, Fault.LOST_BEFORE, unsigned, EndpointConnectionError(endpoint_url=ADDRESS)]


def plans(calls: Mapping[str, int], every: bool) -> Iterator[tuple[str, int, Fault | BaseException]]:
    """Give which call of which service goes wrong how; every third, in the usual run a few."""
    planned = [(service, number, what) for service, n in calls.items() for number in range(n) for what in refusals()]
    yield from planned[::3] if every else planned[:: 6 * len(refusals()) + 1]


EVERY = pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["some", "every"])


@EVERY
def test_the_life_of_a_model_on_sagemaker(told: Told, tmp_path: Path, every: bool) -> None:
    parts = mm.AudioDataset.from_folder(write_tones(tmp_path / "tones", per_label=6)).split(0.5, 0.25, 0.25, seed=1)
    with account(tmp_path) as aws:
        model = sagemaker_model(aws, epochs=1)
        errors = 0
        for service, number, what in plans({"sts": 2, "s3": 8, "sagemaker": 9, "logs": 1}, every):
            aws.fail(service, "*", what, after=number, times=50)
            try:
                model = sagemaker_model(aws, epochs=1)
                model.fit(*parts[:2], progress=False)
                model.deploy(max_hours=1).close()
                model.to_local()
            except mm.errors.MediamlError as error:
                told.error(error)
                errors += 1
            aws.heal()
        assert errors >= (12 if every else 2)
        model.fit(*parts[:2], progress=False)
        model.deploy(max_hours=1).close()
        local = model.to_local()
        local.save(tmp_path / "saved")
        report = local.evaluate(parts[2])
        report.save(tmp_path / "report.html")
        report.save(tmp_path / "report.json")
        told.text.write(
            f"{model!r} {model.aws!r} {local!r} {report} {mm.AudioDataset.from_folder(tmp_path / 'tones')!r}"
        )
        text = told.everything()
    assert "endpoint" in text and "SignatureDoesNotMatch" in text
    assert not [one for one in FORBIDDEN if one in text]


@pytest.mark.slow
def test_the_life_of_a_model_on_custom_labels(told: Told, tmp_path: Path) -> None:
    parts = divided(colours(tmp_path / "colours", 6), 0.5, 0.5)
    with account(tmp_path) as aws:
        aws.rekognition.fit = colour_fit
        errors = 0
        for service, number, what in plans({"s3": 3, "rekognition": 6}, every=True):
            aws.fail(service, "*", what, after=number, times=50)
            try:
                model = rekognition_model(aws).fit(*parts, progress=False)
                model.deploy(max_hours=1).close()
            except mm.errors.MediamlError as error:
                told.error(error)
                errors += 1
            aws.heal()
        assert errors >= 6
        model = rekognition_model(aws).fit(*parts, progress=False)
        with model.deploy(max_hours=1) as running:
            told.text.write(str(running.predict(parts[1].frame["path"].iloc[0])))
        told.text.write(f"{model!r}")
        model.save(tmp_path / "saved")
        text = told.everything()
    assert "SignatureDoesNotMatch" in text
    assert not [one for one in FORBIDDEN if one in text]
