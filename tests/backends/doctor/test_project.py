"""The project of Custom Labels."""

from __future__ import annotations

import pytest

from mediaml.testing import Fault, OfflineAws
from tests.backends.doctor.conftest import Look


def test_a_project_need_not_exist_yet(look: Look) -> None:
    assert (look(project="logos")["project"].level, "fit makes it" in look(project="logos")["project"].found) == (
        "good",
        True,
    )


def test_a_project_that_exists_is_good_and_one_that_goes_is_a_problem(aws: OfflineAws, look: Look) -> None:
    client = aws.session.client("rekognition")
    arn = client.create_project(ProjectName="marks")["ProjectArn"]
    assert look(project="marks")["project"].found == "marks exists"
    aws.step_states()
    client.delete_project(ProjectArn=arn)
    found = look(project="marks")["project"]
    aws.step_states(False)
    assert found.level == "problem" and "DELETING" in found.found


@pytest.mark.parametrize("name", ["", "my logos", "l" * 256])
def test_what_is_no_projects_name_is_a_problem(aws: OfflineAws, look: Look, name: str) -> None:
    assert look(project=name)["project"].level == "problem"
    assert "DescribeProjects" not in {call.operation for call in aws.calls}


def test_who_may_not_look_is_told_the_right(aws: OfflineAws, look: Look) -> None:
    aws.fail("rekognition", "DescribeProjects", Fault.ACCESS_DENIED)
    found = look(project="logos")["project"]
    assert (found.level, found.found) == ("note", "may not be asked: needs rekognition:DescribeProjects")
