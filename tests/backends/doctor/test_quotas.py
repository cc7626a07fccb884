"""What the account may use at once."""

from __future__ import annotations

import pytest

from mediaml.testing import Fault, OfflineAws
from tests.backends.doctor.conftest import Look

KIND = "ml.c5.2xlarge"
TRAINING = f"{KIND} for training job usage"
RUNNING = "Maximum number of concurrently running Amazon Rekognition Custom Labels models per account"


def test_the_quotas_of_an_instance_type_are_told_with_what_needs_them(look: Look) -> None:
    found = {name: one for name, one in look(instance_type=KIND).items() if name.startswith("quota: ")}
    assert len(found) == 4
    assert {one.level for one in found.values()} == {"good"}
    assert found[f"quota: {TRAINING}"].found == "4; for training with spot=False"


@pytest.mark.parametrize("use", ["training job", "spot training job", "endpoint", "transform job"])
def test_a_quota_of_0_is_a_problem_and_told_how_to_raise(aws: OfflineAws, look: Look, use: str) -> None:
    name = f"{KIND} for {use} usage"
    aws.quotas.applied["sagemaker"][name] = 0.0
    found = look(instance_type=KIND)
    assert [one.what for one in found.values() if one.level == "problem"] == [f"quota: {name}"]
    listed = aws.session.client("service-quotas").list_service_quotas(ServiceCode="sagemaker")["Quotas"]
    code = next(row["QuotaCode"] for row in listed if row["QuotaName"] == name)
    assert (
        f"--service-code sagemaker --quota-code {code} --desired-value 1 --region us-east-1"
        in found[f"quota: {name}"].remedy
    )


def test_a_quota_on_a_later_page_is_found(aws: OfflineAws, look: Look) -> None:
    others = {f"other {number}": 1.0 for number in range(250)}
    aws.quotas.applied["sagemaker"] = {**others, **aws.quotas.applied["sagemaker"]}
    assert look(instance_type=KIND)[f"quota: {TRAINING}"].level == "good"
    assert [call.operation for call in aws.calls].count("ListServiceQuotas") == 3


def test_where_nothing_holds_for_the_account_the_default_does(aws: OfflineAws, look: Look) -> None:
    aws.quotas.defaults["sagemaker"][TRAINING] = aws.quotas.applied["sagemaker"].pop(TRAINING) + 1
    assert look(instance_type=KIND)[f"quota: {TRAINING}"].found.startswith("5")
    aws.fail("service-quotas", "ListAWSDefaultServiceQuotas", Fault.ACCESS_DENIED)
    found = look(instance_type=KIND)
    assert found[f"quota: {TRAINING}"].level == "note", "without the defaults it is not known"
    assert found["more quotas of sagemaker"].found.startswith("may not be asked")
    assert found[f"quota: {KIND} for endpoint usage"].level == "good", "and the others stay"


def test_a_type_that_is_not_known_is_a_problem(look: Look) -> None:
    found = look(instance_type="ml.c99.huge")["quotas of ml.c99.huge"]
    assert found.level == "problem" and "knows no ml.c99.huge in us-east-1" in found.found


def test_what_is_no_instance_type_is_a_problem(aws: OfflineAws, look: Look) -> None:
    found = look(instance_type="c5.2xlarge")["instance type"]
    assert found.level == "problem" and "ml.c5.2xlarge" in found.remedy
    assert {call.service for call in aws.calls} == {"sts", "iam"}, "who, and the stop role"


def test_a_quota_that_its_service_does_not_tell_is_a_note(aws: OfflineAws, look: Look) -> None:
    aws.quotas.untold.add(TRAINING)
    found = look(instance_type=KIND)[f"quota: {TRAINING}"]
    assert found.level == "note" and "DEPENDENCY_ACCESS_DENIED_ERROR" in found.found


@pytest.mark.parametrize("given", [{"instance_type": KIND}, {"project": "logos"}])
def test_who_may_not_ask_is_told_the_right(aws: OfflineAws, look: Look, given: dict[str, str]) -> None:
    aws.fail("service-quotas", "*", Fault.ACCESS_DENIED)
    (found,) = (one for name, one in look(**given).items() if name.startswith("quotas of"))
    assert found.level == "note" and "needs servicequotas:ListServiceQuotas" in found.found


def test_the_quotas_of_custom_labels_are_told_for_a_project(aws: OfflineAws, look: Look) -> None:
    found = [one for name, one in look(project="logos").items() if "Custom Labels" in name]
    assert len(found) == 3 and {one.level for one in found} == {"good"}
    aws.quotas.applied["rekognition"][RUNNING] = 0.0
    raised = look(project="logos")[f"quota: {RUNNING}"]
    assert raised.level == "problem" and "--service-code rekognition" in raised.remedy


def test_no_quotas_of_custom_labels_are_a_note(aws: OfflineAws, look: Look) -> None:
    aws.quotas.applied["rekognition"] = aws.quotas.defaults["rekognition"] = {"Something else": 1.0}
    assert look(project="logos")["quotas of Custom Labels"].level == "note"
