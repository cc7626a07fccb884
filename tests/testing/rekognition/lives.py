"""What tests of the offline Custom Labels do again and again, with plain boto3."""

from __future__ import annotations

import io
import json
from typing import Any

from PIL import Image, ImageFilter

from mediaml.samples.face_pictures import portrait
from mediaml.testing import OfflineAws
from tests.colours import COLOURS, painted


def line(address: str, label: str, **changes: Any) -> str:
    """A line with one label, as AWS's guide has it."""
    about = {
        "confidence": 1,
        "job-name": "labeling-job/colours",
        "class-name": label,
        "human-annotated": "yes",
        "creation-date": "2020-03-06T17:46:39.176",
        "type": "groundtruth/image-classification",
    }
    return json.dumps({"source-ref": address, "colour": 1, "colour-metadata": about, **changes})


def png(label: str, number: int, side: int = 80) -> bytes:
    out = io.BytesIO()
    painted(label, number, side).save(out, "PNG")
    return out.getvalue()


def put(aws: OfflineAws, key: str, content: bytes) -> dict[str, str]:
    aws.session.client("s3").put_object(Bucket=aws.bucket, Key=key, Body=content)
    return {"Bucket": aws.bucket, "Name": key}


def pictures(aws: OfflineAws, part: str, per_label: int = 4, first: int = 0) -> list[str]:
    """Lines of a manifest, whose pictures are on S3."""
    lines = []
    for label in COLOURS:
        for number in range(first, first + per_label):
            key = f"{part}/{label}/{number}.png"
            put(aws, key, png(label, number))
            lines.append(line(f"s3://{aws.bucket}/{key}", label))
    return lines


def manifest(aws: OfflineAws, key: str, lines: list[str]) -> dict[str, Any]:
    """A manifest on S3, as CreateDataset takes it."""
    at = put(aws, key, "".join(f"{one}\n" for one in lines).encode())
    return {"GroundTruthManifest": {"S3Object": at}}


def project(aws: OfflineAws, name: str = "colours", train: int = 4, test: int = 2) -> tuple[Any, str]:
    """A project with both datasets; gives the client and the project's ARN."""
    client = aws.session.client("rekognition")
    arn = client.create_project(ProjectName=name)["ProjectArn"]
    for kind, count, first in (("TRAIN", train, 0), ("TEST", test, 100)):
        lines = pictures(aws, f"{name}/{kind}", count, first)
        client.create_dataset(
            ProjectArn=arn, DatasetType=kind, DatasetSource=manifest(aws, f"{name}/{kind}.manifest", lines)
        )
    client.describe_projects()  # they are ready
    return client, arn


def version(aws: OfflineAws, client: Any, arn: str, name: str = "v1") -> dict[str, Any]:
    """A version that was trained, as the service describes it."""
    client.create_project_version(
        ProjectArn=arn, VersionName=name, OutputConfig={"S3Bucket": aws.bucket, "S3KeyPrefix": "out"}
    )
    return described(client, arn, name)


def described(client: Any, arn: str, name: str = "v1") -> dict[str, Any]:
    """What the service says of a version."""
    (found,) = client.describe_project_versions(ProjectArn=arn, VersionNames=[name])["ProjectVersionDescriptions"]
    return dict(found)


def dataset(client: Any, name: str, kind: str = "TRAIN") -> str:
    """The ARN of a dataset."""
    (found,) = client.describe_projects(ProjectNames=[name])["ProjectDescriptions"]
    (arn,) = [one["DatasetArn"] for one in found["Datasets"] if one["DatasetType"] == kind]
    return str(arn)


def everything(aws: OfflineAws) -> None:
    """Use every operation once."""
    client, arn = project(aws)
    client.tag_resource(ResourceArn=arn, Tags={"a": "b"})
    client.list_tags_for_resource(ResourceArn=arn)
    client.untag_resource(ResourceArn=arn, TagKeys=["a"])
    train = dataset(client, "colours")
    client.update_dataset_entries(DatasetArn=train, Changes={"GroundTruth": pictures(aws, "more", 1, 50)[0].encode()})
    client.describe_dataset(DatasetArn=train)
    client.list_dataset_entries(DatasetArn=train)
    client.list_dataset_labels(DatasetArn=train)
    found = version(aws, client, arn)
    assert found["Status"] == "TRAINING_COMPLETED", found
    trained = found["ProjectVersionArn"]
    client.start_project_version(ProjectVersionArn=trained, MinInferenceUnits=1, MaxInferenceUnits=2)
    described(client, arn)
    client.detect_custom_labels(ProjectVersionArn=trained, Image={"Bytes": png("red", 999)})
    client.stop_project_version(ProjectVersionArn=trained)
    other = client.create_project(ProjectName="other")["ProjectArn"]
    policy = client.put_project_policy(ProjectArn=arn, PolicyName="p", PolicyDocument="{}")["PolicyRevisionId"]
    client.list_project_policies(ProjectArn=arn)
    client.delete_project_policy(ProjectArn=arn, PolicyName="p", PolicyRevisionId=policy)
    copied = client.copy_project_version(
        SourceProjectArn=arn,
        SourceProjectVersionArn=trained,
        DestinationProjectArn=other,
        VersionName="copy",
        OutputConfig={"S3Bucket": aws.bucket, "S3KeyPrefix": "copy"},
    )["ProjectVersionArn"]
    for one in (copied, trained):
        client.delete_project_version(ProjectVersionArn=one)
    test = dataset(client, "colours", "TEST")
    client.delete_dataset(DatasetArn=test)
    test = client.create_dataset(ProjectArn=arn, DatasetType="TEST")["DatasetArn"]
    client.distribute_dataset_entries(Datasets=[{"Arn": train}, {"Arn": test}])
    for one in (train, test):
        client.delete_dataset(DatasetArn=one)
    for one in (arn, other):
        client.delete_project(ProjectArn=one)
    assert client.describe_projects()["ProjectDescriptions"] == []
    faces(client)


def face_png(person: str, number: int = 0, size: int = 120) -> bytes:
    """A picture of a person, as it is sent."""
    out = io.BytesIO()
    Image.fromarray(portrait(person, number, size)).save(out, "PNG")
    return out.getvalue()


def faces(client: Any) -> None:
    """Use every operation of face collections once."""
    client.create_collection(CollectionId="c", Tags={"a": "b"})
    client.list_collections()
    image = {"Bytes": face_png("Ada")}
    blurred = Image.open(io.BytesIO(image["Bytes"])).filter(ImageFilter.GaussianBlur(2))
    out = io.BytesIO()
    blurred.save(out, "PNG")
    client.index_faces(CollectionId="c", Image={"Bytes": out.getvalue()}, QualityFilter="HIGH")
    stored = client.index_faces(CollectionId="c", Image=image, ExternalImageId="Ada")["FaceRecords"][0]["Face"]
    client.index_faces(CollectionId="c", Image={"Bytes": face_png("Ada", 1)}, ExternalImageId="Ada")
    client.detect_faces(Image=image)
    client.search_faces(CollectionId="c", FaceId=stored["FaceId"], FaceMatchThreshold=0)
    client.search_faces_by_image(CollectionId="c", Image=image, FaceMatchThreshold=0)
    client.list_faces(CollectionId="c")
    client.describe_collection(CollectionId="c")
    client.delete_faces(CollectionId="c", FaceIds=[stored["FaceId"], "0" * 8 + "-0000-0000-0000-" + "0" * 12])
    client.delete_collection(CollectionId="c")
