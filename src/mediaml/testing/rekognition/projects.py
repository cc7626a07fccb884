"""Operations on projects, and on tags."""

from __future__ import annotations

from typing import Any

from mediaml.testing.refusals import RefusalError
from mediaml.testing.rekognition.paging import page
from mediaml.testing.rekognition.requests import invalid
from mediaml.testing.rekognition.resources import Account, Project, in_use, missing

Request = dict[str, Any]


class Projects:
    """Projects of an account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def create(self, request: Request) -> Request:
        """CreateProject."""
        account, name = self._account, request["ProjectName"]
        if request.get("Feature", "CUSTOM_LABELS") != "CUSTOM_LABELS":
            raise invalid("The offline AWS has custom labels only: no CONTENT_MODERATION.")
        if name in account.projects:
            raise in_use(f"A project with the name {name} exists already.")
        made = Project(arn=account.arn(name), name=name, created=account.now())
        account.projects[name] = made
        account.tags[made.arn] = dict(request.get("Tags", {}))

        def finish() -> None:
            made.status = "CREATED"

        account.changes.begin(made, "CREATING", finish)
        return {"ProjectArn": made.arn}

    def describe(self, request: Request) -> Request:
        """DescribeProjects."""
        account, names = self._account, request.get("ProjectNames")
        found = []
        for one in list(account.projects.values()):
            if names is not None and one.name not in names:
                continue
            account.changes.look(one, shows=True)
            if one.name in account.projects:
                found.append(self._told(one))
        return page("ProjectDescriptions", found, request)

    def _told(self, one: Project) -> Request:
        account = self._account
        for dataset in list(one.datasets.values()):
            account.changes.look(dataset, shows=True)
        datasets = [
            {
                "CreationTimestamp": dataset.created,
                "DatasetType": dataset.kind,
                "DatasetArn": dataset.arn,
                "Status": dataset.status,
                "StatusMessage": dataset.message,
                "StatusMessageCode": dataset.code,
            }
            for dataset in one.datasets.values()
        ]
        return {
            "ProjectArn": one.arn,
            "CreationTimestamp": one.created,
            "Status": one.status,
            "Datasets": datasets,
            "Feature": "CUSTOM_LABELS",
        }

    def delete(self, request: Request) -> Request:
        """DeleteProject."""
        account = self._account
        project = account.project(request["ProjectArn"])
        for part in (*project.datasets.values(), *project.versions.values()):
            account.changes.look(part)
        if project.datasets or project.versions:
            raise in_use("The project has models or datasets: delete them first.")

        def finish() -> None:
            account.projects.pop(project.name, None)
            account.tags.pop(project.arn, None)

        account.changes.begin(project, "DELETING", finish)
        return {"Status": "DELETING"}

    # -- policies -----------------------------------------------------------------------------------------------------

    def put_policy(self, request: Request) -> Request:
        """PutProjectPolicy."""
        account = self._account
        project, name = account.project(request["ProjectArn"]), request["PolicyName"]
        now, before = account.now(), project.policies.get(name)
        revision = request.get("PolicyRevisionId")
        if revision is not None and (before is None or before["PolicyRevisionId"] != revision):
            raise RefusalError("InvalidPolicyRevisionIdException", "The revision of the policy is another one.")
        number = 1 if before is None else int(before["PolicyRevisionId"], 16) + 1
        project.policies[name] = {
            "ProjectArn": project.arn,
            "PolicyName": name,
            "PolicyRevisionId": f"{number:032x}",
            "PolicyDocument": request["PolicyDocument"],
            "CreationTimestamp": now if before is None else before["CreationTimestamp"],
            "LastUpdatedTimestamp": now,
        }
        return {"PolicyRevisionId": project.policies[name]["PolicyRevisionId"]}

    def policies(self, request: Request) -> Request:
        """ListProjectPolicies."""
        found = self._account.project(request["ProjectArn"]).policies
        return page("ProjectPolicies", list(found.values()), request)

    def delete_policy(self, request: Request) -> Request:
        """DeleteProjectPolicy."""
        project = self._account.project(request["ProjectArn"])
        if project.policies.pop(request["PolicyName"], None) is None:
            raise missing("project policy", request["PolicyName"])
        return {}

    # -- tags ---------------------------------------------------------------------------------------------------------

    def tag(self, request: Request) -> Request:
        """TagResource."""
        self._tags(request["ResourceArn"]).update(request["Tags"])
        return {}

    def untag(self, request: Request) -> Request:
        """UntagResource."""
        tags = self._tags(request["ResourceArn"])
        for key in request["TagKeys"]:
            tags.pop(key, None)
        return {}

    def tags(self, request: Request) -> Request:
        """ListTagsForResource."""
        return {"Tags": dict(self._tags(request["ResourceArn"]))}

    def _tags(self, arn: str) -> dict[str, str]:
        if arn not in self._account.tags:
            raise missing("resource", arn)
        return self._account.tags[arn]
