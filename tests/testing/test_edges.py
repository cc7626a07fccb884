"""What goes wrong at the edges of the offline AWS goes wrong there as on AWS, and nothing hangs or stays behind."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from mediaml.testing import LocalToolkit, OfflineAws, offline_aws
from tests.testing.containers import (
    INFERENCE,
    archive,
    channel,
    config,
    create_endpoint,
    create_model,
    ended,
    get,
    job_request,
    log,
    members,
    phases,
    put,
    until,
    up,
)
from tests.testing.test_local_toolkit import alive, laid_out, model


@pytest.fixture(scope="module")
def account() -> Iterator[OfflineAws]:
    with offline_aws() as aws:
        yield aws


def with_script(aws: OfflineAws, name: str, script: str) -> dict[str, object]:
    request = job_request(aws, name)
    where = put(aws, f"code/{name}.tar.gz", archive({"train.py": script}))
    request["HyperParameters"]["sagemaker_submit_directory"] = json.dumps(where)
    return request


def test_the_role_must_exist(account: OfflineAws) -> None:
    client, stranger = account.session.client("sagemaker"), f"arn:aws:iam::{account.account}:role/nobody"
    with pytest.raises(ClientError, match=r"ValidationException.*Could not assume role"):
        client.create_training_job(**{**job_request(account, "no-role"), "RoleArn": stranger})
    with pytest.raises(ClientError, match=r"ValidationException.*Could not assume role"):
        client.create_model(ModelName="no-role", PrimaryContainer={"Image": account.image}, ExecutionRoleArn=stranger)
    assert account.running() == []


def test_models_and_configurations_are_listed(account: OfflineAws) -> None:
    client = account.session.client("sagemaker")
    create_model(account, "listed-a")
    create_model(account, "other")
    client.create_endpoint_config(EndpointConfigName="listed-b", **config(account, "other", "realtime"))
    assert [row["ModelName"] for row in client.list_models(NameContains="listed")["Models"]] == ["listed-a"]
    rows = client.list_endpoint_configs(NameContains="listed")["EndpointConfigs"]
    assert [row["EndpointConfigName"] for row in rows] == ["listed-b"]


def test_what_is_missing_or_taken_is_named_in_aws_s_words(account: OfflineAws) -> None:
    client, arn = account.session.client("sagemaker"), f"arn:aws:sagemaker:us-east-1:{account.account}"
    create_model(account, "worded")
    with pytest.raises(ClientError, match=f'Could not find endpoint "{arn}:endpoint/none"'):
        client.describe_endpoint(EndpointName="none")
    with pytest.raises(ClientError, match=f'Could not find endpoint configuration "{arn}:endpoint-config/none"'):
        client.create_endpoint(EndpointName="e", EndpointConfigName="none")
    with pytest.raises(ClientError, match=f'Could not find model "{arn}:model/none"'):
        client.describe_model(ModelName="none")
    with pytest.raises(ClientError, match=f'Cannot create already existing model "{arn}:model/worded"'):
        create_model(account, "worded")
    with pytest.raises(ClientError, match=f"Endpoint none of account {account.account} not found"):
        account.session.client("sagemaker-runtime").invoke_endpoint(EndpointName="none", Body=b"x")


def test_folder_marks_in_the_bucket_are_no_files(account: OfflineAws) -> None:
    """The console of S3 makes an empty file for every folder."""
    put(account, "marked/", b"")
    put(account, "marked/deep/", b"")
    put(account, "marked/deep/a.txt", b"alpha")
    marked = [channel("train", f"s3://{account.bucket}/marked/")]
    account.session.client("sagemaker").create_training_job(**job_request(account, "marked", InputDataConfig=marked))
    told = ended(account, "marked")
    assert told["TrainingJobStatus"] == "Completed", told.get("FailureReason")
    heard = json.loads(members(get(account, told["ModelArtifacts"]["S3ModelArtifacts"]))["told.json"])
    assert heard["seen"] == {"train": {"deep/a.txt": "alpha"}}


def test_a_bucket_that_does_not_exist_is_named(account: OfflineAws) -> None:
    nowhere = [channel("train", "s3://no-such-bucket/data/")]
    account.session.client("sagemaker").create_training_job(
        **job_request(account, "no-bucket", InputDataConfig=nowhere)
    )
    told = ended(account, "no-bucket")
    assert told["FailureReason"].startswith("ClientError: ")
    assert "s3://no-such-bucket/data/" in told["FailureReason"]


def test_the_last_line_is_in_the_log_though_it_does_not_end(account: OfflineAws) -> None:
    request = with_script(account, "unended", "import sys; sys.stdout.write('one\\ntwo')")
    account.session.client("sagemaker").create_training_job(**request)
    ended(account, "unended")
    assert log(account, "unended") == ["one", "two"]


def test_a_metric_that_is_no_number_is_no_metric(account: OfflineAws) -> None:
    request = with_script(account, "odd", "print('loss=... loss=1.5 loss=2.2.2')")
    account.session.client("sagemaker").create_training_job(**request)
    told = ended(account, "odd")
    assert told["TrainingJobStatus"] == "Completed", told.get("FailureReason")
    assert [one["Value"] for one in told["FinalMetricDataList"]] == [1.5]


def test_a_job_says_when_it_trained_and_that_it_was_stopping(account: OfflineAws) -> None:
    client = account.session.client("sagemaker")
    client.create_training_job(**job_request(account, "stopping", "sleeps"))
    client.stop_training_job(TrainingJobName="stopping")
    told = ended(account, "stopping")
    assert "Stopping" in phases(told)
    assert told["TrainingStartTime"] <= told["TrainingEndTime"]


def test_what_a_script_leaves_running_ends_with_its_job(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\n"
    )
    training = LocalToolkit().train(laid_out(tmp_path / "ml", script), {})
    until(lambda: training.poll() is not None, "the script ends")
    child = int(training.output())
    until(lambda: not alive(child), "the child is gone")


def test_a_request_that_is_too_large_for_the_container_is_told_so(tmp_path: Path) -> None:
    server = LocalToolkit().serve(model(tmp_path, INFERENCE), {})
    try:
        assert server.invoke(bytes(6553501), None, None).status == 413
        assert server.invoke(b"after it", None, None).status == 200
    finally:
        server.close()


def test_a_script_is_told_of_its_training_in_one_piece(tmp_path: Path) -> None:
    script = "import os; print(os.environ['SM_TRAINING_ENV'])"
    training = LocalToolkit().train(laid_out(tmp_path / "ml", script, epochs=3), {})
    until(lambda: training.poll() is not None, "the script ends")
    told = json.loads(training.output())
    assert told["hyperparameters"] == {"epochs": 3}
    assert told["channel_input_dirs"] == {"train": str(tmp_path / "ml/input/data/train")}
    assert told["model_dir"] == str(tmp_path / "ml/model")


def test_an_asynchronous_request_for_a_file_that_is_not_there_is_a_failure(account: OfflineAws) -> None:
    create_endpoint(account, "later", "async")
    up(account, "later")
    runtime = account.session.client("sagemaker-runtime")
    nowhere = f"s3://{account.bucket}/nowhere"
    made = runtime.invoke_endpoint_async(EndpointName="later", InputLocation=nowhere)
    until(lambda: _exists(account, made["FailureLocation"]), "the failure is told")
    assert nowhere in get(account, made["FailureLocation"]).decode()
    account.session.client("sagemaker").delete_endpoint(EndpointName="later")


def test_an_endpoint_that_comes_up_cannot_be_deleted_yet(account: OfflineAws) -> None:
    create_endpoint(account, "short", inference="import time; time.sleep(1)")
    client = account.session.client("sagemaker")
    with pytest.raises(ClientError, match="Cannot update in-progress endpoint"):
        client.delete_endpoint(EndpointName="short")
    until(lambda: client.describe_endpoint(EndpointName="short")["EndpointStatus"] != "Creating", "it is there")
    client.delete_endpoint(EndpointName="short")


def test_an_endpoint_can_be_made_and_deleted_from_many_threads(account: OfflineAws) -> None:
    failed: list[BaseException] = []

    def life(number: int) -> None:
        try:
            create_endpoint(account, f"many-{number}")
            up(account, f"many-{number}")
            account._endpoints.delete({"EndpointName": f"many-{number}"})
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=life, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert failed == []
    assert [name for _, name in account.running() if name.startswith("many")] == []


def _exists(aws: OfflineAws, uri: str) -> bool:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bool(aws.session.client("s3").list_objects_v2(Bucket=bucket, Prefix=key).get("KeyCount"))
